import { describe, expect, it } from 'vitest';
import { AppError } from '#core/app-error.ts';
import { keyOfAnother, ownCharge, ownRefund } from '#core/found-by-key.ts';
import { parseDecimal } from '#core/money.ts';
import { processPayment } from '#core/process-payment.ts';
import type { Refund } from '#core/refund.ts';
import { refundPayment } from '#core/refund-payment.ts';
import { ATTEMPTS_MAX } from '#core/sweep.ts';
import {
  createMemoryPayments,
  createMemoryWorld,
  type MemoryWorld,
} from '../../support/memory-payments.ts';
import { breakOnce, type Step } from '../../support/memory-steps.ts';
import {
  attempt,
  elsewhere,
  journalOf,
  request,
  START_MS,
  sweep,
  worldWith,
} from './payment-fixture.ts';

/** The other Region's replica, which nothing has reached yet, beside the one gateway. */
function apart(world: MemoryWorld, there: MemoryWorld = createMemoryWorld()): MemoryWorld {
  const { charges, refunds, results } = world;
  return { ...there, charges, refunds, results };
}

/** Sweeps until nothing is due any more. */
async function sweepToTheEnd(world: MemoryWorld): Promise<void> {
  for (let round = 0; round <= ATTEMPTS_MAX; round += 1) {
    const due = world.table.journals.get('txn-1')?.dueAtEpochMs;
    if (due === null || due === undefined) return;
    await sweep(createMemoryPayments({ world, nowEpochMs: () => due }));
  }
  throw new Error('still due');
}

const REASON = /^internal_error: .*the key belongs to another charge$/;

describe('an id that two Regions took for different payments', () => {
  const other = { ...request, amountMinor: 9_900n };

  it.each([
    ['amount', other],
    ['currency', { ...request, currency: 'EUR' }],
  ])(
    'is recorded with the %s that was charged alone; the other is parked',
    async (_name, asked) => {
      const first = createMemoryWorld();
      await processPayment(request, attempt, createMemoryPayments({ world: first }));
      const second = apart(first);
      const ports = createMemoryPayments({ world: second });
      await expect(processPayment(asked, elsewhere, ports)).rejects.toMatchObject({
        code: 'outcome_unknown',
        cause: { code: 'internal_error' },
      });
      await sweepToTheEnd(second);
      expect(second.table.payments.size).toBe(0);
      expect(second.published).toEqual([]);
      const journal = second.table.journals.get('txn-1');
      // By the very first sweep: the attempt that accepted it was the other.
      expect(journal).toMatchObject({ status: 'ACCEPTED', attempts: 2 });
      expect(journal?.parked?.reason).toMatch(REASON);
      expect([...first.charges.values()]).toEqual([1]);
    },
  );

  it('is not recorded by the attempt that lost its answer either', async () => {
    const first = createMemoryWorld();
    await processPayment(request, attempt, createMemoryPayments({ world: first }));
    const second = apart(first);
    const fateOf = breakOnce('charge', 'lost-before');
    const ports = createMemoryPayments({ world: second, fateOf });
    await expect(processPayment(other, elsewhere, ports)).rejects.toMatchObject({
      cause: { code: 'internal_error' },
    });
    expect(second.table.payments.size).toBe(0);
  });

  it('is declined in both when the charge was: nothing moved', async () => {
    const first = createMemoryWorld();
    const refuseCharge = 'expired_card';
    await processPayment(request, attempt, createMemoryPayments({ world: first, refuseCharge }));
    const second = apart(first);
    const ports = createMemoryPayments({ world: second });
    await expect(processPayment(other, elsewhere, ports)).rejects.toBeInstanceOf(AppError);
    await sweepToTheEnd(second);
    expect(second.table.journals.get('txn-1')?.status).toBe('DECLINED');
    expect(first.charges.size).toBe(0);
  });
});

