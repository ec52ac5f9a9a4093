import { describe, expect, it } from 'vitest';
import { paymentOf } from '#core/journal.ts';
import { FakeRun, MEANING, NOTHING, PRIMARY, UNHEARD } from './fake-run.ts';

const of = (run: FakeRun, invariant: number): readonly string[] => {
  run.settle();
  return run.violations.flatMap((one) => (one.invariant === invariant ? [one.message] : []));
};

describe('counts', () => {
  it('take poison and known payments among the dead letters', () => {
    const run = new FakeRun();
    run.pay();
    run.deadLetters.push(null, { ...MEANING, fingerprint: null });
    expect(run.settle()).toEqual([]);
  });

  it('find a dead letter of a payment that never existed', () => {
    const run = new FakeRun();
    run.deadLetters.push({ transactionId: 't9', fingerprint: null });
    expect(of(run, 9)).toEqual([expect.stringContaining('t9: a dead letter of us-east-1')]);
  });

  it('find a journal that is gone, and one that was never accepted', () => {
    const run = new FakeRun();
    const { journal } = run.pay();
    run.journals.delete(PRIMARY, journal.transactionId);
    run.journals.set(PRIMARY, 't2', { ...journal, transactionId: 't2' });
    expect(of(run, 9)).toEqual([
      expect.stringContaining('t2: its journal was never accepted'),
      expect.stringContaining('is gone'),
    ]);
  });

  it('find work that is left where nobody looks', () => {
    const run = new FakeRun();
    run.pay({ settle: (to, journal) => void to.put({ ...journal, status: 'ACCEPTED' }) });
    expect(of(run, 9)).toEqual([expect.stringContaining('neither open nor parked')]);
  });
});

describe('amounts', () => {
  it('find money that was charged and never recorded', () => {
    const run = new FakeRun();
    run.pay({ record: NOTHING });
    expect(of(run, 16)).toEqual(['USD: 1050 minor units more were charged than recorded']);
  });

  it('leave out what is still open', () => {
    const run = new FakeRun();
    run.pay({ record: NOTHING, settle: NOTHING, publish: NOTHING, answer: UNHEARD });
    expect(of(run, 16)).toEqual([]);
  });

  it('find a minor unit that a recording gateway has too many', () => {
    const run = new FakeRun({ gateway: 'recording' });
    run.pay({
      charge: NOTHING,
      record: (to, journal) => to.record({ ...paymentOf(journal), amountMinor: 1_051n }),
    });
    expect(of(run, 16)).toEqual(['USD: -1 minor units more were charged than recorded']);
  });

  it('find money that went back and is not recorded, or twice', () => {
    const run = new FakeRun();
    run.refund(run.pay().journal, 50n, {
      give: (to, entry) => {
        to.move(entry);
        to.move({ ...entry, key: 'another' });
      },
    });
    expect(of(run, 16)).toEqual(['USD: 50 minor units more went back than recorded']);
    const twice = new FakeRun();
    twice.refund(twice.pay().journal, 50n, {
      give: (to, entry) => {
        to.move(entry);
        to.move(entry);
      },
    });
    expect(of(twice, 16)).toContainEqual(expect.stringContaining('went back twice'));
  });

  it('find more that went back than was charged', () => {
    const run = new FakeRun();
    run.refund(run.pay().journal, 1_051n);
    expect(of(run, 16)).toEqual([
      expect.stringContaining('1051 USD went back'),
      expect.stringContaining('refunds of 1051 of a charge of 1050 USD'),
    ]);
  });
});
