/** Status and body text of what callers are answered. The texts are the promise: written out, byte for byte. */

import { describe, expect, it } from 'vitest';
import {
  answerOfAccept,
  answerOfError,
  answerOfList,
  answerOfProcess,
  answerOfRead,
  answerOfRefund,
  bodyTextOf,
  type CoreAnswer,
  isTurnedAway,
  statusOf,
} from '#core/answers.ts';
import { AppError, knownRead } from '#core/app-error.ts';
import { InvariantError } from '#core/invariant.ts';
import { paymentOf } from '#core/journal.ts';
import type { ProcessOutcome } from '#core/process-payment.ts';
import type { Refund } from '#core/refund.ts';
import type { RefundOutcome } from '#core/refund-payment.ts';
import { journalOf } from './payment-fixture.ts';

const journal = journalOf({ status: 'PROCESSED', dueAtEpochMs: null });
const payment = paymentOf(journal);
const declined = journalOf({ status: 'DECLINED', declineReason: 'no_funds', dueAtEpochMs: null });
const late = new AppError('unavailable', 'publish: no answer');

const refund: Refund = {
  ...{ refundId: 'r-1', amountMinor: 400n, isRemainder: false, status: 'REFUNDED' },
  ...{ refundEpochSeconds: 1_700_000_060, region: 'us-east-2', declineReason: null },
};
const settled = (change: Partial<Refund> = {}, replayed = false): RefundOutcome => ({
  ...{ kind: 'settled', journal, refund: { ...refund, ...change } },
  ...{ replayed, unfinished: replayed ? null : late },
});

/** `200 {...}`, or `409 code` with what the problem names. */
function shown(answer: CoreAnswer): string {
  const status = statusOf(answer);
  if (answer.kind === 'ok') return `${status} ${bodyTextOf(answer, 'req-1')}`;
  const { code, ...more } = answer.fault;
  return [status, code, ...Object.entries(more).map((entry) => entry.join('='))].join(' ');
}

describe('answerOfProcess', () => {
  const processed =
    '200 {"message":"Payment processed successfully","transaction_id":"txn-1","timestamp":1700000000}';
  const first = { recorded: true, replayed: false, unfinished: late };
  const again = { recorded: false, replayed: true, unfinished: null };

  it.each([
    ['a payment', { kind: 'processed', payment, ...first }, processed],
    ['its repeat alike', { kind: 'processed', payment, ...again }, processed],
    [
      'a declined one',
      { kind: 'declined', reason: 'no_funds', ...first },
      '402 payment_declined declineReason=no_funds',
    ],
    ['another request', { kind: 'conflict' }, '409 transaction_conflict field=transaction_id'],
  ] satisfies [string, ProcessOutcome, string][])('answers %s', (_name, outcome, text) => {
    expect(shown(answerOfProcess(outcome))).toBe(text);
  });
});

describe('answerOfAccept', () => {
  it.each([
    ['an open payment', journalOf(), true],
    ['one that was charged since', journal, false],
    ['one that was declined since', declined, false],
  ])('answers %s alike', (_name, found, created) => {
    const answer = answerOfAccept({
      ...{ kind: 'accepted', journal: found, created },
      notEnqueued: created ? late : null,
    });
    expect(shown(answer)).toBe(
      '202 {"message":"Payment accepted","transaction_id":"txn-1","status":"ACCEPTED","timestamp":1700000000}',
    );
  });

  it('refuses another request under the same id', () => {
    expect(shown(answerOfAccept({ kind: 'conflict' }))).toBe(
      '409 transaction_conflict field=transaction_id',
    );
  });
});

describe('answerOfRefund', () => {
  const refunded =
    '200 {"message":"Refund processed successfully","transaction_id":"txn-1","refund_id":"r-1","amount":"4.00","currency":"USD","timestamp":1700000060}';

  it.each([
    ['a refund', settled(), refunded],
    ['its repeat alike', settled({}, true), refunded],
    [
      'a declined one',
      settled({ status: 'DECLINED', declineReason: 'closed' }),
      '402 refund_declined declineReason=closed',
    ],
    ['no payment', { kind: 'no-payment' }, '404 payment_not_found'],
    ['another amount', { kind: 'conflict' }, '409 refund_conflict field=refund_id'],
    [
      'too much',
      { kind: 'exceeds', remainingMinor: 600n },
      '409 refund_exceeds_charge field=amount',
    ],
    ['too many', { kind: 'too-many' }, '409 too_many_refunds'],
    [
      'half a cent',
      { kind: 'amount-too-precise', minorDigits: 2 },
      "400 amount_too_precise field=amount detail=The payment's currency has 2 decimals.",
    ],
    ['an open payment', { kind: 'still-open' }, '409 payment_still_open'],
    ['a declined payment', { kind: 'not-charged' }, '409 payment_not_charged'],
  ] satisfies [string, RefundOutcome, string][])('answers %s', (_name, outcome, text) => {
    expect(shown(answerOfRefund(outcome))).toBe(text);
  });
});

