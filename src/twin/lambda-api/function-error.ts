/** The payload of an invocation in which the function failed. */

import type { InvocationOutcome } from '../region/lambda/invocation.ts';

/** JSON text. Source of the error types: Lambda developer guide, "Troubleshoot invocation issues". */
export function functionError(
  outcome: Exclude<InvocationOutcome, { kind: 'answered' }>,
  requestId: string,
): string {
  return JSON.stringify(describe(outcome, `RequestId: ${requestId} Error:`));
}

function describe(
  outcome: Exclude<InvocationOutcome, { kind: 'answered' }>,
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
