/** Which messages of a batch the function has dealt with. */

import type { InvocationOutcome } from '../region/lambda/invocation.ts';
import { failureOf } from './failure-of.ts';

export interface BatchResult {
  /** Message ids that stay in the queue. */
  readonly failed: ReadonlySet<string>;
  /** Why the whole batch failed; null when the function decided message by message. */
  readonly reason: string | null;
}

const NONE_FAILED: BatchResult = { failed: new Set(), reason: null };

/**
 * Reads the function's answer. Pure.
 *
 * An error, a timeout or a crash fails every message. With `reportBatchItemFailures` the answer
 * names those that failed: none when it is null or empty, or when its list is; all when it can't be
 * read, or an identifier is missing, empty or of no message of the batch. An answer that is neither
 * null nor an object counts as unreadable (inferred: the documentation says "invalid JSON response").
 * Source: Lambda developer guide, "Success and failure conditions" of SQS event sources.
 */
export function batchResult(
  outcome: InvocationOutcome,
  messageIds: readonly string[],
  reportBatchItemFailures: boolean,
): BatchResult {
  const failAll = (reason: string): BatchResult => ({ failed: new Set(messageIds), reason });
  const failure = failureOf(outcome);
  if (outcome.kind !== 'answered') return failAll(failure ?? outcome.kind);
  if (!reportBatchItemFailures) return NONE_FAILED;

  const items = failuresIn(outcome.payload);
  if (items === null) return failAll('its answer is no batch response');
  const failed = new Set<string>();
  for (const item of items) {
    const id = (item as { readonly itemIdentifier?: unknown } | null)?.itemIdentifier;
    if (typeof id !== 'string' || !messageIds.includes(id)) {
      return failAll(`its batch response names ${JSON.stringify(id)}, no message of the batch`);
    }
    failed.add(id);
  }
  return { failed, reason: null };
}

/** The list of failures; null when the answer has none that can be read. */
function failuresIn(payload: string): readonly unknown[] | null {
  let answer: unknown;
  try {
    answer = JSON.parse(payload);
  } catch {
    return null;
  }
  if (answer === null) return [];
  if (typeof answer !== 'object' || Array.isArray(answer)) return null;
  const { batchItemFailures: list = null } = answer as { readonly batchItemFailures?: unknown };
  if (list === null) return [];
  return Array.isArray(list) ? list : null;
}
