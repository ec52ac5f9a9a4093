import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type OperatorFacts,
  operatorChange,
  type RoutingVerb,
} from '#core/routing/operator-change.ts';
import type { RoutingState } from '#core/routing/routing-log.ts';

const EAST_1 = 'us-east-1';
const EAST_2 = 'us-east-2';
const BOTH = [EAST_1, EAST_2];
const FIRST: RoutingState = { epoch: 0, mode: 'auto', active: [EAST_1], drained: [] };
const said = { actor: 'ann', reason: 'a drill' };

/** `sick`: Regions that should take no traffic. `early`: those that have only just come back. */
function factsOf(
  sick: readonly string[],
  early: readonly string[] = [],
  home: readonly string[] = [EAST_1],
): OperatorFacts {
  const regions = [EAST_1, EAST_2];
  return {
    ...{ regions, home },
    unfitness: (region) => (sick.includes(region) ? `${region} is sick` : null),
    returnFault: (region) => (early.includes(region) ? `${region} is too early` : null),
  };
}

const VERBS = {
  'failover 1': { ...said, verb: 'failover', to: EAST_1 },
  'failover 2': { ...said, verb: 'failover', to: EAST_2 },
  'failover mars': { ...said, verb: 'failover', to: 'mars' },
  failback: { ...said, verb: 'failback' },
  'drain 1': { ...said, verb: 'drain', region: EAST_1 },
  'drain 2': { ...said, verb: 'drain', region: EAST_2 },
  'drain mars': { ...said, verb: 'drain', region: 'mars' },
  'undrain 1': { ...said, verb: 'undrain', region: EAST_1 },
  'undrain mars': { ...said, verb: 'undrain', region: 'mars' },
  manual: { ...said, verb: 'mode', mode: 'manual' },
  auto: { ...said, verb: 'mode', mode: 'auto' },
} as const satisfies Record<string, RoutingVerb>;

interface Row {
  readonly verb: keyof typeof VERBS;
  /** Active Regions by their last digits, a stroke, and the drained ones. */
  readonly state: string;
  readonly sick?: readonly string[];
  /** Left out: the primary, as in active-passive. */
  readonly home?: readonly string[];
  readonly early?: readonly string[];
  readonly force?: true;
  /** A new state with its mode, or the kind. */
  readonly expected: string;
}

const ROWS: readonly Row[] = [
  { verb: 'failover 2', state: '1|', expected: '2| auto' },
  { verb: 'failover 2', state: '1 2|', expected: '2| auto' },
  { verb: 'failover 2', state: '2|', expected: 'already' },
  { verb: 'failover 2', state: '2|', sick: [EAST_2], expected: 'already' },
  { verb: 'failover 2', state: '1|', sick: [EAST_1], expected: '2| auto' },
  { verb: 'failover 2', state: '1|', sick: [EAST_2], expected: 'refused' },
  { verb: 'failover 2', state: '1|', sick: [EAST_2], force: true, expected: '2| auto' },
  { verb: 'failover 2', state: '1|2', expected: 'refused' },
  { verb: 'failover 2', state: '1|2', force: true, expected: '2| auto' },
  { verb: 'failover 2', state: '1|', early: [EAST_2], expected: '2| auto' },
  { verb: 'failover mars', state: '1|', force: true, expected: 'mistaken' },

  { verb: 'failback', state: '2|', expected: '1| auto' },
  { verb: 'failback', state: '1|', early: [EAST_1], expected: 'already' },
  { verb: 'failback', state: '2|', early: [EAST_1], expected: 'refused' },
  { verb: 'failback', state: '2|', early: [EAST_1], force: true, expected: '1| auto' },
  { verb: 'failback', state: '2|', early: [EAST_2], sick: [EAST_2], expected: '1| auto' },
  { verb: 'failback', state: '1 2|', sick: [EAST_1], expected: '1| auto' },
  { verb: 'failback', state: '2|', sick: [EAST_1], expected: 'refused' },
  { verb: 'failback', state: '2|1', expected: 'mistaken' },
  { verb: 'failback', state: '2|1', force: true, expected: 'mistaken' },
  { verb: 'failback', state: '1|2', sick: [EAST_1], expected: 'already' },

  { verb: 'failback', home: BOTH, state: '2|', expected: '1 2| auto' },
  { verb: 'failback', home: BOTH, state: '1|', expected: '1 2| auto' },
  { verb: 'failback', home: BOTH, state: '1 2|', sick: BOTH, early: BOTH, expected: 'already' },
  // Whatever order they were written down in.
  { verb: 'failback', home: BOTH, state: '2 1|', expected: 'already' },
  // Only those that would get traffic newly have to be well.
  { verb: 'failback', home: BOTH, state: '1|', sick: [EAST_1], expected: '1 2| auto' },
  { verb: 'failback', home: BOTH, state: '1|', early: [EAST_1], expected: '1 2| auto' },
  { verb: 'failback', home: BOTH, state: '1|', sick: [EAST_2], expected: 'refused' },
  { verb: 'failback', home: BOTH, state: '1|', early: [EAST_2], expected: 'refused' },
  { verb: 'failback', home: BOTH, state: '1|', sick: [EAST_2], force: true, expected: '1 2| auto' },
  // A drained one stays out, and is no reason against the rest.
  { verb: 'failback', home: BOTH, state: '2|1', sick: [EAST_1], expected: 'already' },
  { verb: 'failback', home: BOTH, state: '1|2', force: true, expected: 'already' },

  { verb: 'drain 1', state: '1|', expected: '2|1 auto' },
  { verb: 'drain 1', state: '1 2|', expected: '2|1 auto' },
  { verb: 'drain 1', state: '2|', expected: '2|1 auto' },
  // Nothing moves, so that the other's health is no reason against it.
  { verb: 'drain 1', state: '2|', sick: [EAST_2], expected: '2|1 auto' },
  { verb: 'drain 1', state: '1|', sick: [EAST_2], expected: 'refused' },
  { verb: 'drain 1', state: '1|', sick: [EAST_2], force: true, expected: '2|1 auto' },
  { verb: 'drain 1', state: '2|1', expected: 'already' },
  { verb: 'drain 1', state: '1|2', force: true, expected: 'mistaken' },
  { verb: 'drain 2', state: '2|', expected: '1|2 auto' },
  { verb: 'drain mars', state: '1|', expected: 'mistaken' },

  { verb: 'undrain 1', state: '2|1', expected: '2| auto' },
  { verb: 'undrain 1', state: '2|1', sick: [EAST_1], expected: '2| auto' },
  { verb: 'undrain 1', state: '1|', expected: 'already' },
  { verb: 'undrain mars', state: '1|', expected: 'mistaken' },

  { verb: 'manual', state: '2|1', sick: [EAST_1, EAST_2], expected: '2|1 manual' },
  { verb: 'auto', state: '1|', expected: 'already' },
];

