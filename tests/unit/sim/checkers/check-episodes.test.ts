import { expect, it } from 'vitest';
import type { PlannedFault } from '#sim/faults/fault-spec.ts';
import { FakeRun, PRIMARY, SECONDARY } from './fake-run.ts';

const PRIMARY_LOST: PlannedFault = { id: 'F1', region: PRIMARY, atMs: 10_000, forMs: null };
const SECONDARY_LOST: PlannedFault = { id: 'F1', region: SECONDARY, atMs: 60_000, forMs: 30_000 };
const SHARED: PlannedFault = { id: 'F5', probability: 0.2, atMs: 10_000, forMs: null };

type Move = readonly [atMs: number, note: Partial<Parameters<FakeRun['append']>[0]>];
const TO_SECONDARY = { active: [SECONDARY], actor: `orchestrator:${SECONDARY}` };
const TO_PRIMARY = { active: [PRIMARY], actor: `orchestrator:${PRIMARY}` };
const BACK = { ...TO_PRIMARY, change: 'failback' } as const;
const BY_HAND = { ...BACK, actor: 'ann' };

function judged(
  faults: readonly PlannedFault[],
  moves: readonly Move[],
  failback: 'manual' | 'automatic' = 'manual',
): readonly number[] {
  const run = new FakeRun({ failback }, faults);
  for (const [atMs, note] of moves) {
    run.nowMs = atMs;
    run.append({ active: [PRIMARY], ...note });
  }
  return run.settle();
}

it.each<[string, readonly PlannedFault[], readonly Move[]]>([
  ['one failover', [PRIMARY_LOST], [[40_000, TO_SECONDARY]]],
  [
    'one for each Region',
    [{ ...PRIMARY_LOST, forMs: 20_000 }, SECONDARY_LOST],
    [
      [40_000, TO_SECONDARY],
      [100_000, TO_PRIMARY],
    ],
  ],
  [
    'another one after a person brought traffic back',
    [PRIMARY_LOST],
    [
      [40_000, TO_SECONDARY],
      [70_000, BY_HAND],
      [130_000, TO_SECONDARY],
    ],
  ],
  [
    'another one after the other Region had trouble of its own',
    [PRIMARY_LOST, SECONDARY_LOST],
    [
      [40_000, TO_SECONDARY],
      [100_000, TO_PRIMARY],
      [160_000, TO_SECONDARY],
    ],
  ],
  ['a person who moves for no reason', [], [[40_000, { ...TO_SECONDARY, actor: 'ann' }]]],
])('takes %s', (_name, faults, moves) => {
  expect(judged(faults, moves)).toEqual([]);
});

it('takes a failback that is configured, after the soak time', () => {
  const moves: readonly Move[] = [
    [40_000, TO_SECONDARY],
    [100_000, BACK],
  ];
  expect(judged([PRIMARY_LOST], moves, 'automatic')).toEqual([]);
  expect(judged([PRIMARY_LOST], moves, 'manual')).toEqual([14]);
});

it.each<[string, readonly PlannedFault[], readonly Move[]]>([
  ['a failover for no fault', [], [[40_000, TO_SECONDARY]]],
  ['one for a fault of the other Region', [SECONDARY_LOST], [[70_000, TO_SECONDARY]]],
  ['one long after the fault', [{ ...PRIMARY_LOST, forMs: 5_000 }], [[400_000, TO_SECONDARY]]],
  [
    'one within the cooldown',
    [PRIMARY_LOST, SECONDARY_LOST],
    [
      [40_000, TO_SECONDARY],
      [99_999, TO_PRIMARY],
    ],
  ],
  [
    'a failback within the cooldown',
    [PRIMARY_LOST],
    [
      [40_000, TO_SECONDARY],
      [90_000, BACK],
    ],
  ],
  [
    'one in manual mode',
    [PRIMARY_LOST],
    [
      [20_000, { ...BY_HAND, change: 'mode', mode: 'manual' }],
      [40_000, TO_SECONDARY],
    ],
  ],
])('finds %s', (_name, faults, moves) => {
  expect(judged(faults, moves, 'automatic')).toEqual([14]);
});

it('finds traffic that goes to and fro within one episode of each Region', () => {
  const there: readonly Move[] = [40_000, 100_000, 160_000, 220_000].map((atMs, at) => [
    atMs,
    at % 2 === 0 ? TO_SECONDARY : TO_PRIMARY,
  ]);
  expect(judged([PRIMARY_LOST, { ...SECONDARY_LOST, forMs: null }], there)).toEqual([14]);
  expect(judged([SHARED], there)).toEqual([]);
});

it('finds a move onto a drained Region', () => {
  const moves: readonly Move[] = [
    [20_000, { ...BY_HAND, change: 'drain', drained: [SECONDARY] }],
    [40_000, { ...TO_SECONDARY, drained: [SECONDARY] }],
  ];
  expect(judged([PRIMARY_LOST], moves)).toContain(14);
});

it('judges no times where clocks are wrong', () => {
  const moves: readonly Move[] = [
    [40_000, TO_SECONDARY],
    [90_000, TO_PRIMARY],
  ];
  const skew: PlannedFault = { id: 'F22', region: PRIMARY, skewMs: 1, atMs: 0, forMs: null };
  expect(judged([PRIMARY_LOST, SECONDARY_LOST, skew], moves)).toEqual([]);
});

it.each(['failover', 'failback'] as const)('finds a %s that moves nothing', (change) => {
  const again = { active: [SECONDARY], actor: 'ann', change };
  const moves: readonly Move[] = [
    [40_000, { ...TO_SECONDARY, actor: 'ann' }],
    [50_000, again],
  ];
  expect(judged([], moves)).toEqual([14]);
});

it.each<[string, number, readonly PlannedFault[], readonly number[]]>([
  ['not soaked', 159_999, [], [14]],
  ['soaked', 160_000, [], []],
  [
    'not watched',
    159_999,
    [{ id: 'F10', region: PRIMARY, process: 'orchestrate', atMs: 0, forMs: 1 }],
    [],
  ],
  [
    'among wrong clocks',
    159_999,
    [{ id: 'F22', region: PRIMARY, skewMs: 1, atMs: 0, forMs: 1 }],
    [],
  ],
])('judges a Region that takes traffic back and has %s', (_name, atMs, more, broken) => {
  // Cut off until 120 s, with a soak time of 40 s.
  const cut: PlannedFault = { id: 'F1', region: PRIMARY, atMs: 10_000, forMs: 110_000 };
  const moves: readonly Move[] = [
    [40_000, TO_SECONDARY],
    [atMs, BACK],
  ];
  expect(judged([cut, ...more], moves, 'automatic')).toEqual(broken);
});
