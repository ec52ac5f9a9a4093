import { describe, expect, it } from 'vitest';
import { type Journal, openShardOf } from '#core/journal.ts';
import type { Refund } from '#core/refund.ts';
import { ATTEMPTS_MAX, DUE_AHEAD_MAX_MS, retryDelayMs, type SweptPayment } from '#core/sweep.ts';
import { createMemoryPayments, type MemoryOptions } from '../../support/memory-payments.ts';
import { breakOnce, type Step } from '../../support/memory-steps.ts';
import { journalOf, START_MS, sweep, worldWith } from './payment-fixture.ts';

const NOW_MS = START_MS + 3_600_000;

/** Open payments `txn-0` …, due at `START_MS` + 1 ms each, and ports an hour later. */
function openWorld(count: number, options: MemoryOptions = {}) {
  const journals = Array.from({ length: count }, (_unused, index) =>
    journalOf({ transactionId: `txn-${index}`, dueAtEpochMs: START_MS + index }),
  );
  const world = worldWith(...journals);
  return { world, ports: createMemoryPayments({ world, nowEpochMs: () => NOW_MS, ...options }) };
}

const refund: Refund = {
  refundId: 'r-1',
  amountMinor: 400n,
  isRemainder: false,
  status: 'ACCEPTED',
  refundEpochSeconds: START_MS / 1000,
  region: 'us-east-1',
  declineReason: null,
};

describe('retryDelayMs', () => {
  it.each([
    [1, 60_000],
    [2, 120_000],
    [3, 240_000],
    [4, 480_000],
    [5, 900_000],
    [19, 900_000],
    [2_000, 900_000],
  ])('after attempt %i is %i ms', (attempts, delayMs) => {
    expect(retryDelayMs(attempts)).toBe(delayMs);
  });

  it('parks some four hours after the first attempt', () => {
    const attempts = Array.from({ length: ATTEMPTS_MAX - 1 }, (_unused, index) => index + 1);
    const sumMs = attempts.reduce((sum, attempt) => sum + retryDelayMs(attempt), 0);
    expect(sumMs).toBe(14_400_000);
  });
});

