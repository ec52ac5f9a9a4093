/** What to tell a person of an invocation that failed. */

import type { InvocationOutcome } from '../region/lambda/invocation.ts';

/** A phrase for a report or the status; null for an invocation that was answered. Pure. */
export function failureOf(outcome: InvocationOutcome): string | null {
  switch (outcome.kind) {
    case 'answered':
      return null;
    case 'function-error':
      return `${outcome.errorType}: ${outcome.errorMessage}`;
    case 'timed-out':
      return `it timed out after ${outcome.timeoutMs / 1000} s`;
    case 'crashed':
      return `it crashed: ${outcome.reason}`;
    case 'request-too-large':
      return `its event of ${outcome.sizeBytes} bytes is too large`;
    case 'throttled':
      return `it was throttled, all ${outcome.reservedConcurrency} of its reserved invocations run`;
  }
}
