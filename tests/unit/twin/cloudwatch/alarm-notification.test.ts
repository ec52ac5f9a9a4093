import { describe, expect, it } from 'vitest';
import { alarmNotification } from '#twin/cloudwatch/alarm-notification.ts';
import type { AlarmTransition } from '#twin/cloudwatch/region-alarms.ts';
import type { AlarmModel } from '#twin/region-model.ts';
import { alarm, mathQuery, metricQuery } from './alarm-model.ts';

const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const CONTEXT = {
  ...{ region: 'us-east-1', accountId: '123456789012', configuredAtEpochMs: AT },
  children: [],
};

function notify(parts: Partial<AlarmModel> = {}, region = 'us-east-1') {
  const transition: AlarmTransition = {
    alarm: { kind: 'metric', model: alarm(parts) },
    ...{ from: 'OK', to: 'ALARM', reason: 'it rose', reasonData: null, atEpochMs: AT, actions: [] },
  };
  const { subject, message } = alarmNotification(transition, { ...CONTEXT, region });
  return { subject, message: JSON.parse(message) as Record<string, unknown> };
}

describe('alarmNotification', () => {
  it('says what CloudWatch says of an alarm on one metric', () => {
    const metric = { namespace: 'AWS/SQS', metricName: 'Depth', dimensions: { QueueName: 'q' } };
    const { subject, message } = notify({
      description: 'Too deep',
      alarmActions: ['arn:a'],
      queries: [metricQuery(metric, { statistic: 'SampleCount' })],
    });
    expect(subject).toBe('ALARM: "faults" in US East (N. Virginia)');
    expect(message).toEqual({
      AlarmName: 'faults',
      AlarmDescription: 'Too deep',
      AWSAccountId: '123456789012',
      AlarmConfigurationUpdatedTimestamp: '2026-01-02T03:04:05.678+0000',
      NewStateValue: 'ALARM',
      NewStateReason: 'it rose',
      StateChangeTime: '2026-01-02T03:04:05.678+0000',
      Region: 'US East (N. Virginia)',
      AlarmArn: 'arn:aws:cloudwatch:us-east-1:111111111111:alarm:faults',
      OldStateValue: 'OK',
      OKActions: [],
      AlarmActions: ['arn:a'],
      InsufficientDataActions: [],
      Trigger: {
        MetricName: 'Depth',
        Namespace: 'AWS/SQS',
        StatisticType: 'Statistic',
        Statistic: 'SAMPLE_COUNT',
        Unit: null,
        Dimensions: [{ value: 'q', name: 'QueueName' }],
        Period: 60,
        EvaluationPeriods: 3,
        DatapointsToAlarm: 3,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        Threshold: 10,
        TreatMissingData: 'missing',
        EvaluateLowSampleCountPercentile: '',
      },
    });
  });

  it('lists the queries of metric math, and tells a percentile as an extended statistic', () => {
    const queries = [mathQuery('m1 * 2'), metricQuery(undefined, { returnData: false })];
    const { Trigger: math } = notify({ queries }).message;
    expect(math).toMatchObject({
      Period: 60,
      Metrics: [
        { Id: 'e1', Expression: 'm1 * 2', ReturnData: true },
        { Id: 'm1', MetricStat: { Period: 60, Stat: 'Sum' }, ReturnData: false },
      ],
    });
    const { Trigger } = notify({ queries: [metricQuery(undefined, { statistic: 'p90' })] }).message;
    expect(Trigger).toMatchObject({ StatisticType: 'ExtendedStatistic', ExtendedStatistic: 'p90' });
  });

  it('keeps the subject within what SNS takes, and knows Regions that it has no name for', () => {
    const { subject } = notify({ name: 'n'.repeat(255) });
    expect(subject).toHaveLength(100);
    expect(subject).toMatch(/^ALARM: "n+\.\.\." in US East/);
    expect(notify({}, 'mars-north-1').subject).toBe('ALARM: "faults" in mars-north-1');
  });
});
