import { describe, expect, it } from 'vitest';
import { observeDynamoDb } from '#twin/cloudwatch/dynamodb-metrics.ts';
import { createMetricAggregator, type MetricBatch } from '#twin/cloudwatch/metric-batch.ts';
import { sampleQueues, sampleReplication } from '#twin/cloudwatch/sampled-metrics.ts';
import { createApiMetrics, createFunctionMetrics } from '#twin/cloudwatch/service-metrics.ts';
import { metricsNotSupplied } from '#twin/cloudwatch/supplied-metrics.ts';
import { alarm, metricQuery } from './alarm-model.ts';

const AT = 1_700_000_000_000;

/** `name{dimensions} value×count` of everything in a batch. */
function shown(batch: MetricBatch): string[] {
  return batch.flatMap(({ metricName, dimensionSets, points }) =>
    dimensionSets.flatMap((dimensions) =>
      points.map(({ value, count }) => {
        const names = Object.entries(dimensions).map(([name, text]) => `${name}=${text}`);
        return `${metricName}{${names.join(',')}} ${value}×${count}`;
      }),
    ),
  );
}

describe('createApiMetrics', () => {
  const request = {
    ...{ httpMethod: 'POST', resource: '/process', latencyMs: 12.4, atEpochMs: AT },
    integrationLatencyMs: 9.6,
  };

  function observe(...more: readonly object[]): string[] {
    const aggregator = createMetricAggregator();
    const tell = createApiMetrics({ name: 'api', stageName: 'prod' }, aggregator);
    for (const each of more) tell({ ...request, status: 200, ...each });
    return shown(aggregator.take());
  }

  it('reports a request under the API, its stage and its method', () => {
    expect(observe({})).toEqual(
      [
        ['Count', 1],
        ['4XXError', 0],
        ['5XXError', 0],
        ['Latency', 12],
        ['IntegrationLatency', 10],
      ].flatMap(([name, value]) => [
        `${name}{ApiName=api} ${value}×1`,
        `${name}{ApiName=api,Stage=prod} ${value}×1`,
        `${name}{ApiName=api,Stage=prod,Resource=/process,Method=POST} ${value}×1`,
      ]),
    );
  });

  it('tells bad requests from faults', () => {
    const found = observe({ status: 400 }, { status: 503 }, { status: 500 });
    expect(found).toContain('4XXError{ApiName=api,Stage=prod} 1×1');
    expect(found).toContain('5XXError{ApiName=api,Stage=prod} 1×2');
  });

  it('reports no method for a request that matched none, and no integration that was not reached', () => {
    const found = observe({ resource: null, status: 403, integrationLatencyMs: null });
    expect(found.filter((one) => /Method|Integration/.test(one))).toEqual([]);
    expect(found).toContain('Count{ApiName=api,Stage=prod} 1×1');
  });
});

describe('createFunctionMetrics', () => {
  it('counts invocations, errors and durations by function', () => {
    const aggregator = createMetricAggregator();
    const tell = createFunctionMetrics(aggregator);
    const one = { functionName: 'f', durationMs: 1.26, startedAtEpochMs: AT };
    tell.invoked({ ...one, failed: false });
    tell.invoked({ ...one, failed: true });
    expect(shown(aggregator.take())).toEqual([
      'Invocations{FunctionName=f} 1×2',
      'Errors{FunctionName=f} 0×1',
      'Errors{FunctionName=f} 1×1',
      'Throttles{FunctionName=f} 0×2',
      'Duration{FunctionName=f} 1.3×2',
    ]);
  });

  it('counts what was throttled as that alone', () => {
    const aggregator = createMetricAggregator();
    createFunctionMetrics(aggregator).throttled({ functionName: 'f', atEpochMs: AT });
    expect(shown(aggregator.take())).toEqual(['Throttles{FunctionName=f} 1×1']);
  });
});

