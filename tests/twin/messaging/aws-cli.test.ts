import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ACCOUNT,
  EAST,
  OHIO,
  queueArn,
  startWorld,
  topicArn,
  type World,
} from './messaging-world.ts';

const run = promisify(execFile);

const hasCli = spawnSync('aws', ['--version']).status === 0;
if (!hasCli) console.warn('The AWS CLI is not installed: its tests are left out.');

describe.runIf(hasCli)('the AWS CLI', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
  });

  afterAll(async () => {
    await world.stop();
  });

  /** Runs `aws <words>` against the twin; resolves to what it prints, as JSON. */
  async function aws(...words: string[]): Promise<Record<string, unknown>> {
    const { stdout } = await run(
      'aws',
      ['--endpoint-url', world.url, '--output', 'json', ...words],
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
    return stdout.trim() === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>);
  }

  it('lists, sends to, receives from and describes queues of its --region', async () => {
    const { QueueUrls: urls } = await aws('--region', EAST, 'sqs', 'list-queues');
    const url = `${world.url}/${ACCOUNT}/work`;
    expect(urls).toContain(url);
    const here = ['--region', EAST, 'sqs'];
    await aws(...here, 'send-message', '--queue-url', url, '--message-body', 'from the shell');
    const elsewhere = await aws('--region', OHIO, 'sqs', 'receive-message', '--queue-url', url);
    const received = await aws(...here, 'receive-message', '--queue-url', url);
    const names = ['QueueArn', 'ApproximateNumberOfMessagesNotVisible'];
    const query = ['get-queue-attributes', '--queue-url', url, '--attribute-names'];
    const described = await aws(...here, ...query, ...names);
    expect(elsewhere).toEqual({});
    expect(received).toMatchObject({ Messages: [{ Body: 'from the shell' }] });
    expect(described).toEqual({
      Attributes: {
        QueueArn: queueArn(EAST, 'work'),
        ApproximateNumberOfMessagesNotVisible: '1',
      },
    });
  });

  it('lists, describes and publishes to topics of its --region', async () => {
    const here = ['--region', OHIO, 'sns'];
    const arn = topicArn(OHIO, 'events');
    expect(await aws(...here, 'list-topics')).toEqual({ Topics: [{ TopicArn: arn }] });
    const described = await aws(...here, 'get-topic-attributes', '--topic-arn', arn);
    expect(described).toMatchObject({ Attributes: { Owner: ACCOUNT, TopicArn: arn } });
    const published = await aws(...here, 'publish', '--topic-arn', arn, '--message', 'hi');
    expect(published).toMatchObject({ MessageId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(world.messaging.depths(OHIO)).toContainEqual({
      name: 'audit',
      visible: 1,
      inFlight: 0,
      delayed: 0,
    });
  });

  it('is told which Regions there are', async () => {
    const wrong = aws('--region', 'eu-west-1', 'sqs', 'list-queues');
    await expect(wrong).rejects.toThrow(/eu-west-1 is not a Region of this twin.*us-east-1/);
  });
});
