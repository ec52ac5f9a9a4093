import { describe, expect, it } from 'vitest';
import { createDynamoPresenceStore } from '#adapters/dynamo-presence-store.ts';
import { createDynamoRoutingLog } from '#adapters/dynamo-routing-log.ts';
import type { RoutingEntry } from '#core/routing/routing-log.ts';
import { adapterOptions, awsError, refusal } from './dynamo-world.ts';

const deadline = { atEpochMs: 10_000 };
const lost = awsError('InternalServerError', 500);
const entry: RoutingEntry = {
  ...{ epoch: 3, entryId: 'e3', atEpochMs: 7, actor: 'ann', change: 'failover', reason: 'a drill' },
  ...{ mode: 'auto', active: ['us-east-2'], drained: [], evidence: '{}' },
  previousHash: 'f'.repeat(64),
  moved: { epoch: 2, atEpochMs: 5 },
};

/** The item that an append of the entry writes. */
async function itemOf(one: RoutingEntry): Promise<unknown> {
  const { options, inputs } = adapterOptions({});
  await createDynamoRoutingLog(options).append(one, deadline);
  return inputs[0]?.['Item'];
}

describe('createDynamoRoutingLog', () => {
  it('puts an entry only where its epoch has none', async () => {
    const { options, inputs } = adapterOptions({});
    expect(await createDynamoRoutingLog(options).append(entry, deadline)).toEqual({
      kind: 'appended',
    });
    expect(inputs).toMatchObject([
      {
        ConditionExpression: 'attribute_not_exists(#scope)',
        Item: { scope: { S: 'routing' }, sequence: { N: '3' } },
      },
    ]);
  });

  it('reads back what it wrote, strongly', async () => {
    const { options, inputs } = adapterOptions({ Items: [await itemOf(entry)] }, { Items: [] });
    const log = createDynamoRoutingLog(options);
    expect(await log.newest(deadline)).toEqual(entry);
    expect(await log.newest(deadline)).toBeNull();
    expect(inputs[0]).toMatchObject({ ConsistentRead: true, ScanIndexForward: false, Limit: 1 });
  });

  it("reads its own replica's newest entry without a quorum", async () => {
    const { options, inputs } = adapterOptions({ Items: [await itemOf(entry)] }, { Items: [] });
    const log = createDynamoRoutingLog(options);
    expect(await log.newestHere(deadline)).toEqual(entry);
    expect(await log.newestHere(deadline)).toBeNull();
    expect(inputs[0]).toMatchObject({ ConsistentRead: false, ScanIndexForward: false, Limit: 1 });
  });

  it('keeps that nothing has been moved yet', async () => {
    const unmoved = { ...entry, moved: null };
    const { options } = adapterOptions({ Items: [await itemOf(unmoved)] });
    expect(await createDynamoRoutingLog(options).newest(deadline)).toEqual(unmoved);
  });

  it('says who came first', async () => {
    const other = { ...entry, entryId: 'other' };
    const { options, inputs } = adapterOptions(refusal(), { Item: await itemOf(other) });
    expect(await createDynamoRoutingLog(options).append(entry, deadline)).toEqual({
      kind: 'raced',
      by: other,
    });
    expect(inputs[1]).toMatchObject({ ConsistentRead: true });
  });

  it('knows its own entry again when the answer to its put was lost', async () => {
    const { options } = adapterOptions(lost, refusal(), { Item: await itemOf(entry) });
    expect(await createDynamoRoutingLog(options).append(entry, deadline)).toEqual({
      kind: 'appended',
    });
  });

  it('passes on that the outcome of a put is unknown', async () => {
    const { options } = adapterOptions(lost, lost);
    await expect(createDynamoRoutingLog(options).append(entry, deadline)).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
  });

  it('says unknown where the epoch has an entry and whose it is can not be read', async () => {
    const { options } = adapterOptions(lost, refusal(), lost, lost);
    await expect(createDynamoRoutingLog(options).append(entry, deadline)).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
  });

  it('reads the whole log page by page', async () => {
    const second = { ...entry, epoch: 4 };
    const { options, inputs } = adapterOptions(
      { Items: [await itemOf(entry)], LastEvaluatedKey: { sequence: { N: '3' } } },
      { Items: [await itemOf(second)] },
    );
    expect(await createDynamoRoutingLog(options).all(deadline)).toEqual([entry, second]);
    expect(inputs[1]).toMatchObject({ ExclusiveStartKey: { sequence: { N: '3' } } });
  });

  it.each(['entry_id', 'at', 'change', 'mode', 'active', 'prev_hash', 'moved_epoch', 'moved_at'])(
    'rejects an entry without a readable %s',
    async (attribute) => {
      const item = { ...((await itemOf(entry)) as object), [attribute]: { S: '', N: 'x' } };
      const { options } = adapterOptions({ Items: [{ ...item, [attribute]: { BOOL: true } }] });
      await expect(createDynamoRoutingLog(options).newest(deadline)).rejects.toMatchObject({
        code: 'internal_error',
        message: `a routing entry has no readable ${attribute}`,
      });
    },
  );
});

