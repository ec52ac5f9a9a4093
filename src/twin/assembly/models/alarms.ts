/** CloudWatch alarms of a Region, on metrics and on other alarms. */

import { inEvaluationOrder } from '#twin/cloudwatch/composite-alarms.ts';
import { CompositeRuleError } from '#twin/cloudwatch/composite-rule.ts';
import { COMPARISON_OPERATORS } from '#twin/cloudwatch/evaluate-alarm.ts';
import type { AlarmModel, CompositeAlarmModel, MetricQueryModel } from '#twin/region-model.ts';
import { AssemblyError } from '../assembly-error.ts';
import type { Fields } from '../fields.ts';
import type { NotRun } from '../not-run.ts';
import { type Resource, resourcesOf, type Stack } from '../stack.ts';
import { metricQueriesOf } from './metric-queries.ts';

const MISSING_DATA = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
/** They compare with a band that CloudWatch learns from weeks of data. */
const ANOMALY_OPERATORS = [
  'GreaterThanUpperThreshold',
  'LessThanLowerOrGreaterThanUpperThreshold',
  'LessThanLowerThreshold',
];
const ACTION_LISTS = ['AlarmActions', 'OKActions', 'InsufficientDataActions'] as const;
const ACTIONS_MAX = 5;
/** Longest time that N periods may take: a week, a day where a period is shorter than an hour. */
const WINDOW_MAX_SECONDS = 604_800;
const WINDOW_OF_SHORT_PERIODS_MAX_SECONDS = 86_400;
const HOUR_SECONDS = 3600;

/**
 * Alarms on metrics. Alarms on learned bands are named as not run, and so are actions other than
 * topics. Throws `AssemblyError` for what PutMetricAlarm refuses and for metric math that the twin
 * does not have. Source: Amazon CloudWatch API reference, "PutMetricAlarm".
 */
export function buildAlarms(stacks: readonly Stack[], notRun: NotRun): AlarmModel[] {
  return stacks.flatMap((stack) =>
    resourcesOf(stack, 'AWS::CloudWatch::Alarm').flatMap((resource): AlarmModel[] => {
      const { properties, type, logicalId } = resource;
      const operator = properties.string('ComparisonOperator');
      if (ANOMALY_OPERATORS.includes(operator) || properties.has('ThresholdMetricId')) {
        notRun.add(`${type} (anomaly detection)`, logicalId);
        return [];
      }
      if (!COMPARISON_OPERATORS.includes(operator)) {
        throw new AssemblyError(
          `${properties.where}: ComparisonOperator must be one of ${COMPARISON_OPERATORS.join(', ')}, not ${operator}.`,
        );
      }
      const queries = metricQueriesOf(resource, notRun);
      return [
        {
          ...identityOf(stack, resource),
          comparisonOperator: operator,
          threshold: thresholdOf(properties),
          ...countsOf(properties, queries),
          treatMissingData: missingDataRule(properties, queries),
          queries,
          ...actionsOf(resource, notRun),
        },
      ];
    }),
  );
}

/**
 * Composite alarms, each after those that its rule names. Throws `AssemblyError` for a rule that can't
 * be read, that names an alarm which does not run in this Region, or that leads back to itself.
 * `alarms`: the Region's metric alarms; a name must not be in both.
 */
export function buildCompositeAlarms(
  stacks: readonly Stack[],
  alarms: readonly AlarmModel[],
  notRun: NotRun,
): CompositeAlarmModel[] {
  const taken = new Set(alarms.map(({ name }) => name));
  const composites = stacks.flatMap((stack) =>
    resourcesOf(stack, 'AWS::CloudWatch::CompositeAlarm').map((resource): CompositeAlarmModel => {
      const identity = identityOf(stack, resource);
      if (taken.has(identity.name)) {
        throw new AssemblyError(
          `${resource.properties.where}: there is a metric alarm ${identity.name} in this Region ` +
            'already, and alarms of both kinds share one set of names. Rename one of them.',
        );
      }
      return {
        ...identity,
        rule: resource.properties.string('AlarmRule'),
        ...actionsOf(resource, notRun),
      };
    }),
  );
  try {
    return inEvaluationOrder(composites, alarms);
  } catch (error) {
    if (!(error instanceof CompositeRuleError)) throw error;
    throw new AssemblyError(`AWS::CloudWatch::CompositeAlarm ${error.message}`);
  }
}

