import { describe, expect, it } from 'vitest';
import { createDynamoOpenPayments } from '#adapters/dynamo-open-payments.ts';
import { adapterOptions, awsError } from './dynamo-world.ts';

const deadline = { atEpochMs: 10_000 };
const query = { shard: 3, dueBeforeEpochMs: 500, limit: 2, after: null };
const entry = (id: string, dueAt: number) => ({
  transaction_id: { S: id },
  due_at: { N: String(dueAt) },
  attempts: { N: '4' },
});
const key = { transaction_id: { S: 'b' } };

describe('listDue', () => {
  it('tells where to go on only while there is more', async () => {
    const { options, inputs } = adapterOptions(
      { Items: [entry('a', 1), entry('b', 2)], LastEvaluatedKey: key },
      { Items: [entry('c', 3)] },
    );
    const open = createDynamoOpenPayments(options);
    const first = await open.listDue(query, deadline);
    expect(first.next).toEqual({ transactionId: 'b', dueAtEpochMs: 2, attempts: 4 });
    const second = await open.listDue({ ...query, after: first.next }, deadline);
    expect(second).toEqual({
      payments: [{ transactionId: 'c', dueAtEpochMs: 3, attempts: 4 }],
      next: null,
    });
    expect(inputs[1]?.['ExclusiveStartKey']).toEqual({
      transaction_id: { S: 'b' },
      timestamp: { N: '0' },
      open: { S: 'open#3' },
      due_at: { N: '2' },
    });
  });

  it('rejects with unavailable, since a read has no outcome to be unknown', async () => {
    const lost = awsError('InternalServerError', 500);
    const { options } = adapterOptions(lost, lost);
    const open = createDynamoOpenPayments(options);
    await expect(open.listDue(query, deadline)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('measure', () => {
  const accepted = (dueAt: number, at: number) => ({
    due_at: { N: String(dueAt) },
    payment_timestamp: { N: String(at) },
  });

  it('is nothing when nothing is open', async () => {
    const { options, inputs } = adapterOptions(
      ...Array.from({ length: 17 }, () => ({ Items: [] })),
    );
    expect(await createDynamoOpenPayments(options).measure(500, deadline)).toEqual({
      open: 0,
      overdue: 0,
      oldestEpochSeconds: null,
      parked: 0,
    });
    expect(inputs).toHaveLength(17);
  });

  it('keeps the parked apart, but not their age', async () => {
    const { options } = adapterOptions(
      { Items: [accepted(9, 40), accepted(9, 41)] },
      { Items: [accepted(500, 50), accepted(501, 60)] },
      ...Array.from({ length: 15 }, () => ({ Items: [] })),
    );
    expect(await createDynamoOpenPayments(options).measure(500, deadline)).toEqual({
      open: 2,
      overdue: 1,
      oldestEpochSeconds: 40,
      parked: 2,
    });
  });

  const MONTH = 2_592_000;
  it.each([
    ['a payment that was just accepted', { accepted: MONTH, due: MONTH + 30, attempts: 1 }, MONTH],
    ['a refund of a payment of last month', { accepted: 0, due: MONTH + 30, attempts: 1 }, MONTH],
    ['its second attempt', { accepted: 0, due: MONTH + 90, attempts: 2 }, MONTH],
    ['its third', { accepted: 0, due: MONTH + 210, attempts: 3 }, MONTH],
    ['a payment whose second attempt came late', { accepted: 0, due: 150, attempts: 2 }, 0],
    ['one that nobody has swept', { accepted: 0, due: 30, attempts: 1 }, 0],
  ])('counts the age of %s from when its work began', async (_what, item, oldest) => {
    const entry = {
      due_at: { N: String(item.due * 1_000) },
      payment_timestamp: { N: String(item.accepted) },
      attempts: { N: String(item.attempts) },
    };
    const { options } = adapterOptions(
      { Items: [] },
      { Items: [entry] },
      ...Array.from({ length: 15 }, () => ({ Items: [] })),
    );
    const now = (MONTH + 100) * 1_000;
    expect(await createDynamoOpenPayments(options).measure(now, deadline)).toMatchObject({
      oldestEpochSeconds: oldest,
    });
  });

  it('reads a bounded number of pages of each shard', async () => {
    const page = { Items: [accepted(1, 1)], LastEvaluatedKey: key };
    const { options, inputs } = adapterOptions(...Array.from({ length: 200 }, () => page));
    expect(await createDynamoOpenPayments(options).measure(500, deadline)).toMatchObject({
      open: 48,
      parked: 3,
    });
    expect(inputs).toHaveLength(51);
  });
});
