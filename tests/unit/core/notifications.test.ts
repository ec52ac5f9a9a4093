/** Keys and ids by which others drop repeats: no two things may share one. */

import { describe, expect, it } from 'vitest';
import { sha256Hex } from '#adapters/system.ts';
import { chargeKeyOf, paymentDeclined, refundKeyOf, refundSettled } from '#core/notifications.ts';
import { journalOf } from './payment-fixture.ts';

describe('the keys at the gateway', () => {
  it('are the ids as they read, encoded for a header', () => {
    expect(chargeKeyOf('txn-1', sha256Hex)).toBe('txn-1');
    expect(chargeKeyOf('é/1', sha256Hex)).toBe('%C3%A9%2F1');
    expect(refundKeyOf('a/b', 'c', sha256Hex)).toBe('a%2Fb/refunds/c');
  });

  it('are hashes that are no id either, where the id is long', () => {
    const long = 'x'.repeat(2_048);
    const keys = [
      chargeKeyOf(long, sha256Hex),
      chargeKeyOf(`${long.slice(1)}y`, sha256Hex),
      refundKeyOf(long, 'r', sha256Hex),
      refundKeyOf('t', long, sha256Hex),
    ];
    expect(new Set(keys).size).toBe(4);
    for (const key of keys) expect(key).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(chargeKeyOf('sha256:1', sha256Hex)).toBe('sha256%3A1');
  });
});

describe('the ids of notifications', () => {
  it('keep a refund apart from a payment that is named like it', () => {
    const refund = {
      refundId: 'r-1',
      amountMinor: 1n,
      isRemainder: false,
      status: 'DECLINED',
      refundEpochSeconds: 1,
      region: 'us-east-1',
      declineReason: 'no',
    } as const;
    const named = journalOf({ transactionId: 'txn-1/refunds/r-1', status: 'DECLINED' });
    const ofPayment = paymentDeclined(named).id;
    expect(refundSettled(journalOf({ transactionId: 'txn-1' }), refund).id).not.toBe(ofPayment);
  });
});
