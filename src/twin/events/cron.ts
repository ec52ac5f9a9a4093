/**
 * EventBridge's cron: six fields, UTC, minutes as the finest grain.
 *
 * | field | values | besides `,` `-` `*` `/` |
 * | --- | --- | --- |
 * | minutes | 0-59 | |
 * | hours | 0-23 | |
 * | day of month | 1-31 | `?`, `L` (the last), `15W` (the weekday nearest to the 15th), `LW` |
 * | month | 1-12, JAN-DEC | |
 * | day of week | 1-7, SUN-SAT | `?`, `L` (Saturday), `6L` (the last Friday), `6#2` (the second) |
 * | year | 1970-2199 | |
 */

/** Whether a day (UTC) is meant. */
type DayRule = (day: Date) => boolean;

export interface CronFields {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly years: ReadonlySet<number>;
  readonly isDay: DayRule;
}

const MONTHS = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');
const WEEKDAYS = 'SUN MON TUE WED THU FRI SAT'.split(' ');
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const YEAR_MIN = 1970;
const YEAR_MAX = 2199;

/** The text between the parentheses of `cron(…)`; null when EventBridge would refuse it. Pure. */
export function parseCron(text: string): CronFields | null {
  const [minute, hour, monthDay, month, weekday, year, ...rest] = text.trim().split(/\s+/);
  if (
    minute === undefined ||
    hour === undefined ||
    monthDay === undefined ||
    month === undefined ||
    weekday === undefined ||
    year === undefined ||
    rest.length > 0 ||
    // One of the two must leave the day to the other.
    (monthDay === '?') === (weekday === '?')
  ) {
    return null;
  }
  const minutes = numbers(minute, 0, 59);
  const hours = numbers(hour, 0, 23);
  const months = numbers(month, 1, 12, MONTHS);
  const years = numbers(year, YEAR_MIN, YEAR_MAX);
  const isDay = weekday === '?' ? monthDayRule(monthDay) : weekdayRule(weekday);
  if (minutes === null || hours === null || months === null || years === null || isDay === null) {
    return null;
  }
  return { minutes, hours, months, years, isDay };
}

/** The first whole minute after `afterEpochMs` that is meant, null when there is none. Pure. */
export function nextCronEpochMs(fields: CronFields, afterEpochMs: number): number | null {
  const firstMs = Math.floor(afterEpochMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  const firstDayMs = Math.floor(firstMs / DAY_MS) * DAY_MS;
  for (let dayMs = firstDayMs; ; dayMs += DAY_MS) {
    const day = new Date(dayMs);
    if (day.getUTCFullYear() > YEAR_MAX) return null;
    if (!isDayMeant(fields, day)) continue;
    for (let minute = dayMs === firstDayMs ? (firstMs - dayMs) / MINUTE_MS : 0; ; minute += 1) {
      if (minute >= 24 * 60) break;
      if (fields.hours.has(Math.floor(minute / 60)) && fields.minutes.has(minute % 60)) {
        return dayMs + minute * MINUTE_MS;
      }
    }
  }
}

function isDayMeant({ years, months, isDay }: CronFields, day: Date): boolean {
  return years.has(day.getUTCFullYear()) && months.has(day.getUTCMonth() + 1) && isDay(day);
}

/** Values of a field made of `*`, numbers, names, ranges, steps and lists; null when it is none. */
function numbers(
  field: string,
  min: number,
  max: number,
  names: readonly string[] = [],
): ReadonlySet<number> | null {
  const valueOf = (text: string): number => {
    const index = names.indexOf(text.toUpperCase());
    return index >= 0 ? index + min : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  };
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const found = /^(\*|[^-/]+)(?:-([^-/]+))?(?:\/(\d+))?$/.exec(part);
    if (found === null) return null;
    const [, from = '', to, step] = found;
    const first = from === '*' ? min : valueOf(from);
    // A start with a step runs to the end of the field.
    const last = to !== undefined ? valueOf(to) : from === '*' || step !== undefined ? max : first;
    const by = step === undefined ? 1 : Number(step);
    if (!(first >= min && last <= max && first <= last && by >= 1)) return null;
    for (let value = first; value <= last; value += by) values.add(value);
  }
  return values;
}

function monthDayRule(field: string): DayRule | null {
  if (field === 'L') return (day) => day.getUTCDate() === lastOfMonth(day);
  if (field === 'LW') return (day) => isNearestWeekday(day, lastOfMonth(day));
  const nearest = /^(\d+)W$/.exec(field)?.[1];
  if (nearest !== undefined) {
    const wanted = Number(nearest);
    return wanted >= 1 && wanted <= 31 ? (day) => isNearestWeekday(day, wanted) : null;
  }
  const days = numbers(field, 1, 31);
  return days === null ? null : (day) => days.has(day.getUTCDate());
}

function weekdayRule(field: string): DayRule | null {
  const special = /^(\w{1,3}?)(?:(L)|#([1-5]))$/.exec(field);
  if (field === 'L' || special !== null) {
    const [, text = '7', isLast, nth] = field === 'L' ? [] : (special ?? []);
    const wanted = numbers(text, 1, 7, WEEKDAYS);
    if (wanted === null || wanted.size !== 1) return null;
    const isWanted: DayRule = (day) => wanted.has(day.getUTCDay() + 1);
    if (isLast !== undefined) {
      return (day) => isWanted(day) && day.getUTCDate() + 7 > lastOfMonth(day);
    }
    if (nth === undefined) return isWanted;
    return (day) => isWanted(day) && Math.ceil(day.getUTCDate() / 7) === Number(nth);
  }
  const days = numbers(field, 1, 7, WEEKDAYS);
  return days === null ? null : (day) => days.has(day.getUTCDay() + 1);
}

function lastOfMonth(day: Date): number {
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
}

/** Whether `day` is the weekday nearest to the `wanted` day of its month, within that month. */
function isNearestWeekday(day: Date, wanted: number): boolean {
  const last = lastOfMonth(day);
  if (wanted > last) return false;
  const weekday = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), wanted)).getUTCDay();
  let nearest = wanted;
  if (weekday === 6) nearest = wanted === 1 ? 3 : wanted - 1;
  if (weekday === 0) nearest = wanted === last ? wanted - 2 : wanted + 1;
  return day.getUTCDate() === nearest;
}
