import { describe, expect, it } from 'vitest';
import { sha256Hex } from '#adapters/system.ts';
import {
  chainFault,
  FIRST_PREVIOUS_HASH,
  nextEntry,
  type RoutingEntry,
  type RoutingNote,
} from '#core/routing/routing-log.ts';

const note: RoutingNote = {
  ...{ entryId: 'e', atEpochMs: 1, actor: 'ann', change: 'failover', reason: 'a drill' },
  ...{ mode: 'auto', active: ['us-east-2'], drained: ['us-east-1'], evidence: '{}' },
};

function logOf(count: number): RoutingEntry[] {
  const entries: RoutingEntry[] = [];
  for (let made = 0; made < count; made += 1) {
    entries.push(nextEntry(entries.at(-1) ?? null, { ...note, entryId: `e${made}` }, sha256Hex));
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
];

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
    const after = nextEntry(one ?? null, note, sha256Hex);
    expect(chainFault([other, after], sha256Hex)).toEqual({ kind: 'broken', epoch: 2 });
  });
});
