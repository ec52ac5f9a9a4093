import { describe, expect, it } from 'vitest';
import { paymentOf } from '#core/journal.ts';
import { viewOpenPayment, viewPayment, viewPaymentDetail } from '#core/payment-view.ts';
import type { LogOutcome } from '#sim/services/log-history.ts';
import { FakeRun, MEANING } from './fake-run.ts';

const { transactionId } = MEANING;

describe('a payment', () => {
  const readAs = (run: FakeRun, view: object) =>
    run.answer(run.operation('read', { transactionId }), 200, JSON.stringify(view));

  it('may be seen open before it is settled, with what was refunded after', () => {
    const run = new FakeRun();
    const slow = run.operation('read', { transactionId });
    const { journal } = run.pay();
    readAs(run, viewPayment(paymentOf(journal)));
    const refunded = run.refund(journal, 50n);
    readAs(run, viewPaymentDetail(paymentOf(refunded), refunded));
    run.answer(slow, 404, '', 'payment_not_found');
    expect(run.settle()).toEqual([12]);
    const early = { ...slow.answers[0], sentAtMs: 0 };
    slow.answers.splice(0, 1, early as never);
    run.violations.length = 0;
    expect(run.settle()).toEqual([]);
  });

  it('is not seen open after it was answered', () => {
    const run = new FakeRun();
    const { journal } = run.pay();
    readAs(run, viewOpenPayment(journal));
    expect(run.settle()).toEqual([12]);
  });

  it('is not seen without the refund that was answered', () => {
    const run = new FakeRun();
    const { journal } = run.pay();
    const refunded = run.refund(journal, 50n);
    readAs(run, viewPaymentDetail(paymentOf(refunded), refunded));
    readAs(run, viewPayment(paymentOf(refunded)));
    expect(run.settle()).toEqual([12]);
  });

  it('may be made by a try that nobody answered, when another body is in conflict already', () => {
    const run = new FakeRun();
    const meaning = { ...MEANING, amountMinor: 1n };
    const loser = run.operation('process', { transactionId, meaning });
    run.answer(loser, 409, '', 'transaction_conflict');
    run.pay();
    expect(run.settle()).toEqual([12]);
    const silent = run.operation('process', { transactionId, meaning: MEANING });
    silent.silent.push({ region: 'us-east-1', sentAtMs: 0 });
    run.violations.length = 0;
    expect(run.settle()).toEqual([]);
  });

  it.each<[string, number, string, boolean]>([
    ['an error that promises that nothing was stored', 503, 'unavailable', true],
    ['one that promises nothing', 503, 'outcome_unknown', false],
  ])('is there after %s', (_name, status, code, isBroken) => {
    const run = new FakeRun();
    run.pay({ answer: (to, operation) => to.answer(operation, status, '', code) });
    expect(run.settle()).toEqual(isBroken ? [12] : []);
  });

  it('is not judged in the other replica of an eventual table', () => {
    const run = new FakeRun({ consistency: 'eventual' });
    run.hold({});
    run.pay();
    run.replicate();
    const read = run.operation('read', { transactionId });
    run.answer(read, 404, '', 'payment_not_found');
    expect(run.settle()).toEqual([12]);
    const elsewhere = { ...read.answers[0], region: 'us-east-2' };
    read.answers.splice(0, 1, elsewhere as never);
    run.violations.length = 0;
    expect(run.settle()).toEqual([]);
  });
});

describe('the routing log', () => {
  const EMPTY: LogOutcome = { kind: 'empty' };
  const FIRST: LogOutcome = { kind: 'entry', epoch: 1, entryId: 'e1' };

  function judged(rows: readonly (LogOutcome | 'append' | 'unanswered')[]): readonly number[] {
    const run = new FakeRun();
    run.append({ active: ['us-east-2'], actor: 'ann' });
    for (const [index, row] of rows.entries()) {
      const times = { calledAtMs: index * 10, answeredAtMs: index * 10 + 5 };
      const append = { kind: 'append', epoch: 1, entryId: 'e1' } as const;
      if (row === 'append') {
        run.operations.push({ ...append, ...times, outcome: { kind: 'appended' } });
      } else if (row === 'unanswered') {
        run.operations.push({ ...append, ...times, answeredAtMs: null, outcome: null });
      } else {
        run.operations.push({ kind: 'newest', epoch: 0, entryId: '', ...times, outcome: row });
      }
    }
    return run.settle();
  }

  it('may be read often', () => {
    const before = Array.from({ length: 40 }, () => EMPTY);
    const after = Array.from({ length: 40 }, () => FIRST);
    expect(judged([...before, 'append', ...after])).toEqual([]);
    expect(judged(['unanswered', ...before, ...after])).toEqual([]);
  });

  it.each<[string, readonly (LogOutcome | 'append')[]]>([
    ['a read that is stale', [EMPTY, 'append', EMPTY]],
    ['one among many', ['append', FIRST, FIRST, FIRST, EMPTY, FIRST, FIRST, FIRST]],
    ['an entry before it was appended', [FIRST, FIRST, FIRST, 'append']],
  ])('shows %s', (_name, rows) => {
    expect(judged(rows)).toEqual([12]);
  });
});
