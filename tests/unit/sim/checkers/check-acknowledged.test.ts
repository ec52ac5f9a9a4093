import { expect, it } from 'vitest';
import { paymentOf } from '#core/journal.ts';
import { chargeOf, FakeRun, MEANING, NOTHING, PRIMARY, type Steps, UNHEARD } from './fake-run.ts';

const messages = (run: FakeRun): readonly string[] => {
  run.settle();
  return run.violations.flatMap(({ invariant, message }) => (invariant === 1 ? [message] : []));
};

it.each<[string, Partial<Steps>, string]>([
  [
    'whose journal is gone',
    {
      accept: (run, journal) => {
        run.put(journal);
        run.journals.delete(PRIMARY, journal.transactionId);
      },
      settle: NOTHING,
    },
    'there is no journal',
  ],
  [
    'whose journal says DECLINED',
    { settle: (run, journal) => void run.put({ ...journal, status: 'DECLINED' }) },
    'its journal is DECLINED',
  ],
  ['without a payment item', { record: NOTHING }, 'there is no payment item'],
  [
    'whose payment item is at another second',
    {
      record: (run, journal) =>
        run.record({ ...paymentOf(journal), timestampEpochSeconds: 1_700_000_999 }),
    },
    'its payment item is at 1700000999',
  ],
  ['that was never charged', { charge: NOTHING }, 'the bank has no charge'],
  [
    'that was charged too much',
    { charge: (run, journal) => run.move({ ...chargeOf(journal), amountMinor: 1_051n }) },
    'asked for 1050 USD, charged 1051 USD',
  ],
])('finds a 200 %s', (_name, wrong, message) => {
  const run = new FakeRun();
  run.pay(wrong);
  expect(messages(run)).toEqual([expect.stringContaining(message)]);
});

it('finds a 200 that is open and has no charge', () => {
  const run = new FakeRun();
  run.pay({ settle: NOTHING });
  expect(messages(run)).toEqual([]);
  const other = new FakeRun();
  other.pay({ settle: NOTHING, charge: NOTHING });
  expect(messages(other)).toEqual([expect.stringContaining('the bank has no charge')]);
});

it('finds a 202 that is neither settled nor open', () => {
  const run = new FakeRun();
  const steps = { charge: NOTHING, record: NOTHING, publish: NOTHING, answer: UNHEARD };
  const { transactionId } = MEANING;
  run.pay({ ...steps, settle: (to, journal) => void to.put({ ...journal, status: 'ACCEPTED' }) });
  run.answer(run.operation('accept', { transactionId, meaning: MEANING }), 202);
  expect(messages(run)).toEqual([expect.stringContaining('was never settled')]);
});

it('finds a 402 whose money moved', () => {
  const run = new FakeRun();
  run.pay({
    record: NOTHING,
    settle: (to, journal) =>
      void to.put({ ...journal, status: 'DECLINED', declineReason: 'insufficient_funds' }),
    answer: (to, operation) => to.answer(operation, 402, '', 'payment_declined'),
  });
  expect(messages(run)).toEqual([expect.stringContaining('the bank charged 1050')]);
});

it.each<[string, Parameters<FakeRun['refund']>[2], string]>([
  ['that the bank never made', { give: NOTHING }, 'the bank gave nothing back'],
  [
    'of which the bank gave less back',
    { give: (run, entry) => run.move({ ...entry, amountMinor: 49n }) },
    'the bank gave 49 back',
  ],
])('finds a refund %s', (_name, wrong, message) => {
  const run = new FakeRun();
  run.refund(run.pay().journal, 50n, wrong);
  expect(messages(run)).toEqual([expect.stringContaining(message)]);
});

it.each<[string, 'process' | 'accept', number, string]>([
  ['a 402 that was not stored yet', 'process', 402, 'while its journal was ACCEPTED'],
  ['a 202 that came before its journal', 'accept', 202, 'there was no journal then'],
  ['a 200 that came before its journal', 'process', 200, 'there was no journal then'],
])('finds %s', (_name, kind, status, message) => {
  const run = new FakeRun();
  const { transactionId } = MEANING;
  const answer = () =>
    run.answer(run.operation(kind, { transactionId, meaning: MEANING }), status, '');
  const steps = { charge: NOTHING, record: NOTHING, publish: NOTHING, answer: NOTHING };
  const isStored = status === 402;
  if (!isStored) answer();
  run.pay({
    ...steps,
    settle: (to, journal) => {
      if (isStored) answer();
      to.put({ ...journal, status: 'DECLINED', declineReason: 'insufficient_funds' });
    },
  });
  expect(messages(run)).toContainEqual(expect.stringContaining(message));
});

it('finds a refund that no journal has', () => {
  const run = new FakeRun();
  run.pay();
  const refund = { refundId: 'r9', amountMinor: null };
  run.answer(run.operation('refund', { transactionId: MEANING.transactionId, refund }), 200);
  expect(messages(run)).toEqual([expect.stringContaining('no journal has it')]);
});
