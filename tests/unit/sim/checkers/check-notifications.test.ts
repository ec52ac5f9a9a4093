import { expect, it } from 'vitest';
import { paymentDeclined, paymentProcessed } from '#core/notifications.ts';
import { FakeRun, MEANING, NOTHING, type Steps, UNHEARD } from './fake-run.ts';

const DECLINE: Partial<Steps> = {
  charge: NOTHING,
  record: NOTHING,
  publish: NOTHING,
  settle: (run, journal) =>
    void run.put({ ...journal, status: 'DECLINED', declineReason: 'stolen "card"' }),
  answer: UNHEARD,
};

it('takes the notification of a decline', () => {
  const run = new FakeRun();
  const { journal } = run.pay(DECLINE);
  run.publish(paymentDeclined({ ...journal, declineReason: 'stolen "card"' }));
  expect(run.settle()).toEqual([]);
});

it('takes that of a payment whose journal is still open', () => {
  const run = new FakeRun();
  run.pay({ settle: NOTHING });
  expect(run.settle()).toEqual([]);
});

it.each<[string, Partial<Steps>]>([
  ['that never came', { publish: NOTHING }],
  [
    'with another body',
    {
      publish: (run, journal) => {
        const { body, ...rest } = paymentProcessed(journal);
        run.publish({ ...rest, body: { ...body, region: 'us-east-2' } });
      },
    },
  ],
  [
    'with another subject',
    {
      publish: (run, journal) =>
        run.publish({ ...paymentProcessed(journal), subject: 'Refund Processed' }),
    },
  ],
  [
    'under another id',
    {
      publish: (run, journal) =>
        run.publish({ ...paymentProcessed(journal), id: `${journal.transactionId}#PROCESSED@1` }),
    },
  ],
  [
    'that is repeated with another body',
    {
      publish: (run, journal) => {
        const { id } = paymentProcessed(journal);
        run.publish(paymentProcessed(journal));
        run.effects.get(id)?.others.push('{}');
      },
    },
  ],
  [
    'of a state that was never reached',
    {
      publish: (run, journal) => {
        run.publish(paymentProcessed(journal));
        run.publish(paymentDeclined(journal));
      },
    },
  ],
])('finds a notification %s', (_name, wrong) => {
  const run = new FakeRun();
  run.pay(wrong);
  expect(run.settle()).toEqual([10]);
});

it('finds a refund that nobody was told of', () => {
  const run = new FakeRun();
  run.refund(run.pay().journal, 50n, { publish: NOTHING });
  expect(run.settle()).toEqual([10]);
});

it('finds an announcement of a payment of our own', () => {
  const run = new FakeRun();
  const own = { ...MEANING, transactionId: ' synthetic#1/us-east-2' };
  const steps = { charge: NOTHING, answer: UNHEARD };
  run.pay({ ...steps, publish: NOTHING }, own);
  expect(run.settle()).toEqual([]);
  const other = new FakeRun();
  other.pay(steps, own);
  expect(other.settle()).toEqual([10]);
});
