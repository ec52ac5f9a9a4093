/** The payload of an invocation in which the function failed. */

import type { InvocationOutcome } from '../region/lambda/invocation.ts';

/** Of an invocation that came to the function, or would have but for its size. */
type FailedOutcome = Exclude<InvocationOutcome, { kind: 'answered' | 'throttled' }>;

/** JSON text. Source of the error types: Lambda developer guide, "Troubleshoot invocation issues". */
export function functionError(outcome: FailedOutcome, requestId: string): string {
  return JSON.stringify(describe(outcome, `RequestId: ${requestId} Error:`));
}

function describe(
  outcome: FailedOutcome,
  prefix: string,
): { readonly errorType: string; readonly errorMessage: string } {
  switch (outcome.kind) {
    case 'function-error':
      return { errorType: outcome.errorType, errorMessage: outcome.errorMessage };
    case 'timed-out': {
      const seconds = (outcome.timeoutMs / 1000).toFixed(2);
      const errorMessage = `${prefix} Task timed out after ${seconds} seconds`;
      return { errorType: 'Sandbox.Timedout', errorMessage };
    }
    case 'crashed':
      return { errorType: 'Runtime.ExitError', errorMessage: `${prefix} ${outcome.reason}` };
    case 'request-too-large':
      return {
        errorType: 'RequestTooLargeException',
        errorMessage: `${outcome.sizeBytes} bytes are too large`,
      };
  }
}
