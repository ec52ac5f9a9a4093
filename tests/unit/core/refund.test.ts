import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDecimal } from '#core/money.ts';
import { decideRefund, REFUNDS_MAX, type Refund, remainingMinorOf } from '#core/refund.ts';
import { parseRefundRequest } from '#core/refund-request.ts';
import { journalOf, START_MS } from './payment-fixture.ts';

const accepted = { atEpochMs: START_MS + 999, region: 'us-east-2' };

function asked(amount: string | null, refundId = 'r-1') {
  const decimal = amount === null ? null : parseDecimal(amount, 'number');
  if (decimal === null && amount !== null) throw new Error(`not an amount: ${amount}`);
  return { transactionId: 'txn-1', refundId, amount: decimal };
}

function refundOf(change: Partial<Refund> = {}): Refund {
  return {
    refundId: 'r-1',
    amountMinor: 400n,
    isRemainder: false,
    status: 'ACCEPTED',
    refundEpochSeconds: 1_700_000_000,
    region: 'us-east-2',
    declineReason: null,
    ...change,
  };
}

function charged(refunds: readonly Refund[] = [], currency = 'USD') {
  const journal = journalOf({ status: 'PROCESSED', dueAtEpochMs: null, refunds });
  return { ...journal, request: { ...journal.request, currency } };
}

describe('decideRefund', () => {
  it('accepts a part, and reserves it after the refunds before', () => {
    const before = refundOf({ refundId: 'r-0', status: 'REFUNDED' });
    const decision = decideRefund(charged([before]), asked('6'), accepted);
    const refund = refundOf({ amountMinor: 600n });
    expect(decision).toEqual({ kind: 'accept', refund, refunds: [before, refund] });
  });

  it('accepts all that is left where no amount is named; a declined refund has freed its own', () => {
    const refunds = [
      refundOf({ refundId: 'r-2', status: 'REFUNDED' }),
      refundOf({ refundId: 'r-3', status: 'DECLINED' }),
    ];
    expect(remainingMinorOf(charged(refunds))).toBe(600n);
    expect(decideRefund(charged(refunds), asked(null), accepted)).toMatchObject({
      kind: 'accept',
      refund: { amountMinor: 600n, isRemainder: true },
    });
  });

  const known = [refundOf()];
  const rest = [refundOf({ isRemainder: true, amountMinor: 1000n, status: 'REFUNDED' })];
  it.each([
    ['the same amount of an open refund', known, '4.00', { kind: 'resume', refund: known[0] }],
    ['another amount', known, '4.01', { kind: 'conflict' }],
    ['no amount where one was named', known, null, { kind: 'conflict' }],
    ['no amount where none was named', rest, null, { kind: 'replay', refund: rest[0] }],
    ['an amount where none was named', rest, '10', { kind: 'conflict' }],
    ['an amount beyond any charge', known, '9e30', { kind: 'conflict' }],
  ])('knows a refund_id again, with %s', (_name, refunds, amount, expected) => {
    expect(decideRefund(charged(refunds), asked(amount), accepted)).toEqual(expected);
  });

  it.each(['REFUNDED', 'DECLINED'] as const)(
    'replays a %s refund, also with nothing left',
    (status) => {
      const refunds = [refundOf({ status }), refundOf({ refundId: 'r-2', amountMinor: 600n })];
      expect(decideRefund(charged(refunds), asked('4'), accepted)).toEqual({
        kind: 'replay',
        refund: refunds[0],
      });
    },
  );

  it.each([
    ['more than the charge', [], '10.01', 1000n],
    ['more than is left', [refundOf({ refundId: 'r-2' })], '6.01', 600n],
    ['a digit too many to be a number', [], '1e40', 1000n],
    ['the rest of nothing', [refundOf({ refundId: 'r-2', amountMinor: 1000n })], null, 0n],
  ])('rejects %s', (_name, refunds, amount, remainingMinor) => {
    expect(decideRefund(charged(refunds), asked(amount), accepted)).toEqual({
      kind: 'exceeds',
      remainingMinor,
    });
  });

  it.each([
    ['USD', '1.005', 2],
    ['JPY', '1.5', 0],
    ['KWD', '1.0005', 3],
  ])('rejects an amount too precise for %s: %s', (currency, amount, minorDigits) => {
    expect(decideRefund(charged([], currency), asked(amount), accepted)).toEqual({
      kind: 'amount-too-precise',
      minorDigits,
    });
  });

  it('rejects one more than a journal holds, but knows all of those again', () => {
    const refunds = Array.from({ length: REFUNDS_MAX }, (_unused, index) =>
      refundOf({ refundId: `r-${index}`, amountMinor: 1n }),
    );
    expect(decideRefund(charged(refunds.slice(1)), asked('1', 'new'), accepted)).toMatchObject({
      kind: 'accept',
    });
    expect(decideRefund(charged(refunds), asked('1', 'new'), accepted)).toEqual({
      kind: 'too-many',
    });
    expect(decideRefund(charged(refunds), asked('0.01', 'r-7'), accepted)).toMatchObject({
      kind: 'resume',
    });
  });

  it.each([
    ['ACCEPTED', 'still-open'],
    ['DECLINED', 'not-charged'],
  ] as const)('rejects a refund of a payment that is %s', (status, kind) => {
    expect(decideRefund(journalOf({ status }), asked('1'), accepted)).toEqual({ kind });
  });

  it('never gives more than the charge, whatever is asked for in whatever order', () => {
    const step = fc.record({
      id: fc.integer({ min: 0, max: 6 }),
      minor: fc.option(fc.integer({ min: 1, max: 1_200 })),
      end: fc.constantFrom('ACCEPTED', 'REFUNDED', 'DECLINED'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let refunds: readonly Refund[] = [];
        for (const { id, minor, end } of steps) {
          const amount = minor === null ? null : (minor / 100).toFixed(2);
          const decision = decideRefund(charged(refunds), asked(amount, `r-${id}`), accepted);
          if (decision.kind !== 'accept') continue;
          refunds = [...refunds, { ...decision.refund, status: end }];
          const held = refunds.filter(({ status }) => status !== 'DECLINED');
          const sum = held.reduce((total, { amountMinor }) => total + amountMinor, 0n);
          expect(sum).toBeLessThanOrEqual(1000n);
        }
      }),
    );
  });
});

