import { describe, expect, it } from 'vitest';
import { type Journal, paymentOf } from '#core/journal.ts';
import { chargeOf, FakeRun, MEANING, PRIMARY, SECONDARY } from './fake-run.ts';

describe('at most one charge', () => {
  it('finds one under a key that no accepted payment has', () => {
    const run = new FakeRun();
    run.pay({ charge: (to, journal) => to.move({ ...chargeOf(journal), key: 'try-2' }) });
    expect(run.broken()).toEqual([2]);
  });

  it('finds one that comes before its journal', () => {
    const run = new FakeRun();
    run.pay({
      accept: (to, journal) => {
        to.move(chargeOf(journal));
        to.put(journal);
      },
      charge: () => undefined,
    });
    expect(run.broken()).toEqual([2]);
  });

  it('finds a second one', () => {
    const run = new FakeRun();
    const { journal } = run.pay();
    expect(run.broken()).toEqual([]);
    run.move(chargeOf(journal));
    expect(run.broken()).toEqual([2]);
  });

  it('finds one of a payment of our own', () => {
    const run = new FakeRun();
    run.pay({}, { ...MEANING, transactionId: ' synthetic#1/us-east-2' });
    expect(run.broken()).toEqual([2]);
  });

  it('finds a second payment item, and one without a journal', () => {
    const run = new FakeRun();
    const { journal } = run.pay();
    run.record({ ...paymentOf(journal), timestampEpochSeconds: 1 });
    run.record({ ...paymentOf(journal), transactionId: 't9' });
    expect(run.violations.map(({ message }) => message)).toEqual([
      expect.stringContaining('has two payment items'),
      expect.stringContaining('no journal was ever accepted'),
    ]);
  });
});

describe('what never goes back', () => {
  const accepted: Journal['refunds'][number] = {
    ...{ refundId: 'r1', amountMinor: 5n, isRemainder: false, status: 'ACCEPTED' },
    ...{ refundEpochSeconds: 1, region: PRIMARY, declineReason: null },
  };
  const refunded = { ...accepted, status: 'REFUNDED' } as const;

  it.each<[string, Partial<Journal>]>([
    ['a status', { status: 'ACCEPTED' }],
    ['an end', { status: 'DECLINED' }],
    ['a fingerprint', { fingerprint: 'f' }],
    ['a request', { request: { ...MEANING, amountMinor: 1n } }],
    ['a time', { paymentEpochSeconds: 1 }],
    ['a Region', { region: SECONDARY }],
    ['a refund that is gone', { refunds: [] }],
    ["a refund's status", { refunds: [accepted] }],
    ["a refund's amount", { refunds: [{ ...refunded, amountMinor: 6n }] }],
  ])('finds %s', (_name, change) => {
    const run = new FakeRun();
    const { journal } = run.pay();
    run.put({ ...journal, refunds: [accepted] });
    const before = run.put({ ...journal, refunds: [refunded] });
    expect(run.broken()).toEqual([]);
    run.put({ ...before, ...change });
    expect(run.broken()).toEqual([11]);
  });

  it('finds a payment item that is overwritten', () => {
    const run = new FakeRun();
    const { journal } = run.pay();
    run.record({ ...paymentOf(journal) });
    expect(run.broken()).toEqual([]);
    run.record({ ...paymentOf(journal), region: SECONDARY });
    expect(run.broken()).toEqual([11]);
  });

  it.each([{ amountMinor: 1n }, { currency: 'EUR' }, { customerId: 'somebody else' }])(
    'finds a payment item with %o that is not the charge’s',
    (other) => {
      const run = new FakeRun();
      run.pay({ record: (again, journal) => again.record({ ...paymentOf(journal), ...other }) });
      expect(run.broken()).toEqual([16]);
    },
  );
});

describe('without the lease', () => {
  it('takes no write, item or charge for granted', () => {
    const run = new FakeRun({ consistency: 'eventual' });
    run.hold({ holder: SECONDARY });
    run.pay();
    const found = run.violations.map(({ invariant, message }) => `${invariant} ${message}`);
    expect(found).toEqual([
      expect.stringContaining('8 a/1 é: a journal of us-east-1'),
      expect.stringContaining('a charge of us-east-1'),
      expect.stringContaining('a payment item of us-east-1'),
      expect.stringContaining('a journal of us-east-1 took effect while us-east-2 holds the lease'),
    ]);
  });

  it('lets nobody write before there is one', () => {
    const run = new FakeRun({ consistency: 'eventual' });
    run.pay();
    expect(run.broken()).toEqual([8]);
  });
});

describe('work that is given up', () => {
  it.each([
    [19, [13]],
    [20, []],
  ])('after %i attempts breaks %j', (attempts, broken) => {
    const run = new FakeRun();
    run.pay({
      settle: (to, journal) => {
        const open = to.put({ ...journal, status: 'ACCEPTED', dueAtEpochMs: 1, attempts });
        to.put({ ...open, dueAtEpochMs: null, parked: { atEpochMs: 2, reason: 'test' } });
      },
    });
    expect(run.broken()).toEqual(broken);
  });
});
