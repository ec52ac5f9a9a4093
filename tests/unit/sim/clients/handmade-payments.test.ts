import { expect, it } from 'vitest';
import { handmadePayments } from '#sim/clients/handmade-payments.ts';

it('sends what the plan says, and draws nothing', () => {
  const visits = [{ afterMs: 40, region: 'us-east-2' }] as const;
  const [first, second] = handmadePayments([
    { atMs: 1_000, kind: 'accept' },
    { atMs: 2_000, kind: 'process', repeats: visits, refunds: [...visits, ...visits] },
  ]);
  expect(first).toMatchObject({
    ...{ atMs: 1_000, client: 'sdk', others: [], reads: [], refunds: [], afterAnswer: null },
    call: {
      request: { route: 'accept', transactionId: 't1' },
      meaning: { transactionId: 't1', amountMinor: 1_050n, currency: 'USD' },
    },
  });
  const body = '{"transaction_id":"t2","customer_id":"c1","amount":"10.50","currency":"USD"}';
  expect(second?.call.request).toEqual({ route: 'process', transactionId: 't2', body });
  expect(second?.others).toEqual([{ ...visits[0], call: second?.call }]);
  expect(second?.refunds.map(({ afterMs, call }) => [afterMs, call.request.body])).toEqual([
    [40, '{"refund_id":"r1","amount":"1.00"}'],
    [40, '{"refund_id":"r2","amount":"1.00"}'],
  ]);
  expect(second?.refunds[0]?.call.refund).toEqual({ refundId: 'r1', amountMinor: 100n });
});

it('sends an id again for another customer where the plan says so', () => {
  const repeats = [{ afterMs: 40, region: 'us-east-2', customerId: 'c2' }] as const;
  const [payment] = handmadePayments([{ atMs: 1_000, kind: 'process', repeats }]);
  expect(payment?.others[0]?.call).toMatchObject({
    meaning: { customerId: 'c2', amountMinor: 1_050n },
    request: { body: expect.stringContaining('"customer_id":"c2"') },
  });
});

it('sends an id again with another amount where the plan says so', () => {
  const visit = { afterMs: 40, region: 'us-east-2' } as const;
  const [payment] = handmadePayments([
    {
      ...{ atMs: 1_000, kind: 'process' },
      repeats: [{ ...visit, amountMinor: 2_000 }],
      refunds: [visit, { ...visit, refundId: 'r1', amountMinor: 205 }],
    },
  ]);
  expect(payment?.others[0]).toMatchObject({
    ...visit,
    call: { meaning: { amountMinor: 2_000n } },
  });
  expect(payment?.others[0]?.call.request.body).toContain('"amount":"20.00"');
  expect(payment?.refunds.map(({ call }) => call.request.body)).toEqual([
    '{"refund_id":"r1","amount":"1.00"}',
    '{"refund_id":"r1","amount":"2.05"}',
  ]);
});
