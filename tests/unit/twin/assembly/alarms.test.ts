import { describe, expect, it } from 'vitest';
import { readAssembly } from '#twin/assembly/read-assembly.ts';
import { readResources, writeAssembly } from './assembly-on-disk.ts';

const ARN = 'arn:aws:cloudwatch:us-east-1:111111111111:alarm:';
const TOPIC = 'arn:aws:sns:us-east-1:111111111111:ops';
const ONE_METRIC = {
  AlarmName: 'faults',
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  EvaluationPeriods: 3,
  MetricName: 'Errors',
  Namespace: 'AWS/Lambda',
  Period: 60,
  Statistic: 'Sum',
  Threshold: 5,
};

function metricAlarm(properties: object = {}): object {
  return { Type: 'AWS::CloudWatch::Alarm', Properties: { ...ONE_METRIC, ...properties } };
}

function compositeAlarm(rule: unknown, properties: object = {}): object {
  return {
    Type: 'AWS::CloudWatch::CompositeAlarm',
    Properties: { AlarmName: 'all', AlarmRule: rule, ...properties },
  };
}

function stat(id: string, parts: object = {}, more: object = {}): object {
  const metric = { Namespace: 'Payments', MetricName: id };
  return {
    Id: id,
    ReturnData: false,
    MetricStat: { Metric: metric, Period: 10, Stat: 'Sum', ...parts },
    ...more,
  };
}

/** An alarm on metric math; the members of an alarm on one metric are taken out. */
function mathAlarm(metrics: readonly object[], properties: object = {}): object {
  const { MetricName: _, Namespace: __, Period: ___, Statistic: ____, ...rest } = ONE_METRIC;
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: { ...rest, Metrics: metrics, ...properties },
  };
}

function read(alarm: object) {
  const { region } = readResources({ Alarm: alarm });
  return { alarm: region.alarms[0], notRun: region.notRun.map(({ type }) => type) };
}

