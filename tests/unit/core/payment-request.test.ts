import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEALTH_PROBE } from '#contract/names.ts';
import { SCHEMAS } from '#contract/schemas.ts';
import { IDENTIFIER_MAX_BYTES, identifierFault, utf8Length } from '#core/identifier.ts';
import { parsePaymentRequest } from '#core/payment-request.ts';
import { BAD_REQUESTS, GOOD_AMOUNTS } from '../../support/bad-requests.ts';

const transport = new Set(['body_too_large', 'unsupported_media_type']);

describe('parsePaymentRequest', () => {
  it.each(BAD_REQUESTS.filter(({ code }) => !transport.has(code)))(
    'rejects $name with $code',
    ({ body, code }) => {
      const parsed = parsePaymentRequest(body);
      expect(parsed.kind === 'invalid' && parsed.fault.code).toBe(code);
    },
  );

  it.each(GOOD_AMOUNTS)('reads %s %s as %s minor units', (source, currency, amountMinor) => {
    const body = `{"transaction_id":"t","customer_id":"c","amount":${source},"currency":"${currency}"}`;
    expect(parsePaymentRequest(body)).toEqual({
      kind: 'valid',
      request: { transactionId: 't', customerId: 'c', amountMinor, currency },
    });
  });

  it.each([
    ['transaction_id', '{"customer_id":"c"}'],
    ['customer_id', '{"transaction_id":"t","currency":"USD"}'],
    ['amount', '{"transaction_id":"t","customer_id":"c","extra":1}'],
    ['currency', '{"transaction_id":"t","customer_id":"c","amount":-1}'],
  ])('reports a missing %s first, in the contract’s words', (field, body) => {
    const parsed = parsePaymentRequest(body);
    expect(parsed).toEqual({
      kind: 'invalid',
      fault: {
        code: 'missing_field',
        field,
        error: `Missing required field: ${field}`,
        detail: 'Send transaction_id, customer_id, amount and currency.',
      },
    });
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        expect(['valid', 'invalid']).toContain(parsePaymentRequest(text).kind);
      }),
    );
  });

  it('repeats an unknown key only in a short and printable form', () => {
    const parsed = parsePaymentRequest(
      JSON.stringify({
        transaction_id: 't',
        customer_id: 'c',
        amount: 1,
        currency: 'USD',
        [`\u001b[31m${'k'.repeat(500)}`]: 1,
      }),
    );
    expect(parsed.kind === 'invalid' && parsed.fault.field).toBe(`\ufffd[31m${'k'.repeat(59)}…`);
  });

  it('accepts nothing that the published schema refuses', () => {
    const field = fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.constant(null));
    const amount = fc.oneof(
      fc.double({ noNaN: true }),
      fc.nat(),
      fc.constantFrom('1', '1.5', 'x', '-1'),
    );
    const currency = fc.constantFrom('USD', 'JPY', 'usd', 'ZZZ', '');
    fc.assert(
      fc.property(field, field, amount, currency, (transaction_id, customer_id, value, code) => {
        const body = { transaction_id, customer_id, amount: value, currency: code };
        const text = JSON.stringify(body);
        if (parsePaymentRequest(text).kind === 'valid') {
          expect(SCHEMAS.PaymentRequest.safeParse(JSON.parse(text)).success).toBe(true);
        }
      }),
    );
  });
});

describe('identifierFault', () => {
  it('refuses the key that the health check may read', () => {
    expect(identifierFault(HEALTH_PROBE.transactionId)).not.toBeNull();
  });

  it('counts bytes of UTF-8 as an encoder does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
      }),
    );
  });

  it.each([
    ['a'.repeat(IDENTIFIER_MAX_BYTES)],
    ['é'.repeat(IDENTIFIER_MAX_BYTES / 2)],
    ['😀'.repeat(IDENTIFIER_MAX_BYTES / 4)],
    ['a b'],
    ['__proto__'],
    ['../../etc/passwd'],
    ["'; DROP TABLE payments; --"],
    ['订单-1'],
  ])('accepts %s', (id) => {
    expect(identifierFault(id)).toBeNull();
  });
});