describe('answerOfRead', () => {
  const head =
    '"transaction_id":"txn-1","timestamp":1700000000,"customer_id":"cust-1","amount":"10.00","currency":"USD"';
  const whole = `200 {${head},"status":"PROCESSED","processed_at":1700000000,"region":"us-east-1"}`;

  it.each([
    ['a payment', { payment, journal }, whole],
    ['a payment whose journal is not there', { payment, journal: null }, whole],
    [
      'a journal without its payment',
      { payment: null, journal },
      `200 {${head},"status":"ACCEPTED","region":"us-east-1"}`,
    ],
    [
      'a declined payment',
      { payment: null, journal: declined },
      `200 {${head},"status":"DECLINED","decline_reason":"no_funds","region":"us-east-1"}`,
    ],
    ['nothing', { payment: null, journal: null }, '404 payment_not_found'],
  ])('answers %s', (_name, found, text) => {
    expect(shown(answerOfRead(found))).toBe(text);
  });

  it('tells of refunds', () => {
    const answer = answerOfRead({ payment, journal: { ...journal, refunds: [refund] } });
    expect(shown(answer)).toContain(
      '"refunded":"4.00","refunds":[{"refund_id":"r-1","amount":"4.00","status":"REFUNDED","timestamp":1700000060}]',
    );
  });
});

describe('answerOfList', () => {
  it('answers the payments of a page, and where the next begins', () => {
    expect(shown(answerOfList([], null))).toBe('200 {"payments":[],"next_cursor":null}');
    expect(shown(answerOfList([payment], 'abc'))).toMatch(
      /^200 \{"payments":\[\{"transaction_id":"txn-1",.*\}\],"next_cursor":"abc"\}$/,
    );
  });
});

describe('what was thrown', () => {
  it.each([
    ['a fault', new AppError('outcome_unknown', 'put: secret'), '503 outcome_unknown'],
    ['a defect', new TypeError('secret'), '500 internal_error'],
    ['a broken invariant', new InvariantError('secret'), '500 internal_error'],
    ['no error at all', 'secret', '500 internal_error'],
  ])('answers %s by the catalogue alone', (_name, error, text) => {
    const answer = answerOfError(error);
    expect(shown(answer)).toBe(text);
    expect(bodyTextOf(answer, 'req-1')).toContain('"request_id":"req-1"');
    expect(bodyTextOf(answer, 'req-1')).not.toContain('secret');
  });

  it('turns away where another Region has the lease, and not where the lease can not be asked for', () => {
    const elsewhere = new AppError('region_not_active', 'another Region holds the lease');
    expect(isTurnedAway(elsewhere)).toBe(true);
    expect(isTurnedAway(new AppError('region_not_active', 'no renewal', { cause: late }))).toBe(
      false,
    );
    expect(isTurnedAway(new AppError('outcome_unknown', 'accept', { cause: elsewhere }))).toBe(
      false,
    );
    expect(isTurnedAway(undefined)).toBe(false);
    const forPeople = new AppError('internal_error', 'another charge', { isFinal: true });
    expect(isTurnedAway(new AppError('outcome_unknown', 'accept', { cause: forPeople }))).toBe(
      true,
    );
    expect(isTurnedAway(new AppError('internal_error', 'a defect'))).toBe(false);
  });
});

describe('knownRead', () => {
  it('returns what was read', async () => {
    expect(await knownRead(Promise.resolve(7))).toBe(7);
  });

  it('rejects a read without an answer as unavailable', async () => {
    const cause = new AppError('outcome_unknown', 'get: no answer');
    await expect(knownRead(Promise.reject(cause))).rejects.toMatchObject({
      ...{ code: 'unavailable', message: 'get: no answer', cause },
    });
  });

  it.each([late, new TypeError('a defect')])('lets %s through', async (error) => {
    await expect(knownRead(Promise.reject(error))).rejects.toBe(error);
  });
});
