/**
 * Where and when a call is tried next: the whole of the client's behaviour under faults, as pure functions.
 *
 * The client runs them on the real clock and the simulator on a virtual one, unchanged. Every try of a call
 * carries the same transaction_id, so a repeat is safe whatever became of the tries before it.
 * Source: sdk/README.md, "What is retried".
 */

import {
  type Breaker,
  type BreakerRules,
  beginTry,
  CLOSED,
  isClear,
  mayTry,
  noteTry,
  openedAtMs,
} from './breaker.ts';
import {
  type Made,
  type Meaning,
  mayHaveTakenEffect,
  meaningOf,
  type Observation,
} from './observation.ts';

export type { Breaker } from './breaker.ts';
export type { Observation } from './observation.ts';

export interface RetryPolicy extends BreakerRules {
  /** At least one, each once, the one to begin with first. */
  readonly regions: readonly string[];
  /** From the start of a call to its end, milliseconds. */
  readonly totalDeadlineMs: number;
  /** Longest time of one try, milliseconds. */
  readonly perTryTimeoutMs: number;
  readonly maxTries: number;
}

/**
 * The API answers a payment in tens of milliseconds and takes 7 s at most. A try is cut off earlier than
 * that because a repeat joins the work under way instead of doing it again: a slow bank costs nothing by
 * it, and a Region that hangs costs 2 s instead of 7.
 */
export const RETRY_DEFAULTS = {
  totalDeadlineMs: 10_000,
  perTryTimeoutMs: 2_000,
  maxTries: 10,
  breakerFaults: 3,
  breakerCooldownMs: 10_000,
} as const satisfies Omit<RetryPolicy, 'regions'>;

/** First ceiling of the waits between tries, doubled up to the cap; the real wait is drawn below it. */
export const BACKOFF_BASE_MS = 100;
export const BACKOFF_CAP_MS = 2_000;
/** A longer `Retry-After` is cut to this: a Region may say when it is back, not end the call. */
export const RETRY_AFTER_MAX_MS = 5_000;
/** A repeat with less time is not made: hardly an answer would be in time, and its effect unknown. */
export const REPEAT_MIN_MS = 100;

/** Region → breaker. Shared by all calls of a client; a Region that is not in it is closed. */
export type Breakers = ReadonlyMap<string, Breaker>;

/** One call. Times are on the clock of `nowMs`. */
export interface CallState {
  readonly deadlineAtMs: number;
  readonly tries: number;
  /** Tries that were waited for. */
  readonly waits: number;
  /** The last try; null before the first. */
  readonly last: { readonly region: string; readonly timeoutMs: number } | null;
  readonly regionsTried: ReadonlySet<string>;
  /** Region → the time before which it asked not to be tried. */
  readonly notBeforeMs: ReadonlyMap<string, number>;
  /** Whether any try may have taken effect though it brought no result. */
  readonly mayHaveTakenEffect: boolean;
}

export interface RetryState {
  readonly policy: RetryPolicy;
  readonly call: CallState;
  readonly breakers: Breakers;
}

/** `state` goes into the next decision; its `breakers` go to the other calls too. */
export type Decision = {
  readonly state: RetryState;
} /** What was observed is the call's answer. */ & (
  | { readonly kind: 'answer' }
  /** Wait `afterMs`, then try `region` for at most `timeoutMs`. Milliseconds, whole. */
  | {
      readonly kind: 'try';
      readonly region: string;
      readonly afterMs: number;
      readonly timeoutMs: number;
    }
  /** The outcome is unknown if `state.call.mayHaveTakenEffect`. */
  | { readonly kind: 'give-up'; readonly because: 'deadline' | 'tries' }
);

/** A call that starts now. `totalDeadlineMs`: instead of the policy's. Pure. */
export function startCall(
  policy: RetryPolicy,
  nowMs: number,
  totalDeadlineMs: number = policy.totalDeadlineMs,
): CallState {
  return {
    deadlineAtMs: nowMs + totalDeadlineMs,
    tries: 0,
    waits: 0,
    last: null,
    regionsTried: new Set(),
    notBeforeMs: new Map(),
    mayHaveTakenEffect: false,
  };
}

/**
 * Decides what follows an observation. `random`: uniform in [0, 1). Pure but for `random`; never throws.
 *
 * The first fault sends the call to the next Region at once; a Region that was tried before is tried again
 * after a wait with full jitter. No try outlasts the deadline. Regions with an open breaker are passed over
 * while there is another one.
 */
export function decideNext(
  state: RetryState,
  observation: Observation,
  nowMs: number,
  random: () => number,
): Decision {
  if (observation.kind === 'start') return nextTry(state, null, nowMs, random);
  const meaning = meaningOf(observation);
  const noted = note(state, observation, meaning, nowMs);
  if (meaning === 'final') return { kind: 'answer', state: noted };
  return nextTry(noted, meaning, nowMs, random);
}

/** Writes down what a try showed: of its Region for all calls, of its effect for this one. */
function note(
  { policy, call, breakers }: RetryState,
  observation: Made,
  meaning: Meaning,
  nowMs: number,
): RetryState {
  const { region } = observation;
  return {
    policy,
    breakers: noteRegion(policy, call, breakers, region, meaning, nowMs),
    call: {
      ...call,
      notBeforeMs: noteRetryAfter(policy, call, observation, meaning, nowMs),
      mayHaveTakenEffect: call.mayHaveTakenEffect || mayHaveTakenEffect(observation),
    },
  };
}

