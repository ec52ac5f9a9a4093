import { describe, expect, it } from 'vitest';
import type { PaymentRequest, RefundRequest } from '#sdk/index.ts';
import { createClientWorld } from './client-world.ts';

const order = { transaction_id: 't-1', customer_id: 'c-1', amount: '10.50', currency: 'USD' };

describe('a payment request', () => {
  const rows: readonly [string, unknown, string, field: string | undefined][] = [
    ['that is none', null, 'the request must be an object', undefined],
    ['that is a list', [order], 'the request must be an object', undefined],
    [
      'whose id is null',
      { ...order, transaction_id: null },
      'transaction_id must be a string that is not empty',
      'transaction_id',
    ],
    [
      'whose id is empty',
      { ...order, transaction_id: '' },
      'transaction_id must be a string that is not empty',
      'transaction_id',
    ],
    [
      'whose id has no UTF-8 form',
      { ...order, transaction_id: 't-\ud800' },
      'transaction_id has a lone surrogate, which has no UTF-8 form',
      'transaction_id',
    ],
    [
      'whose amount is not a number',
      { ...order, amount: Number.NaN },
      'amount must be a number or a decimal string',
      'amount',
    ],
    [
      'whose amount is a bigint',
      { ...order, amount: 10n },
      'amount must be a number or a decimal string',
      'amount',
    ],
    [
      'that JSON cannot carry',
      { ...order, note: 1n },
      'the request has a member that JSON cannot carry',
      undefined,
    ],
  ];

  it.each(rows)('rejects one %s, sending nothing', async (_name, request, message, field) => {
    const { client, seen, failure } = createClientWorld();
    const error = await failure(client.processPayment(request as PaymentRequest));
    expect(error.message).toBe(`invalid_request: ${message}`);
    expect(error).toMatchObject({
      code: 'invalid_request',
      outcome: 'not-charged',
      retry: 'never',
    });
    expect(error.field).toBe(field);
    expect(seen).toEqual([]);
  });

  it('goes to the API with whatever else is in it: the API names what is wrong', async () => {
    const { client, seen, settle } = createClientWorld();
    await settle(client.processPayment({ ...order, note: 'x' } as PaymentRequest));
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ ...order, note: 'x' });
  });
});

describe('a refund request', () => {
  it.each([
    ['without a payment', { refund_id: 'r-1' }, 'transaction_id'],
    ['whose refund_id is null', { transaction_id: 't-1', refund_id: null }, 'refund_id'],
    ['of a payment that no URL leads to', { transaction_id: '..' }, 'transaction_id'],
  ])('rejects one %s', async (_name, request, field) => {
    const { client, seen, failure } = createClientWorld();
    const error = await failure(client.refundPayment(request as RefundRequest));
    expect(error).toMatchObject({ code: 'invalid_request', outcome: 'not-refunded', field });
    expect(seen).toEqual([]);
  });
});

it('rejects a look-up that no URL leads to', async () => {
  const { client, failure } = createClientWorld();
  expect(await failure(client.getPayment('.'))).toMatchObject({
    code: 'invalid_request',
    outcome: 'read',
  });
});
