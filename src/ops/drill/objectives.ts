/** What a drill has to reach. */

import { OpsError } from '../ops-error.ts';
import type { DrillProfile } from './drill-target.ts';

export interface DrillObjectives {
  /** Longest outage that a DNS client may see, milliseconds. */
  readonly rtoDnsMs: number;
  /** The same for a retrying client. */
  readonly rtoRetryingMs: number;
  /** Payments that may be lost, duplicated or in conflict, together. */
  readonly rpoPayments: number;
}

/**
 * `aws`: three failed checks 10 s apart, the TTL, and the time that alarms take to be sure. `fast` runs on
 * intervals of a tenth, and leaves room for a busy machine.
 */
export const DEFAULT_OBJECTIVES: Readonly<Record<DrillProfile, DrillObjectives>> = {
  aws: { rtoDnsMs: 90_000, rtoRetryingMs: 2_000, rpoPayments: 0 },
  fast: { rtoDnsMs: 30_000, rtoRetryingMs: 2_000, rpoPayments: 0 },
};

/** Members of an objectives file, and what each one sets. Seconds, but for `rpoPayments`. */
const MEMBERS = {
  rtoDnsSeconds: (value: number) => ({ rtoDnsMs: value * 1_000 }),
  rtoRetryingSeconds: (value: number) => ({ rtoRetryingMs: value * 1_000 }),
  rpoPayments: (value: number) => ({ rpoPayments: value }),
} as const satisfies Record<string, (value: number) => Partial<DrillObjectives>>;

const VALUE_MAX = 86_400;

/**
 * Reads an objectives file: a JSON object with any of `rtoDnsSeconds`, `rtoRetryingSeconds` and
 * `rpoPayments`; what is left out stays as it is by default. Throws `OpsError` (usage) with the mend. Pure.
 */
export function readObjectives(text: string, profile: DrillProfile): DrillObjectives {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new OpsError('usage', 'the objectives are not JSON; write an object', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new OpsError('usage', 'the objectives are no JSON object; write {"rtoDnsSeconds": 60}');
  }
  let objectives = DEFAULT_OBJECTIVES[profile];
  for (const [name, given] of Object.entries(value)) {
    if (!isMember(name)) {
      const known = Object.keys(MEMBERS).join(', ');
      throw new OpsError('usage', `no objective is called ${JSON.stringify(name)}; use ${known}`);
    }
    objectives = { ...objectives, ...MEMBERS[name](checked(name, given)) };
  }
  return objectives;
}

function checked(name: keyof typeof MEMBERS, given: unknown): number {
  const whole = name === 'rpoPayments';
  if (
    typeof given === 'number' &&
    given >= 0 &&
    given <= VALUE_MAX &&
    (!whole || Number.isInteger(given))
  ) {
    return given;
  }
  const what = whole ? 'a whole number' : 'a number of seconds';
  throw new OpsError(
    'usage',
    `${name} must be ${what} from 0 to ${VALUE_MAX}, not ${JSON.stringify(given)}`,
  );
}

function isMember(name: string): name is keyof typeof MEMBERS {
  return Object.hasOwn(MEMBERS, name);
}
