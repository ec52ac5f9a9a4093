/** Checks of option values; each throws commander's error, whose text follows the option's name. */

import { InvalidArgumentError } from 'commander';
import { gatewayUrlFault } from '#contract/gateway-url.ts';
import { SUFFIX_RULE } from '#contract/names.ts';
import { LATE_MS_MAX } from '#gateway/behaviour.ts';
import { BASE_PORT_RANGE } from '#twin/control/addresses.ts';
import { LATENCY_MS_MAX, SKIP_MAX } from '#twin/faults/check-fault-request.ts';

const REGION_PATTERN = /^[a-z]{2}(?:-[a-z]+)+-\d$/;
/** Of a text for the record. */
const SAID_MAX = 200;
const SEED_MAX = 999_999_999_999_999;

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

/** Calls to let pass first. */
export function parseSkip(text: string): number {
  return parseWhole(text, 0, SKIP_MAX);
}

/** A share of calls, above 0 and up to 1. */
export function parseRate(text: string): number {
  const rate = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(rate > 0 && rate <= 1)) {
    throw new InvalidArgumentError('Use a number above 0 and up to 1, such as 0.25.');
  }
  return rate;
}

/** Payments a second of a drill: enough to judge by, and what one machine bears. */
export function parsePaymentRate(text: string): number {
  return parseWhole(text, 3, 500);
}

/** A share that may be none, 0 to 1. */
export function parseShare(text: string): number {
  return /^0?\.?0+$/.test(text) ? 0 : parseRate(text);
}

/** The port of a single server; 0 takes a free one. */
export function parseSinglePort(text: string): number {
  return text === '0' ? 0 : parseWhole(text, 1_024, 65_535);
}

/** How late an answer comes, milliseconds. */
export function parseLateMs(text: string): number {
  return parseWhole(text, 1, LATE_MS_MAX);
}

/** Base URL of a payment gateway. */
export function parseGatewayUrl(text: string): string {
  const fault = gatewayUrlFault(text);
  if (fault !== null) throw new InvalidArgumentError(`Please ${fault}.`);
  return text;
}

/** The names of both Regions with a comma between them, the primary first. */
export function parseRegions(text: string): readonly string[] {
  const regions = text.split(',');
  if (!regions.every((region) => REGION_PATTERN.test(region))) {
    throw new InvalidArgumentError('Use Region names with commas, such as us-east-1,us-east-2.');
  }
  if (regions.length !== 2 || new Set(regions).size < 2) {
    const why = 'one that does not answer is gone without';
    throw new InvalidArgumentError(`Name both Regions, each once, the primary first: ${why}.`);
  }
  return regions;
}

/** Seconds to wait, not more than an hour. */
export function parseSeconds(text: string): number {
  return parseWhole(text, 0, 3_600);
}

/** How many to show at most. */
export function parseLimit(text: string): number {
  return parseWhole(text, 1, 10_000);
}

/** A seed of the simulator; up to fifteen digits are exact. */
export function parseSeed(text: string): number {
  return parseWhole(text, 0, SEED_MAX);
}

/** How many seeds to simulate. */
export function parseSeedCount(text: string): number {
  return parseWhole(text, 1, 1_000_000_000);
}

/** Pairs of crashes for each of the simulator's scenarios, at most. */
export function parsePairs(text: string): number {
  return parseWhole(text, 1, 10_000_000);
}

/** How long to simulate, up to a week. */
export function parseMinutes(text: string): number {
  return parseWhole(text, 1, 7 * 24 * 60);
}

/** Threads to simulate on. */
export function parseWorkers(text: string): number {
  return parseWhole(text, 1, 256);
}

/** What is said for the record: one line that is legible wherever it is read. */
export function parseSaid(text: string): string {
  const said = text.trim();
  if (said === '' || said.length > SAID_MAX || /[\p{Cc}\p{Cf}\u2028\u2029]/u.test(said)) {
    throw new InvalidArgumentError(`Use one line of 1 to ${SAID_MAX} characters.`);
  }
  return said;
}

/** One Region name. */
export function parseRegion(text: string): string {
  if (!REGION_PATTERN.test(text)) {
    throw new InvalidArgumentError('Use a Region name such as us-east-2.');
  }
  return text;
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
