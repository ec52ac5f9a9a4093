/**
 * EventBridge's schedule expressions: `rate(5 minutes)` and `cron(0 12 * * ? *)`, in UTC.
 * Source: Amazon EventBridge User Guide, "Setting a schedule pattern for scheduled rules".
 */

import { type CronFields, nextCronEpochMs, parseCron } from './cron.ts';

export type Schedule =
  | { readonly kind: 'rate'; readonly periodMs: number }
  | { readonly kind: 'cron'; readonly fields: CronFields };

/** What PutRule would refuse; the message says what to write instead. */
export class ScheduleExpressionError extends Error {
  override readonly name = 'ScheduleExpressionError';
}

const UNIT_MS: Readonly<Record<string, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** Throws `ScheduleExpressionError`. Pure. */
export function parseSchedule(expression: string): Schedule {
  const rate = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression);
  if (rate !== null) {
    const value = Number(rate[1]);
    const unitMs = UNIT_MS[rate[2] ?? ''] ?? 0;
    // EventBridge insists on the grammar: `1 minute`, `5 minutes`.
    const isPlural = rate[3] === 's';
    if (value >= 1 && isPlural === value > 1) return { kind: 'rate', periodMs: value * unitMs };
  }
  const cron = /^cron\((.*)\)$/.exec(expression)?.[1];
  const fields = cron === undefined ? null : parseCron(cron);
  if (fields !== null) return { kind: 'cron', fields };
  throw new ScheduleExpressionError(
    `${JSON.stringify(expression)} is no schedule. Write rate(1 minute), rate(5 minutes), or ` +
      'cron(minutes hours day-of-month month day-of-week year) with ? for one of the two days.',
  );
}

/**
 * When a schedule fires next after `afterEpochMs`; null when it never does again. Pure.
 * `originEpochMs`: when the rule began, from which a rate counts.
 */
export function nextFireEpochMs(
  schedule: Schedule,
  originEpochMs: number,
  afterEpochMs: number,
): number | null {
  if (schedule.kind === 'cron') return nextCronEpochMs(schedule.fields, afterEpochMs);
  const periods = Math.floor((afterEpochMs - originEpochMs) / schedule.periodMs) + 1;
  return originEpochMs + Math.max(1, periods) * schedule.periodMs;
}
