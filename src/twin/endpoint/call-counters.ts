/** Counts the calls to the twin's services, for its status page. */

export interface CallCount {
  readonly region: string;
  readonly service: string;
  readonly operation: string;
  readonly calls: number;
  /** Answers of 5xx, injected throttling included. */
  readonly errors: number;
  /** Turned away by IAM. */
  readonly refused: number;
}

export type CallOutcome = 'answered' | 'error' | 'refused' | 'unanswered';

/** Rows kept apart. Operation names come from clients, so their number must have an end. */
const ROWS_MAX = 500;

export interface CallCounters {
  count(region: string, service: string, operation: string, outcome: CallOutcome): void;
  list(): readonly CallCount[];
}

/** Counters that start at zero. Beyond 500 rows, new operations are counted under `other`. */
export function createCallCounters(): CallCounters {
  const rows = new Map<string, { -readonly [Key in keyof CallCount]: CallCount[Key] }>();

  function rowOf(region: string, service: string, operation: string) {
    const key = `${region}/${service}/${operation}`;
    const known = rows.get(key);
    if (known !== undefined) return known;
    if (rows.size >= ROWS_MAX && operation !== 'other') return rowOf(region, service, 'other');
    const row = { region, service, operation, calls: 0, errors: 0, refused: 0 };
    rows.set(key, row);
    return row;
  }

  return {
    count(region, service, operation, outcome) {
      const row = rowOf(region, service, operation);
      row.calls += 1;
      if (outcome === 'error') row.errors += 1;
      if (outcome === 'refused') row.refused += 1;
    },
    list: () => [...rows.values()].map((row) => ({ ...row })),
  };
}
