/** The three states of an alarm, and what an evaluation says of one. */

export const ALARM_STATES = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const;

export type AlarmState = (typeof ALARM_STATES)[number];

export interface AlarmEvaluation {
  readonly state: AlarmState;
  /** For people: StateReason. */
  readonly reason: string;
  /** For machines: StateReasonData as an object; null for a composite alarm. */
  readonly reasonData: ReasonData | null;
}

/** What an evaluation looked at, oldest first. Times are CloudWatch's own. */
export interface ReasonData {
  readonly queryEpochMs: number;
  /** Null for a metric-math expression. */
  readonly statistic: string | null;
  readonly periodSeconds: number;
  readonly threshold: number;
  /** Start and value of each period of the evaluation range; null: no data. */
  readonly datapoints: readonly { readonly startEpochMs: number; readonly value: number | null }[];
}

/**
 * StateReasonData as CloudWatch writes it: JSON text. Pure.
 *
 * `toWorldEpochMs`: from CloudWatch's time to that of whoever reads the text; the same by default.
 */
export function reasonDataJson(
  data: ReasonData,
  toWorldEpochMs: (epochMs: number) => number = (epochMs) => epochMs,
): string {
  const date = (epochMs: number) =>
    new Date(toWorldEpochMs(epochMs)).toISOString().replace('Z', '+0000');
  const real = data.datapoints.filter((each) => each.value !== null);
  const [oldest] = real;
  return JSON.stringify({
    version: '1.0',
    queryDate: date(data.queryEpochMs),
    ...(oldest === undefined ? {} : { startDate: date(oldest.startEpochMs) }),
    ...(data.statistic === null ? {} : { statistic: data.statistic }),
    period: data.periodSeconds,
    recentDatapoints: real.map(({ value }) => value),
    threshold: data.threshold,
    evaluatedDatapoints: data.datapoints.toReversed().map(({ startEpochMs, value }) => ({
      timestamp: date(startEpochMs),
      ...(value === null ? {} : { value }),
    })),
  });
}
