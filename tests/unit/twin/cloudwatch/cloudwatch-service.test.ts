import { describe, expect, it } from 'vitest';
import { createCloudWatchService } from '#twin/cloudwatch/cloudwatch-service.ts';
import { cloudWatchTime } from '#twin/cloudwatch/cloudwatch-time.ts';
import { createRegionCloudWatch } from '#twin/cloudwatch/region-cloudwatch.ts';
import type { ServiceCall } from '#twin/endpoint/aws-service.ts';
import { manualClock, switchablePresence } from '../events/manual-clock.ts';
import { regionOf } from '../region/api/request-fixture.ts';
import { alarm, composite, FAULTS, metricQuery } from './alarm-model.ts';

const REGION = 'us-east-1';
const START = Date.UTC(2026, 0, 15, 12);
const TARGET = 'GraniteServiceVersion20100801.';
const ALARMS = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:';

function setUp({ speed = 1 } = {}) {
  const clock = manualClock(START);
  const cloudWatch = createRegionCloudWatch({
    model: {
      ...regionOf(),
      alarms: [
        alarm({ name: 'pay-b', okActions: ['arn:ok'] }),
        alarm({ name: 'pay-a', queries: [metricQuery(FAULTS, { statistic: 'p90' })] }),
        alarm({ name: 'queue' }),
      ],
      compositeAlarms: [composite('pay-all', 'ALARM("pay-a") OR ALARM("pay-b")')],
    },
    time: cloudWatchTime(START, speed),
    ...{ clock, presence: switchablePresence() },
    actions: { run: () => Promise.resolve('done'), stop: () => undefined },
    sample: () => undefined,
    report: () => undefined,
  });
  const service = createCloudWatchService(new Map([[REGION, cloudWatch]]));
  function callOf(operation: string, parameters: unknown, headers = {}): ServiceCall {
    return {
      ...{ region: REGION, operation, url: '/', requestId: 'id' },
      headers: { 'x-amz-target': `${TARGET}${operation}`, ...headers },
      body: Buffer.from(typeof parameters === 'string' ? parameters : JSON.stringify(parameters)),
      signal: new AbortController().signal,
    };
  }
  async function run(operation: string, parameters: unknown = {}) {
    const { status, body, headers } = await service.handle(callOf(operation, parameters));
    const result: Record<string, unknown> & { headers: Readonly<Record<string, string>> } = {
      ...(JSON.parse(String(body)) as Record<string, unknown>),
      ...{ status, headers },
    };
    return result;
  }
  const namesOf = async (parameters: object): Promise<unknown[]> => {
    const result = await run('DescribeAlarms', parameters);
    const both = [result['MetricAlarms'], result['CompositeAlarms']].flat() as {
      AlarmName: string;
    }[];
    return both.map(({ AlarmName }) => AlarmName);
  };
  return { cloudWatch, clock, service, callOf, run, namesOf };
}

describe('DescribeAlarms', () => {
  it.each([
    [{}, ['pay-a', 'pay-b', 'queue']],
    [
      { AlarmTypes: ['CompositeAlarm', 'MetricAlarm'], AlarmNamePrefix: 'pay' },
      ['pay-a', 'pay-b', 'pay-all'],
    ],
    [{ AlarmTypes: ['CompositeAlarm'] }, ['pay-all']],
    [{ AlarmNames: ['pay-b', 'pay-all', 'none'] }, ['pay-b']],
    [{ AlarmNamePrefix: 'q' }, ['queue']],
    [{ ActionPrefix: 'arn:ok' }, ['pay-b']],
    [{ StateValue: 'ALARM' }, []],
  ])('with %j lists %j', async (parameters, names) => {
    expect(await setUp().namesOf(parameters)).toEqual(names);
  });

  it('gives pages', async () => {
    const { run, namesOf } = setUp();
    const first = await run('DescribeAlarms', { MaxRecords: 2 });
    expect(first['MetricAlarms']).toHaveLength(2);
    const next = { MaxRecords: 2, NextToken: first['NextToken'] };
    expect(await namesOf(next)).toEqual(['queue']);
    expect(await run('DescribeAlarms', next)).not.toHaveProperty('NextToken');
    expect(await run('DescribeAlarms', { NextToken: 'bm9uZQ==' })).toMatchObject({
      ...{ status: 400, __type: 'InvalidNextToken' },
    });
  });

  it('describes an alarm as it was made and as it is', async () => {
    const { run } = setUp();
    const { MetricAlarms } = await run('DescribeAlarms', { AlarmNames: ['pay-a'] });
    expect(MetricAlarms).toEqual([
      expect.objectContaining({
        AlarmName: 'pay-a',
        StateValue: 'INSUFFICIENT_DATA',
        StateUpdatedTimestamp: START / 1000,
        Namespace: 'Payments',
        MetricName: 'Faults',
        ExtendedStatistic: 'p90',
        Period: 60,
        EvaluationPeriods: 3,
        Threshold: 10,
      }),
    ]);
  });

  it.each([
    [{ AlarmNames: 'x' }, 'AlarmNames must be a list'],
    [{ AlarmNames: ['x'], AlarmNamePrefix: 'x' }, 'exclude each other'],
    [{ AlarmTypes: ['Other'] }, 'AlarmTypes'],
    [{ StateValue: 'FINE' }, 'OK, ALARM, INSUFFICIENT_DATA'],
    [{ MaxRecords: 101 }, 'from 1 to 100'],
    [{ ParentsOfAlarmName: 'x' }, 'does not run ParentsOfAlarmName'],
  ])('rejects %j', async (parameters, text) => {
    const result = await setUp().run('DescribeAlarms', parameters);
    expect(result).toMatchObject({ status: 400, message: expect.stringContaining(text) });
  });
});

