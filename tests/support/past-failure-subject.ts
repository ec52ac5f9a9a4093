/** For teeth that bite into the past: "seed" N is the plan of the N-th past failure. */

import { createSimHost } from '#cli/simulate/sim-host.ts';
import type { Subject } from '#cli/simulate/teeth-subject.ts';

/** Loads the simulator late, so that a bug can be planted under it. */
export async function loadSubject(): Promise<Subject> {
  const { PAST_FAILURES } = await import('#sim/past-failures/past-failures.ts');
  const { simulatePlan } = await import('#sim/simulate-seed.ts');
  const host = createSimHost();
  return async (seed) => {
    const plan = PAST_FAILURES[seed - 1]?.plan;
    return plan === undefined ? [] : (await simulatePlan(plan, host)).violations;
  };
}
