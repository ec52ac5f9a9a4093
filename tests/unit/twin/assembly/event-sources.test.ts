import { describe, expect, it } from 'vitest';
import { functionRole, lambdaFunction, readResources } from './assembly-on-disk.ts';

const QUEUE_ARN = 'arn:aws:sqs:us-east-1:111111111111:jobs';
const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:111111111111:function:consumer';

function mapping(properties: object = {}) {
  return {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
      FunctionName: { Ref: 'Consumer' },
      ...properties,
    },
  };
}

/** A queue of 30 s and a function of 20 s, with mappings and whatever else is replaced. */
function read(resources: Readonly<Record<string, object>>) {
  return readResources({
    Role: functionRole(),
    Consumer: lambdaFunction({ FunctionName: 'consumer', Timeout: 20 }),
    Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs' } },
    ...resources,
  }).region;
}

describe('event source mappings', () => {
  it("has Lambda's defaults", () => {
    expect(read({ Mapping: mapping() }).eventSources).toEqual([
      {
        functionArn: FUNCTION_ARN,
        queueArn: QUEUE_ARN,
        batchSize: 10,
        maximumBatchingWindowSeconds: 0,
        reportBatchItemFailures: false,
        maximumConcurrency: null,
        enabled: true,
      },
    ]);
  });

  it('has what the template says', () => {
    const properties = {
      FunctionName: '111111111111:function:consumer',
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 5,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 7 },
      Enabled: false,
    };
    expect(read({ Mapping: mapping(properties) }).eventSources).toEqual([
      {
        functionArn: FUNCTION_ARN,
        queueArn: QUEUE_ARN,
        batchSize: 100,
        maximumBatchingWindowSeconds: 5,
        reportBatchItemFailures: true,
        maximumConcurrency: 7,
        enabled: false,
      },
    ]);
  });

  it('names sources and functions that it does not run, and properties that it does not read', () => {
    const streamArn = 'arn:aws:dynamodb:us-east-1:111111111111:table/t/stream/x';
    const region = read({
      Snake: lambdaFunction({ FunctionName: 'snake', Runtime: 'python3.13' }),
      Fifo: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } },
      Filtered: mapping({ FilterCriteria: { Filters: [] } }),
      OfStream: mapping({ EventSourceArn: streamArn }),
      OfFifo: mapping({ EventSourceArn: { 'Fn::GetAtt': ['Fifo', 'Arn'] } }),
      ToSnake: mapping({ FunctionName: 'snake' }),
    });
    expect(region.eventSources).toHaveLength(1);
    const type = 'AWS::Lambda::EventSourceMapping';
    expect(region.notRun.filter((one) => one.type.startsWith(type))).toEqual([
      { type: `${type} (FIFO queue)`, logicalIds: ['OfFifo'] },
      { type: `${type} (dynamodb)`, logicalIds: ['OfStream'] },
      { type: `${type} (function that does not run)`, logicalIds: ['ToSnake'] },
      { type: `${type}.FilterCriteria`, logicalIds: ['Filtered'] },
    ]);
  });

  it.each([
    [
      'a batch of none',
      { BatchSize: 0 },
      /BatchSize must be a whole number from 1 to 10000, not 0/,
    ],
    ['a large batch without a window', { BatchSize: 11 }, /needs a MaximumBatchingWindowInSeconds/],
    ['a window of hours', { MaximumBatchingWindowInSeconds: 301 }, /from 0 to 300/],
    ['a concurrency of one', { ScalingConfig: { MaximumConcurrency: 1 } }, /from 2 to 1000/],
    ['an unknown response type', { FunctionResponseTypes: ['All'] }, /knows ReportBatchItem.*All/],
    ['a function that is not there', { FunctionName: 'other' }, /there is no function other/],
    ['a version', { FunctionName: `${FUNCTION_ARN}:1` }, /there is no function/],
    ['a queue that is not there', { EventSourceArn: `${QUEUE_ARN}2` }, /there is no queue/],
  ])('rejects %s', (_, properties, message) => {
    expect(() => read({ Mapping: mapping(properties) })).toThrow(message);
  });

  it('rejects two mappings of one queue to one function', () => {
    expect(() => read({ One: mapping(), Two: mapping() })).toThrow(/invokes this function already/);
  });

  it('rejects a queue whose messages reappear while the function has them', () => {
    const Consumer = lambdaFunction({ FunctionName: 'consumer', Timeout: 31 });
    expect(() => read({ Consumer, Mapping: mapping() })).toThrow(
      /visibility timeout of queue jobs \(30 s\) is shorter than the timeout of function consumer \(31 s\)/,
    );
    const Queue = {
      Type: 'AWS::SQS::Queue',
      Properties: { QueueName: 'jobs', VisibilityTimeout: 31 },
    };
    expect(read({ Consumer, Queue, Mapping: mapping() }).eventSources).toHaveLength(1);
  });
});
