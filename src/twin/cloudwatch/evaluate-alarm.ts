/** Evaluates a metric alarm: its datapoints, the state that they lead to, and why. */

import type { AlarmModel } from '#twin/region-model.ts';
import type { AlarmEvaluation, AlarmState } from './alarm-state.ts';
import { type Datapoint, type Judgement, judgeDatapoints } from './judge-datapoints.ts';
import { compileMetricQueries, evaluateMetricQueries, type MetricQueries } from './metric-math.ts';
import type { TimeSeries } from './metric-math-evaluate.ts';
import type { MetricStore } from './metric-store.ts';

/**
 * Periods that are retrieved beyond the N of the alarm. AWS publishes that there are some, not how
 * many; the tables of its guide have 5 for an N of 3.
 */
const EXTRA_PERIODS = 2;
const SECOND_MS = 1000;
const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;

interface Comparison {
  readonly words: string;
  isBreaching(value: number, threshold: number): boolean;
}

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  GreaterThanOrEqualToThreshold: {
    words: 'greater than or equal to',
    isBreaching: (value, threshold) => value >= threshold,
  },
  GreaterThanThreshold: {
    words: 'greater than',
    isBreaching: (value, threshold) => value > threshold,
  },
  LessThanOrEqualToThreshold: {
    words: 'less than or equal to',
    isBreaching: (value, threshold) => value <= threshold,
  },
  LessThanThreshold: { words: 'less than', isBreaching: (value, threshold) => value < threshold },
};

export const COMPARISON_OPERATORS: readonly string[] = Object.keys(COMPARISONS);

/** Models do not change, and their expressions need not be read at each evaluation. */
const compiled = new WeakMap<AlarmModel, MetricQueries>();

/**
 * How often CloudWatch evaluates the alarm: each 10 s with a period below a minute, each minute with
 * any other, each hour where N periods are longer than a day. Pure.
 * Source: Amazon CloudWatch user guide, "Evaluating an alarm".
 */
export function evaluationIntervalSeconds(model: AlarmModel): number {
  const periodSeconds = periodSecondsOf(model);
  if (periodSeconds < MINUTE_SECONDS) return 10;
  return model.evaluationPeriods * periodSeconds > DAY_SECONDS ? HOUR_SECONDS : MINUTE_SECONDS;
}

/** How far back an evaluation looks from its time, at most: what a store must retain for it. Pure. */
export function evaluationReachMs(model: AlarmModel): number {
  const periods = model.evaluationPeriods + EXTRA_PERIODS;
  return (periods * periodSecondsOf(model) + evaluationIntervalSeconds(model)) * SECOND_MS;
}

/**
 * The state of the alarm at `nowEpochMs`, in CloudWatch's time.
 *
 * `dataOf`: the statistics of the Region's metric store. The range ends at the last whole evaluation
 * interval (10 s, a minute, an hour) and slides with it: a period of five minutes that is evaluated
 * at minute 7 is made of the minutes 2 to 6. Reads no clock and changes nothing. Throws
 * `MetricMathError` and `RangeError` for a model that the reader of the assembly would have refused.
 */
export function evaluateAlarm(
  model: AlarmModel,
  dataOf: MetricStore['statistics'],
  previousState: AlarmState,
  nowEpochMs: number,
): AlarmEvaluation {
  const comparison = COMPARISONS[model.comparisonOperator];
  if (comparison === undefined) {
    throw new RangeError(`The twin has no comparison ${model.comparisonOperator}.`);
  }
  const periodSeconds = periodSecondsOf(model);
  const starts = periodStarts(model, nowEpochMs);
  const series = returnedSeries(model, dataOf, starts);
  const datapoints = starts.map((startEpochMs) => ({
    startEpochMs,
    value: series.get(startEpochMs) ?? null,
  }));
  const range = datapoints.map(({ value }): Datapoint => {
    if (value === null) return 'missing';
    return comparison.isBreaching(value, model.threshold) ? 'breaching' : 'fine';
  });
  const judgement = judgeDatapoints(model, range, previousState);
  const { source } = queriesOf(model).returned;
  return {
    state: judgement.state,
    reason: reasonOf(model, comparison, judgement, datapoints),
    reasonData: {
      queryEpochMs: nowEpochMs,
      statistic: source.kind === 'metric' ? source.statistic : null,
      periodSeconds,
      threshold: model.threshold,
      datapoints,
    },
  };
}

function periodSecondsOf(model: AlarmModel): number {
  return queriesOf(model).returned.source.periodSeconds;
}

function queriesOf(model: AlarmModel): MetricQueries {
  const known = compiled.get(model);
  if (known !== undefined) return known;
  const queries = compileMetricQueries(model.queries);
  compiled.set(model, queries);
  return queries;
}

/** Starts of the evaluation range's periods, oldest first. */
function periodStarts(model: AlarmModel, nowEpochMs: number): number[] {
  const intervalMs = evaluationIntervalSeconds(model) * SECOND_MS;
  const endEpochMs = Math.floor(nowEpochMs / intervalMs) * intervalMs;
  const periods = model.evaluationPeriods + EXTRA_PERIODS;
  const periodMs = periodSecondsOf(model) * SECOND_MS;
  return Array.from({ length: periods }, (_, index) => endEpochMs - (periods - index) * periodMs);
}

function returnedSeries(
  model: AlarmModel,
  dataOf: MetricStore['statistics'],
  starts: readonly number[],
): TimeSeries {
  const [fromEpochMs = 0] = starts;
  const toEpochMs = fromEpochMs + starts.length * periodSecondsOf(model) * SECOND_MS;
  return evaluateMetricQueries(
    queriesOf(model),
    ({ namespace, metricName, dimensions, statistic, periodSeconds }) =>
      dataOf(
        { namespace, metricName, dimensions },
        statistic,
        periodSeconds,
        fromEpochMs,
        toEpochMs,
      ),
    starts,
  );
}

/** Says what CloudWatch's StateReason says: how many datapoints, which values, which threshold. */
function reasonOf(
  model: AlarmModel,
  { words }: Comparison,
  { state, real, breaching, filled }: Judgement,
  datapoints: readonly { readonly value: number | null }[],
): string {
  const { threshold, datapointsToAlarm, evaluationPeriods, treatMissingData } = model;
  const values = datapoints.flatMap(({ value }) => value ?? []).slice(-evaluationPeriods);
  const missing =
    filled === 0
      ? ''
      : ` ${filled} of ${evaluationPeriods} missing, treated as ${treatMissingData}.`;
  if (real === 0) {
    const label = state === 'INSUFFICIENT_DATA' ? 'Insufficient Data' : 'No datapoints';
    return `${label}: none in ${datapoints.length} periods.${missing}`;
  }
  return (
    `Threshold Crossed: ${breaching} out of the last ${real} datapoints ` +
    `[${values.toReversed().join(', ')}] ${breaching === 1 ? 'was' : 'were'} ${words} the threshold ` +
    `(${threshold}); ${datapointsToAlarm} of ${evaluationPeriods} make an alarm.${missing}`
  );
}
