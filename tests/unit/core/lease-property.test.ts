/** Whatever clocks, network and operators do: two Regions never hold the lease at one true moment. */

import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { createStopwatch } from '#adapters/system.ts';
import { AppError } from '#core/app-error.ts';
import { createLease, takeOverLease } from '#core/lease.ts';
import { createMemoryLeaseStore, type MemoryLease } from '../../support/memory-lease-store.ts';
import { createVirtualTime, type VirtualTime } from '../../support/virtual-time.ts';

vi.setConfig({ testTimeout: 60_000 });

const REGIONS = ['us-east-1', 'us-east-2'] as const;
const never = { atEpochMs: Number.MAX_SAFE_INTEGER };

interface Held {
  readonly region: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What becomes of one call of the store: its ways there and back, and whether it is heard of. */
interface Passage {
  readonly thereMs: number;
  readonly backMs: number;
  readonly fate: 'works' | 'lost-before' | 'lost-after';
}

/** One Region: a process with clocks of its own, which are fast or slow, and set by somebody. */
function createRegion(
  region: string,
  rate: number,
  world: {
    readonly time: VirtualTime;
    readonly memory: MemoryLease;
    readonly next: () => Passage;
    readonly held: Held[];
  },
) {
  const { time, memory, next, held } = world;
  let setByMs = 0;
  const monotonicMs = () => time.nowMs() * rate;
  const wallMs = () => monotonicMs() + setByMs;
  const store = createMemoryLeaseStore(memory, async (_call, effect) => {
    const { thereMs, backMs, fate } = next();
    await time.sleep(thereMs);
    if (fate === 'lost-before') throw new AppError('outcome_unknown', 'lost');
    const result = effect();
    await time.sleep(backMs);
    if (fate === 'lost-after') throw new AppError('outcome_unknown', 'lost');
    return result;
  });
  const clock = { nowEpochMs: wallMs };
  const lease = createLease({
    store,
    region,
    mayCreate: region === REGIONS[0],
    clock,
    stopwatch: createStopwatch(wallMs, monotonicMs),
  });
  const sleep = (ms: number) => time.sleep(ms / rate);
  return {
    async hold() {
      const until = await lease.hold(never);
      const fromMs = time.nowMs();
      held.push({ region, fromMs, untilMs: fromMs + (until.atEpochMs - wallMs()) / rate });
    },
    setClock(ms: number) {
      setByMs += ms;
    },
    async take(planned: boolean) {
      await takeOverLease({ region, planned, routingEpoch: null }, { store, clock, sleep }, 1_000);
    },
  };
}

const HOUR_MS = 3_600_000;
const action = fc.record({
  afterMs: fc.integer({ min: 0, max: 6_000 }),
  at: fc.constantFrom(0, 1),
  what: fc.constantFrom('hold', 'hold', 'hold', 'take', 'hand-over', 'back', 'forward'),
});
const wayMs = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0, max: 50 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 15_000 }) },
);
const passage: fc.Arbitrary<Passage> = fc.record({
  thereMs: wayMs,
  backMs: wayMs,
  fate: fc.oneof(
    { weight: 12, arbitrary: fc.constant('works' as const) },
    { weight: 1, arbitrary: fc.constantFrom('lost-before' as const, 'lost-after' as const) },
  ),
});
/** Far beyond any real drift; LEASE_WAIT_MS allows for half as fast again. */
const rate = fc.double({ min: 0.85, max: 1.15, noNaN: true });

function overlapOf(held: readonly Held[]): readonly Held[] | undefined {
  for (const a of held) {
    const b = held.find(
      (other) => other.region !== a.region && other.fromMs < a.untilMs && a.fromMs < other.untilMs,
    );
    if (b !== undefined) return [a, b];
  }
  return undefined;
}

it('never lets two Regions hold the lease at once', async () => {
  let takenOver = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { minLength: 10, maxLength: 60 }),
      fc.infiniteStream(passage),
      fc.tuple(rate, rate),
      async (actions, passages, [first, second]) => {
        const held: Held[] = [];
        const time = createVirtualTime();
        const record = {
          ...{ holder: REGIONS[0], epoch: 1, renewals: 0 },
          ...{ handingTo: null, routingEpoch: null },
        };
        const memory: MemoryLease = { record };
        const next = () => passages.next().value as Passage;
        const world = { time, memory, next, held };
        const regions = [
          createRegion(REGIONS[0], first, world),
          createRegion(REGIONS[1], second, world),
        ] as const;
        const unheard = (error: unknown) => {
          if (!(error instanceof AppError)) throw error;
        };
        const doings: Promise<void>[] = [];
        const play = async () => {
          for (const { afterMs, at, what } of actions) {
            await time.sleep(afterMs);
            const region = at === 0 ? regions[0] : regions[1];
            if (what === 'hold') doings.push(region.hold().catch(unheard));
            else if (what === 'take') doings.push(region.take(false).catch(unheard));
            else if (what === 'hand-over') doings.push(region.take(true).catch(unheard));
            else region.setClock(what === 'back' ? -HOUR_MS : HOUR_MS);
          }
        };
        const played = play();
        await time.run();
        await played;
        await Promise.all(doings);
        expect(overlapOf(held)).toBeUndefined();
        if (new Set(held.map(({ region }) => region)).size === 2) takenOver += 1;
      },
    ),
    { numRuns: 500 },
  );
  // The property says something only if the lease does change hands.
  expect(takenOver).toBeGreaterThan(50);
});
