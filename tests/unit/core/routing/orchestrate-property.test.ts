/** Whatever many orchestrators see, miss and sleep through: one chain, and no move that the rules forbid. */

import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { sha256Hex } from '#adapters/system.ts';
import type { AlarmEvidence, ProbeSample } from '#core/routing/judge-region.ts';
import type { RoundReport } from '#core/routing/orchestrate.ts';
import { chainFault, type RoutingEntry } from '#core/routing/routing-log.ts';
import type { RoutingCall } from '../../../support/memory-routing-log.ts';
import {
  createFailoverWorld,
  EAST_1,
  type FailoverWorld,
  HOUR_MS,
  INTERVAL_MS,
  type Process,
  REFUSED,
  REGIONS,
  RULES,
  SERVED,
  UNREACHABLE,
} from './failover-world.ts';

vi.setConfig({ testTimeout: 60_000 });

const PROCESSES = 6;
/** Shorter than the real one, so that a script sees its end. */
const SOAK_MS = 120_000;
const FAULTS: readonly [RoutingCall, 'before' | 'after'][] = [
  ['newest', 'before'],
  ['append', 'before'],
  ['append', 'after'],
  ['beat', 'before'],
  ['beat', 'after'],
  ['read', 'before'],
];

type Happening =
  /** From where, of whom. */
  | { readonly kind: 'probe'; readonly from: string; readonly of: string; readonly to: ProbeSample }
  | { readonly kind: 'alarm'; readonly of: string; readonly to: AlarmEvidence }
  | { readonly kind: 'break'; readonly who: number; readonly fault: (typeof FAULTS)[number] }
  | { readonly kind: 'clock-back'; readonly who: number; readonly ms: number }
  | { readonly kind: 'freeze'; readonly ms: number }
  | { readonly kind: 'restart'; readonly who: number }
  | { readonly kind: 'operator'; readonly mode: 'auto' | 'manual' }
  | { readonly kind: 'heal' };

const region = fc.constantFrom(...REGIONS);
const who = fc.nat(PROCESSES - 1);
const slow: ProbeSample = { kind: 'served', latencyMs: 1_500 };
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      ...{ kind: fc.constant('probe' as const), from: region, of: region },
      to: fc.constantFrom(SERVED, slow, REFUSED, UNREACHABLE),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      ...{ kind: fc.constant('alarm' as const), of: region },
      to: fc.constantFrom('impaired' as const, 'clear' as const, 'unknown' as const),
    }),
  },
  fc.record({ kind: fc.constant('break' as const), who, fault: fc.constantFrom(...FAULTS) }),
  fc.record({ kind: fc.constant('clock-back' as const), who, ms: fc.nat(HOUR_MS) }),
  fc.record({
    kind: fc.constant('freeze' as const),
    ms: fc.oneof(fc.nat(90_000), fc.nat(2 * HOUR_MS)),
  }),
  fc.record({ kind: fc.constant('restart' as const), who }),
  fc.record({
    kind: fc.constant('operator' as const),
    mode: fc.constantFrom('auto' as const, 'auto' as const, 'manual' as const),
  }),
  { weight: 3, arbitrary: fc.constant({ kind: 'heal' as const }) },
);
const script = fc.array(
  fc.record({
    happening,
    /** Who goes on; the others are frozen. */
    awake: fc.subarray([0, 1, 2, 3, 4, 5], { minLength: 1 }),
    rounds: fc.integer({ min: 1, max: 12 }),
  }),
  { minLength: 10, maxLength: 50 },
);

/** What the test knows of the moves, and no process does. */
interface Chronicle {
  /** True time of each entry, by epoch. */
  readonly atMs: Map<number, number>;
  /** The oldest state that each process has decided on, by its name. */
  readonly oldestSeen: Map<string, number>;
}

async function play(
  world: FailoverWorld,
  all: Process[],
  { happening: what, awake, rounds }: { happening: Happening; awake: number[]; rounds: number },
  chronicle: Chronicle,
): Promise<void> {
  happen(what, world, all);
  for (let round = 0; round < rounds; round += 1) {
    const before = world.routing.entries.length;
    await Promise.all(
      awake.map(async (place) => {
        const one = all[place] as Process;
        const report = await one.round();
        if (report.kind === 'blind' || chronicle.oldestSeen.has(one.name)) return;
        chronicle.oldestSeen.set(one.name, decidedOn(report));
      }),
    );
    for (const { epoch } of world.routing.entries.slice(before)) {
      chronicle.atMs.set(epoch, world.nowMs());
    }
    world.pass(INTERVAL_MS);
  }
}

