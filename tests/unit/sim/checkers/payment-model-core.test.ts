/** The model against the real core: whatever the interleaving and the faults, it explains what callers saw. */

import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { acceptPayment } from '#core/accept-payment.ts';
import { AppError } from '#core/app-error.ts';
import { consumePayments } from '#core/consume-payments.ts';
import { parseDecimal } from '#core/money.ts';
import { processPayment } from '#core/process-payment.ts';
import { sumMinorOf } from '#core/refund.ts';
import { refundPayment } from '#core/refund-payment.ts';
import {
  checkPaymentHistory,
  type PaymentOperation,
  type PaymentOutput,
} from '#sim/checkers/payment-model.ts';
import {
  createMemoryPayments,
  createMemoryWorld,
  type MemoryPayments,
} from '../../../support/memory-payments.ts';
import { attempt, elsewhere, request, START_MS } from '../../core/payment-fixture.ts';
import type { Recorded } from './payment-rows.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Beside the operations of callers: a message of the queue, and what was under way arrives. */
const action = fc.constantFrom(
  ...(['process', 'process', 'accept', 'other', 'read', 'read', 'consume', 'arrive'] as const),
  ...([300n, 400n, 700n, null] as const).map((amountMinor) => ({ refundId: 'x', amountMinor })),
  ...([300n, 400n, null] as const).map((amountMinor) => ({ refundId: 'y', amountMinor })),
);
const world = fc.record({
  scheduler: fc.scheduler(),
  clients: fc.array(fc.array(action, { minLength: 1, maxLength: 6 }), {
    minLength: 1,
    maxLength: 4,
  }),
  fates: fc.array(
    fc.constantFrom(
      ...(['works', 'works', 'works', 'works', 'refused', 'lost-before'] as const),
      ...(['lost-after', 'late', 'repeated'] as const),
    ),
    { maxLength: 60 },
  ),
  refuseCharge: fc.constantFrom(null, null, 'insufficient_funds'),
});
type World = typeof world extends fc.Arbitrary<infer T> ? T : never;
type Action = World['clients'][number][number];

function operationOf(given: Exclude<Action, 'consume' | 'arrive'>): PaymentOperation {
  if (typeof given === 'object') return { kind: 'refund', ...given };
  if (given === 'read') return { kind: 'read' };
  const isOther = given === 'other';
  return {
    kind: given === 'accept' ? 'accept' : 'process',
    fingerprint: isOther ? 'other' : 'first',
    amountMinor: isOther ? 5n : request.amountMinor,
  };
}

async function perform(
  operation: PaymentOperation,
  where: typeof attempt,
  ports: MemoryPayments,
): Promise<PaymentOutput> {
  const { transactionId } = request;
  switch (operation.kind) {
    case 'process': {
      const asked = { ...request, amountMinor: operation.amountMinor };
      const outcome = await processPayment(asked, where, ports);
      if (outcome.kind === 'conflict') return { kind: 'conflict' };
      return outcome.kind === 'declined'
        ? { kind: 'declined', answer: outcome.reason }
        : { kind: 'processed', answer: String(outcome.payment.timestampEpochSeconds) };
    }
    case 'accept': {
      const outcome = await acceptPayment(request, where, ports);
      if (outcome.kind === 'conflict') return { kind: 'conflict' };
      return { kind: 'accepted', answer: String(outcome.journal.paymentEpochSeconds) };
    }
    case 'refund': {
      const { refundId, amountMinor } = operation;
      const amount = amountMinor === null ? null : parseDecimal(`${amountMinor / 100n}`, 'string');
      const outcome = await refundPayment({ transactionId, refundId, amount }, where, ports);
      if (outcome.kind === 'conflict') return { kind: 'refund-conflict' };
      if (outcome.kind === 'amount-too-precise') throw new Error('it has no decimals');
      if (outcome.kind !== 'settled') return { kind: outcome.kind };
      const answer = String(outcome.refund.refundEpochSeconds);
      return {
        kind: outcome.refund.status === 'REFUNDED' ? 'refunded' : 'refund-declined',
        answer,
      };
    }
    case 'read': {
      const { payment, journal } = await ports.reader.readPayment(transactionId, where.deadline);
      if (journal?.status === 'DECLINED') {
        return { kind: 'settled', status: 'DECLINED', refundedMinor: 0n };
      }
      const refundedMinor = sumMinorOf(journal?.refunds ?? [], ['REFUNDED']);
      if (payment !== null) return { kind: 'settled', status: 'PROCESSED', refundedMinor };
      return { kind: journal === null ? 'absent' : 'open' };
    }
  }
}