/** Share of a full try that is as good as one. */
const NEARLY_FULL = 0.9;

function noteRegion(
  policy: RetryPolicy,
  { last }: CallState,
  breakers: Breakers,
  region: string,
  meaning: Meaning,
  nowMs: number,
): Breakers {
  // A try that its call's deadline cut short proves nothing of the Region's speed; what the call itself took before
  // it, a fraction of a millisecond, cuts nothing short.
  const fullMs = timeoutFor(policy, policy.totalDeadlineMs, policy.regions.length - 1);
  const wasCutShort = last !== null && last.timeoutMs < NEARLY_FULL * fullMs;
  if (meaning === 'hung' && wasCutShort) return breakers;
  // `busy` and `not-active` are answers of a Region that is well.
  const event = meaning === 'hung' || meaning === 'fault' ? meaning : 'served';
  const known = breakers.get(region) ?? CLOSED;
  const breaker = noteTry(known, event, policy, nowMs);
  // Mostly a Region is well and stays so.
  if (isClear(known) && isClear(breaker)) return breakers;
  return new Map(breakers).set(region, breaker);
}

/** `busy` asks the caller to slow down, so it holds for every Region; else only for the one that said it. */
function noteRetryAfter(
  policy: RetryPolicy,
  { notBeforeMs }: CallState,
  observation: Made,
  meaning: Meaning,
  nowMs: number,
): ReadonlyMap<string, number> {
  if (observation.kind === 'no-answer' || observation.retryAfterMs === null) return notBeforeMs;
  const untilMs = nowMs + Math.min(RETRY_AFTER_MAX_MS, Math.max(0, observation.retryAfterMs));
  const regions = meaning === 'busy' ? policy.regions : [observation.region];
  return new Map([...notBeforeMs, ...regions.map((region) => [region, untilMs] as const)]);
}

function nextTry(
  state: RetryState,
  after: Meaning | null,
  nowMs: number,
  random: () => number,
): Decision {
  const { policy, call } = state;
  if (call.tries >= policy.maxTries) return { kind: 'give-up', because: 'tries', state };
  const region = chooseRegion(state, after, nowMs);
  // The load that a Region sheds must not arrive at the other one in the same moment.
  const waits = after === 'busy' || call.regionsTried.has(region);
  const askedMs = Math.max(0, (call.notBeforeMs.get(region) ?? nowMs) - nowMs);
  const ceilingMs = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** Math.min(call.waits, 10));
  // The jitter is added to what was asked for: many callers were asked for the same second.
  const afterMs = Math.ceil(askedMs + (waits ? ceilingMs * random() : 0));
  const leftMs = Math.floor(call.deadlineAtMs - nowMs - afterMs);
  if (leftMs < (call.regionsTried.has(region) ? REPEAT_MIN_MS : 1)) {
    return { kind: 'give-up', because: 'deadline', state };
  }
  const others = policy.regions.filter((it) => it !== region && !call.regionsTried.has(it)).length;
  const timeoutMs = timeoutFor(policy, leftMs, others);
  return {
    kind: 'try',
    region,
    afterMs,
    timeoutMs,
    state: {
      policy,
      breakers: withTry(state, region, nowMs, nowMs + afterMs + timeoutMs),
      call: {
        ...call,
        tries: call.tries + 1,
        waits: call.waits + (waits ? 1 : 0),
        last: { region, timeoutMs },
        regionsTried: call.regionsTried.has(region)
          ? call.regionsTried
          : new Set(call.regionsTried).add(region),
      },
    },
  };
}

/** A short deadline is shared out, so that a Region which hangs leaves time for those not yet tried. */
function timeoutFor(policy: RetryPolicy, leftMs: number, regionsToCome: number): number {
  return Math.min(policy.perTryTimeoutMs, Math.max(1, Math.floor(leftMs / (regionsToCome + 1))));
}

/**
 * The Regions in turn, beginning after the last one; those with an open breaker only when there is no other.
 *
 * After `not-active` the next one is tried even so: somebody else has the lease, and a client that shuns the
 * only Region which may write would make its own outage.
 */
function chooseRegion(
  { policy, call, breakers }: RetryState,
  after: Meaning | null,
  nowMs: number,
): string {
  const turn = call.last === null ? 0 : policy.regions.indexOf(call.last.region) + 1;
  const inTurn = [...policy.regions.slice(turn), ...policy.regions.slice(0, turn)];
  const breakerOf = (region: string): Breaker => breakers.get(region) ?? CLOSED;
  const allowed = inTurn.filter((region) => mayTry(breakerOf(region), policy, nowMs));
  const chosen = after === 'not-active' ? inTurn[0] : allowed[0];
  if (chosen !== undefined) return chosen;
  return inTurn.reduce((oldest, region) =>
    openedAtMs(breakerOf(region)) < openedAtMs(breakerOf(oldest)) ? region : oldest,
  );
}

/** A try that is made because nothing better is left is no trial: it must not keep other calls away. */
function withTry(
  { policy, breakers }: RetryState,
  region: string,
  nowMs: number,
  untilMs: number,
): Breakers {
  const breaker = breakers.get(region) ?? CLOSED;
  if (!mayTry(breaker, policy, nowMs)) return breakers;
  const begun = beginTry(breaker, untilMs);
  return begun === breaker ? breakers : new Map(breakers).set(region, begun);
}
