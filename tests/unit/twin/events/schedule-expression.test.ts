import { describe, expect, it } from 'vitest';
import { nextFireEpochMs, parseSchedule } from '#twin/events/schedule-expression.ts';

/** The next `count` firings after a Tuesday, 2030-01-01T00:00:00Z, as ISO minutes. */
function firings(expression: string, count: number, from = '2030-01-01T00:00:00Z'): string[] {
  const schedule = parseSchedule(expression);
  const times: string[] = [];
  let after = Date.parse(from);
  for (let n = 0; n < count; n += 1) {
    const next = nextFireEpochMs(schedule, Date.parse(from), after);
    if (next === null) break;
    times.push(new Date(next).toISOString().slice(0, 16));
    after = next;
  }
  return times;
}

describe('a rate', () => {
  it.each([
    ['rate(1 minute)', ['2030-01-01T00:01', '2030-01-01T00:02']],
    ['rate(5 hours)', ['2030-01-01T05:00', '2030-01-01T10:00']],
    ['rate(1 day)', ['2030-01-02T00:00', '2030-01-03T00:00']],
  ])('%s counts from when the rule began', (expression, times) => {
    expect(firings(expression, 2)).toEqual(times);
  });

  it('skips what was missed', () => {
    expect(nextFireEpochMs(parseSchedule('rate(1 minute)'), 1_000, 200_000)).toBe(241_000);
  });
});

describe('a cron expression', () => {
  // The first six are examples of the EventBridge User Guide.
  it.each([
    ['cron(0 10 * * ? *)', ['2030-01-01T10:00', '2030-01-02T10:00']],
    ['cron(15 12 * * ? *)', ['2030-01-01T12:15', '2030-01-02T12:15']],
    ['cron(0 18 ? * MON-FRI *)', ['2030-01-01T18:00', '2030-01-02T18:00']],
    ['cron(0 8 1 * ? *)', ['2030-01-01T08:00', '2030-02-01T08:00']],
    ['cron(0/15 * * * ? *)', ['2030-01-01T00:15', '2030-01-01T00:30']],
    ['cron(0/5 8-17 ? * MON-FRI *)', ['2030-01-01T08:00', '2030-01-01T08:05']],
    ['cron(1/10 0 ? * * *)', ['2030-01-01T00:01', '2030-01-01T00:11']],
    ['cron(0 0 ? * 1,SAT *)', ['2030-01-05T00:00', '2030-01-06T00:00']],
    ['cron(0 0 L * ? *)', ['2030-01-31T00:00', '2030-02-28T00:00']],
    ['cron(0 0 LW 3 ? *)', ['2030-03-29T00:00', '2031-03-31T00:00']],
    // 2030-06-15 is a Saturday, 2030-09-15 a Sunday, 2030-06-01 a Saturday.
    ['cron(0 0 15W 6,9 ? *)', ['2030-06-14T00:00', '2030-09-16T00:00']],
    ['cron(0 0 1W JUN ? *)', ['2030-06-03T00:00']],
    ['cron(0 0 ? * 6L *)', ['2030-01-25T00:00', '2030-02-22T00:00']],
    ['cron(0 0 ? * L *)', ['2030-01-05T00:00', '2030-01-12T00:00']],
    ['cron(0 0 ? * 3#2 *)', ['2030-01-08T00:00', '2030-02-12T00:00']],
    ['cron(0 0 29 FEB ? *)', ['2032-02-29T00:00', '2036-02-29T00:00']],
    ['cron(0 0 1 1 ? 2031)', ['2031-01-01T00:00']],
  ])('%s', (expression, times) => {
    expect(firings(expression, 2).slice(0, times.length)).toEqual(times);
  });

  it('ends after its last year', () => {
    expect(firings('cron(0 0 1 1 ? 2031)', 2)).toHaveLength(1);
    expect(firings('cron(0 0 31 2 ? *)', 1)).toEqual([]);
  });
});

it.each([
  'rate(0 minutes)',
  'rate(1 minutes)',
  'rate(2 minute)',
  'rate(5 seconds)',
  'rate(1.5 hours)',
  'cron(* * * * * *)',
  'cron(0 0 ? * ? *)',
  'cron(60 0 * * ? *)',
  'cron(0 24 * * ? *)',
  'cron(0 0 0 * ? *)',
  'cron(0 0 32W * ? *)',
  'cron(0 0 * 13 ? *)',
  'cron(0 0 * * ? 1969)',
  'cron(0 0 ? * 8 *)',
  'cron(0 0 ? * 3#6 *)',
  'cron(0 0 ? * 3#1,6#3 *)',
  'cron(5-1 0 * * ? *)',
  'cron(0/0 0 * * ? *)',
  'cron(0 0 * * ?)',
  'every minute',
  '',
])('rejects %j', (expression) => {
  expect(() => parseSchedule(expression)).toThrow(/is no schedule\. Write rate/);
});
