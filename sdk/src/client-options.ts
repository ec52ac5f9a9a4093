/** Options of the client: checked and completed once, at its creation. */

import type { Fetch } from './exchange.ts';
import { RETRY_DEFAULTS, type RetryPolicy } from './retry-policy.ts';
import { type Clock, type Sleep, systemClock, systemSleep } from './system.ts';

export interface HoldfastEndpoint {
  /** Its name in results and errors, such as `us-east-1`. */
  readonly region: string;
  /** Base URL of the Region's API, stage included: https, or http on this machine. */
  readonly url: string;
}

export interface HoldfastClientOptions {
  /** One for each Region, the one to prefer first. */
  readonly endpoints: readonly HoldfastEndpoint[];
  /** Longest time of a call, all its tries and waits included. @default 10,000 */
  readonly totalDeadlineMs?: number;
  /** Longest time of one try, at most `totalDeadlineMs`. @default 2,000 */
  readonly perTryTimeoutMs?: number;
  /** @default 10 */
  readonly maxTries?: number;
  /** Faults of a Region in succession before it is passed over; a timeout alone is enough. @default 3 */
  readonly breakerFaults?: number;
  /** How long it is passed over before one call tries it again, milliseconds. @default 10,000 */
  readonly breakerCooldownMs?: number;
  /** To sign requests, or to use other connections. Called once for each try. @default the global one */
  readonly fetch?: Fetch;
  /** @default the process's own */
  readonly clock?: Clock;
  /** Uniform in [0, 1): the jitter. @default Math.random */
  readonly random?: () => number;
  /** @default a timer */
  readonly sleep?: Sleep;
}

/** Complete. */
export interface ClientOptions {
  readonly policy: RetryPolicy;
  /** Region → base URL without a slash at its end. */
  readonly urls: ReadonlyMap<string, string>;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly random: () => number;
  readonly sleep: Sleep;
}

/** Longest time that a timer takes; beyond it, it fires at once. Source: Node.js, "setTimeout". */
const TIMER_MAX_MS = 2_147_483_647;
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

const FUNCTIONS = ['fetch', 'random', 'sleep'] as const;
const NUMBERS = {
  totalDeadlineMs: TIMER_MAX_MS,
  perTryTimeoutMs: TIMER_MAX_MS,
  maxTries: 1_000,
  breakerFaults: 1_000,
  breakerCooldownMs: TIMER_MAX_MS,
} as const satisfies Record<keyof typeof RETRY_DEFAULTS, number>;
const KNOWN = ['endpoints', 'clock', ...FUNCTIONS, ...Object.keys(NUMBERS)];

/** Checks the options and fills in the defaults. Throws `TypeError`; the message names the mend. */
export function readOptions(given: HoldfastClientOptions): ClientOptions {
  refuseUnknown('createHoldfastClient', given, KNOWN);
  const numbers = { ...RETRY_DEFAULTS } as Record<keyof typeof NUMBERS, number>;
  for (const name of Object.keys(NUMBERS) as (keyof typeof NUMBERS)[]) {
    const value = given[name];
    if (value !== undefined) numbers[name] = wholeNumber(name, value, NUMBERS[name]);
  }
  if (numbers.perTryTimeoutMs > numbers.totalDeadlineMs) {
    const { perTryTimeoutMs, totalDeadlineMs } = numbers;
    const given = `perTryTimeoutMs (${perTryTimeoutMs}) is above totalDeadlineMs (${totalDeadlineMs})`;
    throw new TypeError(`${given}; use one that leaves time for a second Region`);
  }
  for (const name of FUNCTIONS) {
    if (given[name] !== undefined && typeof given[name] !== 'function') {
      throw new TypeError(`${name} must be a function`);
    }
  }
  if (given.clock !== undefined && typeof given.clock?.nowMs !== 'function') {
    throw new TypeError('clock must have a function nowMs');
  }
  const urls = readEndpoints(given.endpoints);
  return {
    policy: { regions: [...urls.keys()], ...numbers },
    urls,
    // Looked up at each call: whoever replaces the global one later means this client too.
    fetch: given.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    clock: given.clock ?? systemClock,
    random: given.random ?? Math.random,
    sleep: given.sleep ?? systemSleep,
  };
}

/** A whole number from 1 to `max`. Throws `TypeError`. */
export function wholeNumber(name: string, value: unknown, max: number = TIMER_MAX_MS): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max) {
    return value;
  }
  throw new TypeError(`${name} is ${quoted(value)}; use a whole number from 1 to ${max}`);
}

/** Throws `TypeError` unless `given` is an object with these members only: a misspelt option is no option. */
export function refuseUnknown(what: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new TypeError(`${what} takes an object of options, not ${quoted(given)}`);
  }
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new TypeError(`${what} has no option ${quoted(unknown)}; there are ${known.join(', ')}`);
}

function readEndpoints(endpoints: unknown): ReadonlyMap<string, string> {
  if (!Array.isArray(endpoints) || endpoints.length === 0) {
    throw new TypeError('endpoints is empty; give one { region, url } for each Region');
  }
  const urls = new Map<string, string>();
  for (const [index, endpoint] of endpoints.entries()) {
    const name = `endpoints[${index}]`;
    refuseUnknown(name, endpoint, ['region', 'url']);
    const { region, url } = endpoint as Partial<Record<'region' | 'url', unknown>>;
    if (typeof region !== 'string' || region === '') {
      throw new TypeError(`${name}.region is ${quoted(region)}; use a name such as "us-east-1"`);
    }
    if (urls.has(region)) throw new TypeError(`${name}.region: ${quoted(region)} is there twice`);
    const fault = urlFault(url);
    if (fault !== null) throw new TypeError(`${name}.url: ${fault}`);
    urls.set(region, String(url).replace(/\/+$/, ''));
  }
  return urls;
}

/** What is wrong with a base URL, or null. The URL itself is not quoted: it may hold credentials. */
function urlFault(text: unknown): string | null {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return 'use a URL such as https://api.example.com/prod';
  }
  if (url.protocol === 'http:' && !LOOPBACK_HOST.test(url.hostname)) {
    return 'use https; plain http is for an API on this machine only';
  }
  if (url.username !== '' || url.password !== '') {
    return 'leave the credentials out; sign requests in a fetch of your own';
  }
  // Of the text itself: a lone `?` or `#` leaves no trace in the parsed URL.
  return /[?#]/.test(String(text)) ? 'leave out the query and the fragment' : null;
}

function quoted(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
