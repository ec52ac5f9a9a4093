import { describe, expect, it } from 'vitest';
import { acceptPayment } from '#core/accept-payment.ts';
import { AppError } from '#core/app-error.ts';
import type { PaymentQueue } from '#core/ports.ts';
import { processPayment } from '#core/process-payment.ts';
import { createMemoryPayments, createMemoryWorld } from '../../support/memory-payments.ts';
import { breakOnce } from '../../support/memory-steps.ts';
import { attempt, elsewhere, journalOf, request, START_MS, sweep } from './payment-fixture.ts';

const MESSAGE = { transactionId: 'txn-1', fingerprint: journalOf().fingerprint };

describe('acceptPayment', () => {
  it('stores the payment, asks for it to be carried on, and charges nothing', async () => {
    const ports = createMemoryPayments();
    const outcome = await acceptPayment(request, attempt, ports);
    expect(outcome).toEqual({
      kind: 'accepted',
      journal: ports.table.journals.get('txn-1'),
      created: true,
      notEnqueued: null,
    });
    expect(ports.table.journals.get('txn-1')).toMatchObject({
      status: 'ACCEPTED',
      dueAtEpochMs: START_MS + 30_000,
    });
    expect(ports.enqueued).toEqual([MESSAGE]);
    expect(ports.charges.size).toBe(0);
  });

  it.each(['refused', 'lost-before', 'lost-after'] as const)(
    'accepts while the queue is %s, and a sweep carries it on',
    async (fate) => {
      const world = createMemoryWorld();
      const ports = createMemoryPayments({ world, fateOf: breakOnce('enqueue', fate) });
      expect(await acceptPayment(request, attempt, ports)).toMatchObject({
        kind: 'accepted',
        created: true,
        notEnqueued: expect.any(AppError),
      });
      const later = createMemoryPayments({ world, nowEpochMs: () => START_MS + 30_000 });
      expect(await sweep(later)).toMatchObject({ finished: 1 });
      expect([...world.charges.values()]).toEqual([1]);
    },
  );

  it('accepts when the queue breaks in a way that nobody foresaw', async () => {
    const queue: PaymentQueue = { enqueue: () => Promise.reject(new TypeError('no such host')) };
    const ports = { ...createMemoryPayments(), queue };
    expect(await acceptPayment(request, attempt, ports)).toMatchObject({
      kind: 'accepted',
      notEnqueued: { code: 'outcome_unknown' },
    });
  });

  it.each([
    { finishMs: 2_000, leftMs: 7_000, queueMs: 2_000 },
    { finishMs: 2_000, leftMs: 500, queueMs: 500 },
  ])('gives a queue that hangs $queueMs ms of the $leftMs left', async (row) => {
    const deadlines: number[] = [];
    const queue: PaymentQueue = {
      enqueue: async (_id, deadline) => {
        deadlines.push(deadline.atEpochMs);
      },
    };
    const deadline = { atEpochMs: START_MS + row.leftMs };
    await acceptPayment(
      request,
      { ...attempt, deadline, finishMs: row.finishMs },
      { ...createMemoryPayments(), queue },
    );
    expect(deadlines).toEqual([START_MS + row.queueMs]);
  });

  it('answers a repeat alike and sends another message while the payment is open', async () => {
    const ports = createMemoryPayments();
    const first = await acceptPayment(request, attempt, ports);
    const repeat = await acceptPayment(request, elsewhere, ports);
    expect(repeat).toEqual({ ...first, created: false });
    expect(ports.enqueued.map((one) => one.transactionId)).toEqual(['txn-1', 'txn-1']);
  });

  it.each([null, 'expired_card'])(
    'sends no message for a payment that is settled (declined for: %s)',
    async (refuseCharge) => {
      const ports = createMemoryPayments({ refuseCharge });
      await processPayment(request, attempt, ports);
      expect(await acceptPayment(request, elsewhere, ports)).toMatchObject({
        kind: 'accepted',
        created: false,
        notEnqueued: null,
        journal: { status: refuseCharge === null ? 'PROCESSED' : 'DECLINED' },
      });
      expect(ports.enqueued).toEqual([]);
    },
  );

  it('rejects the id of another request and sends nothing', async () => {
    const ports = createMemoryPayments();
    await acceptPayment(request, attempt, ports);
    const other = { ...request, amountMinor: 1001n };
    expect(await acceptPayment(other, elsewhere, ports)).toEqual({ kind: 'conflict' });
    expect(ports.enqueued).toEqual([MESSAGE]);
  });

  it.each([
    ['refused', 'unavailable'],
    ['lost-before', 'outcome_unknown'],
    ['lost-after', 'outcome_unknown'],
  ] as const)('rejects when the journal was %s, with %s and no message', async (fate, code) => {
    const ports = createMemoryPayments({ fateOf: breakOnce('create', fate) });
    await expect(acceptPayment(request, attempt, ports)).rejects.toMatchObject({ code });
    expect(ports.enqueued).toEqual([]);
  });
});
