/** Alarms of a real twin, from requests that fail to messages on the ops topic. */

import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { ListTopicsCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  apiOf,
  call,
  EAST_1,
  EAST_2,
  newPayment,
  type RunningTwin,
  startTwinProcess,
  until,
} from '../../support/running-twin.ts';

const API_ERRORS = 'payment-api-errors-dev';
const ACCOUNT = '111111111111';

interface AlarmMessage {
  readonly AlarmName: string;
  readonly NewStateValue: string;
  readonly OldStateValue: string;
  readonly StateChangeTime: string;
  readonly Region: string;
  readonly AlarmArn: string;
  readonly Trigger?: { readonly Threshold: number; readonly Metrics?: readonly unknown[] };
}

let twin: RunningTwin;
let sqs: SQSClient;
let queueUrl: string;
const clients = new Map<string, CloudWatchClient>();
/** What arrived on the ops topic of the first Region so far. */
const messages: { readonly subject: string; readonly message: AlarmMessage }[] = [];

beforeAll(async () => {
  twin = await startTwinProcess({ args: ['--profile', 'fast'] });
  for (const region of [EAST_1, EAST_2]) {
    const credentials = { accessKeyId: 'operator', secretAccessKey: 'operator' };
    clients.set(
      region,
      new CloudWatchClient({ region, credentials, endpoint: twin.addresses.aws, maxAttempts: 1 }),
    );
  }
  sqs = twin.sqs(EAST_1);
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'ops-watch' }));
  queueUrl = QueueUrl;
  const sns = twin.sns(EAST_1);
  const { Topics = [] } = await sns.send(new ListTopicsCommand());
  const topic = Topics.find(({ TopicArn = '' }) => TopicArn.includes(':ops-alerts'));
  const account = topic?.TopicArn?.split(':')[4] ?? ACCOUNT;
  await sns.send(
    new SubscribeCommand({
      TopicArn: topic?.TopicArn,
      Protocol: 'sqs',
      Endpoint: `arn:aws:sqs:${EAST_1}:${account}:ops-watch`,
    }),
  );
});

afterAll(async () => {
  for (const client of clients.values()) client.destroy();
  await twin?.stop();
});

function cloudWatch(region = EAST_1): CloudWatchClient {
  return clients.get(region) as CloudWatchClient;
}

async function stateOf(name: string, region = EAST_1): Promise<string | undefined> {
  const { MetricAlarms = [] } = await cloudWatch(region).send(
    new DescribeAlarmsCommand({ AlarmNames: [name] }),
  );
  return MetricAlarms[0]?.StateValue;
}

/** Takes what waits in the queue to `messages`. */
async function drain(): Promise<void> {
  const received = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
  );
  for (const { Body = '{}', ReceiptHandle } of received.Messages ?? []) {
    const { Subject, Message } = JSON.parse(Body) as { Subject: string; Message: string };
    messages.push({ subject: Subject, message: JSON.parse(Message) as AlarmMessage });
    await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
  }
}

async function untilMessage(name: string, state: string): Promise<AlarmMessage> {
  const found = () =>
    messages.findLast(
      ({ message }) => message.AlarmName === name && message.NewStateValue === state,
    );
  await until(`${name} says ${state}`, async () => {
    await drain();
    return found() !== undefined;
  });
  return found()?.message as AlarmMessage;
}

async function sums(metricName: string): Promise<number[]> {
  const { Datapoints = [] } = await cloudWatch().send(
    new GetMetricStatisticsCommand({
      Namespace: 'AWS/ApiGateway',
      MetricName: metricName,
      Dimensions: [
        { Name: 'ApiName', Value: 'payment-api-dev' },
        { Name: 'Stage', Value: 'prod' },
      ],
      StartTime: new Date(Date.now() - 600_000),
      EndTime: new Date(Date.now() + 1_000),
      Period: 60,
      Statistics: ['Sum'],
    }),
  );
  return Datapoints.map(({ Sum = 0 }) => Sum);
}

describe('an alarm of the templates', () => {
  it('is OK once it has been looked at, in both Regions', async () => {
    await until('both are OK', async () => {
      const states = await Promise.all([EAST_1, EAST_2].map((one) => stateOf(API_ERRORS, one)));
      return states.every((state) => state === 'OK');
    });
    const { regions } = await twin.status();
    expect(regions[0]?.alarms).toContainEqual(
      expect.objectContaining({ name: API_ERRORS, state: 'OK' }),
    );
  });

  it('is not set off by bad requests', async () => {
    const url = `${apiOf(twin, EAST_1)}/process`;
    await until('bad requests stand in two minutes', async () => {
      const answers = await Promise.all([1, 2, 3, 4].map(() => call(url, { body: '{' })));
      expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
      return (await sums('4XXError')).filter((sum) => sum >= 10).length >= 2;
    });
    // The API's own health is asked as well, which may not be well at once on a machine that is busy.
    expect(await sums('5XXError')).not.toContainEqual(expect.toSatisfy((sum: number) => sum >= 10));
    expect(await stateOf(API_ERRORS)).toBe('OK');
  });

  it('goes to ALARM by 5xx and back, and tells the ops topic of its Region alone', async () => {
    const faultedAtMs = Date.now();
    await twin.fault(EAST_1, 'errors', { service: 'api', rate: 1 });
    const url = `${apiOf(twin, EAST_1)}/process`;
    const answers = await Promise.all(
      Array.from({ length: 15 }, () => call(url, { body: newPayment() })),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 500));
    await until('it is in ALARM', async () => (await stateOf(API_ERRORS)) === 'ALARM');
    await twin.heal(EAST_1);
    const alarm = await untilMessage(API_ERRORS, 'ALARM');
    expect(alarm).toMatchObject({
      OldStateValue: 'OK',
      Region: 'US East (N. Virginia)',
      AlarmArn: expect.stringMatching(/^arn:aws:cloudwatch:us-east-1:\d{12}:alarm:payment-api-err/),
      Trigger: { Threshold: 10, Period: 60, TreatMissingData: 'notBreaching' },
    });
    expect(Date.parse(alarm.StateChangeTime)).toBeGreaterThanOrEqual(faultedAtMs);
    const told = messages.filter(
      ({ message }) => message.AlarmName === API_ERRORS && message.NewStateValue === 'ALARM',
    );
    // Once: nothing set it off before the fault.
    expect(told.map(({ subject }) => subject)).toEqual([
      `ALARM: "${API_ERRORS}" in US East (N. Virginia)`,
    ]);
    await until('it is OK again', async () => {
      await call(url, { body: newPayment() });
      return (await stateOf(API_ERRORS)) === 'OK';
    });
    expect((await untilMessage(API_ERRORS, 'OK')).AlarmName).toBe(API_ERRORS);
    expect(await stateOf(API_ERRORS, EAST_2)).toBe('OK');
  });
});