describe('parseRefundRequest', () => {
  it.each([
    ['{"refund_id":"r-1"}', null],
    ['{"refund_id":"r-1","amount":1.50}', parseDecimal('1.50', 'number')],
    ['{"amount":"1.50","refund_id":"r-1"}', parseDecimal('1.50', 'string')],
  ])('reads %s', (body, amount) => {
    expect(parseRefundRequest(body)).toEqual({
      kind: 'valid',
      request: { refundId: 'r-1', amount },
    });
  });

  it.each([
    ['{}', 'missing_field'],
    ['[]', 'invalid_body'],
    ['{"refund_id":', 'invalid_json'],
    ['{"refund_id":"r","refund_id":"r"}', 'duplicate_field'],
    ['{"refund_id":"r","currency":"USD"}', 'unknown_field'],
    ['{"refund_id":7}', 'invalid_refund_id'],
    ['{"refund_id":""}', 'invalid_refund_id'],
    ['{"refund_id":"r","amount":null}', 'invalid_amount'],
    ['{"refund_id":"r","amount":"much"}', 'invalid_amount'],
    ['{"refund_id":"r","amount":0}', 'amount_not_positive'],
    ['{"refund_id":"r","amount":-1}', 'amount_not_positive'],
  ])('rejects %s with %s', (body, code) => {
    expect(parseRefundRequest(body)).toMatchObject({ kind: 'invalid', fault: { code } });
  });
});
