import { describe, expect, it } from 'vitest';
import { readResources } from './assembly-on-disk.ts';

const DLQ = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dlq' } };
const TOPIC = {
  Type: 'AWS::SNS::Topic',
  Properties: { TopicName: 'ops', DisplayName: 'Operations' },
};
const TOPIC_ARN = 'arn:aws:sns:us-east-1:111111111111:ops';
const POLICY = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Principal: '*', Action: 'sqs:*', Resource: '*' }],
};

describe('queues', () => {
  it('has the attributes that CreateQueue takes, as texts', () => {
    const { region } = readResources({
      Dlq: DLQ,
      Queue: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          QueueName: 'jobs',
          VisibilityTimeout: 300,
          SqsManagedSseEnabled: true,
          RedrivePolicy: {
            deadLetterTargetArn: { 'Fn::GetAtt': ['Dlq', 'Arn'] },
            maxReceiveCount: 3,
          },
        },
      },
      Policy: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: { PolicyDocument: POLICY, Queues: [{ Ref: 'Queue' }] },
      },
    });
    expect(region.queues).toEqual([
      expect.objectContaining({ name: 'dlq', attributes: {}, policy: null }),
      {
        name: 'jobs',
        arn: 'arn:aws:sqs:us-east-1:111111111111:jobs',
        url: 'https://sqs.us-east-1.amazonaws.com/111111111111/jobs',
        attributes: {
          VisibilityTimeout: '300',
          SqsManagedSseEnabled: 'true',
          RedrivePolicy:
            '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111111111111:dlq","maxReceiveCount":3}',
        },
        policy: POLICY,
      },
    ]);
  });

  it('ends the generated name of a FIFO queue as SQS asks', () => {
    const { region } = readResources({
      Queue: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } },
    });
    expect(region.queues[0]?.name).toMatch(/^TapStack-Queue-[a-z0-9]{8}\.fifo$/);
    expect(region.queues[0]?.attributes).toEqual({ FifoQueue: 'true' });
  });

  it('rejects a FIFO queue with the name of a standard one', () => {
    const queue = { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true, QueueName: 'jobs' } };
    expect(() => readResources({ Queue: queue })).toThrow(/ends in \.fifo/);
  });

  it('rejects a dead-letter queue that is not there', () => {
    const deadLetterTargetArn = 'arn:aws:sqs:us-east-1:111111111111:other';
    const queue = {
      Type: 'AWS::SQS::Queue',
      Properties: { RedrivePolicy: { deadLetterTargetArn, maxReceiveCount: 3 } },
    };
    expect(() => readResources({ Queue: queue })).toThrow(
      /dead-letter queue .*:other is not among/,
    );
  });

  it('rejects two policies for one queue', () => {
    const policy = {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: { PolicyDocument: POLICY, Queues: [{ Ref: 'Dlq' }] },
    };
    expect(() => readResources({ Dlq: DLQ, A: policy, B: policy })).toThrow(/has a policy already/);
  });
});

describe('topics and subscriptions', () => {
  it('reads topics with their policy', () => {
    const { region } = readResources({
      Topic: TOPIC,
      Policy: {
        Type: 'AWS::SNS::TopicPolicy',
        Properties: { PolicyDocument: POLICY, Topics: [{ Ref: 'Topic' }] },
      },
    });
    expect(region.topics).toEqual([
      { name: 'ops', arn: TOPIC_ARN, displayName: 'Operations', policy: POLICY },
    ]);
  });

  it('reads subscriptions of their own and those inside a topic', () => {
    const queueArn = { 'Fn::GetAtt': ['Dlq', 'Arn'] };
    const { region } = readResources({
      Dlq: DLQ,
      Topic: {
        Type: 'AWS::SNS::Topic',
        Properties: {
          TopicName: 'ops',
          Subscription: [{ Protocol: 'email', Endpoint: 'ops@example.com' }],
        },
      },
      Own: {
        Type: 'AWS::SNS::Subscription',
        Properties: { TopicArn: { Ref: 'Topic' }, Protocol: 'sqs', Endpoint: queueArn },
      },
      Far: {
        Type: 'AWS::SNS::Subscription',
        Properties: {
          TopicArn: TOPIC_ARN.replace('us-east-1', 'us-east-2'),
          Protocol: 'sqs',
          Endpoint: queueArn,
        },
      },
    });
    const endpoint = 'arn:aws:sqs:us-east-1:111111111111:dlq';
    expect(region.subscriptions).toEqual([
      {
        topicArn: TOPIC_ARN,
        protocol: 'email',
        endpoint: 'ops@example.com',
        topicRegion: 'us-east-1',
      },
      { topicArn: TOPIC_ARN, protocol: 'sqs', endpoint, topicRegion: 'us-east-1' },
      {
        topicArn: 'arn:aws:sns:us-east-2:111111111111:ops',
        protocol: 'sqs',
        endpoint,
        topicRegion: 'us-east-2',
      },
    ]);
  });

  describe('attributes of a subscription', () => {
    function read(properties: object) {
      const { region } = readResources({
        Dlq: DLQ,
        Topic: TOPIC,
        Own: {
          Type: 'AWS::SNS::Subscription',
          Properties: {
            TopicArn: { Ref: 'Topic' },
            Protocol: 'sqs',
            Endpoint: { 'Fn::GetAtt': ['Dlq', 'Arn'] },
            ...properties,
          },
        },
      });
      expect(region.notRun).toEqual([]);
      return region.subscriptions[0]?.attributes;
    }

    it('has them as Subscribe takes them, as texts', () => {
      const FilterPolicy = { kind: ['paid', { prefix: 'refund' }] };
      expect(
        read({ RawMessageDelivery: true, FilterPolicy, FilterPolicyScope: 'MessageBody' }),
      ).toEqual({
        RawMessageDelivery: 'true',
        FilterPolicy: '{"kind":["paid",{"prefix":"refund"}]}',
        FilterPolicyScope: 'MessageBody',
      });
    });

    it('takes a filter policy that is JSON text', () => {
      expect(read({ RawMessageDelivery: 'false', FilterPolicy: '{"kind":["paid"]}' })).toEqual({
        RawMessageDelivery: 'false',
        FilterPolicy: '{"kind":["paid"]}',
      });
    });

    it('rejects what SNS would refuse', () => {
      expect(() => read({ RawMessageDelivery: 'maybe' })).toThrow(
        /Own .*RawMessageDelivery must be true or false/,
      );
      expect(() => read({ FilterPolicy: ['paid'] })).toThrow(/FilterPolicy must be an object/);
      expect(() => read({ FilterPolicy: '{"kind"' })).toThrow(/FilterPolicy must be an object/);
      expect(() => read({ FilterPolicyScope: 'Body' })).toThrow(
        /FilterPolicyScope must be MessageAttributes or MessageBody, not Body/,
      );
    });
  });
});
