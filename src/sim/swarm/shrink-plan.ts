/**
 * Delta debugging: makes a plan that fails as small as it gets while it still fails, so that a person can read it.
 *
 * Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 28 (2), 2002.
 */

import type { Fault, PlannedFault } from '../faults/fault-spec.ts';
import { hurtRegionOf } from '../faults/hurt-region.ts';
import type { SimPlan, Timings, WorkloadShape } from '../plan.ts';
import { areBothHurt, HEARD_OF_MS, lostRegionOf, safetyMsOf } from './draw-faults.ts';

export interface Shrunk {
  /** The smallest that was seen to fail: the one given, where nothing smaller does. */
  readonly plan: SimPlan;
  /** How many plans were tried. */
  readonly runs: number;
}

/** Where what is shrunk ends up at its smallest. Milliseconds. */
const FOR_MS_MIN = 1_000;
const AT_MS_MIN = 1_000;
const SPREAD_MS_MIN = 1_000;
/** Timings that a person needs not think about. */
const PLAIN_TIMINGS: Partial<Timings> = { indexLagMs: 0, replicationLagMs: 50, dnsTtlMs: 10_000 };
const SHARES = [
  ...(['acceptShare', 'repeatShare', 'conflictShare', 'refundShare'] as const),
  ...(['readShare', 'slowShare', 'dnsShare', 'declineShare'] as const),
] as const;

/**
 * Shrinks `plan`, which fails. `fails`: whether a plan fails in the same way; `budget`: how many plans it may be
 * asked about. First what matters most to a reader: the faults, then the workload, then times, and in the end the
 * world itself. What no seed draws, for it breaks promises that nobody made, no plan gets that had not got it already:
 * both Regions hurt at once for long, and a Region lost for good before anybody heard of it. Rejects with whatever `fails` rejects with.
 */
export async function shrinkPlan(
  plan: SimPlan,
  fails: (plan: SimPlan) => Promise<boolean>,
  budget: number,
): Promise<Shrunk> {
  const search = new Search(plan, fails, budget);
  // What one pass takes away lets another take more: until a whole round finds nothing.
  let before: SimPlan;
  do {
    before = search.best;
    await dropFaults(search);
    await dropOrders(search);
    await dropCrashes(search);
    await shrinkWorkload(search);
    await shrinkFaults(search);
    await simplifyWorld(search);
  } while (search.best !== before && !search.isSpent);
  return { plan: search.best, runs: search.runs };
}

class Search {
  best: SimPlan;
  runs = 0;
  readonly #fails: (plan: SimPlan) => Promise<boolean>;
  readonly #budget: number;
  readonly #mayHurtBoth: boolean;

  constructor(plan: SimPlan, fails: (plan: SimPlan) => Promise<boolean>, budget: number) {
    this.best = plan;
    this.#fails = fails;
    this.#budget = budget;
    this.#mayHurtBoth = areBothHurt(plan.faults);
  }

  get isSpent(): boolean {
    return this.runs >= this.#budget;
  }

