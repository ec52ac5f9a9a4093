import { DeleteItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ReconcileReport } from '#ops/reconcile.ts';
import { itemsOf } from '../../support/payments-table.ts';
import {
  apiOf,
  call,
  EAST_1,
  EAST_2,
  newPayment,
  type RunningTwin,
  startTwinProcess,
  TABLE,
} from '../../support/running-twin.ts';
import { holdfast, holdfastJson } from './run-holdfast.ts';

let twin: RunningTwin;
beforeAll(async () => {
  twin = await startTwinProcess();
});
afterAll(async () => {
  await twin.stop();
});

async function paid(region: string): Promise<string> {
  const payment = newPayment();
  const answer = await call(`${apiOf(twin, region)}/process`, { body: payment });
  expect(answer.status).toBe(200);
  return payment.transaction_id;
}

it('finds nothing in payments of both Regions', async () => {
  await paid(EAST_1);
  await paid(EAST_2);
  const result = await holdfast(twin, 'reconcile');
  expect(result).toMatchObject({ code: 0 });
  expect(result.stdout).toContain('Nothing to reconcile');
});

it('finds planted damage, mends it, and leaves one payment for each id', async () => {
  const [missing, doubled] = [await paid(EAST_1), await paid(EAST_2)];
  const dynamodb = twin.dynamodb(EAST_1);
  const [, record] = await itemsOf(dynamodb, missing, true);
  if (record === undefined) throw new Error('a processed payment has a record');
  const { transaction_id, timestamp } = record;
  await dynamodb.send(
    new DeleteItemCommand({
      TableName: TABLE,
      Key: { transaction_id: { S: missing }, timestamp: { N: String(timestamp?.N) } },
    }),
  );
  expect(transaction_id).toEqual({ S: missing });
  const [, second] = await itemsOf(dynamodb, doubled, true);
  const later = { ...second, timestamp: { N: String(Number(second?.['timestamp']?.N) + 1) } };
  await dynamodb.send(new PutItemCommand({ TableName: TABLE, Item: later }));

  const report = await holdfastJson<ReconcileReport>(twin, 'reconcile');
  expect(report.counts).toEqual({ 'record-missing': 1, 'extra-record': 1 });
  // A strong read says the same in the other Region.
  expect(report).toMatchObject({ regionsRead: [EAST_1], unreached: [] });
  expect((await holdfast(twin, 'reconcile')).code).toBe(4);

  const repaired = await holdfast(twin, 'reconcile', '--repair', '--actor', 'tests');
  const where = expect.stringMatching(/^the twin at http:\S+, not AWS\n$/) as string;
  expect(repaired).toMatchObject({ code: 0, stderr: where });
  for (const id of [missing, doubled]) {
    const items = await itemsOf(twin.dynamodb(EAST_2), id, true);
    const records = items.filter(({ timestamp: key }) => key?.N !== '0');
    expect(records.filter(({ status }) => status?.S === 'PROCESSED')).toHaveLength(1);
    // A superseded item beside it disturbs no reader.
    const read = await call(`${apiOf(twin, EAST_2)}/payments/${id}`);
    expect(read.json()).toMatchObject({ transaction_id: id, status: 'PROCESSED' });
  }
  const { Items: trail = [] } = await dynamodb.send(
    new QueryCommand({
      TableName: 'payments-control-dev',
      KeyConditionExpression: '#scope = :audit',
      ExpressionAttributeNames: { '#scope': 'scope' },
      ExpressionAttributeValues: { ':audit': { S: 'audit' } },
      ConsistentRead: true,
    }),
  );
  expect(trail.map(({ actor, sequence }) => [actor?.S, sequence?.N])).toEqual([
    ['tests', '1'],
    ['tests', '2'],
  ]);
  expect((await holdfast(twin, 'reconcile')).code).toBe(0);
});

it('goes by the other replica while a Region is lost', async () => {
  await twin.fault(EAST_1, 'kill');
  try {
    const report = await holdfastJson<ReconcileReport>(twin, 'reconcile');
    expect(report).toMatchObject({
      regionsRead: [EAST_2],
      unreached: [{ region: EAST_1 }],
      left: 0,
    });
  } finally {
    await twin.heal();
  }
});

it('says that strong tables need no lease', async () => {
  const result = await holdfast(twin, 'lease', 'show');
  expect(result).toMatchObject({ code: 3 });
  expect(result.stderr).toContain('there is no lease');
});