describe('SetAlarmState and DescribeAlarmHistory', () => {
  it('set a state and tell of it, newest first', async () => {
    const { run } = setUp();
    const set = { AlarmName: 'pay-a', StateValue: 'ALARM', StateReason: 'a rehearsal' };
    expect(await run('SetAlarmState', set)).toMatchObject({ status: 200 });
    const { AlarmHistoryItems: items } = await run('DescribeAlarmHistory', { MaxRecords: 2 });
    expect(items).toEqual([
      expect.objectContaining({
        AlarmName: 'pay-all',
        AlarmType: 'CompositeAlarm',
        HistorySummary: 'Alarm updated from INSUFFICIENT_DATA to ALARM',
      }),
      expect.objectContaining({ AlarmName: 'pay-a', HistoryItemType: 'StateUpdate' }),
    ]);
  });

  it.each([
    [{ StateValue: 'OK', StateReason: 'x' }, 400, 'AlarmName'],
    [{ AlarmName: 'pay-a', StateValue: 'OK' }, 400, 'StateReason'],
    [{ AlarmName: 'pay-a', StateValue: 'FINE', StateReason: 'x' }, 400, 'StateValue'],
    [{ AlarmName: 'none', StateValue: 'OK', StateReason: 'x' }, 404, 'no alarm none in us-east-1'],
    [
      { AlarmName: 'pay-a', StateValue: 'OK', StateReason: 'x', StateReasonData: '{' },
      400,
      'StateReasonData must be JSON',
    ],
  ])('rejects %j', async (parameters, status, text) => {
    const result = await setUp().run('SetAlarmState', parameters);
    expect(result).toMatchObject({ status, message: expect.stringContaining(text) });
  });
});

describe('PutMetricData and GetMetricStatistics', () => {
  const put = (...MetricData: readonly object[]) => ({ Namespace: 'App', MetricData });
  const range = { StartTime: START / 1000, EndTime: START / 1000 + 60, Period: 60 };

  it('keep values, counts and sets of statistics, in the times of the world', async () => {
    const { run, clock } = setUp({ speed: 12 });
    await clock.advance(5_000);
    const named = { MetricName: 'Depth', Timestamp: START / 1000 + 5 };
    await run(
      'PutMetricData',
      put(
        { ...named, Value: 7 },
        { ...named, Values: [1, 2], Counts: [1, 2] },
        { ...named, StatisticValues: { SampleCount: 4, Sum: 14, Minimum: 0, Maximum: 9 } },
      ),
    );
    const asked = { ...range, Namespace: 'App', MetricName: 'Depth' };
    const Statistics = ['SampleCount', 'Sum', 'Minimum', 'Maximum'];
    expect(await run('GetMetricStatistics', { ...asked, Statistics })).toMatchObject({
      Datapoints: [
        { Timestamp: START / 1000 + 5, SampleCount: 8, Sum: 26, Minimum: 0, Maximum: 9 },
      ],
    });
    const extended = await run('GetMetricStatistics', { ...asked, ExtendedStatistics: ['p100'] });
    expect(extended).toMatchObject({ Datapoints: [{ ExtendedStatistics: { p100: 9 } }] });
  });

  it.each([
    [{ ...put({ MetricName: 'm', Value: 1 }), Namespace: 'AWS/SQS' }, 'reserved'],
    [put(), 'MetricData must be a list'],
    [put({ Value: 1 }), 'MetricName'],
    [put({ MetricName: 'm' }), 'needs Value'],
    [put({ MetricName: 'm', Values: [1, 2], Counts: [1] }), 'as many Counts'],
    [put({ MetricName: 'm', Value: 1, Timestamp: 'soon' }), 'Timestamp'],
    [put({ MetricName: 'm', Value: 1, Dimensions: ['x'] }), 'Dimensions'],
    [put({ MetricName: 'm', StatisticValues: { Sum: 1 } }), 'StatisticValues'],
  ])('rejects data such as %j, and takes none of it', async (parameters, text) => {
    const { run } = setUp();
    const result = await run('PutMetricData', parameters);
    expect(result).toMatchObject({ status: 400, message: expect.stringContaining(text) });
    expect(await run('ListMetrics')).toMatchObject({ Metrics: [] });
  });

  it.each([
    [{ Statistics: ['Median'] }, 'no statistic Median'],
    [{}, 'Statistics'],
    [{ Statistics: ['Sum'], Period: 7 }, 'Period'],
    [{ Statistics: ['Sum'], EndTime: 0 }, 'before EndTime'],
  ])('rejects the question %j', async (more, text) => {
    const asked = { ...range, Namespace: 'App', MetricName: 'm', ...more };
    const result = await setUp().run('GetMetricStatistics', asked);
    expect(result).toMatchObject({ status: 400, message: expect.stringContaining(text) });
  });

  it('evaluates expressions over metrics, and rejects what it can not read', async () => {
    const { run } = setUp();
    await run('PutMetricData', put({ MetricName: 'm', Value: 4, Timestamp: START / 1000 }));
    const Metric = { Namespace: 'App', MetricName: 'm' };
    const stat = { Id: 'm1', MetricStat: { Metric, Period: 60, Stat: 'Sum' } };
    const ask = (...MetricDataQueries: readonly object[]) =>
      run('GetMetricData', { ...range, MetricDataQueries });
    expect(await ask(stat, { Id: 'e1', Expression: 'm1 / 2' })).toMatchObject({
      MetricDataResults: [
        { Id: 'm1', Timestamps: [START / 1000], Values: [4] },
        { Id: 'e1', Timestamps: [START / 1000], Values: [2] },
      ],
    });
    const broken = await ask(stat, { Id: 'e1', Expression: 'SEARCH(m1)' });
    expect(broken).toMatchObject({ status: 400, __type: 'InvalidParameterValueException' });
  });
});

