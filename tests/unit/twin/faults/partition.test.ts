import { describe, expect, it } from 'vitest';
import { type FaultRequest, FaultRequestError } from '#twin/faults/fault.ts';
import { createFaultBoard } from '#twin/faults/fault-board.ts';

const EAST = 'us-east-1';
const OHIO = 'us-east-2';
const WITNESS = 'us-west-2';
const PLACES = [EAST, OHIO, WITNESS];

function board(witness: string | null = WITNESS) {
  return createFaultBoard({
    regions: [EAST, OHIO],
    witness,
    clock: { nowEpochMs: () => 1_000 },
    random: () => 0,
  });
}

/** The links that lose what is sent, `from>to`. */
function lost(faults: ReturnType<typeof board>): string[] {
  return PLACES.flatMap((from) => PLACES.map((to) => [from, to] as const))
    .filter(([from, to]) => !faults.reaches(from, to))
    .map(([from, to]) => `${from}>${to}`);
}

describe('a partition', () => {
  it.each<[FaultRequest, string[]]>([
    [
      { region: EAST, kind: 'partition', direction: 'out' },
      [`${EAST}>${OHIO}`, `${EAST}>${WITNESS}`],
    ],
    [
      { region: EAST, kind: 'partition', direction: 'in' },
      [`${OHIO}>${EAST}`, `${WITNESS}>${EAST}`],
    ],
    [{ region: EAST, kind: 'partition', direction: 'out', peer: OHIO }, [`${EAST}>${OHIO}`]],
    [{ region: EAST, kind: 'partition', direction: 'in', peer: WITNESS }, [`${WITNESS}>${EAST}`]],
    [{ region: WITNESS, kind: 'partition', direction: 'out', peer: OHIO }, [`${WITNESS}>${OHIO}`]],
  ])('%o loses one way only', (request, links) => {
    const faults = board();
    faults.inject(request);
    expect(lost(faults)).toEqual(links);
    expect(PLACES.map((place) => faults.conditionOf(place))).toEqual(['up', 'up', 'up']);
    faults.heal();
    expect(lost(faults)).toEqual([]);
  });

  it('stands once for each way and peer, and two of them are two', () => {
    const faults = board();
    const first = faults.inject({ region: EAST, kind: 'partition', direction: 'out' });
    expect(faults.inject({ region: EAST, kind: 'partition', direction: 'out' })).toBe(first);
    faults.inject({ region: EAST, kind: 'partition', direction: 'in' });
    faults.inject({ region: EAST, kind: 'partition', direction: 'out', peer: OHIO });
    expect(faults.active()).toHaveLength(3);
    faults.healOne(first.id);
    expect(lost(faults)).toEqual([`${EAST}>${OHIO}`, `${OHIO}>${EAST}`, `${WITNESS}>${EAST}`]);
  });

  it('is told to the listeners, those of the replication too, when it begins and ends', () => {
    const faults = board();
    const seen: string[] = [];
    faults.onChange(() => seen.push(`network ${lost(faults).length}`));
    faults.replication.onChange(() => {
      seen.push(`replication ${faults.replication.reaches(EAST, OHIO)}`);
    });
    const { id } = faults.inject({
      ...{ region: EAST, kind: 'partition', direction: 'out', peer: OHIO },
    });
    faults.inject({ region: EAST, kind: 'errors', rate: 1 });
    faults.healOne(id);
    expect(seen).toEqual(['network 1', 'replication false', 'network 0', 'replication true']);
  });

  it.each<[string, object, RegExp]>([
    ['no direction', {}, /direction in or out \(of us-east-1\), not nothing/],
    ['another direction', { direction: 'both' }, /not "both"/],
    ['itself', { direction: 'in', peer: EAST }, /peer must be one of us-east-2, us-west-2/],
    ['a stranger', { direction: 'in', peer: 'mars' }, /not "mars"; leave it out for all/],
    ['a service', { direction: 'in', service: 'sqs' }, /takes no service/],
  ])('rejects %s', (_name, options, words) => {
    const inject = () => board().inject({ region: EAST, kind: 'partition', ...options });
    expect(inject).toThrow(FaultRequestError);
    expect(inject).toThrow(words);
  });

  it('rejects a witness as peer where there is none', () => {
    const request = { region: EAST, kind: 'partition', direction: 'in', peer: WITNESS } as const;
    expect(() => board(null).inject(request)).toThrow(/one of us-east-2, not "us-west-2"/);
  });
});

describe('stale DNS', () => {
  it('stands once in a Region, and cuts nothing off', () => {
    const faults = board();
    const first = faults.inject({ region: EAST, kind: 'stale-dns' });
    expect(faults.inject({ region: EAST, kind: 'stale-dns' })).toBe(first);
    expect(lost(faults)).toEqual([]);
    expect(faults.fateOf(EAST, 'dynamodb', 'PutItem').outcome).toBe('proceed');
  });

  it.each<[string, FaultRequest, RegExp]>([
    ['options', { region: EAST, kind: 'stale-dns', latencyMs: 5 }, /its options: none/],
    ['the witness', { region: WITNESS, kind: 'stale-dns' }, /isolated or partitioned/],
  ])('rejects %s', (_name, request, words) => {
    expect(() => board().inject(request)).toThrow(words);
  });
});

describe('healing one fault', () => {
  it('ends that one and leaves the others', () => {
    const faults = board();
    const frozen = faults.inject({ region: EAST, kind: 'freeze' });
    const killed = faults.inject({ region: EAST, kind: 'kill' });
    expect(faults.find(killed.id, EAST)).toBe(killed);
    expect(faults.healOne(killed.id)).toBe(killed);
    expect(faults.conditionOf(EAST)).toBe('frozen');
    expect(faults.active()).toEqual([frozen]);
    expect(faults.healOne(killed.id)).toBeNull();
  });

  it('forgets a death with a kill only', () => {
    const faults = board();
    faults.markDead(EAST);
    const cut = faults.inject({ region: EAST, kind: 'isolate' });
    const killed = faults.inject({ region: EAST, kind: 'kill' });
    faults.healOne(cut.id);
    expect(faults.conditionOf(EAST)).toBe('killed');
    faults.healOne(killed.id);
    expect(faults.conditionOf(EAST)).toBe('up');
    faults.markDead(EAST);
    faults.healOne(faults.inject({ region: EAST, kind: 'freeze' }).id);
    expect(faults.conditionOf(EAST)).toBe('dead');
  });

  it('rejects ids that are not in force, or of another Region', () => {
    const faults = board();
    expect(() => faults.find('fault-9')).toThrow(
      'No fault fault-9 is in force (none is in force).',
    );
    const { id } = faults.inject({ region: EAST, kind: 'pause' });
    expect(() => faults.find('fault-9')).toThrow('(in force: fault-1)');
    expect(() => faults.find(id, OHIO)).toThrow(
      'fault-1 is a fault of us-east-1, not of us-east-2.',
    );
    expect(() => faults.find(id, 'mars')).toThrow(FaultRequestError);
  });
});
