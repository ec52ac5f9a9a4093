import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '#core/app-error.ts';
import type { PaymentAttempt } from '#core/carry-on.ts';
import { InvariantError } from '#core/invariant.ts';
import type { PaymentRequest } from '#core/payment-request.ts';
import { type ProcessOutcome, processPayment } from '#core/process-payment.ts';
import { createMemoryPayments } from '../../support/memory-payments.ts';
import { breakOnce, type StepFate } from '../../support/memory-steps.ts';

const request: PaymentRequest = {
  transactionId: 'txn-1',
  customerId: 'cust-1',
  amountMinor: 1000n,
  currency: 'USD',
};
const attempt: PaymentAttempt = {
  region: 'us-east-1',
  deadline: { atEpochMs: 1_700_000_007_000 },
  finishMs: 2_000,
};
const elsewhere: PaymentAttempt = { ...attempt, region: 'us-east-2' };

const STEPS = ['create', 'charge', 'record', 'publish', 'settle'] as const;

describe('processPayment', () => {
  it('accepts, charges, records, publishes and finishes', async () => {
    const ports = createMemoryPayments();
    const outcome = await processPayment(request, attempt, ports);
    expect(outcome).toMatchObject({ kind: 'processed', replayed: false, unfinished: null });
    expect(ports.table.journals.get('txn-1')?.status).toBe('PROCESSED');
    expect(ports.table.payments.get('txn-1/1700000000')?.amountMinor).toBe(1000n);
    expect(ports.published).toEqual(['txn-1#PROCESSED']);
  });

  it('answers a repeat from the journal, later and elsewhere, without effects', async () => {
    let now = 1_700_000_000_000;
    const ports = createMemoryPayments({ nowEpochMs: () => now });
    const first = await processPayment(request, attempt, ports);
    now += 3_600_000;
    const repeat = await processPayment(request, elsewhere, ports);
    expect(repeat).toEqual({ ...first, replayed: true, recorded: false });
    expect(ports.published).toEqual(['txn-1#PROCESSED']);
  });

  it.each([
    ['amount', { amountMinor: 1001n }],
    ['currency', { currency: 'EUR' }],
    ['customer', { customerId: 'cust-2' }],
  ])('rejects the same id with another %s and changes nothing', async (_what, change) => {
    const ports = createMemoryPayments();
    await processPayment(request, attempt, ports);
    const before = structuredClone(ports.table);
    expect(await processPayment({ ...request, ...change }, elsewhere, ports)).toEqual({
      kind: 'conflict',
    });
    expect(ports.table).toEqual(before);
    expect(ports.published).toHaveLength(1);
  });

  // What is left of these is nothing to the caller; a charge whose answer was lost is looked up.
  const isAnswered = (step: string, fate: string) =>
    step === 'publish' || step === 'settle' || (step === 'charge' && fate === 'lost-after');
  it.each(
    STEPS.flatMap((step) =>
      (['refused', 'lost-before', 'lost-after'] as const).map((fate) => ({ step, fate })),
    ),
  )('survives $step being $fate, and the retry completes it once', async ({ step, fate }) => {
    let now = 1_700_000_000_000;
    const ports = createMemoryPayments({
      nowEpochMs: () => (now += 1_000),
      fateOf: breakOnce(step, fate),
    });
    if (isAnswered(step, fate)) {
      const outcome = await processPayment(request, attempt, ports);
      const unfinished = step === 'charge' ? null : expect.any(AppError);
      expect(outcome).toMatchObject({ kind: 'processed', unfinished });
    } else {
      const code = step === 'create' && fate === 'refused' ? 'unavailable' : 'outcome_unknown';
      await expect(processPayment(request, attempt, ports)).rejects.toMatchObject({ code });
    }
    const retry = await processPayment(request, elsewhere, ports);
    expect(retry).toMatchObject({ kind: 'processed', unfinished: null });
    expect(ports.table.journals.get('txn-1')?.status).toBe('PROCESSED');
    expect([...ports.charges.values()]).toEqual([1]);
    expect(ports.table.payments.size).toBe(1);
    expect(new Set(ports.published)).toEqual(new Set(['txn-1#PROCESSED']));
  });

  it('stops at once when a recorded payment contradicts its journal', async () => {
    const ports = createMemoryPayments({ fateOf: breakOnce('record', 'lost-after') });
    await expect(processPayment(request, attempt, ports)).rejects.toBeInstanceOf(AppError);
    const stored = ports.table.payments.get('txn-1/1700000000');
    if (stored === undefined) throw new Error('not stored');
    ports.table.payments.set('txn-1/1700000000', { ...stored, amountMinor: 1n });
    await expect(processPayment(request, attempt, ports)).rejects.toMatchObject({
      code: 'outcome_unknown',
      cause: expect.any(InvariantError),
    });
    expect(ports.published).toEqual([]);
  });

  it('charges once and answers alike under any mix of concurrent attempts, Regions and faults', async () => {
    const fates = fc.infiniteStream(
      fc.constantFrom<StepFate>('works', 'works', 'works', 'refused', 'lost-before', 'lost-after'),
    );
    await fc.assert(
      fc.asyncProperty(
        fates,
        fc.integer({ min: 2, max: 8 }),
        fc.scheduler(),
        async (stream, n, s) => {
          let hostile = true;
          let now = 1_700_000_000_000;
          const ports = createMemoryPayments({
            nowEpochMs: () => (now += 700),
            fateOf: () => (hostile ? (stream.next().value as StepFate) : 'works'),
          });
          const outcomes: ProcessOutcome[] = [];
          const one = s.scheduleFunction(async (index: number) => {
            const where = index % 2 === 0 ? attempt : elsewhere;
            try {
              outcomes.push(await processPayment(request, where, ports));
            } catch (error) {
              expect(error).toBeInstanceOf(AppError);
            }
          });
          const attempts = Array.from({ length: n }, (_unused, index) => one(index));
          await s.waitAll();
          await Promise.all(attempts);
          hostile = false;
          outcomes.push(await processPayment(request, elsewhere, ports));
          expect(ports.charges.size).toBe(1);
          expect(ports.table.payments.size).toBe(1);
          expect(ports.table.journals.get('txn-1')?.status).toBe('PROCESSED');
          expect(new Set(ports.published).size).toBe(1);
          const answers = outcomes.map(
            (outcome) => outcome.kind === 'processed' && outcome.payment,
          );
          for (const answer of answers) expect(answer).toEqual(answers[0]);
        },
      ),
    );
  });
});
