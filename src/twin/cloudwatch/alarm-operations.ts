/** Operations on alarms: what they are, what became of them, and setting a state by hand. */

import type { MetricQueryModel } from '../region-model.ts';
import { ALARM_STATES, type AlarmState } from './alarm-state.ts';
import {
  dimensionList,
  invalidCombination,
  invalidValue,
  isWireError,
  missing,
  type Outcome,
  type Parameters,
  pageOf,
  textList,
} from './cloudwatch-parameters.ts';
import type { AlarmRecord } from './region-alarms.ts';
import type { AlarmHistoryItem, RegionCloudWatch } from './region-cloudwatch.ts';

/** Source: CloudWatch API reference, DescribeAlarms. */
const RECORDS_MAX = 100;
const RECORDS_DEFAULT = 50;

/**
 * Alarms by name, without composite ones unless `AlarmTypes` names them. Pure.
 * Source: CloudWatch API reference, DescribeAlarms.
 */
export function describeAlarms(cloudwatch: RegionCloudWatch, parameters: Parameters): Outcome {
  for (const name of ['ChildrenOfAlarmName', 'ParentsOfAlarmName']) {
    if (parameters[name] === undefined) continue;
    return invalidValue(`The twin does not run ${name}: list alarms by name or prefix.`);
  }
  const {
    AlarmNames: names,
    AlarmNamePrefix: prefix,
    AlarmTypes: types = ['MetricAlarm'],
    StateValue: state,
    ActionPrefix: actionPrefix,
    MaxRecords: countMax = RECORDS_DEFAULT,
    NextToken: token,
  } = parameters;
  const wantedNames = names === undefined ? null : textList(names);
  const wantedTypes = textList(types);
  if (names !== undefined && (wantedNames === null || wantedNames.length > RECORDS_MAX)) {
    return invalidValue(`AlarmNames must be a list of up to ${RECORDS_MAX} names.`);
  }
  if (names !== undefined && prefix !== undefined) {
    return invalidCombination('AlarmNames and AlarmNamePrefix exclude each other.');
  }
  if (wantedTypes?.every((type) => type === 'MetricAlarm' || type === 'CompositeAlarm') !== true) {
    return invalidValue('AlarmTypes must be a list of MetricAlarm and CompositeAlarm.');
  }
  if (state !== undefined && !isState(state)) return WRONG_STATE;
  if (!isCount(countMax)) return invalidValue(`MaxRecords must be from 1 to ${RECORDS_MAX}.`);

  const matching = cloudwatch.alarms.list().filter(({ alarm, state: current }) => {
    const { name, alarmActions, okActions, insufficientDataActions } = alarm.model;
    const type = alarm.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm';
    const actions = [...alarmActions, ...okActions, ...insufficientDataActions];
    return (
      wantedTypes.includes(type) &&
      (wantedNames === null || wantedNames.includes(name)) &&
      (typeof prefix !== 'string' || name.startsWith(prefix)) &&
      (state === undefined || current === state) &&
      (typeof actionPrefix !== 'string' || actions.some((arn) => arn.startsWith(actionPrefix)))
    );
  });
  const page = pageOf(matching, ({ alarm }) => alarm.model.name, { countMax, token });
  if (isWireError(page)) return page;
  const ofKind = (kind: 'metric' | 'composite') =>
    page.page.filter(({ alarm }) => alarm.kind === kind);
  return {
    MetricAlarms: ofKind('metric').map((record) => described(record, cloudwatch)),
    CompositeAlarms: ofKind('composite').map((record) => described(record, cloudwatch)),
    ...(page.NextToken === undefined ? {} : { NextToken: page.NextToken }),
  };
}

function described(record: AlarmRecord, { startedAtEpochMs }: RegionCloudWatch): Parameters {
  const { alarm, state, reason, reasonData, updatedAtEpochMs, changedAtEpochMs } = record;
  const { model } = alarm;
  const common = {
    AlarmName: model.name,
    AlarmArn: model.arn,
    ...(model.description === null ? {} : { AlarmDescription: model.description }),
    AlarmConfigurationUpdatedTimestamp: startedAtEpochMs / 1000,
    ActionsEnabled: model.actionsEnabled,
    OKActions: model.okActions,
    AlarmActions: model.alarmActions,
    InsufficientDataActions: model.insufficientDataActions,
    StateValue: state,
    StateReason: reason,
    ...(reasonData === null ? {} : { StateReasonData: reasonData }),
    StateUpdatedTimestamp: updatedAtEpochMs / 1000,
    StateTransitionedTimestamp: changedAtEpochMs / 1000,
  };
  if (alarm.kind === 'composite') return { ...common, AlarmRule: alarm.model.rule };
  const { evaluationPeriods, datapointsToAlarm, threshold, comparisonOperator } = alarm.model;
  return {
    ...common,
    EvaluationPeriods: evaluationPeriods,
    DatapointsToAlarm: datapointsToAlarm,
    Threshold: threshold,
    ComparisonOperator: comparisonOperator,
    TreatMissingData: alarm.model.treatMissingData,
    ...lookedAt(alarm.model.queries),
  };
}

