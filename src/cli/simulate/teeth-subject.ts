/** What the teeth bite into: the simulator, loaded late, so that a bug can be planted under it. */

import type { SimMode } from '#sim/sim-result.ts';
import type { Violation } from '#sim/violation.ts';

export type SeenViolation = Pick<Violation, 'invariant' | 'message'>;

/** Runs one seed, and returns what it broke, in order. */
export type Subject = (seed: number) => Promise<readonly SeenViolation[]>;

/** Loads the simulator. `mode`: the worlds that seeds may draw. */
export async function loadSubject(mode: SimMode): Promise<Subject> {
  const { simulateSeed } = await import('#sim/simulate-seed.ts');
  const { createSimHost } = await import('./sim-host.ts');
  const host = createSimHost();
  return async (seed) => (await simulateSeed(seed, host, { mode })).violations;
}
