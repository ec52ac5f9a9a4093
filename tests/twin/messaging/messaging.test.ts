import { describe, expect, it } from 'vitest';
import { createFaultBoard } from '#twin/faults/fault-board.ts';
import { createMessaging, type MessagingOptions } from '#twin/messaging/messaging.ts';
import type { RegionModel } from '#twin/region-model.ts';
import {
  ACCOUNT,
  EAST,
  functionArn,
  functionModel,
  OHIO,
  queueArn,
  regionModel,
  subscription,
  topicArn,
} from './messaging-world.ts';

const [WORK, DEAD] = regionModel(EAST).queues;

function withQueue(attributes: Record<string, string>): RegionModel {
  if (WORK === undefined || DEAD === undefined) throw new Error('the model has lost its queues');
  return regionModel(EAST, { queues: [{ ...WORK, attributes }, DEAD], subscriptions: [] });
}

const OPTIONS: MessagingOptions = {
  network: createFaultBoard({
    regions: [EAST, OHIO],
    witness: null,
    clock: { nowEpochMs: () => 0 },
    random: () => 0,
  }),
  submit: () => {},
  report: () => {},
};

describe('createMessaging', () => {
  it('names every subscription that delivers nothing, with the reason', async () => {
    const withoutPermission = functionModel(OHIO, [topicArn(OHIO, 'events')]);
    const reports: string[] = [];
    const fifo = { name: 'order.fifo', arn: queueArn(OHIO, 'order.fifo'), url: '', policy: null };
    const ohio = regionModel(OHIO);
    const subscriptions = [
      subscription(EAST),
      subscription(EAST, { protocol: 'email', endpoint: 'ops@example.com' }),
      subscription(EAST, { protocol: 'lambda', endpoint: functionArn(EAST, 'nothing') }),
      subscription(EAST, { protocol: 'lambda', endpoint: withoutPermission.arn }),
      subscription(OHIO, {
        ...{ protocol: 'lambda', endpoint: withoutPermission.arn },
        attributes: { RawMessageDelivery: 'true' },
      }),
      subscription(EAST, { topicArn: topicArn(OHIO, 'events'), topicRegion: OHIO }),
      subscription(EAST, { topicArn: topicArn(EAST, 'nothing') }),
      subscription(EAST, { endpoint: queueArn(EAST, 'nothing') }),
      subscription(EAST, { endpoint: fifo.arn }),
    ];
    const messaging = await createMessaging(
      [
        regionModel(EAST, { subscriptions }),
        {
          ...ohio,
          functions: [withoutPermission],
          queues: [...ohio.queues, { ...fifo, attributes: { FifoQueue: 'true' } }],
        },
      ],
      { ...OPTIONS, report: (message) => reports.push(message) },
    );
    await messaging.stop();
    expect(messaging.notRun.map(({ why }) => why)).toEqual([
      'The twin delivers notifications to SQS and Lambda only, not to email.',
      `${functionArn(EAST, 'nothing')} is no function that the twin runs.`,
      `${topicArn(EAST, 'events')} may not invoke watcher, so it never does: add an ` +
        `AWS::Lambda::Permission for sns.amazonaws.com with source ${topicArn(EAST, 'events')}.`,
      'SNS has no raw delivery to Lambda: leave RawMessageDelivery out.',
      `${topicArn(EAST, 'nothing')} is no topic of the templates.`,
      `${queueArn(EAST, 'nothing')} is no queue of the templates.`,
      'The twin delivers nothing between Regions from FIFO topics or to FIFO queues.',
    ]);
    expect(new Set(messaging.notRun.map(({ region }) => region))).toEqual(new Set([EAST]));
    expect(reports).toEqual([
      expect.stringMatching(/^us-east-1: .*:nothing is no function/),
      expect.stringMatching(/^us-east-1: .* may not invoke watcher/),
      expect.stringMatching(/^us-east-1: SNS has no raw delivery/),
    ]);
  });

  it.each([
    [
      'a dead-letter queue of another Region',
      {
        RedrivePolicy: JSON.stringify({
          deadLetterTargetArn: `arn:aws:sqs:${OHIO}:${ACCOUNT}:dead`,
          maxReceiveCount: 3,
        }),
      },
      /Queue work of us-east-1: its RedrivePolicy names arn:aws:sqs:us-east-2:/,
    ],
    ['a redrive policy that is not JSON', { RedrivePolicy: '{' }, /names undefined, no queue/],
    [
      'a receive count of zero',
      { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: DEAD?.arn, maxReceiveCount: 0 }) },
      /maxReceiveCount of its RedrivePolicy must be from 1 to 1000/,
    ],
    [
      'a visibility timeout beyond twelve hours',
      { VisibilityTimeout: '43201' },
      /Queue work of us-east-1 can't be created: .*VisibilityTimeout.*43200.*Mend it/,
    ],
  ])('rejects %s', async (_name, attributes, words) => {
    const models = [regionModel(OHIO), withQueue(attributes)];
    await expect(createMessaging(models, OPTIONS)).rejects.toThrow(words);
  });

  it('rejects to tell the depths of a Region that it does not run', async () => {
    const messaging = await createMessaging([regionModel(EAST)], OPTIONS);
    await messaging.stop();
    expect(() => messaging.depths(OHIO)).toThrow('No messaging runs in us-east-2.');
  });
});