describe('a sweep', () => {
  it('finishes what is due in every shard, whichever it begins with', async () => {
    for (const firstShard of [0, 7, 15]) {
      const { world, ports } = openWorld(60);
      expect(await sweep(ports, { firstShard })).toEqual({
        finished: 60,
        failed: 0,
        parked: 0,
        passed: 0,
        complete: true,
      });
      expect([...world.charges.values()]).toEqual(Array.from({ length: 60 }, () => 1));
    }
  });

  it('reads on when a shard has more than one page', async () => {
    const ids = Array.from({ length: 8_000 }, (_unused, index) => `page-${index}`);
    const journals = ids
      .filter((id) => openShardOf(id) === 3)
      .slice(0, 250)
      .map((transactionId) => journalOf({ transactionId }));
    const ports = createMemoryPayments({ world: worldWith(...journals), nowEpochMs: () => NOW_MS });
    expect(await sweep(ports)).toMatchObject({ finished: 250, complete: true });
  });

  it('leaves what is not due yet, what is settled and what is parked', async () => {
    const parked = { atEpochMs: START_MS, reason: 'x' };
    const left = [
      journalOf({ transactionId: 'young', dueAtEpochMs: NOW_MS + 1 }),
      journalOf({ transactionId: 'done', status: 'PROCESSED', dueAtEpochMs: null }),
      journalOf({ transactionId: 'parked', dueAtEpochMs: null, parked }),
    ];
    const due = journalOf({ transactionId: 'due', dueAtEpochMs: NOW_MS });
    const world = worldWith(...left, due);
    const ports = createMemoryPayments({ world, nowEpochMs: () => NOW_MS });
    expect(await sweep(ports)).toMatchObject({ finished: 1, complete: true });
    expect([...world.charges.keys()]).toEqual(['due']);
    for (const journal of left) {
      expect(world.table.journals.get(journal.transactionId)).toEqual(journal);
    }
  });

  it('finds within four minutes what a clock that was ahead has put out of sight', async () => {
    const dueAtEpochMs = NOW_MS + DUE_AHEAD_MAX_MS;
    const world = worldWith(
      ...Array.from({ length: 40 }, (_unused, index) =>
        journalOf({ transactionId: `txn-${index}`, dueAtEpochMs: dueAtEpochMs + 180_001 }),
      ),
      // A right clock may have said so.
      journalOf({ transactionId: 'later', dueAtEpochMs }),
    );
    let nowEpochMs = NOW_MS;
    const ports = createMemoryPayments({ world, nowEpochMs: () => nowEpochMs });
    for (let minute = 0; minute < 4; minute += 1) {
      await sweep(ports);
      nowEpochMs += 60_000;
    }
    expect(world.charges.size).toBe(40);
    expect(world.charges.has('later')).toBe(false);
  });

  it('takes the longest due of a shard first', async () => {
    const ids = Array.from({ length: 200 }, (_unused, index) => `order-${index}`)
      .filter((id) => openShardOf(id) === 5)
      .slice(0, 6);
    const journals = ids.map((transactionId, index) =>
      journalOf({ transactionId, dueAtEpochMs: NOW_MS - index }),
    );
    const world = worldWith(...journals);
    const ports = createMemoryPayments({ world, nowEpochMs: () => NOW_MS });
    await sweep(ports, { concurrency: 1 });
    expect([...world.charges.keys()]).toEqual(ids.toReversed());
  });

  it('stops at paymentsMax and says that it is not complete', async () => {
    const { world, ports } = openWorld(20);
    expect(await sweep(ports, { paymentsMax: 7 })).toMatchObject({ finished: 7, complete: false });
    expect(world.charges.size).toBe(7);
  });

  it('begins nothing for which the time is too short', async () => {
    let now = NOW_MS;
    const { world, ports } = openWorld(20, { nowEpochMs: () => now });
    const report = await sweep(ports, {
      concurrency: 1,
      deadline: { atEpochMs: NOW_MS + 15_000 },
      attemptMs: 10_000,
      onOutcome: () => {
        now += 2_000;
      },
    });
    // Begun at 0, 2 and 4 s; at 6 s the 10 s of an attempt are no longer left.
    expect(report).toMatchObject({ finished: 3, complete: false });
    expect(world.charges.size).toBe(3);
  });

  it.each([1, 4])('has no more than %i payments under way at once', async (concurrency) => {
    const underWay = new Set<string>();
    let most = 0;
    const { ports } = openWorld(30);
    const { claimJournal } = ports.store;
    const store: typeof ports.store = {
      ...ports.store,
      claimJournal: (id, claim, deadline) => {
        underWay.add(id);
        most = Math.max(most, underWay.size);
        return claimJournal(id, claim, deadline);
      },
      settleJournal: async (id, ...rest) => {
        const settled = await ports.store.settleJournal(id, ...rest);
        underWay.delete(id);
        return settled;
      },
    };
    await sweep({ ...ports, store }, { concurrency });
    expect(most).toBe(concurrency);
  });

  it('rejects when the index can not be read; what was done is done', async () => {
    let lists = 0;
    const fateOf = (step: Step) => {
      if (step === 'list-due') lists += 1;
      return lists === 9 ? 'refused' : 'works';
    };
    const { world, ports } = openWorld(60, { fateOf });
    await expect(sweep(ports)).rejects.toMatchObject({ code: 'unavailable' });
    expect(world.charges.size).toBeGreaterThan(10);
    expect(world.charges.size).toBeLessThan(60);
  });

  it('beside another one takes each payment up once and charges it once', async () => {
    const { world, ports } = openWorld(60);
    const other = createMemoryPayments({ world, nowEpochMs: () => NOW_MS });
    const reports = await Promise.all([
      sweep(ports),
      sweep(other, { region: 'us-east-1', firstShard: 2 }),
    ]);
    expect(reports.reduce((sum, { finished }) => sum + finished, 0)).toBe(60);
    expect([...world.charges.values()]).toEqual(Array.from({ length: 60 }, () => 1));
    expect(world.published).toHaveLength(60);
    for (const { attempts } of world.table.journals.values()) expect(attempts).toBe(2);
  });

  it.each(['claim', 'find-charge', 'charge', 'record', 'publish', 'settle'] as const)(
    'leaves a payment whose %s failed to a later sweep, a minute on',
    async (step) => {
      const outcomes: SweptPayment[] = [];
      const { world, ports } = openWorld(1, { fateOf: breakOnce(step, 'refused') });
      const onOutcome = (outcome: SweptPayment) => outcomes.push(outcome);
      expect(await sweep(ports, { onOutcome })).toMatchObject({ failed: 1, complete: true });
      expect(outcomes).toMatchObject([{ kind: 'failed', transactionId: 'txn-0' }]);
      const attempts = step === 'claim' ? 1 : 2;
      const dueAtEpochMs = step === 'claim' ? START_MS : NOW_MS + 60_000;
      expect(world.table.journals.get('txn-0')).toMatchObject({ attempts, dueAtEpochMs });
      const later = createMemoryPayments({ world, nowEpochMs: () => NOW_MS + 60_000 });
      expect(await sweep(later)).toMatchObject({ finished: 1 });
      expect([...world.charges.values()]).toEqual([1]);
    },
  );

  it('carries on the open refunds of a charged payment', async () => {
    const open: Partial<Journal> = { status: 'PROCESSED', refundsRevision: 2 };
    const second = { ...refund, refundId: 'r-2', amountMinor: 100n };
    const settled = { ...refund, refundId: 'r-0', status: 'REFUNDED' } as const;
    const world = worldWith(journalOf({ ...open, refunds: [settled, refund, second] }));
    const outcomes: SweptPayment[] = [];
    const ports = createMemoryPayments({
      world,
      nowEpochMs: () => NOW_MS,
      refuseRefund: (amountMinor) => amountMinor === 100n,
    });
    await sweep(ports, { onOutcome: (outcome) => outcomes.push(outcome) });
    expect(outcomes).toEqual([
      { kind: 'finished', settled: { kind: 'refunds', refunded: 1, declined: 1 } },
    ]);
    expect(world.refunds).toEqual(new Map([['txn-1/refunds/r-1', [400n]]]));
    expect(world.charges.size).toBe(0);
    expect(world.table.journals.get('txn-1')).toMatchObject({
      refunds: [settled, { status: 'REFUNDED' }, { status: 'DECLINED' }],
      dueAtEpochMs: null,
    });
  });

  it('sends the notification that a decline still owes', async () => {
    const world = worldWith(journalOf({ status: 'DECLINED', declineReason: 'expired_card' }));
    const ports = createMemoryPayments({ world, nowEpochMs: () => NOW_MS });
    expect(await sweep(ports)).toMatchObject({ finished: 1 });
    expect(world.published).toEqual(['txn-1#DECLINED']);
    expect(world.charges.size).toBe(0);
    expect(world.table.journals.get('txn-1')?.dueAtEpochMs).toBeNull();
  });
});

