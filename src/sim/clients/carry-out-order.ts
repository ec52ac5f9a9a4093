/** An order of a plan as a person carries it out: said until it is done, kept for a while, and taken back. */

import type { World } from '../kernel/world.ts';
import type { PlannedOrder } from '../plan.ts';
import type { OperatorOutcome, Operators } from './operators.ts';

/** Between two tries. */
const AGAIN_MS = 10_000;
/** A beginning that has not come about by then is given up. */
const BEGINNINGS_MAX = 3;
/** Nothing keeps a person from putting things back, once all is healed. */
const ENDS_MAX = 60;
/** A beginning that was not answered may still arrive: only after that is it seen whether there is one to end. */
const ARRIVES_MS = 10_000;

/** Resolves when what was ordered is over. Never rejects. */
export async function carryOutOrder(
  order: PlannedOrder,
  world: Pick<World, 'nowMs' | 'sleep'>,
  operators: Pick<Operators, 'mode' | 'drain' | 'undrain'>,
): Promise<void> {
  await world.sleep(order.atMs);
  await saidUntilDone(BEGINNINGS_MAX, world, () =>
    order.verb === 'manual' ? operators.mode('manual') : operators.drain(order.region),
  );
  await world.sleep(Math.max(ARRIVES_MS, order.atMs + order.forMs - world.nowMs));
  await saidUntilDone(ENDS_MAX, world, () =>
    order.verb === 'manual' ? operators.mode('auto') : operators.undrain(order.region),
  );
}

async function saidUntilDone(
  timesMax: number,
  world: Pick<World, 'sleep'>,
  say: () => Promise<OperatorOutcome>,
): Promise<void> {
  for (let times = 1; ; times += 1) {
    const { kind } = (await say()).outcome;
    const isAsWished = kind === 'appended' || kind === 'already';
    // No Region would be left: that is so tomorrow too.
    if (isAsWished || kind === 'mistaken' || times === timesMax) return;
    await world.sleep(AGAIN_MS);
  }
}
