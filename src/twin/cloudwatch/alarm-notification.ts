/** The message that an alarm's SNS action publishes. */

import type { AlarmModel, MetricQueryModel } from '../region-model.ts';
import type { AlarmTransition } from './region-alarms.ts';
import { regionLongName } from './region-long-name.ts';

export interface AlarmNotification {
  readonly subject: string;
  /** JSON text. */
  readonly message: string;
}

/** Alarms below a composite one, with what they were at its transition. */
export interface TriggeringChild {
  readonly arn: string;
  readonly state: string;
  readonly changedAtEpochMs: number;
}

export interface NotificationContext {
  readonly region: string;
  readonly accountId: string;
  /** When the alarm was made, here: when the twin started. */
  readonly configuredAtEpochMs: number;
  /** Of a composite alarm; empty for a metric alarm. */
  readonly children: readonly TriggeringChild[];
}

/** Characters. Source: SNS API reference, Publish. */
const SUBJECT_MAX = 100;

/**
 * Subject and message as CloudWatch writes them. Pure. Its documentation shows no schema: the members
 * are those of messages that CloudWatch sends.
 */
export function alarmNotification(
  transition: AlarmTransition,
  context: NotificationContext,
): AlarmNotification {
  const { alarm, from, to, reason, atEpochMs } = transition;
  const { region, accountId, configuredAtEpochMs, children } = context;
  const { model } = alarm;
  const longName = regionLongName(region);
  const common = {
    AlarmName: model.name,
    AlarmDescription: model.description,
    AWSAccountId: accountId,
    AlarmConfigurationUpdatedTimestamp: timestamp(configuredAtEpochMs),
    NewStateValue: to,
    NewStateReason: reason,
    StateChangeTime: timestamp(atEpochMs),
    Region: longName,
    AlarmArn: model.arn,
    OldStateValue: from,
    OKActions: model.okActions,
    AlarmActions: model.alarmActions,
    InsufficientDataActions: model.insufficientDataActions,
  };
  const own =
    alarm.kind === 'metric'
      ? { Trigger: triggerOf(alarm.model) }
      : { AlarmRule: alarm.model.rule, TriggeringChildren: children.map(childOf) };
  return {
    subject: subjectOf(to, model.name, longName),
    message: JSON.stringify({ ...common, ...own }),
  };
}

function subjectOf(state: string, name: string, longName: string): string {
  const around = `${state}: "" in ${longName}`;
  const room = SUBJECT_MAX - around.length;
  const fitting = name.length <= room ? name : `${name.slice(0, room - 3)}...`;
  return `${state}: "${fitting}" in ${longName}`;
}

function childOf({ arn, state, changedAtEpochMs }: TriggeringChild) {
  return { Arn: arn, State: { Value: state, Timestamp: timestamp(changedAtEpochMs) } };
}

function triggerOf(model: AlarmModel): Readonly<Record<string, unknown>> {
  const rule = {
    EvaluationPeriods: model.evaluationPeriods,
    DatapointsToAlarm: model.datapointsToAlarm,
    ComparisonOperator: model.comparisonOperator,
    Threshold: model.threshold,
    TreatMissingData: model.treatMissingData,
    EvaluateLowSampleCountPercentile: '',
  };
  const [only, ...others] = model.queries;
  if (only === undefined || others.length > 0 || only.source.kind === 'expression') {
    const shown = model.queries.find(({ returnData }) => returnData) ?? only;
    return { Period: shown?.source.periodSeconds, ...rule, Metrics: model.queries.map(queryOf) };
  }
  const { metricName, namespace, statistic, dimensions, periodSeconds } = only.source;
  return {
    MetricName: metricName,
    Namespace: namespace,
    ...(statistic.startsWith('p')
      ? { StatisticType: 'ExtendedStatistic', ExtendedStatistic: statistic }
      : { StatisticType: 'Statistic', Statistic: snsStatistic(statistic) }),
    Unit: null,
    Dimensions: dimensionList(dimensions),
    Period: periodSeconds,
    ...rule,
  };
}

/** `SampleCount` → `SAMPLE_COUNT`. */
function snsStatistic(statistic: string): string {
  return statistic.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
}

function queryOf({ id, returnData, source }: MetricQueryModel): Readonly<Record<string, unknown>> {
  if (source.kind === 'expression') {
    return { Expression: source.expression, Id: id, ReturnData: returnData };
  }
  const { namespace, metricName, dimensions, statistic, periodSeconds } = source;
  return {
    Id: id,
    MetricStat: {
      Metric: {
        Dimensions: dimensionList(dimensions),
        MetricName: metricName,
        Namespace: namespace,
      },
      Period: periodSeconds,
      Stat: statistic,
    },
    ReturnData: returnData,
  };
}

/** With small letters: only in notifications. */
function dimensionList(dimensions: Readonly<Record<string, string>>) {
  return Object.entries(dimensions).map(([name, value]) => ({ value, name }));
}

/** `2026-01-02T03:04:05.678+0000` */
function timestamp(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '+0000');
}
