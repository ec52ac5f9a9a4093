import { describe, expect, it } from 'vitest';
import { type SqsMessage, splitBySize, sqsEvent } from '#twin/events/sqs-event.ts';

const MESSAGE: SqsMessage = {
  MessageId: 'id-1',
  ReceiptHandle: 'handle',
  Body: '{"é":1}',
  MD5OfBody: 'md5',
  Attributes: { ApproximateReceiveCount: '2', SentTimestamp: '1' },
};
const QUEUE = { arn: 'arn:aws:sqs:us-east-2:123456789012:jobs', region: 'us-east-2' };

describe('sqsEvent', () => {
  it('has the shape of the developer guide', () => {
    expect(JSON.parse(sqsEvent([MESSAGE], QUEUE))).toEqual({
      Records: [
        {
          messageId: 'id-1',
          receiptHandle: 'handle',
          body: '{"é":1}',
          attributes: { ApproximateReceiveCount: '2', SentTimestamp: '1' },
          messageAttributes: {},
          md5OfBody: 'md5',
          eventSource: 'aws:sqs',
          eventSourceARN: QUEUE.arn,
          awsRegion: 'us-east-2',
        },
      ],
    });
  });

  it('has message attributes as Lambda names them', () => {
    const message: SqsMessage = {
      ...MESSAGE,
      MD5OfMessageAttributes: 'md5a',
      MessageAttributes: {
        kind: { DataType: 'String', StringValue: 'payment' },
        raw: { DataType: 'Binary', BinaryValue: 'AAE=' },
      },
    };
    expect(JSON.parse(sqsEvent([message], QUEUE)).Records[0]).toMatchObject({
      md5OfMessageAttributes: 'md5a',
      messageAttributes: {
        kind: {
          stringValue: 'payment',
          stringListValues: [],
          binaryListValues: [],
          dataType: 'String',
        },
        raw: {
          binaryValue: 'AAE=',
          stringListValues: [],
          binaryListValues: [],
          dataType: 'Binary',
        },
      },
    });
  });
});

describe('splitBySize', () => {
  const sized = (bytes: number): SqsMessage => ({ ...MESSAGE, Body: 'x'.repeat(bytes) });

  it('leaves a usual batch whole', () => {
    const batch = Array.from({ length: 10 }, () => sized(1_000));
    expect(splitBySize(batch)).toEqual([batch]);
    expect(splitBySize([])).toEqual([]);
  });

  it('parts a batch before an event that Lambda would refuse, in order', () => {
    const batch = [1_000_001, 1_000_002, 1_000_003, 1_000_004, 1_000_005, 1_000_006].map(sized);
    const parts = splitBySize(batch);
    expect(parts.map((part) => part.length)).toEqual([5, 1]);
    expect(parts.flat()).toEqual(batch);
  });

  it('counts what JSON makes of a body', () => {
    const batch = [1, 2, 3].map(() => ({ ...MESSAGE, Body: '"'.repeat(1_000_000) }));
    expect(splitBySize(batch).map((part) => part.length)).toEqual([2, 1]);
  });
});