  /** Whether `smaller` still fails; it then is the best. */
  async keep(smaller: SimPlan): Promise<boolean> {
    if (this.isSpent) return false;
    if (!this.#mayHurtBoth && areBothHurt(smaller.faults)) return false;
    this.runs += 1;
    if (!(await this.#fails(smaller))) return false;
    this.best = smaller;
    return true;
  }
}

function dropFaults(search: Search): Promise<void> {
  return dropParts(
    search,
    ({ faults }) => faults,
    (plan, faults) => withFaults(plan, faults),
  );
}

function dropOrders(search: Search): Promise<void> {
  return dropParts(
    search,
    ({ orders }) => orders ?? [],
    ({ orders: _orders, ...plan }, orders) => ({ ...plan, ...(orders.length > 0 && { orders }) }),
  );
}

function dropCrashes(search: Search): Promise<void> {
  return dropParts(
    search,
    ({ crashAt }) => crashAt,
    (plan, crashAt) => ({ ...plan, crashAt }),
  );
}

/** All of them, then halves, quarters, and so on down to one by one. */
async function dropParts<T>(
  search: Search,
  partsOf: (plan: SimPlan) => readonly T[],
  withParts: (plan: SimPlan, parts: readonly T[]) => SimPlan,
): Promise<void> {
  let size = partsOf(search.best).length;
  while (size >= 1) {
    let from = 0;
    while (from < partsOf(search.best).length) {
      const rest = partsOf(search.best).toSpliced(from, size);
      // Where it went, the next part has taken its place.
      if (!(await search.keep(withParts(search.best, rest)))) from += size;
      if (search.isSpent) return;
    }
    size = size === 1 ? 0 : Math.ceil(size / 2);
  }
}

async function shrinkWorkload(search: Search): Promise<void> {
  for (const share of SHARES) {
    if (search.best.workload[share] > 0)
      await search.keep(withWorkload(search.best, { [share]: 0 }));
  }
  if (search.best.workload.burst > 1) await search.keep(withWorkload(search.best, { burst: 1 }));
  await descend(
    search,
    ({ workload }) => workload.payments,
    1,
    (plan, payments) => withWorkload(plan, { payments }),
  );
  await descend(
    search,
    ({ workload }) => workload.spreadMs,
    SPREAD_MS_MIN,
    (plan, spreadMs) => withWorkload(plan, { spreadMs }),
  );
}

/** Each of the faults earlier, and shorter. */
async function shrinkFaults(search: Search): Promise<void> {
  for (let at = 0; at < search.best.faults.length; at += 1) {
    const faultOf = (plan: SimPlan): PlannedFault => plan.faults[at] as PlannedFault;
    const withFault = (plan: SimPlan, times: Partial<PlannedFault>): SimPlan =>
      withFaults(plan, plan.faults.with(at, { ...faultOf(plan), ...times } as PlannedFault));
    if (faultOf(search.best).forMs !== null) {
      await descend(
        search,
        (plan) => faultOf(plan).forMs ?? FOR_MS_MIN,
        FOR_MS_MIN,
        (plan, forMs) => withFault(plan, { forMs }),
      );
    }
    await descend(
      search,
      (plan) => faultOf(plan).atMs,
      earliestMs(faultOf(search.best), search.best.faults),
      (plan, atMs) => withFault(plan, { atMs }),
    );
    await weaken(search, at);
  }
}

/** What hurts a Region that is lost for good stays after the moment from which it is missed, if it came after it. */
function earliestMs(fault: PlannedFault, faults: readonly PlannedFault[]): number {
  const region = hurtRegionOf(fault);
  const isOfLost = region !== null && region === lostRegionOf(faults);
  return isOfLost && fault.atMs >= HEARD_OF_MS ? HEARD_OF_MS : AT_MS_MIN;
}

/** As few messages or copies as there can be, where the kind counts any. */
async function weaken(search: Search, at: number): Promise<void> {
  const fault: Fault | undefined = search.best.faults[at];
  if (fault?.id !== 'F18' && fault?.id !== 'F26') return;
  const least: Fault = fault.id === 'F18' ? { ...fault, count: 1 } : { ...fault, copies: 2 };
  const isLeast = fault.id === 'F18' ? fault.count <= 1 : fault.copies <= 2;
  if (isLeast) return;
  const { atMs, forMs } = search.best.faults[at] as PlannedFault;
  await search.keep(
    withFaults(search.best, search.best.faults.with(at, { ...least, atMs, forMs })),
  );
}

/** The plainest world first; what it can't do without stays. */
async function simplifyWorld(search: Search): Promise<void> {
  const { timings } = search.best;
  if (search.best.failbackAtMs !== null) await search.keep({ ...search.best, failbackAtMs: null });
  const plainTimings = { ...timings, ...PLAIN_TIMINGS };
  if (differs(timings, plainTimings)) await search.keep({ ...search.best, timings: plainTimings });
  const { placement, ...latest } = search.best;
  if (placement !== undefined) await search.keep(latest);
  const { heartbeatAgeMs, ...fresh } = search.best;
  if (heartbeatAgeMs !== undefined) await search.keep(fresh);
  const plain = [
    { gateway: 'bank' },
    { failback: 'manual' },
    { policy: 'active-passive' },
    { consistency: 'strong' },
  ] as const;
  for (const part of plain) {
    const { topology } = search.best;
    const simpler = { ...topology, ...part };
    if (differs(topology, simpler)) await search.keep({ ...search.best, topology: simpler });
  }
}

/** By halves of what is left down to `least`, and no further than it still fails. */
async function descend(
  search: Search,
  valueOf: (plan: SimPlan) => number,
  least: number,
  withValue: (plan: SimPlan, value: number) => SimPlan,
): Promise<void> {
  if (valueOf(search.best) <= least) return;
  if (await search.keep(withValue(search.best, least))) return;
  /** The greatest that is known not to fail. */
  let passes = least;
  while (!search.isSpent) {
    const fails = valueOf(search.best);
    const gap = fails - passes;
    // To a hundredth is near enough for milliseconds; counts go down to one.
    if (gap <= Math.max(1, Math.floor(fails / 100))) return;
    const middle = passes + Math.floor(gap / 2);
    if (!(await search.keep(withValue(search.best, middle)))) passes = middle;
  }
}

function withFaults(plan: SimPlan, faults: readonly PlannedFault[]): SimPlan {
  // The safety phase ends when the faults that are left do; a failback comes as long after it as it did.
  const safetyMs = Math.min(plan.safetyMs, safetyMsOf(faults));
  const failbackAtMs =
    plan.failbackAtMs === null ? null : plan.failbackAtMs - (plan.safetyMs - safetyMs);
  return { ...plan, faults, safetyMs, failbackAtMs };
}

function withWorkload(plan: SimPlan, part: Partial<WorkloadShape>): SimPlan {
  return { ...plan, workload: { ...plan.workload, ...part } };
}

/** Whether any member of `one` has another value in `other`, which has the same members. */
function differs<T extends object>(one: T, other: T): boolean {
  return (Object.keys(one) as (keyof T)[]).some((key) => one[key] !== other[key]);
}
