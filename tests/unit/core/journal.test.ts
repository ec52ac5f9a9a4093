import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '#adapters/system.ts';
import {
  canonicalRequest,
  decideRepeat,
  type Journal,
  openJournal,
  openShardOf,
  paymentOf,
} from '#core/journal.ts';
import { type PaymentRequest, parsePaymentRequest } from '#core/payment-request.ts';

const request: PaymentRequest = {
  transactionId: 'txn-1',
  customerId: 'cust-1',
  amountMinor: 1050n,
  currency: 'USD',
};

function parsed(body: string): PaymentRequest {
  const result = parsePaymentRequest(body);
  if (result.kind === 'invalid') throw new Error(result.fault.code);
  return result.request;
}

describe('canonicalRequest', () => {
  it('is the text that every journal in existence was fingerprinted from', () => {
    // Change this text and every stored journal conflicts with its own repeat.
    expect(canonicalRequest(request)).toBe('["holdfast-payment-1","txn-1","cust-1","10.50","USD"]');
    expect(sha256Hex(canonicalRequest(request))).toBe(
      'a42d873c9a106b14c978f1f9883f81d1790992d63a68f73f03d45bd58f95193f',
    );
  });

  it.each([
    '{"transaction_id":"a","customer_id":"b","amount":10,"currency":"USD"}',
    '{ "currency" : "USD",\n"amount":10.0, "customer_id":"b","transaction_id":"a"}',
    '{"transaction_id":"\\u0061","customer_id":"b","amount":"10.00","currency":"USD"}',
    '{"transaction_id":"a","customer_id":"b","amount":1e1,"currency":"USD"}',
  ])('is one for requests that mean the same: %s', (body) => {
    expect(canonicalRequest(parsed(body))).toBe('["holdfast-payment-1","a","b","10.00","USD"]');
  });

  it('differs whenever the meaning does', () => {
    const requests = fc.record({
      transactionId: fc.string({ minLength: 1 }),
      customerId: fc.string({ minLength: 1 }),
      amountMinor: fc.bigInt({ min: 1n, max: 10_000n }),
      currency: fc.constantFrom('USD', 'EUR', 'JPY'),
    });
    fc.assert(
      fc.property(requests, requests, (a, b) => {
        const same =
          a.transactionId === b.transactionId &&
          a.customerId === b.customerId &&
          a.amountMinor === b.amountMinor &&
          a.currency === b.currency;
        expect(canonicalRequest(a) === canonicalRequest(b)).toBe(same);
      }),
    );
  });
});

describe('decideRepeat', () => {
  const open: Journal = openJournal(request, 'f1', {
    atEpochMs: 1_700_000_000_999,
    region: 'here',
  });
  const done: Journal = { ...open, status: 'PROCESSED' };
  const declined: Journal = { ...open, status: 'DECLINED' };

  it.each([
    ['an open journal and the same request', open, 'f1', 'resume'],
    ['a finished journal and the same request', done, 'f1', 'replay'],
    ['a declined journal and the same request', declined, 'f1', 'replay'],
    ['an open journal and another request', open, 'f2', 'conflict'],
    ['a finished journal and another request', done, 'f2', 'conflict'],
    ['a declined journal and another request', declined, 'f2', 'conflict'],
  ] as const)('for %s', (_name, journal, fingerprint, expected) => {
    expect(decideRepeat(journal, fingerprint)).toBe(expected);
  });
});

describe('paymentOf', () => {
  it('takes everything from the journal, the time in whole seconds', () => {
    const journal = openJournal(request, 'f', {
      atEpochMs: 1_700_000_000_999,
      region: 'us-east-1',
    });
    expect(paymentOf(journal)).toEqual({
      transactionId: 'txn-1',
      timestampEpochSeconds: 1_700_000_000,
      customerId: 'cust-1',
      amountMinor: 1050n,
      currency: 'USD',
      status: 'PROCESSED',
      region: 'us-east-1',
    });
  });
});

describe('openShardOf', () => {
  it('spreads sequential ids over all sixteen shards', () => {
    const counts = new Map<number, number>();
    for (let index = 0; index < 16_000; index += 1) {
      const shard = openShardOf(`txn-${index}`);
      counts.set(shard, (counts.get(shard) ?? 0) + 1);
    }
    expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual([...Array(16).keys()]);
    expect(Math.max(...counts.values())).toBeLessThan(1_300);
    expect(Math.min(...counts.values())).toBeGreaterThan(700);
  });
});