function identityOf(stack: Stack, { id, logicalId, properties }: Resource) {
  return {
    name: id,
    arn: stack.attribute(logicalId, 'Arn'),
    description: properties.optionalString('AlarmDescription'),
  };
}

function thresholdOf(properties: Fields): number {
  if (properties.has('Threshold')) return properties.number('Threshold', 0);
  throw new AssemblyError(`${properties.where}: Threshold is missing.`);
}

/** M of N. */
function countsOf(properties: Fields, queries: readonly MetricQueryModel[]) {
  const { where } = properties;
  const evaluationPeriods = Number(properties.string('EvaluationPeriods'));
  if (!Number.isInteger(evaluationPeriods) || evaluationPeriods < 1) {
    throw new AssemblyError(`${where}: EvaluationPeriods must be a whole number from 1.`);
  }
  const datapointsToAlarm = properties.number('DatapointsToAlarm', evaluationPeriods);
  const isPossible = datapointsToAlarm >= 1 && datapointsToAlarm <= evaluationPeriods;
  if (!Number.isInteger(datapointsToAlarm) || !isPossible) {
    throw new AssemblyError(
      `${where}: DatapointsToAlarm must be a whole number from 1 to EvaluationPeriods ` +
        `(${evaluationPeriods}), not ${datapointsToAlarm}.`,
    );
  }
  const periodSeconds = Math.max(...queries.map(({ source }) => source.periodSeconds));
  const most =
    periodSeconds < HOUR_SECONDS ? WINDOW_OF_SHORT_PERIODS_MAX_SECONDS : WINDOW_MAX_SECONDS;
  if (evaluationPeriods * periodSeconds > most) {
    throw new AssemblyError(
      `${where}: ${evaluationPeriods} periods of ${periodSeconds} s are longer than ${most} s, ` +
        'the most that CloudWatch looks at.',
    );
  }
  return { evaluationPeriods, datapointsToAlarm };
}

/**
 * The rule that applies, which for DynamoDB's metrics is another one unless the template states one.
 * The guide says so; the API reference says that DynamoDB's alarms ignore missing data whatever they
 * state. The guide is the younger of the two, and recommends to state `notBreaching` for them.
 * Source: Amazon CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data".
 */
function missingDataRule(
  properties: Fields,
  queries: readonly MetricQueryModel[],
): AlarmModel['treatMissingData'] {
  const stated = properties.optionalString('TreatMissingData');
  if (stated === null) {
    const isOfDynamoDb = queries.some(
      ({ source }) => source.kind === 'metric' && source.namespace === 'AWS/DynamoDB',
    );
    return isOfDynamoDb ? 'ignore' : 'missing';
  }
  const rule = MISSING_DATA.find((each) => each === stated);
  if (rule !== undefined) return rule;
  throw new AssemblyError(
    `${properties.where}: TreatMissingData must be one of ${MISSING_DATA.join(', ')}, not ${stated}.`,
  );
}

function actionsOf({ properties, type, logicalId }: Resource, notRun: NotRun) {
  for (const list of ACTION_LISTS) {
    const actions = properties.strings(list);
    if (actions.length > ACTIONS_MAX) {
      throw new AssemblyError(
        `${properties.where}: ${list} has ${actions.length} members; ${ACTIONS_MAX} is the most.`,
      );
    }
    for (const arn of actions) {
      const service = arn.split(':')[2] ?? arn;
      if (service !== 'sns') notRun.add(`${type}.${list} (${service})`, logicalId);
    }
  }
  return {
    actionsEnabled: properties.boolean('ActionsEnabled', true),
    alarmActions: properties.strings('AlarmActions'),
    okActions: properties.strings('OKActions'),
    insufficientDataActions: properties.strings('InsufficientDataActions'),
  };
}
