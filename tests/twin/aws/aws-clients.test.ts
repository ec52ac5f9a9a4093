/** The AWS SDK and the AWS CLI see the same payment in both Regions, and each Region's own queues and topics. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DescribeTableCommand, GetItemCommand, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListTopicsCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { itemsOf } from '../../support/payments-table.ts';
import {
  apiOf,
  call,
  EAST_1,
  EAST_2,
  newPayment,
  REGIONS,
  type RunningTwin,
  startTwinProcess,
  TABLE,
} from '../../support/running-twin.ts';

const exec = promisify(execFile);
const cli = await exec('aws', ['--version']).then(
  ({ stdout }) => stdout.trim(),
  () => null,
);
if (cli === null) console.log('LEFT OUT: no aws command here; the SDK tests cover the same calls');

let twin: RunningTwin;
const payment = newPayment();
let timestamp: unknown;
beforeAll(async () => {
  twin = await startTwinProcess();
  timestamp = (await call(`${apiOf(twin, EAST_1)}/process`, { body: payment })).json()['timestamp'];
});
afterAll(async () => {
  await twin.stop();
});

async function aws(region: string, ...args: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await exec(
    'aws',
    [...args, '--endpoint-url', twin.addresses.aws, '--region', region, '--output', 'json'],
    { env: { ...process.env, AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y' } },
  );
  return stdout.trim() === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>);
}

describe.each(REGIONS)('the SDK in %s', (region) => {
  it('sees the same items', async () => {
    const items = await itemsOf(twin.dynamodb(region), payment.transaction_id);
    expect(items).toEqual(await itemsOf(twin.dynamodb(EAST_2), payment.transaction_id));
    const { Item: item } = await twin.dynamodb(region).send(
      new GetItemCommand({
        TableName: TABLE,
        Key: {
          transaction_id: { S: payment.transaction_id },
          timestamp: { N: String(timestamp) },
        },
        ConsistentRead: true,
      }),
    );
    expect(item).toMatchObject({ amount: { S: '99.99' }, status: { S: 'PROCESSED' } });
  });

  it('describes the table as a strongly consistent replica of this Region', async () => {
    const { Table: table } = await twin
      .dynamodb(region)
      .send(new DescribeTableCommand({ TableName: TABLE }));
    expect(table?.TableArn).toContain(`:dynamodb:${region}:`);
    expect(table?.MultiRegionConsistency).toBe('STRONG');
    expect(table?.GlobalTableWitnesses).toEqual([
      expect.objectContaining({ RegionName: 'us-west-2' }),
    ]);
    const { TableNames } = await twin.dynamodb(region).send(new ListTablesCommand({}));
    expect(TableNames).toEqual(['payments-control-dev', TABLE]);
  });

  it("sees this Region's own queues and topics", async () => {
    const { QueueUrls: urls = [] } = await twin.sqs(region).send(new ListQueuesCommand({}));
    const queues = urls.map((url) => url.split('/').at(-1)).filter((name) => name !== 'unattended');
    expect(new Set(queues)).toEqual(
      new Set(['failover-dlq-dev', 'payment-dlq-dev', 'payment-queue-dev']),
    );
    const QueueUrl = urls.find((url) => url.endsWith('payment-queue-dev'));
    const { Attributes: attributes } = await twin
      .sqs(region)
      .send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(attributes?.['QueueArn']).toContain(`:sqs:${region}:`);
    expect(JSON.parse(attributes?.['RedrivePolicy'] ?? '{}')).toMatchObject({ maxReceiveCount: 3 });
    const { Topics: topics = [] } = await twin.sns(region).send(new ListTopicsCommand({}));
    const names = topics.map(({ TopicArn: arn }) => arn?.replace(/:\d{12}:/, ':'));
    expect(new Set(names)).toEqual(
      new Set([`arn:aws:sns:${region}:ops-alerts-dev`, `arn:aws:sns:${region}:transactions-dev`]),
    );
  });

  it('does not see a message that was sent in the other Region', async () => {
    const other = region === EAST_1 ? EAST_2 : EAST_1;
    // A queue that nobody works off; creating it again gives the one that is there.
    const urlIn = async (where: string) =>
      (await twin.sqs(where).send(new CreateQueueCommand({ QueueName: 'unattended' }))).QueueUrl;
    const sent = await twin
      .sqs(region)
      .send(new SendMessageCommand({ QueueUrl: await urlIn(region), MessageBody: region }));
    const elsewhere = await twin
      .sqs(other)
      .send(new ReceiveMessageCommand({ QueueUrl: await urlIn(other), VisibilityTimeout: 0 }));
    expect((elsewhere.Messages ?? []).map(({ Body: body }) => body)).not.toContain(region);
    const here = await twin
      .sqs(region)
      .send(new ReceiveMessageCommand({ QueueUrl: await urlIn(region) }));
    expect(here.Messages?.map(({ MessageId: id }) => id)).toContain(sent.MessageId);
  });
});

describe.runIf(cli !== null).each(REGIONS)('the AWS CLI in %s', (region) => {
  it('reads the payment by get-item, query and scan', async () => {
    const id = JSON.stringify({ S: payment.transaction_id });
    const got = await aws(
      region,
      ...['dynamodb', 'get-item', '--table-name', TABLE, '--consistent-read', '--key'],
      `{"transaction_id":${id},"timestamp":{"N":"${String(timestamp)}"}}`,
    );
    expect(got['Item']).toMatchObject({ amount: { S: '99.99' } });
    const queried = await aws(
      region,
      ...['dynamodb', 'query', '--table-name', TABLE],
      ...['--key-condition-expression', 'transaction_id = :id'],
      ...['--expression-attribute-values', `{":id":${id}}`],
    );
    expect(queried['Count']).toBe(2);
    const scanned = await aws(region, 'dynamodb', 'scan', '--table-name', TABLE);
    expect(scanned['Count']).toBe(2);
  });

  it('lists queues and topics, and sends and receives', async () => {
    const { QueueUrls: urls } = (await aws(region, 'sqs', 'list-queues')) as {
      QueueUrls: string[];
    };
    const url = urls.find((one) => one.endsWith('payment-dlq-dev')) ?? '';
    await aws(region, 'sqs', 'send-message', '--queue-url', url, '--message-body', 'by cli');
    const received = await aws(region, 'sqs', 'receive-message', '--queue-url', url);
    expect(received['Messages']).toMatchObject([{ Body: 'by cli' }]);
    const { Topics: topics } = (await aws(region, 'sns', 'list-topics')) as {
      Topics: { TopicArn: string }[];
    };
    expect(topics.map(({ TopicArn: arn }) => arn.split(':')[3])).toEqual([region, region]);
  });
});