describe('an alarm on one metric', () => {
  it('has the metric, the rule and the actions', () => {
    const { alarm, notRun } = read(
      metricAlarm({
        ActionsEnabled: 'false',
        AlarmActions: [TOPIC],
        AlarmDescription: 'Too many.',
        DatapointsToAlarm: '2',
        Dimensions: [{ Name: 'FunctionName', Value: 'process' }],
        InsufficientDataActions: [TOPIC],
        OKActions: [TOPIC],
        Tags: [],
        TreatMissingData: 'notBreaching',
      }),
    );
    expect(alarm).toEqual({
      name: 'faults',
      arn: `${ARN}faults`,
      description: 'Too many.',
      comparisonOperator: 'GreaterThanOrEqualToThreshold',
      threshold: 5,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      treatMissingData: 'notBreaching',
      queries: [
        {
          id: 'm1',
          returnData: true,
          source: {
            kind: 'metric',
            namespace: 'AWS/Lambda',
            metricName: 'Errors',
            dimensions: { FunctionName: 'process' },
            statistic: 'Sum',
            periodSeconds: 60,
          },
        },
      ],
      actionsEnabled: false,
      alarmActions: [TOPIC],
      okActions: [TOPIC],
      insufficientDataActions: [TOPIC],
    });
    expect(notRun).toEqual([]);
  });

  it('needs N datapoints of N, acts, and knows nothing of missing data unless it says so', () => {
    const { alarm } = read(metricAlarm());
    expect(alarm?.datapointsToAlarm).toBe(3);
    expect(alarm?.treatMissingData).toBe('missing');
    expect(alarm?.actionsEnabled).toBe(true);
    expect(alarm?.alarmActions).toEqual([]);
  });

  it('keeps its state without data of DynamoDB, unless it says something else', () => {
    const properties = { Namespace: 'AWS/DynamoDB', MetricName: 'ReadThrottleEvents' };
    expect(read(metricAlarm(properties)).alarm?.treatMissingData).toBe('ignore');
    const stated = metricAlarm({ ...properties, TreatMissingData: 'notBreaching' });
    expect(read(stated).alarm?.treatMissingData).toBe('notBreaching');
  });

  it('may look at a percentile', () => {
    const { alarm } = read(metricAlarm({ Statistic: undefined, ExtendedStatistic: 'p99.9' }));
    expect(alarm?.queries[0]?.source).toMatchObject({ statistic: 'p99.9' });
  });

  it('has a name and an ARN for those that refer to it', () => {
    const { region } = readResources(
      { Named: metricAlarm(), Other: metricAlarm({ AlarmName: undefined }) },
      {
        Outputs: {
          Name: { Value: { Ref: 'Named' } },
          Arn: { Value: { 'Fn::GetAtt': ['Named', 'Arn'] } },
          Made: { Value: { Ref: 'Other' } },
        },
      },
    );
    expect(region.outputs).toEqual({
      Name: 'faults',
      Arn: `${ARN}faults`,
      Made: expect.stringMatching(/^TapStack-Other-[a-z0-9]{8}$/),
    });
  });

  it('names what it does not run', () => {
    const lambda = 'arn:aws:lambda:us-east-1:111111111111:function:page';
    const { alarm, notRun } = read(
      metricAlarm({ AlarmActions: [TOPIC, lambda], Unit: 'Count', EvaluationCriteria: {} }),
    );
    expect(alarm?.alarmActions).toEqual([TOPIC, lambda]);
    expect(notRun).toEqual([
      'AWS::CloudWatch::Alarm.AlarmActions (lambda)',
      'AWS::CloudWatch::Alarm.EvaluationCriteria',
      'AWS::CloudWatch::Alarm.Unit',
    ]);
  });

  it('is named as not run when it looks at a learned band', () => {
    const { alarm, notRun } = read(
      metricAlarm({ ComparisonOperator: 'LessThanLowerOrGreaterThanUpperThreshold' }),
    );
    expect(alarm).toBeUndefined();
    expect(notRun).toEqual(['AWS::CloudWatch::Alarm (anomaly detection)']);
  });

  it.each([
    ['a comparison', { ComparisonOperator: 'Above' }, /ComparisonOperator must be one of .*Above/],
    ['no threshold', { Threshold: undefined }, /Threshold is missing/],
    ['a threshold that is none', { Threshold: 'high' }, /Threshold must be a number/],
    ['no periods', { EvaluationPeriods: 0 }, /EvaluationPeriods must be a whole number from 1/],
    ['more than N', { DatapointsToAlarm: 4 }, /from 1 to EvaluationPeriods \(3\), not 4/],
    ['none of N', { DatapointsToAlarm: 0 }, /from 1 to EvaluationPeriods \(3\), not 0/],
    ['a rule', { TreatMissingData: 'bad' }, /TreatMissingData must be one of/],
    ['a period', { Period: 45 }, /Period must be 10, 20, 30 or a multiple of 60 seconds, not 45/],
    ['no period', { Period: undefined }, /Period is missing/],
    ['a statistic', { Statistic: 'Median' }, /the twin has no statistic Median/],
    ['no statistic', { Statistic: undefined }, /Statistic is missing/],
    ['two statistics', { ExtendedStatistic: 'p99' }, /exclude each other/],
    ['over a day', { EvaluationPeriods: 1441 }, /longer than 86400 s/],
    ['over a week', { EvaluationPeriods: 8, Period: 86_400 }, /longer than 604800 s/],
    ['six actions', { OKActions: Array(6).fill(TOPIC) }, /OKActions has 6 members; 5/],
    ['no metric', { MetricName: undefined }, /MetricName is missing/],
  ])('rejects %s', (_, properties, message) => {
    expect(() => read(metricAlarm(properties))).toThrow(message);
    expect(() => read(metricAlarm(properties))).toThrow(/TapStack\/Alarm \(AWS::CloudWatch::Alarm/);
  });
});

describe('an alarm on metric math', () => {
  it('has its queries, with the period of the metrics', () => {
    const { alarm, notRun } = read(
      mathAlarm([
        { Id: 'rate', Expression: '100 * faults / requests', Label: 'Error rate' },
        stat('faults'),
        stat('requests', { Stat: 'p90' }, { Label: 'Requests' }),
      ]),
    );
    expect(alarm?.queries.map(({ id, returnData }) => [id, returnData])).toEqual([
      ['rate', true],
      ['faults', false],
      ['requests', false],
    ]);
    expect(alarm?.queries[0]?.source).toEqual({
      kind: 'expression',
      expression: '100 * faults / requests',
      periodSeconds: 10,
    });
    expect(alarm?.queries[2]?.source).toMatchObject({ statistic: 'p90', periodSeconds: 10 });
    expect(notRun).toEqual([]);
  });

  it('names the members that it does not read', () => {
    const { notRun } = read(
      mathAlarm([
        stat('faults', { Unit: 'Count' }, { AccountId: '222222222222', ReturnData: true }),
      ]),
    );
    expect(notRun).toEqual([
      'AWS::CloudWatch::Alarm.Metrics.AccountId',
      'AWS::CloudWatch::Alarm.Metrics.MetricStat.Unit',
    ]);
  });

  const faults = stat('faults');
  it.each([
    [
      'functions that the twin does not have',
      [faults, { Id: 'e', Expression: 'RATE(faults)' }],
      /e: "RATE\(faults\)": the twin has no function RATE/,
    ],
    ['ids that are none', [faults, { Id: 'e', Expression: 'm9' }], /no query with the id m9/],
    ['two results', [stat('a', {}, { ReturnData: true }), { Id: 'e', Expression: 'a' }], /exactly/],
    ['an id', [{ Id: 'Rate', Expression: 'faults' }, faults], /Id must begin with a lower-case/],
    ['one id twice', [faults, faults], /there is a query faults already/],
    [
      'several periods',
      [faults, stat('b', { Period: 20 })],
      /have one period; these have 10, 20 s/,
    ],
    ['neither metric nor expression', [{ Id: 'e' }], /has a MetricStat or an Expression/],
    ['both', [stat('b', {}, { Expression: '1' })], /has a MetricStat or an Expression/],
    ['a statistic', [stat('b', { Stat: 'tm99' })], /the twin has no statistic tm99/],
    [
      'eleven metrics',
      [
        ...Array.from({ length: 11 }, (_, index) => stat(`m${index}`)),
        { Id: 'e', Expression: 'SUM(METRICS())' },
      ],
      /up to 10 metrics/,
    ],
  ])('rejects %s', (_, metrics, message) => {
    expect(() => read(mathAlarm(metrics))).toThrow(message);
    expect(() => read(mathAlarm(metrics))).toThrow(/TapStack\/Alarm \(AWS::CloudWatch::Alarm/);
  });

  it('rejects members of an alarm on one metric', () => {
    const metrics = [{ Id: 'e', Expression: 'faults' }, faults];
    expect(() => read(mathAlarm(metrics, { Period: 60 }))).toThrow(/must not have Period/);
  });
});

describe('a composite alarm', () => {
  it('has its rule, with the alarms that it names before it', () => {
    const { region } = readResources({
      Top: compositeAlarm({ 'Fn::Sub': 'OK("${All.Arn}")' }, { AlarmName: 'top' }),
      All: compositeAlarm(
        { 'Fn::Join': ['', ['ALARM("', { 'Fn::GetAtt': ['Alarm', 'Arn'] }, '")']] },
        { AlarmActions: [TOPIC], AlarmDescription: 'Leave.', Tags: [] },
      ),
      Alarm: metricAlarm(),
    });
    expect(region.compositeAlarms.map(({ name }) => name)).toEqual(['all', 'top']);
    expect(region.compositeAlarms[0]).toEqual({
      name: 'all',
      arn: `${ARN}all`,
      description: 'Leave.',
      rule: `ALARM("${ARN}faults")`,
      actionsEnabled: true,
      alarmActions: [TOPIC],
      okActions: [],
      insufficientDataActions: [],
    });
    expect(region.notRun).toEqual([]);
  });

  it('names what it does not run', () => {
    const { region } = readResources({
      Alarm: metricAlarm(),
      All: compositeAlarm('ALARM(faults)', { ActionsSuppressor: 'faults' }),
    });
    expect(region.notRun.map(({ type }) => type)).toEqual([
      'AWS::CloudWatch::CompositeAlarm.ActionsSuppressor',
    ]);
  });

  it('may name alarms of another stack of its Region, and of no other Region', () => {
    const own = { template: { Resources: { Alarm: metricAlarm() } } };
    const other = (region: string) => ({
      region,
      stackName: 'Other',
      template: { Resources: { All: compositeAlarm('ALARM(faults)') } },
    });
    const model = readAssembly(writeAssembly([own, other('us-east-1')]));
    expect(model.regions[0]?.compositeAlarms).toHaveLength(1);
    expect(() => readAssembly(writeAssembly([own, other('us-east-2')]))).toThrow(
      /CompositeAlarm all: there is no alarm faults in this Region/,
    );
  });

  it.each([
    [
      'a rule that can not be read',
      compositeAlarm('faults'),
      /CompositeAlarm all: The rule faults/,
    ],
    ['an unknown alarm', compositeAlarm('OK(gone)'), /all: there is no alarm gone/],
    ['a circle', compositeAlarm('OK(all)'), /in a circle: all → all/],
    [
      'the name of a metric alarm',
      compositeAlarm('TRUE', { AlarmName: 'faults' }),
      /there is a metric alarm faults in this Region already/,
    ],
  ])('rejects %s', (_, all, message) => {
    expect(() => readResources({ Alarm: metricAlarm(), All: all })).toThrow(message);
  });

  it('rejects an alarm that the twin does not run', () => {
    const band = metricAlarm({ ComparisonOperator: 'GreaterThanUpperThreshold' });
    expect(() => readResources({ Alarm: band, All: compositeAlarm('OK(faults)') })).toThrow(
      /there is no alarm faults in this Region that the twin runs/,
    );
  });
});
