import { expect, it } from 'vitest';
import { snsEvent } from '#twin/messaging/sns-event.ts';

it('has a subject where the notification has one, and the subscription of its address', () => {
  const event = JSON.parse(
    snsEvent(
      JSON.stringify({
        Type: 'Notification',
        MessageId: 'm-1',
        TopicArn: 'arn:aws:sns:us-east-1:111111111111:ops',
        Subject: 'ALARM: "x" in US East (N. Virginia)',
        Message: 'text',
        Timestamp: '2026-01-01T00:00:00.000Z',
        SignatureVersion: '1',
        Signature: 's',
        SigningCertURL: 'https://cert',
        UnsubscribeURL: 'https://sns/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:r:1:ops:u',
      }),
    ),
  ) as unknown;
  expect(event).toEqual({
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: 'arn:aws:sns:r:1:ops:u',
        Sns: {
          Type: 'Notification',
          MessageId: 'm-1',
          TopicArn: 'arn:aws:sns:us-east-1:111111111111:ops',
          Subject: 'ALARM: "x" in US East (N. Virginia)',
          Message: 'text',
          Timestamp: '2026-01-01T00:00:00.000Z',
          SignatureVersion: '1',
          Signature: 's',
          SigningCertUrl: 'https://cert',
          UnsubscribeUrl: 'https://sns/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:r:1:ops:u',
          MessageAttributes: {},
        },
      },
    ],
  });
});
