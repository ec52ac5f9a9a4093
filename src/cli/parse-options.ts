/** Checks of option values; each throws commander's error, whose text follows the option's name. */

import { InvalidArgumentError } from 'commander';
import { SUFFIX_RULE } from '#contract/names.ts';
import { BASE_PORT_RANGE } from '#twin/control/addresses.ts';
import { LATENCY_MS_MAX } from '#twin/faults/check-fault-request.ts';

/** A base port: the twin takes this one and the five after it. */
export function parsePort(text: string): number {
  const { min, max } = BASE_PORT_RANGE;
  return parseWhole(text, min, max);
}

/** Environment suffix, as it goes into the names of resources. */
export function parseSuffix(text: string): string {
  if (!SUFFIX_RULE.pattern.test(text))
    throw new InvalidArgumentError(`Please ${SUFFIX_RULE.text}.`);
  return text;
}

/** Milliseconds to add to a call, whole ones. */
export function parseLatencyMs(text: string): number {
  return parseWhole(text, 1, LATENCY_MS_MAX);
}

/** A share of calls, above 0 and up to 1. */
export function parseRate(text: string): number {
  const rate = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(rate > 0 && rate <= 1)) {
    throw new InvalidArgumentError('Use a number above 0 and up to 1, such as 0.25.');
  }
  return rate;
}

/** Address of a twin's control API. */
export function parseTwinUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new InvalidArgumentError('Use a URL such as http://127.0.0.1:8084.');
  }
  return url.origin;
}

function parseWhole(text: string, min: number, max: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw new InvalidArgumentError(`Use a whole number from ${min} to ${max}.`);
  }
  return value;
}
