/**
 * What a client remembers of a Region between calls, so that a Region which hangs costs one call its
 * timeout and not every call. Pure: no clock of its own.
 */

export type Breaker =
  /** `faults`: in succession so far. */
  | { readonly kind: 'closed'; readonly faults: number }
  | { readonly kind: 'open'; readonly openedAtMs: number }
  /** The cooldown is over and one try finds out; `trialUntilMs` frees it if that try never reports. */
  | { readonly kind: 'half-open'; readonly openedAtMs: number; readonly trialUntilMs: number };

export interface BreakerRules {
  /** Faults in succession that open it. */
  readonly breakerFaults: number;
  /** How long an open one keeps tries away, milliseconds. */
  readonly breakerCooldownMs: number;
}

/**
 * `served`: the Region answered, whatever it said to the caller. `fault`: it failed at once. `hung`: it
 * kept silent for a whole try.
 */
export type BreakerEvent = 'served' | 'fault' | 'hung';

export const CLOSED: Breaker = { kind: 'closed', faults: 0 };

/** Whether it remembers nothing. Pure. */
export function isClear(breaker: Breaker): boolean {
  return breaker.kind === 'closed' && breaker.faults === 0;
}

/** Whether a try may go to the Region now. `nowMs` is on the clock of `openedAtMs`. Pure. */
export function mayTry(breaker: Breaker, rules: BreakerRules, nowMs: number): boolean {
  switch (breaker.kind) {
    case 'closed':
      return true;
    case 'open':
      return nowMs >= breaker.openedAtMs + rules.breakerCooldownMs;
    case 'half-open':
      return nowMs >= breaker.trialUntilMs;
  }
}

/** The breaker once a try that `mayTry` allowed is on its way, to end by `untilMs`. Pure. */
export function beginTry(breaker: Breaker, untilMs: number): Breaker {
  if (breaker.kind === 'closed') return breaker;
  return { kind: 'half-open', openedAtMs: breaker.openedAtMs, trialUntilMs: untilMs };
}

/**
 * The breaker after a try. Pure.
 *
 * A fault is cheap to meet, so it takes several to open; a hanging Region costs a whole try each time, so
 * one is enough. What is open already opens anew: its cooldown starts again.
 */
export function noteTry(
  breaker: Breaker,
  event: BreakerEvent,
  rules: BreakerRules,
  nowMs: number,
): Breaker {
  switch (event) {
    case 'served':
      return CLOSED;
    case 'hung':
      return { kind: 'open', openedAtMs: nowMs };
    case 'fault': {
      const faults = breaker.kind === 'closed' ? breaker.faults + 1 : rules.breakerFaults;
      return faults >= rules.breakerFaults
        ? { kind: 'open', openedAtMs: nowMs }
        : { kind: 'closed', faults };
    }
  }
}

/** When it opened; for the choice between Regions that are all shut. */
export function openedAtMs(breaker: Breaker): number {
  return breaker.kind === 'closed' ? Number.NEGATIVE_INFINITY : breaker.openedAtMs;
}
