import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '#core/app-error.ts';
import { takeOverLease } from '#core/lease.ts';
import { createLeaseFollowUp, keepLease } from '#core/routing/lease-follow-up.ts';
import type { RoundReport } from '#core/routing/orchestrate.ts';
import type { RoutingEntry } from '#core/routing/routing-log.ts';
import { createMemoryLeaseStore, type MemoryLease } from '../../../support/memory-lease-store.ts';

const EAST_1 = 'us-east-1';
const EAST_2 = 'us-east-2';

const memory: MemoryLease = { record: null };
let now: number;
let calls: string[];
let fault: Error | null;

beforeEach(() => {
  now = 0;
  calls = [];
  fault = null;
  memory.record = {
    ...{ holder: EAST_1, epoch: 4, renewals: 9 },
    ...{ handingTo: null, routingEpoch: null },
  };
});

const step = createLeaseFollowUp(
  { own: EAST_2, callMs: 1_000, spareMs: 6_000 },
  {
    store: createMemoryLeaseStore(memory, async (call, effect) => {
      calls.push(call);
      if (fault !== null) throw fault;
      return effect();
    }),
    clock: { nowEpochMs: () => now },
    sleep: async (ms) => void (now += ms),
  },
);

describe('the step "lease"', () => {
  it('takes the lease from a holder that lives, for the epoch, after its wait', async () => {
    expect(step.name).toBe('lease');
    expect(await step.run(3, { atEpochMs: 60_000 })).toBe('held since lease epoch 5');
    expect(memory.record).toMatchObject({ holder: EAST_2, epoch: 5, routingEpoch: 3 });
    expect(calls).toContain('handOver');
    expect(now).toBe(12_000);
  });

  it('keeps what it holds already for the newer epoch, without a wait', async () => {
    memory.record = { holder: EAST_2, epoch: 5, renewals: 1, handingTo: null, routingEpoch: 2 };
    expect(await step.run(3, { atEpochMs: 60_000 })).toBe('held since lease epoch 5');
    expect(memory.record).toMatchObject({ epoch: 5, routingEpoch: 3 });
    expect(now).toBe(0);
  });

  it('rejects where the wait and the calls around it do not fit in, and asks for nothing', async () => {
    await expect(step.run(3, { atEpochMs: 17_999 })).rejects.toMatchObject({
      ...{ code: 'unavailable', message: expect.stringContaining('no time left') as string },
    });
    expect(calls).toEqual([]);
    await expect(step.run(3, { atEpochMs: 18_000 })).resolves.toContain('held');
  });

  it('rejects where a newer epoch moved it, and leaves it alone', async () => {
    const newer = { holder: EAST_1, epoch: 6, renewals: 0, handingTo: null, routingEpoch: 4 };
    memory.record = newer;
    await expect(step.run(3, { atEpochMs: 60_000 })).rejects.toThrow(
      'the lease was not taken: superseded',
    );
    expect(memory.record).toEqual(newer);
  });
});

describe('keepLease', () => {
  const state = { epoch: 3, mode: 'auto', active: [EAST_2], drained: [] } as const;
  const healthy = { probes: [], alarm: 'clear', verdict: 'healthy' } as const;
  const seen = {
    ...{ own: { ...healthy, region: EAST_2 }, peer: { ...healthy, region: EAST_1 } },
    ...{ ownHealthyForMs: 1, beaten: true, followedEpoch: 0 },
  };
  const waited: Extract<RoundReport, { kind: 'waited' }> = {
    ...{ kind: 'waited', because: 'own-active', state, seen },
  };
  const entry: RoutingEntry = {
    ...{ entryId: 'e3', atEpochMs: 0, actor: 'orchestrator:us-east-2', change: 'failover' },
    ...{ ...state, reason: '', evidence: '{}', previousHash: '', moved: null },
  };
  const plenty = { atEpochMs: 60_000 };

  const keep = async (round: RoundReport, own: typeof step | null = step) => {
    const faults: AppError[] = [];
    const onFault = (error: AppError) => void faults.push(error);
    await keepLease(round, plenty, { own: EAST_2, step: own, onFault });
    return faults;
  };

  it('has the lease follow the traffic that is here', async () => {
    expect(await keep(waited)).toEqual([]);
    expect(memory.record).toMatchObject({ holder: EAST_2, routingEpoch: 3 });
  });

  it.each([
    ['traffic is elsewhere', { ...waited, state: { ...state, active: [EAST_1] } }],
    [
      'the mode is manual, and traffic was never moved',
      { ...waited, because: 'manual-mode', state: { ...state, mode: 'manual' } },
    ],
    [
      'the log could not be read',
      { kind: 'blind', because: new AppError('unavailable', 'no table'), seen },
    ],
    ['somebody else was first', { kind: 'raced', by: entry, seen }],
    ['the round moved traffic, and took it', { kind: 'moved', entry, seen, steps: [] }],
  ] satisfies [string, RoundReport][])('leaves it alone while %s', async (_name, round) => {
    await keep(round);
    expect(calls).toEqual([]);
  });

  const manually = (movedEpoch: number): RoundReport => ({
    ...{ ...waited, because: 'manual-mode' },
    state: { ...state, epoch: 9, mode: 'manual', movedEpoch },
  });

  it('follows traffic that a person moved by the log in manual mode, and only that', async () => {
    memory.record = { holder: EAST_1, epoch: 4, renewals: 9, handingTo: null, routingEpoch: 6 };
    expect(await keep(manually(7))).toEqual([]);
    expect(memory.record).toMatchObject({ holder: EAST_2, epoch: 5, routingEpoch: 7 });
    const moved = memory.record;
    // The newest entry is a `mode` or a `drain` of the other Region: nothing to follow.
    expect(await keep(manually(7))).toEqual([]);
    expect(memory.record).toEqual(moved);
  });

  it('leaves a lease to the person who took it by hand since, without a word', async () => {
    const sleep = async (ms: number) => void (now += ms);
    const ports = {
      store: createMemoryLeaseStore(memory),
      clock: { nowEpochMs: () => now },
      sleep,
    };
    // What `holdfast lease take` asks for where the newest entry is epoch 9.
    const byHand = { region: EAST_1, planned: true, routingEpoch: 10 };
    memory.record = { holder: EAST_2, epoch: 5, renewals: 1, handingTo: null, routingEpoch: 9 };
    expect(await takeOverLease(byHand, ports, 1_000)).toMatchObject({ kind: 'taken' });
    expect(await keep(manually(9))).toEqual([]);
    expect(memory.record).toMatchObject({ holder: EAST_1, epoch: 6 });
    // The next entry that moves traffic is newer than what was done by hand.
    expect(await keep(manually(10))).toEqual([]);
    expect(memory.record).toMatchObject({ holder: EAST_2, epoch: 7, routingEpoch: 10 });
  });

  it('tells of a lease that is superseded in auto mode', async () => {
    memory.record = { holder: EAST_1, epoch: 4, renewals: 9, handingTo: null, routingEpoch: 6 };
    const [told] = await keep(waited);
    expect(told?.message).toBe('the lease was not taken: superseded');
  });

  it('does nothing where there is no lease', async () => {
    await keep(waited, null);
    expect(calls).toEqual([]);
  });

  it('tells of a fault, and goes on', async () => {
    fault = new AppError('unavailable', 'no control table');
    expect(await keep(waited)).toEqual([fault]);
  });

  it('lets a defect through', async () => {
    fault = new TypeError('a defect');
    await expect(keep(waited)).rejects.toThrow('a defect');
  });
});