function stateOf(text: string): RoutingState {
  const [active = [], drained = []] = text
    .split('|')
    .map((part) => part.split(' ').flatMap((digit) => (digit === '' ? [] : [`us-east-${digit}`])));
  return { ...FIRST, epoch: 4, active, drained };
}

function textOf(change: ReturnType<typeof operatorChange>): string {
  if (change.kind !== 'change') return change.kind;
  const { mode, active, drained } = change.note;
  const digits = (regions: readonly string[]) => regions.map((region) => region.at(-1)).join(' ');
  return `${digits(active)}|${digits(drained)} ${mode}`;
}

describe('operatorChange', () => {
  it.each(ROWS)(
    '$verb on $state, home $home, early $early, sick $sick, force $force: $expected',
    (row) => {
      const facts = factsOf(row.sick ?? [], row.early, row.home);
      const change = operatorChange(stateOf(row.state), VERBS[row.verb], facts, row.force ?? false);
      expect(textOf(change)).toBe(row.expected);
    },
  );

  it('says in the log which verb it was', () => {
    for (const [verb, state, change] of [
      ['failover 2', '1|', 'failover'],
      ['failback', '2|', 'failback'],
      ['drain 1', '1|', 'drain'],
      ['undrain 1', '2|1', 'undrain'],
      ['manual', '1|', 'mode'],
    ] as const) {
      const done = operatorChange(stateOf(state), VERBS[verb], factsOf([]), false);
      expect(done).toMatchObject({ kind: 'change', note: { change } });
    }
  });

  it('keeps manual mode when traffic is moved by hand', () => {
    const state = { ...FIRST, mode: 'manual' } as const;
    const change = operatorChange(state, VERBS['failover 2'], factsOf([]), false);
    expect(change).toMatchObject({ kind: 'change', note: { mode: 'manual', active: [EAST_2] } });
  });

  it('says what would mend a refusal, and names the Regions that there are', () => {
    const facts = factsOf([]);
    expect(operatorChange(stateOf('1|2'), VERBS['failover 2'], facts, false)).toMatchObject({
      because: expect.stringContaining('drain us-east-2 --end') as string,
    });
    expect(operatorChange(FIRST, VERBS['failover mars'], facts, false)).toMatchObject({
      because: expect.stringContaining('us-east-1 or us-east-2') as string,
    });
    expect(operatorChange(stateOf('2|1'), VERBS.failback, facts, true)).toMatchObject({
      because: expect.stringContaining('drain us-east-1 --end') as string,
    });
  });

  it('leaves traffic somewhere, never on a drained Region, and is done when it is repeated', () => {
    const state = fc.constantFrom('1|', '2|', '1 2|', '1|2', '2|1').map(stateOf);
    const verb = fc.constantFrom(...Object.values(VERBS));
    const sick = fc.subarray(BOTH);
    const home = fc.constantFrom([EAST_1], BOTH);
    fc.assert(
      fc.property(state, verb, sick, home, fc.boolean(), (before, asked, unfit, there, force) => {
        const facts = factsOf(unfit, [], there);
        const change = operatorChange(before, asked, facts, force);
        if (change.kind !== 'change') return;
        const { active, drained } = change.note;
        expect(active).not.toHaveLength(0);
        expect(active.filter((region) => drained.includes(region))).toEqual([]);
        const after = { epoch: before.epoch + 1, ...change.note };
        expect(operatorChange(after, asked, facts, force).kind).toBe('already');
      }),
    );
  });
});
