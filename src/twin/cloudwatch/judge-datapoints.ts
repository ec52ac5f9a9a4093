/** Decides the state of an alarm from the datapoints of its evaluation range. */

import type { AlarmModel } from '#twin/region-model.ts';
import type { AlarmState } from './alarm-state.ts';

/** One period: outside of the threshold, within it, or without data. */
export type Datapoint = 'breaching' | 'fine' | 'missing';

export interface Judgement {
  readonly state: AlarmState;
  /** Real datapoints that were counted, and how many of them breach. */
  readonly real: number;
  readonly breaching: number;
  /** Missing datapoints that the alarm's rule had to stand in for. */
  readonly filled: number;
}

type MissingDataRule = Pick<
  AlarmModel,
  'evaluationPeriods' | 'datapointsToAlarm' | 'treatMissingData'
>;

/**
 * M of N. Pure.
 *
 * `range`: the whole evaluation range, oldest first, at least N long. With N real datapoints or more,
 * the newest N count and the rule for missing data does not. With fewer, all of them count, and the
 * rule stands in for no more than it takes to have N. `previous`: the state that `ignore` keeps.
 *
 * Source: Amazon CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data". The
 * guide gives no formula for `missing` and `ignore` with too few datapoints; what stands here agrees
 * with each row of its tables. It contradicts itself once: by its text, `0 - X - -` with 2 of 3 is an
 * alarm that comes early, by its table it is OK. The table wins: one datapoint that is fine is enough.
 */
export function judgeDatapoints(
  rule: MissingDataRule,
  range: readonly Datapoint[],
  previous: AlarmState,
): Judgement {
  const { evaluationPeriods, datapointsToAlarm, treatMissingData } = rule;
  const counted = range.filter((each) => each !== 'missing').slice(-evaluationPeriods);
  const breaching = counted.filter((each) => each === 'breaching').length;
  const filled = evaluationPeriods - counted.length;
  const judged = (state: AlarmState) => ({ state, real: counted.length, breaching, filled });

  // Whatever is filled in can't make these OK, or an alarm.
  if (breaching >= datapointsToAlarm) return judged('ALARM');
  if (breaching + filled < datapointsToAlarm) return judged('OK');
  switch (treatMissingData) {
    case 'breaching':
      return judged('ALARM');
    case 'notBreaching':
      return judged('OK');
    case 'ignore':
      return judged(breaching === counted.length ? previous : 'OK');
    case 'missing':
      if (counted.length === 0) return judged('INSUFFICIENT_DATA');
      return judged(isEarlyAlarm(range, datapointsToAlarm) ? 'ALARM' : 'OK');
  }
}

/**
 * Whether nothing but breaching datapoints came, the first of them M periods ago or earlier: a
 * metric that fell silent while it breached. A younger one may be followed by one that is fine.
 */
function isEarlyAlarm(range: readonly Datapoint[], datapointsToAlarm: number): boolean {
  const first = range.indexOf('breaching');
  return !range.includes('fine') && first !== -1 && range.length - first >= datapointsToAlarm;
}
