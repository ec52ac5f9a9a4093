import { describe, expect, it } from 'vitest';
import { createDynamoLeaseStore } from '#adapters/dynamo-lease-store.ts';
import type { LeaseRecord, LeaseStore } from '#core/lease.ts';
import { adapterOptions, awsError, refusal } from './dynamo-world.ts';

const deadline = { atEpochMs: 10_000 };
const lease: LeaseRecord = {
  ...{ holder: 'us-east-1', epoch: 3, renewals: 7 },
  ...{ handingTo: null, routingEpoch: null },
};
const to = { region: 'us-east-2', routingEpoch: 6 };
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
    run: (store) => store.handOver(lease, to, deadline),
    refused: 'raced',
  },
  {
    name: 'follow',
    run: (store) => store.follow(lease, { ...to, region: 'us-east-1' }, deadline),
    refused: 'raced',
  },
  { name: 'take', run: (store) => store.take(lease, to, deadline), refused: 'raced' },
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
    expect(await store.take(lease, to, deadline)).toEqual(lease);
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

  it.each([
    ['handOver', (store: LeaseStore) => store.handOver(lease, to, deadline)],
    ['follow', (store: LeaseStore) => store.follow(lease, to, deadline)],
    ['take', (store: LeaseStore) => store.take(lease, to, deadline)],
  ])(
    'makes no %s for an older epoch of the routing log than it was moved for',
    async (_name, run) => {
      const { options, inputs } = adapterOptions({ Attributes: item });
      await run(createDynamoLeaseStore(options));
      expect(inputs).toMatchObject([
        {
          UpdateExpression: expect.stringContaining('routing_epoch = :routing'),
          ConditionExpression: expect.stringMatching(
            / AND \(attribute_not_exists\(routing_epoch\) OR routing_epoch <= :routing\)$/,
          ),
          ExpressionAttributeValues: { ':routing': { N: '6' } },
        },
      ]);
    },
  );

  it('leaves the epoch of the routing log alone where the lease is moved by hand', async () => {
    const { options, inputs } = adapterOptions({ Attributes: item }, { Attributes: item });
    const store = createDynamoLeaseStore(options);
    const byHand = { region: 'us-east-2', routingEpoch: null };
    await store.handOver(lease, byHand, deadline);
    await store.take(lease, byHand, deadline);
    expect(inputs).toHaveLength(2);
    expect(JSON.stringify(inputs)).not.toContain('routing');
  });

  it('binds a take to the renewals that were seen, and a hand-over to none', async () => {
    const { options, inputs } = adapterOptions({ Attributes: item }, { Attributes: item });
    const store = createDynamoLeaseStore(options);
    await store.take(lease, to, deadline);
    await store.handOver(lease, to, deadline);
    expect(inputs[0]).toMatchObject({
      ConditionExpression: expect.stringMatching(/^epoch = :epoch AND renewals = :renewals /),
      ExpressionAttributeValues: { ':epoch': { N: '3' }, ':renewals': { N: '7' } },
    });
    expect(inputs[1]).toMatchObject({
      ConditionExpression: expect.stringMatching(/^holder = :holder AND epoch = :epoch /),
    });
  });

  it('follows only with a lease that it holds, and hands to nobody', async () => {
    const { options, inputs } = adapterOptions({ Attributes: item });
    expect(await createDynamoLeaseStore(options).follow(lease, to, deadline)).toEqual(lease);
    expect(inputs).toMatchObject([
      {
        UpdateExpression: 'SET routing_epoch = :routing',
        ConditionExpression: expect.stringMatching(
          /^holder = :holder AND epoch = :epoch AND attribute_not_exists\(handing_to\) /,
        ),
        ExpressionAttributeValues: { ':holder': { S: 'us-east-1' }, ':epoch': { N: '3' } },
      },
    ]);
  });

  it('says for which epoch of the routing log the lease was moved', async () => {
    const { options } = adapterOptions({ Item: { ...item, routing_epoch: { N: '6' } } });
    const read = await createDynamoLeaseStore(options).read(deadline);
    expect(read).toEqual({ ...lease, routingEpoch: 6 });
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
