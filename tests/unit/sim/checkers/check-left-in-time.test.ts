import { describe, expect, it } from 'vitest';
import type { PlannedFault } from '#sim/faults/fault-spec.ts';
import type { Ring } from '#sim/services/alarms.ts';
import { FakeRun, PRIMARY, SECONDARY } from './fake-run.ts';

// A fake run probes every 10 s, takes 30 s of silence for lost, and cools for 60 s.
const CUT_BOUND_MS = 30_000 + 60_000 + 3 * 10_000;
const ALARM_BOUND_MS = 60_000 + 3 * 10_000;
const LOST: PlannedFault = { id: 'F1', region: PRIMARY, atMs: 10_000, forMs: null };
const LOST_LATER: PlannedFault = {
  id: 'F2',
  region: SECONDARY,
  direction: 'in',
  atMs: 60_000,
  forMs: null,
};
const RINGS: Ring = { region: PRIMARY, fromMs: 10_000, toMs: Number.POSITIVE_INFINITY };

const PAUSED = { id: 'F10', region: PRIMARY, process: 'orchestrate' } as const;

type Entry = readonly [atMs: number, note: Partial<Parameters<FakeRun['append']>[0]>];
const MOVED = { active: [SECONDARY], actor: `orchestrator:${SECONDARY}` };

interface Course {
  readonly faults?: readonly PlannedFault[];
  readonly rings?: readonly Ring[];
  readonly log?: readonly Entry[];
  readonly endMs: number;
}

/** What invariant 13 has to say of a run that came to rest at `endMs`. */
function said({ faults = [], rings = [], log = [], endMs }: Course): readonly string[] {
  const run = new FakeRun({}, faults);
  run.rings.push(...rings);
  for (const [atMs, note] of log) {
    run.nowMs = atMs;
    run.append({ active: [PRIMARY], ...note });
  }
  run.nowMs = endMs;
  run.settle();
  return run.violations.flatMap(({ invariant, message }) => (invariant === 13 ? [message] : []));
}

describe('a Region that is cut off', () => {
  const endMs = 10_000 + CUT_BOUND_MS;

  it('may keep traffic for the bound and no longer', () => {
    expect(said({ faults: [LOST], endMs })).toEqual([]);
    expect(said({ faults: [LOST], endMs: endMs + 1 })).toEqual([
      `${PRIMARY} was cut off, and was to be left within ${CUT_BOUND_MS} ms: nothing stood in the ` +
        `way, and traffic went there for ${CUT_BOUND_MS + 1} ms`,
    ]);
  });

  it('is judged until it is left, or healed', () => {
    const late = { endMs: 500_000, faults: [LOST] };
    expect(said({ ...late, log: [[endMs, MOVED]] })).toEqual([]);
    expect(said({ ...late, log: [[endMs + 1, MOVED]] })).toHaveLength(1);
    expect(said({ endMs: 500_000, faults: [{ ...LOST, forMs: 90_000 }] })).toEqual([]);
  });

  it('may be kept by a standby that nobody sends traffic to', () => {
    expect(said({ faults: [LOST_LATER], endMs: 500_000 })).toEqual([]);
  });

  it.each<[string, readonly Entry[]]>([
    ['manual mode', [[20_000, { change: 'mode', mode: 'manual', actor: 'ann' }]]],
    ['a drained standby', [[20_000, { change: 'drain', drained: [SECONDARY], actor: 'ann' }]]],
  ])('stays where %s keeps it, and is judged anew when that is over', (_what, orders) => {
    const faults = [LOST];
    expect(said({ faults, log: orders, endMs: 500_000 })).toEqual([]);
    const over: Entry = [200_000, { change: 'mode', mode: 'auto', drained: [], actor: 'ann' }];
    const log = [...orders, over];
    expect(said({ faults, log, endMs: 200_000 + CUT_BOUND_MS })).toEqual([]);
    expect(said({ faults, log, endMs: 200_001 + CUT_BOUND_MS })).toHaveLength(1);
  });

  it('waits for the cooldown alone where traffic was moved before', () => {
    const faults = [LOST_LATER];
    const log: readonly Entry[] = [[40_000, MOVED]];
    expect(said({ faults, log, endMs: 100_000 + CUT_BOUND_MS })).toEqual([]);
    expect(said({ faults, log, endMs: 100_001 + CUT_BOUND_MS })).toHaveLength(1);
  });

  it.each<[string, PlannedFault, boolean]>([
    ['the other Region is cut off too', { ...LOST_LATER, atMs: 0, forMs: 50_000 }, true],
    ['messages are lost everywhere', { id: 'F5', probability: 0.2, atMs: 0, forMs: 50_000 }, true],
    [
      'it is grey as well',
      { id: 'F8', region: PRIMARY, factor: 50, atMs: 0, forMs: 50_000 },
      false,
    ],
    ['its orchestrator is paused', { ...PAUSED, atMs: 0, forMs: 50_000 }, false],
    ['DNS is stale', { id: 'F19', atMs: 0, forMs: 50_000 }, false],
  ])('while %s', (_what, fault, hinders) => {
    const faults = [LOST, fault];
    expect(said({ faults, endMs: endMs + 1 })).toHaveLength(hinders ? 0 : 1);
    expect(said({ faults, endMs: 50_001 + CUT_BOUND_MS })).toHaveLength(1);
  });
});

it('gives an orchestrator that was hindered until its next tick', () => {
  const paused: PlannedFault = { ...PAUSED, region: SECONDARY, atMs: 0, forMs: 50_000 };
  const faults = [LOST, paused];
  expect(said({ faults, endMs: 110_000 + CUT_BOUND_MS })).toEqual([]);
  expect(said({ faults, endMs: 110_001 + CUT_BOUND_MS })).toHaveLength(1);
});

describe('a Region whose alarm rings', () => {
  const endMs = 10_000 + ALARM_BOUND_MS;

  it('may keep traffic for the bound and no longer', () => {
    expect(said({ rings: [RINGS], endMs })).toEqual([]);
    expect(said({ rings: [RINGS], endMs: endMs + 1 })).toEqual([
      expect.stringContaining(`${PRIMARY} had its alarm ringing`),
    ]);
    expect(said({ rings: [{ ...RINGS, toMs: endMs }], endMs: 500_000 })).toEqual([]);
    expect(said({ rings: [RINGS], log: [[endMs, MOVED]], endMs: 500_000 })).toEqual([]);
  });

  it('is judged as one that is cut off where nobody can ask its alarm', () => {
    expect(said({ faults: [LOST], rings: [RINGS], endMs: 10_000 + CUT_BOUND_MS })).toEqual([]);
  });

  it('keeps traffic that was moved there: its trouble may have come along', () => {
    const rings = [{ ...RINGS, region: SECONDARY, fromMs: 50_000 } as const];
    expect(said({ rings, log: [[40_000, MOVED]], endMs: 500_000 })).toEqual([]);
  });
});