describe('a refund_id that two Regions took for different refunds', () => {
  const asked = (amount: string) => ({
    transactionId: 'txn-1',
    refundId: 'r-1',
    amount: parseDecimal(amount, 'number'),
  });
  const charged = () => worldWith(journalOf({ status: 'PROCESSED', dueAtEpochMs: null }));

  it.each(['works', 'lost-before'] as const)(
    'goes back once; the other is parked (the second request for it: %s)',
    async (fate) => {
      const first = charged();
      await refundPayment(asked('4'), attempt, createMemoryPayments({ world: first }));
      const second = apart(first, charged());
      const fateOf = breakOnce('refund', fate);
      const ports = createMemoryPayments({ world: second, fateOf });
      await expect(refundPayment(asked('7'), elsewhere, ports)).rejects.toMatchObject({
        code: 'outcome_unknown',
        cause: { code: 'internal_error' },
      });
      await sweepToTheEnd(second);
      const journal = second.table.journals.get('txn-1');
      expect(journal?.refunds).toMatchObject([{ status: 'ACCEPTED', amountMinor: 700n }]);
      expect(journal?.parked?.reason).toMatch(REASON);
      expect(second.published).toEqual([]);
      expect(first.refunds).toEqual(new Map([['txn-1/refunds/r-1', [400n]]]));
    },
  );
});

describe('other refunds of such a payment', () => {
  const refund = (refundId: string, amountMinor: bigint): Refund => ({
    ...{ refundId, amountMinor, isRemainder: false, status: 'ACCEPTED' },
    ...{ refundEpochSeconds: START_MS / 1000, region: 'us-east-2', declineReason: null },
  });
  const open = journalOf({
    status: 'PROCESSED',
    dueAtEpochMs: START_MS,
    refunds: [refund('r-1', 700n), refund('r-2', 50n)],
  });

  async function worldWhereFirstIsTaken(): Promise<MemoryWorld> {
    const first = worldWith(journalOf({ status: 'PROCESSED', dueAtEpochMs: null }));
    const asked = { transactionId: 'txn-1', refundId: 'r-1', amount: parseDecimal('4', 'number') };
    await refundPayment(asked, attempt, createMemoryPayments({ world: first }));
    return apart(first, worldWith(open));
  }

  it('are carried to their end, and only then is it parked', async () => {
    const world = await worldWhereFirstIsTaken();
    await sweepToTheEnd(world);
    const journal = world.table.journals.get('txn-1');
    expect(journal?.refunds.map(({ status }) => status)).toEqual(['ACCEPTED', 'REFUNDED']);
    expect(journal?.parked?.reason).toMatch(REASON);
  });

  it('keep it open while a repeat may help them', async () => {
    const world = await worldWhereFirstIsTaken();
    const fateOf = (step: Step) => (step === 'refund' ? 'refused' : 'works');
    const ports = createMemoryPayments({ world, fateOf, nowEpochMs: () => START_MS });
    expect(await sweep(ports)).toMatchObject({ failed: 1, parked: 0 });
  });
});

describe('what a look-up found', () => {
  const money = { customerId: 'cust-1', amountMinor: 1_000n, currency: 'USD' };
  const charge = { kind: 'charged', chargeId: 'ch_1', ...money } as const;
  const back = { amountMinor: 400n, chargeKey: 'k-1' };
  const refund = { kind: 'refunded', ...back } as const;
  const declined = { kind: 'declined', reason: 'expired_card' } as const;

  it('is the own result without what was asked for', () => {
    expect(ownCharge(charge, money)).toEqual({ kind: 'charged', chargeId: 'ch_1' });
    expect(ownRefund(refund, back)).toEqual({ kind: 'refunded' });
    expect(ownCharge(declined, money)).toEqual(declined);
    expect(ownRefund(declined, back)).toEqual(declined);
  });

  it.each([
    ['a charge of another amount', () => ownCharge(charge, { ...money, amountMinor: 1_001n })],
    ['a charge in another currency', () => ownCharge(charge, { ...money, currency: 'EUR' })],
    ['a charge of another customer', () => ownCharge(charge, { ...money, customerId: 'cust-2' })],
  ])('rejects %s', (_name, own) => {
    expect(own).toThrow(keyOfAnother('charge'));
  });

  it.each([
    ['a refund of another amount', () => ownRefund(refund, { ...back, amountMinor: 401n })],
    ['a refund of another charge', () => ownRefund(refund, { ...back, chargeKey: 'k-2' })],
  ])('rejects %s', (_name, own) => {
    expect(own).toThrow(keyOfAnother('refund'));
  });
});
