import { describe, expect, it } from 'vitest';
import { createLedger, type Ledger } from '#gateway/ledger.ts';

const USD_10 = { amountMinor: 1_000n, currency: 'USD', subject: 'c-1' };

function freshLedger(): Ledger {
  let ids = 0;
  return createLedger((what) => `${what}-${++ids}`);
}

function charged(ledger: Ledger, key = 'k-1', declineCode: string | null = null) {
  ledger.begin('charge', key, USD_10);
  return ledger.settle('charge', key, declineCode);
}

function refunded(ledger: Ledger, key: string, amountMinor: bigint, more = {}) {
  ledger.begin('refund', key, { amountMinor, currency: 'USD', subject: 'k-1', ...more });
  return ledger.settle('refund', key, null);
}

describe('a key', () => {
  it('has one result for ever', () => {
    const ledger = freshLedger();
    expect(ledger.begin('charge', 'k-1', USD_10)).toEqual({ kind: 'begun' });
    expect(ledger.begin('charge', 'k-1', USD_10)).toEqual({ kind: 'under-way' });
    const result = ledger.settle('charge', 'k-1', null);
    expect(result).toEqual({ id: 'charge-1', status: 'succeeded' });
    const settled = { kind: 'settled', result, request: USD_10 };
    expect(ledger.begin('charge', 'k-1', USD_10)).toEqual(settled);
    expect(ledger.find('charge', 'k-1')).toEqual(settled);
    expect(() => ledger.settle('charge', 'k-1', null)).toThrow('charge not under way');
  });

  it.each([
    { ...USD_10, amountMinor: 1_001n },
    { ...USD_10, currency: 'EUR' },
    { ...USD_10, subject: 'c-2' },
  ])('rejects another body: %o', (other) => {
    const ledger = freshLedger();
    ledger.begin('charge', 'k-1', USD_10);
    expect(ledger.begin('charge', 'k-1', other)).toEqual({ kind: 'other-body' });
    ledger.settle('charge', 'k-1', null);
    expect(ledger.begin('charge', 'k-1', other)).toEqual({ kind: 'other-body' });
  });

  it('is free again when what was begun had no effect', () => {
    const ledger = freshLedger();
    ledger.begin('charge', 'k-1', USD_10);
    ledger.abandon('charge', 'k-1');
    expect(ledger.find('charge', 'k-1')).toBeNull();
    expect(ledger.begin('charge', 'k-1', USD_10)).toEqual({ kind: 'begun' });
  });

  it('keeps its effect once it is settled', () => {
    const ledger = freshLedger();
    charged(ledger);
    ledger.abandon('charge', 'k-1');
    expect(ledger.find('charge', 'k-1')).toMatchObject({ kind: 'settled' });
  });

  it('is another one for refunds', () => {
    const ledger = freshLedger();
    charged(ledger);
    expect(ledger.find('refund', 'k-1')).toBeNull();
  });
});

describe('refunds', () => {
  it('never exceed the charge together', () => {
    const ledger = freshLedger();
    charged(ledger);
    expect(refunded(ledger, 'r-1', 600n)).toMatchObject({ status: 'succeeded' });
    expect(refunded(ledger, 'r-2', 401n)).toMatchObject({ decline_code: 'exceeds_charge' });
    expect(refunded(ledger, 'r-3', 400n)).toMatchObject({ status: 'succeeded' });
    expect(refunded(ledger, 'r-4', 1n)).toMatchObject({ decline_code: 'exceeds_charge' });
  });

  it('reject a charge that nobody knows, or that was declined', () => {
    const ledger = freshLedger();
    expect(refunded(ledger, 'r-1', 1n)).toMatchObject({ decline_code: 'no_such_charge' });
    charged(ledger, 'k-1', 'insufficient_funds');
    expect(refunded(ledger, 'r-2', 1n)).toMatchObject({ decline_code: 'no_such_charge' });
  });

  it('reject another currency', () => {
    const ledger = freshLedger();
    charged(ledger);
    const refund = refunded(ledger, 'r-1', 1n, { currency: 'EUR' });
    expect(refund).toMatchObject({ decline_code: 'currency_mismatch' });
  });
});

it('shows what took effect, how often it was asked for, and the sums', () => {
  const ledger = freshLedger();
  charged(ledger);
  ledger.begin('charge', 'k-1', USD_10);
  charged(ledger, 'k-2', 'insufficient_funds');
  ledger.begin('charge', 'k-3', USD_10);
  refunded(ledger, 'r-1', 600n);
  refunded(ledger, 'r-2', 600n);
  const entry = { amount_minor: '1000', currency: 'USD' };
  const declined = { status: 'declined', decline_code: 'insufficient_funds' };
  expect(ledger.view()).toMatchObject({
    charges: [
      { ...entry, key: 'k-1', id: 'charge-1', status: 'succeeded', count_of_requests: 2 },
      { ...entry, ...declined, key: 'k-2', count_of_requests: 1 },
    ],
    refunds: [
      { key: 'r-1', charge_key: 'k-1', amount_minor: '600', status: 'succeeded' },
      { key: 'r-2', decline_code: 'exceeds_charge' },
    ],
    totals: {
      charges_succeeded: 1,
      charges_declined: 1,
      refunds_succeeded: 1,
      refunds_declined: 1,
      charged_minor: { USD: '1000' },
      refunded_minor: { USD: '600' },
    },
  });
});