describe('work that comes to no end', () => {
  /** Sweeps each time that the payment is due; returns when it is open no more. */
  async function sweepOn(fateOf: (step: Step) => 'works' | 'refused' | 'crash-before') {
    const world = worldWith(journalOf());
    const rounds: string[] = [];
    for (;;) {
      const due = world.table.journals.get('txn-1')?.dueAtEpochMs;
      if (due === null || due === undefined) return { world, rounds };
      const ports = createMemoryPayments({ world, fateOf, nowEpochMs: () => due });
      await ports.untilCrash(sweep(ports, { onOutcome: ({ kind }) => rounds.push(kind) }));
      if (rounds.length > 100) throw new Error('no end');
    }
  }

  it('is parked after its last attempt, with the reason', async () => {
    const { world, rounds } = await sweepOn((step) => (step === 'charge' ? 'refused' : 'works'));
    // The attempt that accepted it was the first.
    expect(rounds).toEqual([...Array.from({ length: ATTEMPTS_MAX - 2 }, () => 'failed'), 'parked']);
    const journal = world.table.journals.get('txn-1');
    expect(journal).toMatchObject({ attempts: ATTEMPTS_MAX, status: 'ACCEPTED' });
    expect(journal?.parked?.reason).toBe('unavailable: accepted, then: charge refused');
    expect(world.charges.size).toBe(0);
  });

  it('is parked when every attempt dies, since attempts are counted before they are made', async () => {
    const { world, rounds } = await sweepOn((step) =>
      step === 'find-charge' ? 'crash-before' : 'works',
    );
    expect(rounds).toEqual(['parked']);
    expect(world.table.journals.get('txn-1')).toMatchObject({
      attempts: ATTEMPTS_MAX + 1,
      parked: { reason: 'outcome_unknown: its last attempt came to no end' },
    });
  });

  it('is parked later when parking fails', async () => {
    const journal = journalOf({ attempts: ATTEMPTS_MAX - 1 });
    const world = worldWith(journal);
    const fateOf = (step: Step) => (step === 'charge' || step === 'park' ? 'refused' : 'works');
    const ports = createMemoryPayments({ world, fateOf, nowEpochMs: () => NOW_MS });
    expect(await sweep(ports)).toMatchObject({ failed: 1, parked: 0 });
    const later = createMemoryPayments({ world, nowEpochMs: () => NOW_MS + 900_000 });
    expect(await sweep(later)).toMatchObject({ parked: 1 });
  });

  it('is finished once it is opened again', async () => {
    const { world } = await sweepOn((step) => (step === 'charge' ? 'refused' : 'works'));
    const ports = createMemoryPayments({ world, nowEpochMs: () => NOW_MS });
    expect(await sweep(ports)).toMatchObject({ finished: 0, complete: true });
    await ports.store.unparkJournal('txn-1', NOW_MS, { atEpochMs: NOW_MS });
    expect(await sweep(ports)).toMatchObject({ finished: 1 });
    expect(world.table.journals.get('txn-1')).toMatchObject({
      status: 'PROCESSED',
      parked: null,
      attempts: 2,
    });
    expect([...world.charges.values()]).toEqual([1]);
  });
});
