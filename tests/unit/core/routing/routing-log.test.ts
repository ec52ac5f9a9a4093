import { describe, expect, it } from 'vitest';
import { sha256Hex } from '#adapters/system.ts';
import {
  chainFault,
  FIRST_PREVIOUS_HASH,
  firstState,
  nextEntry,
  type RoutingEntry,
  type RoutingNote,
  stateAfter,
} from '#core/routing/routing-log.ts';

const note: RoutingNote = {
  ...{ entryId: 'e', atEpochMs: 1, actor: 'ann', change: 'failover', reason: 'a drill' },
  ...{ mode: 'auto', active: ['us-east-2'], drained: ['us-east-1'], evidence: '{}' },
};

const first = firstState('active-passive', ['us-east-1', 'us-east-2']);

function logOf(count: number): RoutingEntry[] {
  const entries: RoutingEntry[] = [];
  for (let made = 0; made < count; made += 1) {
    entries.push(
      nextEntry(entries.at(-1) ?? null, first, { ...note, entryId: `e${made}` }, sha256Hex),
    );
  }
  return entries;
}

const CHANGES: Partial<RoutingEntry>[] = [
  { entryId: 'x' },
  { atEpochMs: 2 },
  { actor: 'bob' },
  { change: 'failback' },
  { reason: 'x' },
  { mode: 'manual' },
  { active: ['us-east-1'] },
  { drained: [] },
  { evidence: '{"x":1}' },
  { previousHash: '1'.repeat(64) },
  { moved: null },
  { moved: { epoch: 2, atEpochMs: 1 } },
  { moved: { epoch: 1, atEpochMs: 2 } },
];

describe('nextEntry', () => {
  const none = { ...note, active: ['us-east-1'], change: 'mode' as const };

  it('says when traffic last changed its place', () => {
    const one = nextEntry(null, first, none, sha256Hex);
    expect(one.moved).toBeNull();
    const two = nextEntry(one, first, { ...note, atEpochMs: 2 }, sha256Hex);
    expect(two.moved).toEqual({ epoch: 2, atEpochMs: 2 });
    const three = nextEntry(two, first, { ...none, active: note.active, atEpochMs: 3 }, sha256Hex);
    expect(three.moved).toEqual({ epoch: 2, atEpochMs: 2 });
  });

  it('hands the epoch of that on to the state', () => {
    const one = nextEntry(null, first, none, sha256Hex);
    expect(stateAfter(one, first)).not.toHaveProperty('movedEpoch');
    const two = nextEntry(one, first, note, sha256Hex);
    const three = nextEntry(two, first, { ...none, active: note.active }, sha256Hex);
    expect(stateAfter(three, first)).toMatchObject({ epoch: 3, movedEpoch: 2 });
  });

  it('takes the same Regions in another order for the same place', () => {
    const both = firstState('active-active', ['us-east-1', 'us-east-2']);
    const swapped = { ...note, active: ['us-east-2', 'us-east-1'] };
    expect(nextEntry(null, both, swapped, sha256Hex).moved).toBeNull();
  });
});

describe('the chain of the routing log', () => {
  it('is whole as it is written', () => {
    expect(chainFault(logOf(5), sha256Hex)).toBeNull();
    expect(logOf(1)[0]).toMatchObject({ epoch: 1, previousHash: FIRST_PREVIOUS_HASH });
  });

  it.each(CHANGES)('breaks when an entry is changed to %j', (change) => {
    const entries = logOf(5).map((entry) => (entry.epoch === 3 ? { ...entry, ...change } : entry));
    expect(chainFault(entries, sha256Hex)?.kind).toBe('broken');
  });

  it('has a gap where an entry is missing', () => {
    const entries = logOf(5).filter(({ epoch }) => epoch !== 2);
    expect(chainFault(entries, sha256Hex)).toEqual({ kind: 'gap', epoch: 2 });
  });

  it('tells an entry from one whose members run together otherwise', () => {
    const [one] = logOf(1);
    const other = { ...(one as RoutingEntry), actor: 'an', reason: 'na drill' };
    const after = nextEntry(one ?? null, first, note, sha256Hex);
    expect(chainFault([other, after], sha256Hex)).toEqual({ kind: 'broken', epoch: 2 });
  });
});
