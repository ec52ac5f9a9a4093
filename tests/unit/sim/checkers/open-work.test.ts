import { describe, expect, it } from 'vitest';
import type { Refund } from '#core/refund.ts';
import { openWork } from '#sim/checkers/open-work.ts';
import { FakeRun, MEANING, NOTHING, PRIMARY, SECONDARY } from './fake-run.ts';

it('names what is open or parked, and nothing that is finished', () => {
  const run = new FakeRun();
  run.pay();
  expect(openWork(run.system)).toEqual([]);
  const { journal } = run.pay({ settle: NOTHING }, { ...MEANING, transactionId: 't2' });
  const parked = { atEpochMs: 1, reason: 'unavailable: x' };
  run.put({ ...journal, status: 'ACCEPTED', transactionId: 't3', parked, dueAtEpochMs: null });
  expect(openWork(run.system)).toEqual([
    't2 (ACCEPTED, open)',
    't3 (ACCEPTED, parked: unavailable: x)',
  ]);
});

it("looks at the lease holder's replica", () => {
  const run = new FakeRun({ consistency: 'eventual' });
  run.hold({ holder: SECONDARY });
  run.pay({ settle: NOTHING });
  expect(openWork(run.system)).toEqual([]);
  run.hold({ holder: PRIMARY, epoch: 2 });
  expect(openWork(run.system)).toHaveLength(1);
});

describe('what is parked because its key has moved other money', () => {
  const parked = { atEpochMs: 1, reason: 'internal_error: x' };
  const parkedCharge = (
    consistency: 'strong' | 'eventual',
    chargedMinor: bigint,
    chargedCustomer: string = MEANING.customerId,
  ) => {
    const run = new FakeRun({ consistency });
    run.hold({ holder: PRIMARY });
    const { journal } = run.pay({ charge: NOTHING, record: NOTHING, settle: NOTHING });
    const { currency } = journal.request;
    run.books.push({
      ...{ kind: 'charge', key: encodeURIComponent(journal.transactionId), chargeKey: '' },
      ...{ customerId: chargedCustomer, amountMinor: chargedMinor, currency },
      ...{ region: SECONDARY, atMs: 0 },
    });
    run.put({ ...journal, status: 'ACCEPTED', parked, dueAtEpochMs: null });
    return run;
  };

  it('is a person’s with eventual tables, and nobody else’s to finish', () => {
    expect(openWork(parkedCharge('eventual', 1n).system)).toEqual([]);
    expect(openWork(parkedCharge('strong', 1n).system)).toHaveLength(1);
    expect(openWork(parkedCharge('eventual', MEANING.amountMinor).system)).toHaveLength(1);
    expect(openWork(parkedCharge('eventual', MEANING.amountMinor, 'x').system)).toEqual([]);
  });

  it('is not finished as long as it is not parked', () => {
    const run = parkedCharge('eventual', 1n);
    run.journals.each(PRIMARY, (journal) => {
      run.put({ ...journal, parked: null, dueAtEpochMs: 1 });
    });
    expect(openWork(run.system)).toHaveLength(1);
  });

  it('is not a person’s while one of its refunds may still be made', () => {
    const run = new FakeRun({ consistency: 'eventual' });
    run.hold({ holder: PRIMARY });
    const { journal } = run.pay();
    const refund = (refundId: string): Refund => ({
      ...{ refundId, amountMinor: 2n, isRemainder: false, status: 'ACCEPTED' },
      ...{ refundEpochSeconds: 1, region: PRIMARY, declineReason: null },
    });
    const key = `${encodeURIComponent(journal.transactionId)}/refunds/r1`;
    const { currency } = journal.request;
    run.books.push({
      ...{ kind: 'refund', key, chargeKey: '' },
      ...{ customerId: null, amountMinor: 1n, currency, region: SECONDARY, atMs: 0 },
    });
    const open = { ...journal, parked, dueAtEpochMs: null };
    run.put({ ...open, refunds: [refund('r1')] });
    expect(openWork(run.system)).toEqual([]);
    run.put({ ...open, refunds: [refund('r1'), refund('r2')] });
    expect(openWork(run.system)).toHaveLength(1);
  });
});