async function historyOf({ scheduler, clients, fates, refuseCharge }: World): Promise<Recorded[]> {
  const shared = createMemoryWorld();
  const history: Recorded[] = [];
  let time = 0;
  let steps = 0;
  const processes = [attempt, elsewhere].map((where) => ({
    where,
    ports: createMemoryPayments({
      world: shared,
      // So far apart that no two answers are alike by accident.
      nowEpochMs: () => START_MS + 1000 * time,
      pauseAt: (step) => scheduler.schedule(Promise.resolve(), step),
      fateOf: () => fates[steps++] ?? 'works',
      refuseCharge,
      refuseRefund: (amountMinor) => amountMinor === 300n,
    }),
  }));

  async function act(given: Action, { where, ports }: (typeof processes)[number]): Promise<void> {
    if (given === 'arrive') return ports.arrive();
    if (given === 'consume') {
      await consumePayments([{ ...request, fingerprint: null }], where, ports);
      return;
    }
    const input = operationOf(given);
    const calledAt = time++;
    await scheduler.schedule(Promise.resolve(), 'on its way');
    try {
      const output = await perform(input, where, ports);
      await scheduler.schedule(Promise.resolve(), 'on its way back');
      history.push({ input, calledAt, answer: { output, at: time++ } });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'outcome_unknown') history.push({ input, calledAt, answer: null });
    }
  }

  const work = clients.map(async (script, index) => {
    for (const given of script)
      await act(given, processes[index % 2] as (typeof processes)[number]);
  });
  await scheduler.waitFor(Promise.all(work));
  for (const { ports } of processes) ports.arrive();
  for (const given of ['read', 'consume', 'read'] as const) {
    await scheduler.waitFor(act(given, processes[0] as (typeof processes)[number]));
  }
  return history;
}

it('explains what the callers of the core saw', async () => {
  const kinds = new Set<string>();
  await fc.assert(
    fc.asyncProperty(world, async (drawn) => {
      const history = await historyOf(drawn);
      for (const { answer } of history) kinds.add(answer === null ? 'unheard' : answer.output.kind);
      // With the history, so that a failure shows it.
      expect({ history, verdict: checkPaymentHistory(history) }).toMatchObject({
        verdict: { kind: 'linearizable' },
      });
    }),
    { numRuns: 2_000 },
  );
  expect([...kinds].toSorted()).toEqual([
    'absent',
    'accepted',
    'conflict',
    'declined',
    'exceeds',
    'no-payment',
    'not-charged',
    'open',
    'processed',
    'refund-conflict',
    'refund-declined',
    'refunded',
    'settled',
    'still-open',
    'unheard',
  ]);
});

/** What can't be the last answer after what was answered before it. */
function contradictions({
  input,
  answer,
}: Recorded): readonly (readonly [PaymentOperation, PaymentOutput])[] {
  const READ = { kind: 'read' } as const;
  const opposite = (status: 'PROCESSED' | 'DECLINED') =>
    [READ, { kind: 'settled', status, refundedMinor: 0n }] as const;
  const { output } = answer ?? {};
  switch (output?.kind) {
    case 'processed':
      return [
        opposite('DECLINED'),
        [READ, { kind: 'open' }],
        [input, { kind: 'processed', answer: 'another' }],
        [
          { kind: 'accept', fingerprint: 'third', amountMinor: 1n },
          { kind: 'accepted', answer: '' },
        ],
      ];
    case 'declined':
      return [opposite('PROCESSED'), [READ, { kind: 'absent' }]];
    case 'accepted':
      return [
        [READ, { kind: 'absent' }],
        [input, { kind: 'accepted', answer: 'another' }],
      ];
    case 'refunded':
      return [
        [READ, { kind: 'settled', status: 'PROCESSED', refundedMinor: 1_001n }],
        [input, { kind: 'refund-declined', answer: output.answer }],
        [input, { kind: 'still-open' }],
      ];
    case 'settled':
      return [
        opposite(output.status === 'PROCESSED' ? 'DECLINED' : 'PROCESSED'),
        [READ, { kind: 'open' }],
      ];
    default:
      return [];
  }
}

it('rejects the same once a later answer contradicts one of them', async () => {
  await fc.assert(
    fc.asyncProperty(world, fc.nat(), async (drawn, seed) => {
      const history = await historyOf(drawn);
      const impossible = history.flatMap(contradictions);
      fc.pre(impossible.length > 0);
      const [input, output] = impossible[seed % impossible.length] as (typeof impossible)[number];
      const late = { input, calledAt: 1e6, answer: { output, at: 1e6 + 1 } };
      expect({ history, late, verdict: checkPaymentHistory([...history, late]) }).toMatchObject({
        verdict: { kind: 'not-linearizable' },
      });
    }),
    { numRuns: 1_000 },
  );
});
