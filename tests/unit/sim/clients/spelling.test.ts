import { describe, expect, it } from 'vitest';
import { MINOR_UNIT_DIGITS } from '#core/iso-4217.ts';
import { parsePaymentRequest } from '#core/payment-request.ts';
import { parseRefundRequest } from '#core/refund-request.ts';
import {
  CURRENCY_DIGITS,
  type Currency,
  decimalText,
  spell,
  spellPlainly,
  spellRefund,
} from '#sim/clients/spelling.ts';
import { createRandom } from '#sim/kernel/random.ts';

const CURRENCIES = Object.keys(CURRENCY_DIGITS) as readonly Currency[];
const AMOUNTS = [1n, 10n, 100n, 1_000n, 1_050n, 10_000_000n, 123_456_789n, 999_999_999_999_999n];
const IDS = ['t1', 'a/b "c" \\ %2F #d', 'Zürich €😀', 'x'.repeat(300)];
const DRAWS = 3_000;

describe('spell', () => {
  it('says the same in every spelling', () => {
    const random = createRandom(7, 'test');
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const meaning = {
        transactionId: random.pick(IDS),
        customerId: random.pick(IDS),
        amountMinor: random.pick(AMOUNTS),
        currency: random.pick(CURRENCIES),
      };
      const text = spell(meaning, random);
      expect([text, parsePaymentRequest(text)]).toEqual([
        text,
        { kind: 'valid', request: meaning },
      ]);
    }
  });

  it('finds many spellings of one payment', () => {
    const random = createRandom(8, 'test');
    const meaning = {
      ...{ transactionId: 'a/b', customerId: 'c1', amountMinor: 1_000n, currency: 'USD' },
    };
    const texts = Array.from({ length: 1_000 }, () => spell(meaning, random));
    expect(new Set(texts).size).toBeGreaterThan(800);
    const kinds = [
      /"amount"\s*:\s*10\s*[,}]/,
      /"amount"\s*:\s*10\.0/,
      /"amount"\s*:\s*"10"/,
      /"amount"\s*:\s*"10\.000/,
      /"amount"\s*:\s*1e1/,
      /E\+/,
      /\\u00/,
      /\\\/b/,
      /^\s+\{/,
      /^\s*\{\s*"currency"/,
      /^\s*\{\s*"amount"/,
    ];
    expect(kinds.filter((kind) => !texts.some((text) => kind.test(text)))).toEqual([]);
  });

  it('knows the decimals that the published list has', () => {
    expect(CURRENCIES.map((code) => [code, MINOR_UNIT_DIGITS.get(code)])).toEqual(
      Object.entries(CURRENCY_DIGITS),
    );
  });
});

describe('spellPlainly', () => {
  it('has all decimals, and no white space', () => {
    const meaning = { transactionId: 't', customerId: 'c', amountMinor: 1_050n, currency: 'BHD' };
    expect(spellPlainly(meaning)).toBe(
      '{"transaction_id":"t","customer_id":"c","amount":"1.050","currency":"BHD"}',
    );
  });
});

describe('decimalText', () => {
  it.each([
    [1_050n, 2, '10.50'],
    [5n, 2, '0.05'],
    [5n, 0, '5'],
    [1n, 3, '0.001'],
    [999_999_999_999_999n, 4, '99999999999.9999'],
  ])('%s with %i decimals is %s', (amountMinor, digits, text) => {
    expect(decimalText(amountMinor, digits)).toBe(text);
  });
});

describe('spellRefund', () => {
  it('says the same in every spelling, of a part and of the rest', () => {
    const random = createRandom(9, 'test');
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const refundId = random.pick(IDS);
      const text = spellRefund({ refundId, amountMinor: 1_200n }, 'USD', random);
      const amount = { negative: false, digits: '12', exponent: 0 };
      expect(parseRefundRequest(text)).toEqual({ kind: 'valid', request: { refundId, amount } });
    }
    const text = spellRefund({ refundId: 'r', amountMinor: null }, 'USD', random);
    expect(parseRefundRequest(text)).toEqual({
      kind: 'valid',
      request: { refundId: 'r', amount: null },
    });
  });
});