describe('createDynamoPresenceStore', () => {
  const regions = ['us-east-1', 'us-east-2'];
  const item = {
    ...{ region: { S: 'us-east-2' }, api_url: { S: 'https://two.example' }, beat: { N: '8' } },
    ...{ serving: { BOOL: true }, at: { N: '9' }, healthy_since: { N: '5' } },
    ...{ policy: { S: 'active-active' }, followed_epoch: { N: '2' } },
    ...{ peer_healthy_epoch: { N: '3' }, peer_healthy_for: { N: '1500' } },
    ...{ peer_now_epoch: { N: '3' }, peer_now_for: { N: '900' } },
    ...{ peer_beat: { N: '6' }, peer_silent_for: { N: '20000' } },
    ...{ moved_epoch: { N: '3' }, moved_for: { N: '45000' } },
  };
  const presence = {
    ...{ region: 'us-east-2', apiUrl: 'https://two.example', serving: true },
    ...{ atEpochMs: 9, healthySinceEpochMs: 5, policy: 'active-active' as const },
    followedEpoch: 2,
    peerHealthy: { movedEpoch: 3, forMs: 1_500 },
    peerHealthyNow: { movedEpoch: 3, forMs: 900 },
    peerSilence: { beat: 6, forMs: 20_000 },
    moveAge: { epoch: 3, forMs: 45_000 },
  };

  it('counts the beat in the item of its own Region', async () => {
    const { options, inputs } = adapterOptions({ Attributes: item });
    const store = createDynamoPresenceStore({ ...options, regions });
    expect(await store.beat(presence, deadline)).toEqual({ ...presence, beat: 8 });
    expect(inputs[0]).toMatchObject({
      Key: { scope: { S: 'presence' }, sequence: { N: '1' } },
      ExpressionAttributeValues: {
        ':policy': { S: 'active-active' },
        ':followed': { N: '2' },
        ':moved': { N: '3' },
        ':peer': { N: '1500' },
        ':peer_beat': { N: '6' },
        ':peer_silent_for': { N: '20000' },
        ':moved_epoch': { N: '3' },
        ':moved_for': { N: '45000' },
      },
    });
  });

  it('says how the other Region has fared where that is more than the item says', async () => {
    const { options, inputs } = adapterOptions({ Attributes: item });
    await createDynamoPresenceStore({ ...options, regions }).beat(presence, deadline);
    expect(inputs[0]).toMatchObject({
      UpdateExpression: expect.stringContaining('peer_healthy_for = :peer,'),
      ConditionExpression:
        'attribute_not_exists(peer_healthy_epoch) OR peer_healthy_epoch < :moved OR ' +
        '(peer_healthy_epoch = :moved AND peer_healthy_for <= :peer)',
    });
  });

  it('beats all the same where another process has said more, and returns that', async () => {
    const longer = { ...item, peer_healthy_for: { N: '9000' } };
    const { options, inputs } = adapterOptions(refusal(), { Attributes: longer });
    const store = createDynamoPresenceStore({ ...options, regions });
    expect(await store.beat(presence, deadline)).toEqual({
      ...{ ...presence, beat: 8, peerHealthy: { movedEpoch: 3, forMs: 9_000 } },
    });
    expect(inputs).toHaveLength(2);
    expect(JSON.stringify(inputs[1])).not.toContain('peer_healthy');
    expect(inputs[1]).toMatchObject({
      UpdateExpression: expect.stringContaining('peer_silent_for = :peer_silent_for,'),
    });
    expect(inputs[1]).not.toHaveProperty('ConditionExpression');
  });

  it('says nothing of the other Region where no move is known', async () => {
    const { options, inputs } = adapterOptions({ Attributes: item });
    const store = createDynamoPresenceStore({ ...options, regions });
    await store.beat({ ...presence, peerHealthy: null }, deadline);
    expect(JSON.stringify(inputs)).not.toContain('peer_healthy');
  });

  it('says that nothing goes on any more: what did is not to be gone on from', async () => {
    const { options, inputs } = adapterOptions({ Attributes: item });
    const store = createDynamoPresenceStore({ ...options, regions });
    await store.beat({ ...presence, peerHealthyNow: null }, deadline);
    expect(inputs[0]).toMatchObject({
      ExpressionAttributeValues: {
        ':peer_now_epoch': { NULL: true },
        ':peer_now_for': { NULL: true },
      },
    });
  });

  it.each([
    ['peer_healthy_epoch', 'peerHealthy'],
    ['peer_healthy_for', 'peerHealthy'],
    ['peer_now_epoch', 'peerHealthyNow'],
    ['peer_now_for', 'peerHealthyNow'],
    ['peer_beat', 'peerSilence'],
    ['peer_silent_for', 'peerSilence'],
    ['moved_epoch', 'moveAge'],
    ['moved_for', 'moveAge'],
  ])('reads a heartbeat of a version that did not write %s', async (attribute, member) => {
    const { [attribute as 'at']: _left, ...older } = item;
    const { options } = adapterOptions({ Items: [older] });
    const store = createDynamoPresenceStore({ ...options, regions });
    expect(await store.read(deadline)).toEqual([{ ...presence, beat: 8, [member]: null }]);
  });

  it('says nothing of a heartbeat that nobody has seen', async () => {
    const { options, inputs } = adapterOptions({ Attributes: item });
    const store = createDynamoPresenceStore({ ...options, regions });
    await store.beat({ ...presence, peerSilence: null, moveAge: null }, deadline);
    expect(JSON.stringify(inputs)).not.toMatch(/peer_beat|peer_silent_for|moved_epoch|moved_for/);
  });

  it('reads every Region, strongly', async () => {
    const unwell = { ...item, healthy_since: { NULL: true } };
    const { options, inputs } = adapterOptions({ Items: [item, unwell] });
    const store = createDynamoPresenceStore({ ...options, regions });
    expect(await store.read(deadline)).toMatchObject([
      { beat: 8, healthySinceEpochMs: 5 },
      { healthySinceEpochMs: null },
    ]);
    expect(inputs[0]).toMatchObject({ ConsistentRead: true });
  });

  it.each(['region', 'api_url', 'policy', 'serving', 'beat', 'at', 'followed_epoch'])(
    'takes a heartbeat without a readable %s for none',
    async (attribute) => {
      const { options } = adapterOptions({
        Items: [{ ...item, [attribute]: { L: [] } }, item],
      });
      const { [attribute as 'at']: _left, ...rest } = item;
      const missing = adapterOptions({ Items: [rest, item] });
      for (const unreadable of [options, missing.options]) {
        const store = createDynamoPresenceStore({ ...unreadable, regions });
        expect(await store.read(deadline)).toMatchObject([{ beat: 8 }]);
      }
    },
  );

  it('writes and reads that nobody knows yet whether the Region serves', async () => {
    const unknown = { ...presence, serving: null };
    const { options, inputs } = adapterOptions({
      Attributes: { ...item, serving: { NULL: true } },
    });
    const store = createDynamoPresenceStore({ ...options, regions });
    expect(await store.beat(unknown, deadline)).toEqual({ ...unknown, beat: 8 });
    expect(inputs[0]).toMatchObject({
      ExpressionAttributeValues: { ':serving': { NULL: true } },
    });
  });

  it('takes a heartbeat with a policy that there is not for none', async () => {
    const { options } = adapterOptions({ Items: [{ ...item, policy: { S: 'weighted' } }] });
    const store = createDynamoPresenceStore({ ...options, regions });
    expect(await store.read(deadline)).toEqual([]);
  });

  it('rejects a Region that is none of the environment', async () => {
    const { options } = adapterOptions();
    const store = createDynamoPresenceStore({ ...options, regions });
    await expect(store.beat({ ...presence, region: 'eu-west-1' }, deadline)).rejects.toThrow(
      'eu-west-1 is not among the Regions',
    );
  });
});
