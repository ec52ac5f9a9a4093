/** Assertions that stay on in production: a broken one fails that one invocation, loudly. */

/** Thrown when something that can't be is. Never caught to carry on; handlers raise a metric for it. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Throws `InvariantError` unless `condition` holds. `claim` states what was supposed to hold. */
export function invariant(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new InvariantError(`invariant violated: ${claim}`);
}
