/** A real twin whose functions are invoked by queues, by the clock and by Lambda's own API. */

import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startTwin, type Twin } from '#twin/start-twin.ts';
import { EAST_1, EAST_2, freeBasePort } from '../../support/running-twin.ts';
import { ROOT } from '../../support/source-files.ts';
import {
  CONSUMER,
  DLQ,
  type EventAssemblyOptions,
  QUEUE,
  writeEventAssembly,
} from './event-assembly.ts';

const run = promisify(execFile);
const cliVersion = spawnSync('aws', ['--version'], { encoding: 'utf8' });
const hasCli = cliVersion.status === 0;
if (!hasCli) console.warn('The AWS CLI is not installed: its test is left out.');

interface LogLine {
  readonly event: {
    readonly source?: string;
    readonly do?: string;
    readonly Records?: readonly { readonly body: string; readonly attributes: object }[];
  };
  readonly id: string;
  readonly pid: number;
}

let directory = '';
let twin: Twin | null = null;
let reports: string[] = [];
const clients: SQSClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await twin?.stop();
  twin = null;
  rmSync(directory, { recursive: true, force: true });
});

/** Boots the assembly; schedules are slow unless the test is about them. */
async function start(options: EventAssemblyOptions = {}, scheduleSpeed = 0.001): Promise<Twin> {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-events-'));
  reports = [];
  twin = await startTwin({
    assemblyDirectory: writeEventAssembly(directory, options),
    basePort: await freeBasePort(),
    suffix: 'dev',
    dataDirectory: null,
    directory,
    profile: 'fast',
    scheduleSpeed,
    pageDirectory: join(ROOT, 'src/console'),
    versions: {},
    report: (message) => reports.push(message),
  });
  return twin;
}

function sqs(region: string): SQSClient {
  const client = new SQSClient({
    region,
    endpoint: twin?.addresses.aws ?? '',
    credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' },
    maxAttempts: 1,
  });
  clients.push(client);
  return client;
}

function urlOf(name: string): string {
  return `${twin?.addresses.aws}/123456789012/${name}`;
}

async function send(region: string, body: string): Promise<void> {
  await sqs(region).send(new SendMessageCommand({ QueueUrl: urlOf(QUEUE), MessageBody: body }));
}

/** Messages in a queue: visible and in flight. */
async function depth(region: string, name: string): Promise<number> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes = {} } = await sqs(region).send(
    new GetQueueAttributesCommand({ QueueUrl: urlOf(name), AttributeNames: [...names] }),
  );
  return names.reduce((sum, one) => sum + Number(Attributes[one]), 0);
}

/** What the function was invoked with so far. */
function invocations(region: string): LogLine[] {
  const file = join(directory, '.holdfast/logs', region, `${CONSUMER}.log`);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"event"'))
    .map((line) => JSON.parse(line) as LogLine);
}

function bodies(region: string): string[] {
  return invocations(region).flatMap(({ event }) => event.Records?.map(({ body }) => body) ?? []);
}

const eventually = { timeout: 20_000, interval: 50 };

