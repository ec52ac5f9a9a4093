import { describe, expect, it } from 'vitest';
import { createMessaging } from '#twin/messaging/messaging.ts';
import type { RegionModel } from '#twin/region-model.ts';
import { ACCOUNT, EAST, OHIO, regionModel, subscription, topicArn } from './messaging-world.ts';

const [WORK, DEAD] = regionModel(EAST).queues;

function withQueue(attributes: Record<string, string>): RegionModel {
  if (WORK === undefined || DEAD === undefined) throw new Error('the model has lost its queues');
  return regionModel(EAST, { queues: [{ ...WORK, attributes }, DEAD], subscriptions: [] });
}

describe('createMessaging', () => {
  it('names every subscription that delivers nothing, with the reason', async () => {
    const functionArn = `arn:aws:lambda:${EAST}:${ACCOUNT}:function:f`;
    const messaging = await createMessaging([
      regionModel(EAST, {
        subscriptions: [
          subscription(EAST),
          subscription(EAST, { protocol: 'lambda', endpoint: functionArn }),
          subscription(EAST, { topicArn: topicArn(OHIO, 'events'), topicRegion: OHIO }),
          subscription(EAST, { topicArn: topicArn(EAST, 'nothing') }),
          subscription(EAST, { endpoint: `arn:aws:sqs:${EAST}:${ACCOUNT}:nothing` }),
        ],
      }),
    ]);
    await messaging.stop();
    expect(messaging.notRun.map(({ why }) => why)).toEqual([
      'The twin delivers notifications to SQS only, not to lambda.',
      'The twin delivers no notifications between Regions.',
      `${topicArn(EAST, 'nothing')} is no topic of this Region's template.`,
      `arn:aws:sqs:${EAST}:${ACCOUNT}:nothing is no queue of this Region's template.`,
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
    await expect(createMessaging([regionModel(OHIO), withQueue(attributes)])).rejects.toThrow(
      words,
    );
  });

  it('rejects to tell the depths of a Region that it does not run', async () => {
    const messaging = await createMessaging([regionModel(EAST)]);
    await messaging.stop();
    expect(() => messaging.depths(OHIO)).toThrow('No messaging runs in us-east-2.');
  });
});
