/** Finds a broken assertion of the core behind the error that a caller is told. */

import { InvariantError } from '#core/invariant.ts';

/** The core's own assertions end as unknown outcomes for a caller, and as what they are for us. */
export function invariantBehind(error: Error): InvariantError | null {
  let cause: unknown = error;
  while (cause instanceof Error) {
    if (cause instanceof InvariantError) return cause;
    ({ cause } = cause);
  }
  return null;
}