/** One metric is told by members of its own, everything else as a list of queries. */
function lookedAt(queries: readonly MetricQueryModel[]): Parameters {
  const [only] = queries;
  if (queries.length !== 1 || only === undefined || only.source.kind === 'expression') {
    return { Metrics: queries.map(describedQuery) };
  }
  const { namespace, metricName, dimensions, statistic, periodSeconds } = only.source;
  return {
    Namespace: namespace,
    MetricName: metricName,
    Dimensions: dimensionList(dimensions),
    Period: periodSeconds,
    ...(statistic.startsWith('p') ? { ExtendedStatistic: statistic } : { Statistic: statistic }),
  };
}

function describedQuery({ id, returnData, source }: MetricQueryModel): Parameters {
  if (source.kind === 'expression') {
    const { expression, periodSeconds } = source;
    return { Id: id, Expression: expression, Period: periodSeconds, ReturnData: returnData };
  }
  const { namespace, metricName, dimensions, statistic, periodSeconds } = source;
  const Metric = {
    Namespace: namespace,
    MetricName: metricName,
    Dimensions: dimensionList(dimensions),
  };
  return {
    Id: id,
    MetricStat: { Metric, Period: periodSeconds, Stat: statistic },
    ReturnData: returnData,
  };
}

/** Lasts until the next evaluation. Source: CloudWatch API reference, SetAlarmState. */
export function setAlarmState(cloudwatch: RegionCloudWatch, parameters: Parameters): Outcome {
  const { AlarmName: name, StateValue: state, StateReason: reason } = parameters;
  const { StateReasonData: data = null } = parameters;
  if (typeof name !== 'string' || name === '') return missing('AlarmName');
  if (typeof reason !== 'string') return missing('StateReason');
  if (!isState(state)) return WRONG_STATE;
  if (data !== null && !isJsonText(data)) {
    const message = 'StateReasonData must be JSON.';
    return { status: 400, code: 'InvalidFormatFault', message };
  }
  if (cloudwatch.alarms.set(name, state, reason, data)) return {};
  const message = `There is no alarm ${name} in ${cloudwatch.model.region}.`;
  return { status: 404, code: 'ResourceNotFound', message };
}

/** Newest first: transitions, each after what became of its actions. */
export function describeAlarmHistory(
  cloudwatch: RegionCloudWatch,
  parameters: Parameters,
): Outcome {
  const { AlarmName: name, HistoryItemType: type, MaxRecords: countMax = RECORDS_MAX } = parameters;
  if (!isCount(countMax)) return invalidValue(`MaxRecords must be from 1 to ${RECORDS_MAX}.`);
  const items = cloudwatch
    .history()
    .filter(({ transition }) => name === undefined || transition.alarm.model.name === name)
    .flatMap(historyItems)
    .filter((item) => type === undefined || item['HistoryItemType'] === type);
  return { AlarmHistoryItems: items.slice(0, countMax) };
}

const ACTION_WORDS = {
  done: 'Successfully executed action',
  refused: 'Failed to execute action',
  failed: 'Failed to execute action',
} as const;

function historyItems({ transition, actions }: AlarmHistoryItem): readonly Parameters[] {
  const { alarm, from, to, reason, reasonData, atEpochMs } = transition;
  const common = {
    AlarmName: alarm.model.name,
    AlarmType: alarm.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm',
    Timestamp: atEpochMs / 1000,
  };
  const done = [...actions].map(([arn, outcome]) => ({
    ...common,
    HistoryItemType: 'Action',
    HistorySummary: `${ACTION_WORDS[outcome]} ${arn}`,
    HistoryData: JSON.stringify({ actionState: outcome, stateUpdateTimestamp: atEpochMs }),
  }));
  const newState = {
    stateValue: to,
    stateReason: reason,
    ...(reasonData === null ? {} : { stateReasonData: JSON.parse(reasonData) as unknown }),
  };
  const update = {
    ...common,
    HistoryItemType: 'StateUpdate',
    HistorySummary: `Alarm updated from ${from} to ${to}`,
    HistoryData: JSON.stringify({ version: '1.0', oldState: { stateValue: from }, newState }),
  };
  return [...done, update];
}

const WRONG_STATE = invalidValue(`StateValue must be one of ${ALARM_STATES.join(', ')}.`);

function isState(value: unknown): value is AlarmState {
  return ALARM_STATES.some((state) => state === value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 1 && value <= RECORDS_MAX;
}

function isJsonText(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
