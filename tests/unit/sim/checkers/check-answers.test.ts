import { expect, it } from 'vitest';
import { paymentOf } from '#core/journal.ts';
import { viewPayment } from '#core/payment-view.ts';
import { answerTo, chargeOf, FakeRun, MEANING } from './fake-run.ts';

const { transactionId } = MEANING;
const OTHER = { ...MEANING, amountMinor: 1_051n };

function paid() {
  const run = new FakeRun();
  const { journal } = run.pay();
  const again = (meaning = MEANING) => run.operation('process', { transactionId, meaning });
  return { run, journal, again };
}

it('takes repeats, conflicts and reads as they should be', () => {
  const { run, journal, again } = paid();
  run.answer(again(), 200, answerTo(journal));
  run.answer(again({ ...MEANING }), 200, answerTo(journal));
  run.answer(again(OTHER), 409, '', 'transaction_conflict');
  const view = JSON.stringify(viewPayment(paymentOf(journal)));
  run.answer(run.operation('read', { transactionId }), 200, view);
  expect(run.settle()).toEqual([]);
});

it('finds a repeat that is answered with other bytes', () => {
  const { run, journal, again } = paid();
  run.answer(again(), 200, answerTo(journal).replace('}', ' }'));
  expect(run.settle()).toContain(3);
});

it('finds an answer that is not what the journal stands for, even if it is the only one', () => {
  const run = new FakeRun();
  run.pay({ answer: (to, operation) => to.answer(operation, 200, '{"timestamp":1}') });
  expect(run.settle()).toEqual([3]);
});

it('finds declines that differ', () => {
  const { run, again } = paid();
  for (const reason of ['one', 'two']) run.answer(again(), 402, reason, 'payment_declined');
  expect(run.settle()).toContain(3);
});

it('finds an acceptance with another time', () => {
  const { run } = paid();
  const accept = run.operation('accept', { transactionId, meaning: MEANING });
  run.answer(accept, 202, '{"timestamp":1}');
  expect(run.settle()).toContain(3);
});

it('finds refunds that are answered with other bytes', () => {
  const { run, journal } = paid();
  run.refund(journal, 50n);
  const refund = { refundId: 'r1', amountMinor: 50n };
  run.answer(run.operation('refund', { transactionId, refund }), 200, '{}');
  expect(run.settle()).toContain(3);
});

it('finds another body that was taken', () => {
  const { run, journal, again } = paid();
  run.answer(again(OTHER), 200, answerTo(journal));
  expect(run.settle()).toContain(4);
});

it('finds another amount that was refunded under the same id', () => {
  const { run, journal } = paid();
  run.refund(journal, 50n);
  const refund = { refundId: 'r1', amountMinor: 51n };
  run.answer(run.operation('refund', { transactionId, refund }), 200, '{}');
  expect(run.settle()).toContain(4);
});

it('finds the losing body in the journal, the payment item, the charge and a read', () => {
  const journals = paid();
  journals.run.put({ ...journals.journal, request: { ...OTHER, amountMinor: 7n } });
  const items = new FakeRun();
  items.pay({ record: (to, journal) => to.record({ ...paymentOf(journal), customerId: 'x' }) });
  const charges = new FakeRun();
  charges.pay({ charge: (to, journal) => to.move({ ...chargeOf(journal), amountMinor: 7n }) });
  const reads = paid();
  const view = { ...viewPayment(paymentOf(reads.journal)), amount: '10.51' };
  reads.run.answer(
    reads.run.operation('read', { transactionId }),
    ...([200, JSON.stringify(view)] as const),
  );
  for (const { settle, run } of [journals, items, charges, reads].map(asRun)) {
    expect(settle.call(run)).toContain(4);
  }
});

function asRun(given: FakeRun | { readonly run: FakeRun }) {
  const run = 'run' in given ? given.run : given;
  return { run, settle: run.settle };
}

it('finds a spelling that is in conflict with its own meaning, or refused', () => {
  const conflict = paid();
  conflict.run.answer(conflict.again(), 409, '', 'transaction_conflict');
  expect(conflict.run.settle()).toContain(5);
  const refused = paid();
  refused.run.answer(refused.again(), 400, '', 'invalid_amount');
  expect(refused.run.settle()).toEqual([5]);
});

it('finds a refund that is in conflict with itself, or with nothing', () => {
  const { run, journal } = paid();
  run.refund(journal, 50n);
  const ask = (refundId: string) => {
    const refund = { refundId, amountMinor: 50n };
    run.answer(run.operation('refund', { transactionId, refund }), 409, '', 'refund_conflict');
  };
  ask('r1');
  ask('r2');
  run.settle();
  const found = run.violations.filter(({ invariant }) => invariant === 5);
  expect(found.map(({ message }) => message)).toEqual([
    expect.stringContaining('its own meaning'),
    expect.stringContaining('with nothing'),
  ]);
});
