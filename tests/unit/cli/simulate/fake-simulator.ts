/**
 * A simulator that does as its address says, for tests of what runs it: `fake-simulator.ts?bad=37,90` breaks
 * invariant 2 with those seeds, `throws`, `hangs`, `differs` and `touches` do what they say; run
 * again, `ticks` has an event more, and `once` breaks nothing. Of plans: `breaks` breaks it with any, `kills=F19` ends
 * the thread in a run with that fault, `other=F1` breaks another invariant first in one that lacks that one, and
 * `waits-at=3` never ends with a crash at that boundary, and says on the channel `fake-simulator` that it waits.
 */

import { BroadcastChannel } from 'node:worker_threads';
import { emptyCounts } from '#sim/faults/coverage.ts';
import type { SimHost } from '#sim/kernel/world.ts';
import type { SimPlan } from '#sim/plan.ts';
import type { SimOptions, SimResult } from '#sim/sim-result.ts';

const asked = new URL(import.meta.url).searchParams;
const isAsked = (what: string, seed: number | string): boolean =>
  (asked.get(what) ?? '').split(',').includes(String(seed));
const hasAsked = (what: string, { faults }: SimPlan): boolean =>
  faults.some(({ id }) => isAsked(what, id));
let runs = 0;
let before: number | null = null;
const channel = new BroadcastChannel('fake-simulator');
channel.unref();

export async function simulateSeed(
  seed: number,
  host: SimHost,
  options: SimOptions = {},
): Promise<SimResult> {
  runs += 1;
  let left = 3;
  await host.drive(() => {
    if (isAsked('hangs', seed)) for (;;);
    if (isAsked('touches', seed)) Math.random();
    left -= 1;
    return left > 0;
  });
  if (isAsked('throws', seed)) throw new RangeError(`seed ${seed} has a loop in it`);
  const result = resultOf({
    seed,
    isBad: isAsked('bad', seed) || isAsked('once', seed),
    keepTrace: options.keepTrace === true,
  });
  for (const violation of result.violations) {
    const said = asked.get('says');
    if (said !== null) Object.assign(violation, { message: violation.message.replace('t7', said) });
  }
  const isAgain = before === seed;
  before = seed;
  if (isAsked('ticks', seed) && isAgain) return { ...result, events: result.events + 1 };
  if (isAsked('once', seed) && isAgain) return { ...result, violations: [] };
  return isAsked('differs', seed) ? { ...result, hash: `run-${runs}` } : result;
}

/** Fails for as long as the bank loses answers; `crash=3,9`: and with a crash at one of these boundaries. */
export async function simulatePlan(
  plan: SimPlan,
  host: SimHost,
  options: Pick<SimOptions, 'keepTrace'> = {},
): Promise<SimResult> {
  await host.drive(() => {
    if (isAsked('hangs', plan.seed)) for (;;);
    return false;
  });
  if (plan.crashAt.some((at) => isAsked('waits-at', at))) {
    channel.postMessage('waits');
    await new Promise(() => undefined);
  }
  if (hasAsked('kills', plan)) {
    void Promise.reject(new RangeError(`seed ${plan.seed} has a loop in it`));
    // So that nobody hears of the run but by the end of its thread.
    await new Promise(() => undefined);
  }
  if (isAsked('throws', plan.seed)) throw new RangeError(`seed ${plan.seed} has a loop in it`);
  const isBad =
    asked.has('breaks') ||
    plan.faults.some(({ id }) => id === 'F13') ||
    plan.crashAt.some((at) => isAsked('crash', at));
  const result = resultOf({ seed: plan.seed, plan, isBad, keepTrace: options.keepTrace === true });
  if (!asked.has('other') || hasAsked('other', plan)) return result;
  const other = { invariant: 5, message: 't7: in conflict with nothing', atMs: 9_000 };
  return { ...result, violations: [other, ...result.violations] };
}

/** Three faults, one of which matters. */
export const PLAN: SimPlan = {
  seed: 1,
  topology: {
    ...{ consistency: 'strong', policy: 'active-passive' },
    ...{ failback: 'manual', gateway: 'bank' },
  },
  timings: {
    ...{ probeIntervalMs: 5_000, silenceMs: 20_000, cooldownMs: 60_000, soakMs: 30_000 },
    ...{ dnsTtlMs: 10_000, healthIntervalMs: 10_000, indexLagMs: 0, replicationLagMs: 50 },
    ...{ sweepIntervalMs: 60_000, visibilityTimeoutMs: 30_000 },
  },
  workload: {
    ...{ payments: 50, spreadMs: 30_000, acceptShare: 0.25, repeatShare: 0, conflictShare: 0 },
    ...{ refundShare: 0.1, readShare: 0, slowShare: 0, dnsShare: 0, burst: 1, declineShare: 0 },
  },
  faults: [
    { id: 'F1', region: 'us-east-1', atMs: 5_000, forMs: 20_000 },
    { id: 'F13', region: 'us-east-1', probability: 0.5, atMs: 8_000, forMs: 10_000 },
    { id: 'F19', atMs: 9_000, forMs: 12_500 },
  ],
  safetyMs: 30_000,
  failbackAtMs: null,
  crashAt: [],
};

interface Facts {
  readonly seed: number;
  readonly plan?: SimPlan;
  readonly isBad?: boolean;
  readonly keepTrace?: boolean;
}

/** A minute in which a payment was made. */
export function resultOf({ seed, plan = { ...PLAN, seed }, ...facts }: Facts): SimResult {
  const message = 't7 was charged twice: 10.00 USD each';
  const coverage = emptyCounts();
  coverage.byPhase[0] = 1;
  return {
    ...{ seed, plan, hash: `hash-${seed}`, events: 10, virtualMs: 60_000 },
    ...{ acknowledged: 50, moves: seed % 2, faultHits: 4, isComplete: true, boundaries: 20 },
    violations: facts.isBad === true ? [{ invariant: 2, message, atMs: 9_500 }] : [],
    coverage,
    trace: facts.keepTrace === true ? TRACE : [],
  };
}

const TRACE: SimResult['trace'] = [
  { atMs: 1_000, from: 'client', to: 'us-east-1', what: 'process', about: 't7', outcome: '' },
  { atMs: 9_000, from: 'us-east-1', to: 'bank', what: 'charge', about: 't7', outcome: 'ok' },
];