/** Epoch of the newest entry when the round was decided. */
function decidedOn(report: Exclude<RoundReport, { kind: 'blind' }>): number {
  switch (report.kind) {
    case 'waited':
      return report.state.epoch;
    case 'followed-up':
      return report.entry.epoch;
    case 'moved':
      return report.entry.epoch - 1;
    case 'raced':
      return report.by.epoch - 1;
  }
}

function happen(what: Happening, world: FailoverWorld, all: Process[]): void {
  const one = 'who' in what ? (all[what.who] as Process) : null;
  switch (what.kind) {
    case 'probe':
      for (const { own, view } of all) if (own === what.from) view.probes[what.of] = what.to;
      return;
    case 'alarm':
      for (const { view } of all) view.alarms[what.of] = what.to;
      return;
    case 'break':
      one?.view.broken.set(...what.fault);
      return;
    case 'clock-back':
      if (one !== null) one.view.clockMs -= what.ms;
      return;
    case 'freeze':
      world.pass(what.ms);
      return;
    case 'restart':
      if (one !== null) all[what.who] = world.start(one.own, one.view.clockMs);
      return;
    case 'operator':
      world.enter({ mode: what.mode });
      return;
    case 'heal':
      for (const { view } of all) {
        view.broken.clear();
        for (const each of REGIONS) {
          view.probes[each] = SERVED;
          view.alarms[each] = 'clear';
        }
      }
  }
}

/** The moves of orchestrators, each with what was before it. */
function movesOf(entries: readonly RoutingEntry[]) {
  return entries.flatMap((entry, index) =>
    entry.actor === 'ann' ? [] : [{ entry, before: entries[index - 1] ?? null }],
  );
}

it('keeps one chain, moves only onto what its author saw healthy, and once in a cooldown', async () => {
  const counts = { failover: 0, failback: 0, bound: 0 };
  await fc.assert(
    fc.asyncProperty(
      script,
      fc.array(fc.constantFrom(-HOUR_MS, 0, HOUR_MS), {
        ...{ minLength: PROCESSES, maxLength: PROCESSES },
      }),
      fc.constantFrom('manual' as const, 'automatic' as const),
      async (steps, clocks, failback) => {
        const world = createFailoverWorld({ failback, soakMs: SOAK_MS });
        const all = clocks.map((ms, place) => world.start(REGIONS[place % 2] as string, ms));
        const chronicle: Chronicle = { atMs: new Map(), oldestSeen: new Map() };
        const calm = { happening: { kind: 'heal' }, awake: [0, 1, 2, 3, 4, 5], rounds: 4 } as const;
        await play(world, all, { ...calm, awake: [...calm.awake] }, chronicle);
        for (const step of steps) await play(world, all, step, chronicle);

        const { entries } = world.routing;
        expect(chainFault(entries, sha256Hex)).toBeNull();
        for (const { entry, before } of movesOf(entries)) {
          const own = entry.actor.replace('orchestrator:', '');
          expect(entry.active).toEqual([own]);
          expect(before?.active ?? [EAST_1]).not.toEqual(entry.active);
          expect(entry.moved?.epoch).toBe(entry.epoch);
          expect(before?.mode ?? 'auto').toBe('auto');
          expect(JSON.parse(entry.evidence)).toMatchObject({ [own]: { verdict: 'healthy' } });
          counts[entry.change === 'failback' ? 'failback' : 'failover'] += 1;

          const last = before?.moved ?? null;
          const author = entry.entryId.split(' ')[0] ?? '';
          const hasWitnessed = (chronicle.oldestSeen.get(author) ?? Infinity) < (last?.epoch ?? 0);
          if (last === null || !hasWitnessed) continue;
          counts.bound += 1;
          const sinceMs =
            (chronicle.atMs.get(entry.epoch) ?? 0) - (chronicle.atMs.get(last.epoch) ?? 0);
          expect(sinceMs).toBeGreaterThanOrEqual(RULES.cooldownMs);
        }
      },
    ),
    { numRuns: 400 },
  );
  // The property says something only if things do move.
  expect(Math.min(counts.failover, counts.failback, counts.bound)).toBeGreaterThan(20);
});
