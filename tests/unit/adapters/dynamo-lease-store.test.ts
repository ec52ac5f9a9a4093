import { describe, expect, it } from 'vitest';
import { createDynamoLeaseStore } from '#adapters/dynamo-lease-store.ts';
import type { LeaseRecord, LeaseStore } from '#core/lease.ts';
import { adapterOptions, awsError, refusal } from './dynamo-world.ts';

const deadline = { atEpochMs: 10_000 };
const lease: LeaseRecord = { holder: 'us-east-1', epoch: 3, renewals: 7, handingTo: null };
const item = { holder: { S: 'us-east-1' }, epoch: { N: '3' }, renewals: { N: '7' } };
const lost = awsError('InternalServerError', 500);

const WRITES: readonly {
  readonly name: string;
  readonly run: (store: LeaseStore) => Promise<unknown>;
  readonly refused: unknown;
}[] = [
  { name: 'create', run: (store) => store.create('us-east-1', deadline), refused: 'exists' },
  { name: 'renew', run: (store) => store.renew('us-east-1', deadline), refused: 'not-held' },
  {
    name: 'handOver',
    run: (store) => store.handOver(lease, 'us-east-2', deadline),
    refused: 'raced',
  },
  { name: 'take', run: (store) => store.take(lease, 'us-east-2', deadline), refused: 'raced' },
];

describe('createDynamoLeaseStore', () => {
  it('reads the lease from the strongly consistent table', async () => {
    const { options, inputs } = adapterOptions({ Item: { ...item, handing_to: { S: 'x' } } }, {});
    const store = createDynamoLeaseStore(options);
    expect(await store.read(deadline)).toEqual({ ...lease, handingTo: 'x' });
    expect(await store.read(deadline)).toBeNull();
    expect(inputs[0]).toMatchObject({ ConsistentRead: true });
  });

  it('answers renewals and takeovers with the lease as it is then', async () => {
    const { options } = adapterOptions({ Attributes: item }, { Attributes: item });
    const store = createDynamoLeaseStore(options);
    expect(await store.renew('us-east-1', deadline)).toEqual(lease);
    expect(await store.take(lease, 'us-east-1', deadline)).toEqual(lease);
  });

  it.each(WRITES)('takes a refused $name for what it is', async ({ run, refused }) => {
    const { options } = adapterOptions(refusal());
    expect(await run(createDynamoLeaseStore(options))).toBe(refused);
  });

  it.each(WRITES)('passes on that the outcome of $name is unknown', async ({ run }) => {
    const { options } = adapterOptions(lost, lost);
    await expect(run(createDynamoLeaseStore(options))).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
  });

  it.each(WRITES)('makes no $name without a condition', async ({ run }) => {
    const { options, inputs } = adapterOptions({ Attributes: item });
    await run(createDynamoLeaseStore(options));
    expect(inputs).toMatchObject([{ ConditionExpression: expect.stringMatching(/\w/) }]);
  });

  it('rejects a lease that is not one of ours', async () => {
    const { options } = adapterOptions({ Item: { holder: { S: 'us-east-1' } } });
    await expect(createDynamoLeaseStore(options).read(deadline)).rejects.toMatchObject({
      code: 'internal_error',
    });
  });

  it('rejects with unavailable when the lease can not be read: nothing happened', async () => {
    const { options } = adapterOptions(lost, lost);
    await expect(createDynamoLeaseStore(options).read(deadline)).rejects.toMatchObject({
      code: 'unavailable',
    });
  });
});