describe('the CloudWatch API', () => {
  it('has the metrics that functions write and those of AWS', async () => {
    await call(`${apiOf(twin, EAST_2)}/process`, { body: newPayment() });
    let names: string[] = [];
    await until('they are listed', async () => {
      const { Metrics = [] } = await cloudWatch(EAST_2).send(new ListMetricsCommand());
      names = Metrics.map(({ Namespace, MetricName }) => `${Namespace} ${MetricName}`);
      return names.includes('PaymentProcessing PaymentProcessed');
    });
    expect(names).toEqual(
      expect.arrayContaining(['AWS/Lambda Duration', 'AWS/SQS ApproximateAgeOfOldestMessage']),
    );
  });

  it('takes metrics and gives their statistics back', async () => {
    const Timestamp = new Date();
    const MetricData = [1, 2, 6].map((Value) => ({ MetricName: 'Depth', Value, Timestamp }));
    await cloudWatch().send(new PutMetricDataCommand({ Namespace: 'Test', MetricData }));
    const StartTime = new Date(Timestamp.getTime() - 60_000);
    const EndTime = new Date(Timestamp.getTime() + 60_000);
    const stat = (Id: string, Stat: string, ReturnData: boolean) => ({
      Id,
      ReturnData,
      MetricStat: { Metric: { Namespace: 'Test', MetricName: 'Depth' }, Period: 60, Stat },
    });
    const { MetricDataResults = [] } = await cloudWatch().send(
      new GetMetricDataCommand({
        ...{ StartTime, EndTime },
        MetricDataQueries: [
          stat('total', 'Sum', true),
          stat('most', 'Maximum', false),
          { Id: 'both', Expression: 'total + most' },
        ],
      }),
    );
    expect(MetricDataResults.map(({ Id, Values }) => [Id, Values])).toEqual([
      ['total', [9]],
      ['both', [15]],
    ]);
  });

  it('sets a state, which the next evaluation takes back, and remembers both', async () => {
    await cloudWatch(EAST_2).send(
      new SetAlarmStateCommand({
        ...{ AlarmName: API_ERRORS, StateValue: 'ALARM', StateReason: 'a rehearsal' },
      }),
    );
    await until('it is OK again', async () => (await stateOf(API_ERRORS, EAST_2)) === 'OK');
    const { AlarmHistoryItems = [] } = await cloudWatch(EAST_2).send(
      new DescribeAlarmHistoryCommand({ AlarmName: API_ERRORS, HistoryItemType: 'StateUpdate' }),
    );
    expect(AlarmHistoryItems.slice(0, 2).map(({ HistorySummary }) => HistorySummary)).toEqual([
      'Alarm updated from ALARM to OK',
      'Alarm updated from OK to ALARM',
    ]);
    const none = new SetAlarmStateCommand({
      ...{ AlarmName: 'none', StateValue: 'OK', StateReason: 'x' },
    });
    await expect(cloudWatch().send(none)).rejects.toMatchObject({ name: 'ResourceNotFound' });
  });

  const hasCli = spawnSync('aws', ['--version']).status === 0;
  if (!hasCli) console.warn('The AWS CLI is not installed: its test is left out.');
  it.runIf(hasCli)('serves the AWS CLI', async () => {
    const { stdout } = await promisify(execFile)(
      'aws',
      [
        ...['--endpoint-url', twin.addresses.aws, '--region', EAST_1, '--output', 'json'],
        ...['cloudwatch', 'describe-alarms', '--alarm-names', API_ERRORS],
      ],
      {
        env: {
          ...process.env,
          AWS_ACCESS_KEY_ID: 'x',
          AWS_SECRET_ACCESS_KEY: 'y',
          AWS_CONFIG_FILE: '/dev/null',
          AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
          AWS_PAGER: '',
          AWS_EC2_METADATA_DISABLED: 'true',
        },
      },
    );
    expect(JSON.parse(stdout)).toMatchObject({
      MetricAlarms: [{ AlarmName: API_ERRORS, StateValue: 'OK', Threshold: 10 }],
    });
  });
});