function lambda(
  region: string,
  path: string,
  init: { method?: string; body?: string; headers?: Record<string, string> } = {},
) {
  const scope = `operator/20300101/${region}/lambda/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
  return fetch(`${twin?.addresses.aws}/2015-03-31/functions${path}`, {
    ...init,
    headers: { authorization, ...init.headers },
  });
}

describe('a queue with a mapping', () => {
  it('invokes the function in its own Region, and loses what succeeded', async () => {
    await start();
    await send(EAST_2, 'one');
    await vi.waitFor(() => expect(bodies(EAST_2)).toEqual(['one']), eventually);
    await vi.waitFor(async () => expect(await depth(EAST_2, QUEUE)).toBe(0), eventually);
    expect(bodies(EAST_1)).toEqual([]);
    expect(invocations(EAST_2)[0]?.event.Records?.[0]).toMatchObject({
      eventSource: 'aws:sqs',
      eventSourceARN: `arn:aws:sqs:us-east-2:123456789012:${QUEUE}`,
      awsRegion: 'us-east-2',
      attributes: { ApproximateReceiveCount: '1' },
    });
  });

  it('sends what fails again, and to the dead-letter queue in the end', async () => {
    await start();
    await send(EAST_1, 'fail');
    await send(EAST_1, 'throw');
    await vi.waitFor(async () => expect(await depth(EAST_1, DLQ)).toBe(2), eventually);
    expect(await depth(EAST_1, QUEUE)).toBe(0);
    expect(bodies(EAST_1).toSorted()).toEqual(['fail', 'fail', 'throw', 'throw']);
  });

  it('keeps its messages while the Region is killed, those in flight too', async () => {
    const { controller } = await start();
    await send(EAST_1, 'hold');
    await vi.waitFor(() => expect(bodies(EAST_1)).toEqual(['hold']), eventually);
    const [before] = invocations(EAST_1);
    await controller.inject({ region: EAST_1, kind: 'kill' });
    await controller.heal(EAST_1);
    await vi.waitFor(() => expect(bodies(EAST_1)).toEqual(['hold', 'hold']), eventually);
    const [, after] = invocations(EAST_1);
    expect(after?.pid).not.toBe(before?.pid);
    expect(after?.id).not.toBe(before?.id);
  });

  it('is not polled by a role that may not, and says so', async () => {
    const { controller } = await start({ actions: ['sqs:GetQueueAttributes'] });
    await send(EAST_1, 'one');
    await vi.waitFor(
      () => expect(reports.join('\n')).toContain('IAM refused sqs:ReceiveMessage'),
      eventually,
    );
    expect(await depth(EAST_1, QUEUE)).toBe(1);
    expect(bodies(EAST_1)).toEqual([]);
    expect((await controller.status()).regions[0]?.eventSources).toMatchObject([
      { queue: QUEUE, function: CONSUMER, lastError: expect.stringContaining('ReceiveMessage') },
    ]);
  });

  it('meets the faults of its SQS', async () => {
    const { controller } = await start();
    await controller.inject({
      region: EAST_1,
      kind: 'errors',
      service: 'sqs',
      rate: 1,
      operation: 'DeleteMessageBatch',
    });
    await send(EAST_1, 'one');
    await vi.waitFor(() => expect(bodies(EAST_1)).toEqual(['one', 'one']), eventually);
  });
});

describe('a schedule', () => {
  it('invokes the function in each Region', async () => {
    await start({}, 120);
    for (const region of [EAST_1, EAST_2]) {
      await vi.waitFor(
        () => expect(invocations(region)[1]?.event).toMatchObject({ source: 'aws.events', region }),
        eventually,
      );
    }
  });

  it('that has no permission is reported and fires nothing', async () => {
    await start({ permission: false }, 120);
    const refused = /us-east-1 rule tick may not invoke consumer.*events\.amazonaws\.com/;
    expect(reports.some((report) => refused.test(report))).toBe(true);
    await send(EAST_1, 'one');
    await vi.waitFor(() => expect(bodies(EAST_1)).toEqual(['one']), eventually);
    expect(invocations(EAST_1).some(({ event }) => event.source === 'aws.events')).toBe(false);
  });
});

describe("Lambda's API", () => {
  it('invokes a function and waits, or takes its event', async () => {
    await start();
    const post = (body: string, type: string) =>
      lambda(EAST_1, `/${CONSUMER}/invocations`, {
        method: 'POST',
        body,
        headers: { 'x-amz-invocation-type': type },
      });
    const answer = await post('{"n":1}', 'RequestResponse');
    expect([answer.status, await answer.json()]).toEqual([200, { got: { n: 1 } }]);
    const failed = await post('{"do":"throw"}', 'RequestResponse');
    expect(failed.headers.get('x-amz-function-error')).toBe('Unhandled');
    expect(await failed.json()).toEqual({ errorType: 'TypeError', errorMessage: 'as asked' });
    expect((await post('{"n":2}', 'Event')).status).toBe(202);
    expect((await post('{"n":3}', 'DryRun')).status).toBe(204);
    await vi.waitFor(() => expect(invocations(EAST_1)).toHaveLength(3), eventually);
    expect(invocations(EAST_1).map(({ event }) => event)).toEqual([
      { n: 1 },
      { do: 'throw' },
      { n: 2 },
    ]);
    const listed = (await (await lambda(EAST_2, '/')).json()) as { Functions: object[] };
    expect(listed.Functions).toMatchObject([{ FunctionName: CONSUMER }]);
  });

  it.runIf(hasCli)('is spoken by the AWS CLI', async () => {
    await start();
    const output = join(directory, 'answer.json');
    // From a file, because versions 1 and 2 differ in how they read a payload from the command line.
    const payload = join(directory, 'payload.json');
    writeFileSync(payload, '{"n":4}');
    const words = [
      ...['--endpoint-url', twin?.addresses.aws ?? '', '--region', EAST_2, '--output', 'json'],
      ...['lambda', 'invoke', '--function-name', CONSUMER, '--payload', `fileb://${payload}`],
    ];
    const { stdout } = await run('aws', [...words, output], {
      env: {
        ...process.env,
        AWS_ACCESS_KEY_ID: 'x',
        AWS_SECRET_ACCESS_KEY: 'y',
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
        AWS_PAGER: '',
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    });
    expect(JSON.parse(stdout)).toEqual({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(JSON.parse(readFileSync(output, 'utf8'))).toEqual({ got: { n: 4 } });
  });
});
