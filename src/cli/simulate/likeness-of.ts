/** What two failures have in common that come of the same cause, whatever they happened to. Pure. */

import type { Failure } from './worker-messages.ts';

/** A Region's name, and anything else that has a digit in it: ids, amounts, times, counts, statuses. */
const REGION_NAME = /\b[a-z]{2}-[a-z]+-\d\b/g;
const WITH_DIGIT = /[\p{L}_-]*\p{N}(?:[\p{L}\p{N}_.%-]*[\p{L}\p{N}_%])?/gu;
/** A part of a list that is there several times in a row. */
const REPEATED = /(?<!\S)(\S.*?)(?:[,;] \1)+(?![^\s,;)])/gs;

/**
 * Equal for failures that are alike: of a violation the first one's invariant and message, of an error its name and
 * message, both stripped (`strippedMessage`). The others of a run come and go. Null: a kind of failure that says nothing
 * of its cause.
 */
export function likenessOf(failure: Failure): string | null {
  switch (failure.kind) {
    case 'violation': {
      const [first] = failure.result.violations;
      return first === undefined ? null : `${first.invariant}: ${strippedMessage(first.message)}`;
    }
    case 'error':
      return `${failure.name}: ${strippedMessage(failure.message)}`;
    case 'difference':
    case 'hung':
      return null;
  }
}

/** A message without ids, numbers and names of Regions, and with one of what it lists: a smaller plan has less to list. */
export function strippedMessage(message: string): string {
  const plain = message.replace(REGION_NAME, 'Region').replace(WITH_DIGIT, '#');
  return plain.replace(REPEATED, '$1');
}