describe('the CloudWatch service', () => {
  it.each([
    ['DescribeAlarms', { AlarmNames: ['a', 'b'] }, [`${ALARMS}a`, `${ALARMS}b`]],
    ['DescribeAlarms', {}, [`${ALARMS}*`]],
    ['DescribeAlarms', { AlarmNames: ['a'], AlarmTypes: ['CompositeAlarm'] }, ['*']],
    ['SetAlarmState', { AlarmName: 'a' }, [`${ALARMS}a`]],
    ['PutMetricData', { Namespace: 'App' }, ['*']],
    ['GetMetricData', {}, ['*']],
  ])('asks IAM for %s with %j', (operation, parameters, arns) => {
    const { service, callOf } = setUp();
    const needed = service.permissionsOf(callOf(operation, parameters));
    expect(needed.map(({ resourceArn }) => resourceArn)).toEqual(arns);
    expect(new Set(needed.map(({ action }) => action))).toEqual(
      new Set([`cloudwatch:${operation}`]),
    );
  });

  it('lets IAM look at the namespace that data are put into', () => {
    const { service, callOf } = setUp();
    const [needed] = service.permissionsOf(callOf('PutMetricData', { Namespace: 'App' }));
    expect(needed?.context).toEqual({ 'cloudwatch:namespace': 'App' });
  });

  it('names the operation in each protocol, and rejects all but JSON with the mend', async () => {
    const { service, callOf } = setUp();
    const nothing = Buffer.alloc(0);
    const inHeader = { 'x-amz-target': `${TARGET}ListMetrics` };
    expect(service.operationOf(inHeader, '/', nothing, 'POST')).toBe('ListMetrics');
    expect(service.operationOf({ 'x-amz-target': 'Other.X' }, '/', nothing, 'POST')).toBeNull();
    const path = '/service/GraniteServiceVersion20100801/operation/DescribeAlarms';
    expect(service.operationOf({}, path, nothing, 'POST')).toBe('DescribeAlarms');
    const form = Buffer.from('Action=DescribeAlarms&Version=2010-08-01');
    expect(service.operationOf({}, '/', form, 'POST')).toBe('DescribeAlarms');
    const call = { ...callOf('DescribeAlarms', {}), headers: {} };
    expect(String((await service.handle(call)).body)).toContain('AWS JSON 1.0 protocol only');
  });

  it('rejects operations that it does not have, and bodies that are no object', async () => {
    const { run } = setUp();
    expect(await run('PutMetricAlarm')).toMatchObject({
      ...{ status: 400, __type: 'UnknownOperationException' },
      message: expect.stringContaining('DescribeAlarms'),
    });
    expect(await run('DescribeAlarms', '[]')).toMatchObject({ __type: 'SerializationException' });
  });

  it('gives errors the code of the older protocol too', async () => {
    const { headers } = await setUp().run('SetAlarmState', {});
    expect(headers['x-amzn-query-error']).toBe('MissingParameter;Sender');
  });
});