describe('observeDynamoDb', () => {
  function observe(
    operation: string,
    request: object,
    { status = 400, body = '{}', throttled = false } = {},
  ): string[] {
    const aggregator = createMetricAggregator();
    const call = {
      ...{ region: 'us-east-1', operation, headers: {}, url: '/', requestId: 'id' },
      body: Buffer.from(JSON.stringify(request)),
      signal: new AbortController().signal,
    };
    observeDynamoDb({ call, throttled, answer: { status, headers: {}, body } }, aggregator, AT);
    return shown(aggregator.take());
  }

  it('says nothing of what went well', () => {
    expect(observe('PutItem', { TableName: 't' }, { status: 200 })).toEqual([]);
  });

  it('counts a throttled call as an event of the table or of the index', () => {
    const throttled = { throttled: true };
    expect(observe('PutItem', { TableName: 't' }, throttled)).toEqual([
      'ThrottledRequests{TableName=t,Operation=PutItem} 1×1',
      'WriteThrottleEvents{TableName=t} 1×1',
    ]);
    expect(observe('Query', { TableName: 't', IndexName: 'i' }, throttled)).toEqual([
      'ThrottledRequests{TableName=t,Operation=Query} 1×1',
      'ReadThrottleEvents{TableName=t,GlobalSecondaryIndexName=i} 1×1',
    ]);
  });

  it('counts an event for each item of a batch', () => {
    const keys = { Keys: [{}, {}, {}] };
    expect(observe('BatchGetItem', { RequestItems: { t: keys } }, { throttled: true })).toContain(
      'ReadThrottleEvents{TableName=t} 1×3',
    );
    const puts = { t: [{ PutRequest: {} }, { PutRequest: {} }] };
    expect(observe('BatchWriteItem', { RequestItems: puts }, { throttled: true })).toContain(
      'WriteThrottleEvents{TableName=t} 1×2',
    );
  });

  it('tells faults of the service from those of callers, and both from failed conditions', () => {
    expect(observe('PutItem', { TableName: 't' }, { status: 500 })).toEqual([
      'SystemErrors{TableName=t,Operation=PutItem} 1×1',
    ]);
    expect(observe('PutItem', { TableName: 't' })).toEqual(['UserErrors{} 1×1']);
    const body = '{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}';
    expect(observe('PutItem', { TableName: 't' }, { body })).toEqual([
      'ConditionalCheckFailedRequests{TableName=t} 1×1',
    ]);
  });
});

describe('what is looked up each minute', () => {
  it('has the depth and the age of each queue', () => {
    const aggregator = createMetricAggregator();
    const depth = { visible: 2, inFlight: 1, delayed: 0 };
    const queues = [{ name: 'q', ...depth, oldestSentEpochMs: AT - 9_900 }];
    sampleQueues(queues, aggregator, AT);
    expect(shown(aggregator.take())).toEqual([
      'ApproximateNumberOfMessagesVisible{QueueName=q} 2×1',
      'ApproximateNumberOfMessagesNotVisible{QueueName=q} 1×1',
      'ApproximateNumberOfMessagesDelayed{QueueName=q} 0×1',
      'ApproximateAgeOfOldestMessage{QueueName=q} 9×1',
    ]);
  });

  it('has the lag of the others, as the Region that they replicate from tells it', () => {
    const replica = (region: string, lagMs?: number) => ({
      ...{ region, pendingItems: 0, caughtUp: true, quorum: true },
      engine: 'ready' as const,
      ...(lagMs === undefined ? {} : { lagMs }),
    });
    const tables = [
      { table: 't', leader: null, replicas: [replica('a', 5), replica('b', 700)] },
      { table: 'strong', leader: 'a', replicas: [replica('a'), replica('b')] },
    ];
    const aggregator = createMetricAggregator();
    sampleReplication('a', tables, aggregator, AT);
    expect(shown(aggregator.take())).toEqual([
      'ReplicationLatency{TableName=t,ReceivingRegion=b} 700×1',
    ]);
  });
});

describe('metricsNotSupplied', () => {
  it('names what alarms read and nothing reports, with the alarms', () => {
    const reading = (name: string, namespace: string, metricName: string, dimensions = {}) => {
      const metric = { namespace, metricName, dimensions };
      return alarm({ name, queries: [metricQuery(metric)] });
    };
    const alarms = [
      reading('a', 'AWS/SQS', 'NumberOfMessagesSent', { QueueName: 'q' }),
      reading('b', 'AWS/SQS', 'NumberOfMessagesSent', { QueueName: 'r' }),
      reading('c', 'AWS/SQS', 'ApproximateAgeOfOldestMessage', { QueueName: 'q' }),
      reading('d', 'AWS/ApiGateway', 'Count', { Stage: 's', ApiName: 'a' }),
      reading('e', 'AWS/ApiGateway', 'Count', { Stage: 's' }),
      reading('f', 'Anything', 'Else'),
    ];
    expect(metricsNotSupplied([{ region: 'r', alarms }])).toEqual([
      {
        region: 'r',
        type: 'AWS::CloudWatch::Alarm (AWS/SQS NumberOfMessagesSent by QueueName)',
        logicalIds: ['a', 'b'],
      },
      {
        region: 'r',
        type: 'AWS::CloudWatch::Alarm (AWS/ApiGateway Count by Stage)',
        logicalIds: ['e'],
      },
    ]);
  });
});
