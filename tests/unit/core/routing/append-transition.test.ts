import { describe, expect, it } from 'vitest';
import { sha256Hex } from '#adapters/system.ts';
import { AppError } from '#core/app-error.ts';
import { appendTransition, type TransitionPorts } from '#core/routing/append-transition.ts';
import type { OperatorFacts, RoutingVerb } from '#core/routing/operator-change.ts';
import { chainFault, nextEntry, type RoutingState } from '#core/routing/routing-log.ts';
import {
  type Around,
  createMemoryRouting,
  createMemoryRoutingLog,
} from '../../../support/memory-routing-log.ts';

const EAST_1 = 'us-east-1';
const EAST_2 = 'us-east-2';
const NOW = 1_700_000_000_000;
const deadline = { atEpochMs: NOW + 6_000 };
const FAILOVER = { actor: 'ann', reason: 'a drill', verb: 'failover', to: EAST_2 } as const;
const MANUAL = { actor: 'bob', reason: 'hands off', verb: 'mode', mode: 'manual' } as const;

const first: RoutingState = { epoch: 0, mode: 'auto', active: [EAST_1], drained: [] };

function factsOf(unfitness: OperatorFacts['unfitness']): OperatorFacts {
  return { regions: [EAST_1, EAST_2], home: [EAST_1], unfitness, returnFault: () => null };
}

function world(around?: Around) {
  const memory = createMemoryRouting();
  let ids = 0;
  const ports: TransitionPorts = {
    log: createMemoryRoutingLog(memory, around),
    clock: { nowEpochMs: () => NOW },
    hash: sha256Hex,
    newId: () => `id-${(ids += 1)}`,
    first,
    facts: factsOf(() => null),
    force: false,
  };
  return {
    memory,
    ports,
    append: (verb: RoutingVerb, more: Partial<TransitionPorts> = {}) =>
      appendTransition(verb, { ...ports, ...more }, deadline),
  };
}

describe('appendTransition', () => {
  it('appends one entry that says who, why and on what', async () => {
    const { memory, append } = world();
    const unfitness = (region: string) => (region === EAST_1 ? 'it does not answer' : null);
    const outcome = await append(FAILOVER, { facts: factsOf(unfitness) });
    expect(outcome).toMatchObject({ kind: 'appended', from: [EAST_1] });
    expect(memory.entries).toMatchObject([
      { epoch: 1, actor: 'ann', reason: 'a drill', change: 'failover', active: [EAST_2] },
    ]);
    expect(memory.entries[0]).toMatchObject({ entryId: 'id-1', atEpochMs: NOW });
    expect(JSON.parse(memory.entries[0]?.evidence ?? '')).toEqual({
      verb: 'failover',
      force: false,
      unfit: { [EAST_1]: 'it does not answer' },
    });
  });

  it('chains what follows to what is there', async () => {
    const { memory, append } = world();
    await append(FAILOVER);
    await append(MANUAL);
    expect(memory.entries).toMatchObject([
      { epoch: 1, mode: 'auto' },
      { epoch: 2, mode: 'manual', active: [EAST_2] },
    ]);
    expect(chainFault(memory.entries, sha256Hex)).toBeNull();
  });

  it('writes nothing where there is nothing to do, or a rule says no', async () => {
    const { memory, append } = world();
    expect(await append({ ...FAILOVER, to: EAST_1 })).toMatchObject({
      kind: 'already',
      state: { epoch: 0, active: [EAST_1] },
    });
    const sick = factsOf(() => 'sick');
    expect(await append(FAILOVER, { facts: sick })).toEqual({ kind: 'refused', because: 'sick' });
    expect((await append({ ...FAILOVER, to: 'mars' })).kind).toBe('mistaken');
    expect(memory.entries).toEqual([]);
  });

  it('makes one entry of two operators and an orchestrator at once', async () => {
    // Each reads before any of them writes.
    let reading = 3;
    let allHaveRead: () => void = () => undefined;
    const barrier = new Promise<void>((resolve) => (allHaveRead = resolve));
    const { memory, ports, append } = world(async (call, effect) => {
      const result = effect();
      if (call !== 'newest') return result;
      reading -= 1;
      if (reading === 0) allHaveRead();
      await barrier;
      return result;
    });
    const orchestrator = async () => {
      const newest = await ports.log.newest(deadline);
      const note = { ...{ entryId: 'orch', atEpochMs: NOW, actor: `orchestrator:${EAST_2}` } };
      const entry = nextEntry(
        newest,
        first,
        {
          ...{ ...note, change: 'failover', reason: 'lost', mode: 'auto', evidence: '{}' },
          ...{ active: [EAST_2], drained: [] },
        },
        sha256Hex,
      );
      return ports.log.append(entry, deadline);
    };
    const [auto, ann, bob] = await Promise.all([
      orchestrator(),
      append(FAILOVER),
      append({ ...FAILOVER, actor: 'bob' }),
    ]);
    expect(memory.entries).toHaveLength(1);
    // Whoever lost learns that it is so.
    expect([auto.kind, ann.kind, bob.kind].toSorted()).toEqual(['already', 'already', 'appended']);
  });

  it('tells whose change came first where it is not what was asked for', async () => {
    const { memory, append } = world();
    await append(MANUAL);
    const outcome = await append(FAILOVER, { plannedOn: null });
    expect(outcome).toMatchObject({ kind: 'raced', by: { epoch: 1, actor: 'bob' } });
    expect(memory.entries).toHaveLength(1);
  });

  it('does not let a plan on an old state undo a newer one', async () => {
    const { memory, append } = world();
    await append(FAILOVER);
    const plannedOn = memory.entries.at(-1) ?? null;
    await append({ actor: 'bob', reason: 'back', verb: 'failback' });
    const late = { actor: 'ann', reason: 'late', verb: 'drain', region: EAST_1 } as const;
    expect(await append(late, { plannedOn })).toMatchObject({ kind: 'raced', by: { epoch: 2 } });
    expect(memory.entries).toHaveLength(2);
    expect(memory.entries.at(-1)?.active).toEqual([EAST_1]);
  });

  it('counts an append whose answer was lost as made when it is there', async () => {
    let lost = false;
    const { memory, append } = world(async (call, effect) => {
      const result = effect();
      // As the adapter's own attempts: the first answer is lost, the same entry is sent once more.
      if (call === 'append' && !lost) {
        lost = true;
        return effect();
      }
      return result;
    });
    expect((await append(FAILOVER)).kind).toBe('appended');
    expect(memory.entries).toHaveLength(1);
  });

  it('passes on that nobody knows whether it was written', async () => {
    const { append } = world(async (call, effect) => {
      if (call === 'append') throw new AppError('outcome_unknown', 'no answer');
      return effect();
    });
    await expect(append(FAILOVER)).rejects.toMatchObject({ code: 'outcome_unknown' });
  });
});
