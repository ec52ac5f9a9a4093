import { describe, expect, it } from 'vitest';
import { functionRole, lambdaFunction, readResources } from './assembly-on-disk.ts';

const DEAD_ARN = 'arn:aws:sqs:us-east-1:111111111111:dead';
const DEAD = { 'Fn::GetAtt': ['Dead', 'Arn'] };

/** A function with these properties, a queue and whatever else. */
function read(properties: object, resources: Readonly<Record<string, object>> = {}) {
  const { region } = readResources({
    Role: functionRole(),
    Watcher: lambdaFunction({ FunctionName: 'watcher', ...properties }),
    Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
    ...resources,
  });
  return { asynchronous: region.functions[0]?.asynchronous, notRun: region.notRun };
}

function config(properties: object) {
  return {
    Type: 'AWS::Lambda::EventInvokeConfig',
    Properties: { FunctionName: { Ref: 'Watcher' }, Qualifier: '$LATEST', ...properties },
  };
}

describe('asynchronous invocations', () => {
  it('are nothing that a template without a word says', () => {
    expect(read({})).toEqual({ asynchronous: undefined, notRun: [] });
  });

  it('have a dead-letter queue', () => {
    expect(read({ DeadLetterConfig: { TargetArn: DEAD } })).toEqual({
      asynchronous: { retriesMax: 2, deadLetterQueueArn: DEAD_ARN, onFailureQueueArn: null },
      notRun: [],
    });
  });

  it('have retries and a destination, beside a dead-letter queue', () => {
    const DestinationConfig = { OnFailure: { Destination: DEAD } };
    const resources = { Config: config({ MaximumRetryAttempts: 0, DestinationConfig }) };
    expect(read({ DeadLetterConfig: { TargetArn: DEAD } }, resources)).toEqual({
      asynchronous: { retriesMax: 0, deadLetterQueueArn: DEAD_ARN, onFailureQueueArn: DEAD_ARN },
      notRun: [],
    });
  });

  it('name what is not run', () => {
    const topic = 'arn:aws:sns:us-east-1:111111111111:ops';
    const DestinationConfig = { OnSuccess: { Destination: DEAD } };
    const settings = { DestinationConfig, MaximumEventAgeInSeconds: 60 };
    const { asynchronous, notRun } = read(
      { DeadLetterConfig: { TargetArn: topic } },
      { Config: config(settings) },
    );
    expect(asynchronous).toEqual({
      retriesMax: 2,
      deadLetterQueueArn: null,
      onFailureQueueArn: null,
    });
    expect(notRun).toEqual([
      {
        type: 'AWS::Lambda::EventInvokeConfig.DestinationConfig.OnSuccess',
        logicalIds: ['Config'],
      },
      {
        type: 'AWS::Lambda::EventInvokeConfig.MaximumEventAgeInSeconds',
        logicalIds: ['Config'],
      },
      { type: 'AWS::Lambda::Function.DeadLetterConfig (sns)', logicalIds: ['Watcher'] },
    ]);
  });

  it.each<[string, object, Readonly<Record<string, object>>, RegExp]>([
    [
      'a queue that is not there',
      { DeadLetterConfig: { TargetArn: 'arn:aws:sqs:us-east-2:111111111111:dead' } },
      {},
      /there is no queue arn:aws:sqs:us-east-2:.* in this Region/,
    ],
    [
      'a FIFO queue',
      { DeadLetterConfig: { TargetArn: DEAD } },
      {
        Dead: {
          Type: 'AWS::SQS::Queue',
          Properties: { QueueName: 'dead.fifo', FifoQueue: true },
        },
      },
      /takes a standard queue; dead.fifo is a FIFO queue/,
    ],
    ['a version', {}, { Config: config({ Qualifier: '1' }) }, /\$LATEST only, not 1/],
    ['three retries', {}, { Config: config({ MaximumRetryAttempts: 3 }) }, /from 0 to 2, not 3/],
    [
      'two configurations of one function',
      {},
      { Config: config({}), Again: config({}) },
      /has a configuration already/,
    ],
    [
      'a function that is not there',
      {},
      { Config: config({ FunctionName: 'other' }) },
      /there is no function other in this Region/,
    ],
  ])('rejects %s', (_name, properties, resources, words) => {
    expect(() => read(properties, resources)).toThrow(words);
  });
});
