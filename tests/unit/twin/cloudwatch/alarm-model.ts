/** Models of alarms, of which tests replace what they are about. */

import type { AlarmModel, CompositeAlarmModel, MetricQueryModel } from '#twin/region-model.ts';

const ARN = 'arn:aws:cloudwatch:us-east-1:111111111111:alarm:';
const ACTIONS = {
  description: null,
  actionsEnabled: true,
  alarmActions: [],
  okActions: [],
  insufficientDataActions: [],
} as const;

export const FAULTS = { namespace: 'Payments', metricName: 'Faults', dimensions: {} } as const;
export const REQUESTS = { namespace: 'Payments', metricName: 'Requests', dimensions: {} } as const;

export function metricQuery(
  metric: { readonly namespace: string; readonly metricName: string } = FAULTS,
  { id = 'm1', statistic = 'Sum', periodSeconds = 60, returnData = true } = {},
): MetricQueryModel {
  return {
    id,
    returnData,
    source: { kind: 'metric', dimensions: {}, ...metric, statistic, periodSeconds },
  };
}

export function mathQuery(
  expression: string,
  { id = 'e1', periodSeconds = 60, returnData = true } = {},
): MetricQueryModel {
  return { id, returnData, source: { kind: 'expression', expression, periodSeconds } };
}

/** Breaches at 10 or more in 3 of 3 minutes. */
export function alarm(parts: Partial<AlarmModel> = {}): AlarmModel {
  const name = parts.name ?? 'faults';
  return {
    ...ACTIONS,
    name,
    arn: `${ARN}${name}`,
    comparisonOperator: 'GreaterThanOrEqualToThreshold',
    threshold: 10,
    evaluationPeriods: 3,
    datapointsToAlarm: 3,
    treatMissingData: 'missing',
    queries: [metricQuery()],
    ...parts,
  };
}

export function composite(name: string, rule: string): CompositeAlarmModel {
  return { ...ACTIONS, name, arn: `${ARN}${name}`, rule };
}
