import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { ApiAnswer, ApiEvent } from '#handlers/api-event.ts';
import { pathIdentifier } from '#handlers/path-identifier.ts';

const MALFORMED = 'is not percent-encoded UTF-8 in the path; encode it once, "%" itself as "%25"';

describe('pathIdentifier', () => {
  it.each([
    ['txn-1', 'txn-1'],
    ['a%3Ab', 'a:b'],
    ['a%40b%2Fc%20d', 'a@b/c d'],
    ['%E8%AE%A2', '订'],
    ['a+b', 'a+b'],
    ['a:b@c', 'a:b@c'],
    ['100%25', '100%'],
    ['a%253Ab', 'a%3Ab'],
  ])('takes %s for %s', (raw, value) => {
    const event = { pathParameters: { transaction_id: raw } };
    expect(pathIdentifier(event, 'transaction_id')).toEqual({ kind: 'identifier', value });
  });

  it.each([
    ['100%', MALFORMED],
    ['a%zz', MALFORMED],
    ['%ff', MALFORMED],
    ['%ED%A0%80', MALFORMED],
    ['a%00', 'has a control character at position 1'],
    ['%20', 'must not begin or end with white space'],
    [undefined, 'must be a string'],
  ])('rejects %s', (raw, fault) => {
    const event = { pathParameters: { customer_id: raw } };
    expect(pathIdentifier(event, 'customer_id')).toEqual({
      kind: 'refused',
      fault: { code: 'invalid_customer_id', field: 'customer_id', detail: `customer_id ${fault}.` },
    });
  });

  it('takes an id of the longest length, every byte encoded', () => {
    const event = { pathParameters: { transaction_id: '%3A'.repeat(2_048) } };
    expect(pathIdentifier(event, 'transaction_id')).toMatchObject({ value: ':'.repeat(2_048) });
  });
});

describe('a route with an id in its path', () => {
  const handlers: Record<string, (event: ApiEvent) => Promise<ApiAnswer>> = {};

  beforeAll(async () => {
    const environment = {
      AWS_REGION: 'us-east-1',
      PAYMENTS_TABLE: 'payments-test',
      PAYMENTS_CONSISTENCY: 'strong',
      TRANSACTION_TOPIC_ARN: 'arn:aws:sns:us-east-1:111111111111:transactions-test',
      // An address on which nothing listens: what is not decoded would be looked for, and be a 503.
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
    };
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    handlers['read'] = (await import('#handlers/read.ts')).handler;
    handlers['refund'] = (await import('#handlers/refund.ts')).handler;
  });

  it.each([
    ['read', 'transaction_id'],
    ['read', 'customer_id'],
    ['refund', 'transaction_id'],
  ])('rejects what is wrong once it is decoded: %s, %s', async (name, field) => {
    for (const [raw, detail] of [
      ['a%00', `${field} has a control character at position 1.`],
      ['%zz', `${field} ${MALFORMED}.`],
    ] as const) {
      const body = '{"refund_id":"r"}';
      const answer = await handlers[name]?.({ pathParameters: { [field]: raw }, body });
      expect(answer?.statusCode).toBe(400);
      expect(JSON.parse(answer?.body ?? '')).toMatchObject({ code: `invalid_${field}`, detail });
    }
  });
});
