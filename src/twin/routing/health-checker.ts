/** Asks the endpoints of health checks as Route 53 does: several checkers for each, on their own. */

import type { HealthCheckModel } from '#twin/region-model.ts';
import {
  type HealthState,
  type HealthStatus,
  judgeCheckers,
  NEW_HEALTH_STATE,
  observeCheck,
} from './health-state.ts';
import { type CheckResult, type Probe, probeEndpoint } from './probe-endpoint.ts';
import type { RoutingProfile } from './routing-profile.ts';

export interface HealthTarget {
  readonly check: HealthCheckModel;
  /** What is requested now: names may lead elsewhere the next time. Or why nothing can be. */
  readonly locate: () => { readonly url: string } | { readonly failure: string };
}

export interface CheckerVerdict extends HealthState {
  /** Null before the first request has ended. */
  readonly lastCheck: (CheckResult & { readonly atEpochMs: number }) | null;
}

export interface CheckHealth {
  /** What DNS acts on: the checkers' together, turned round where the check is inverted. */
  readonly status: HealthStatus;
  /** None of a disabled check, which asks nothing. */
  readonly checkers: readonly CheckerVerdict[];
}

export interface HealthChecker {
  /** Each checker asks once an interval, until `stop`; the first of each check asks at once. */
  start(): void;
  /** Ends the requests in flight too. */
  stop(): void;
  /**
   * The next checker in turn of every check asks, and `tick` resolves when those requests have ended.
   * A checker whose request hangs delays no other; its own next one, overdue by then, starts as soon
   * as that has ended.
   */
  tick(): Promise<void>;
  /** Null for a check that is not among the targets. */
  healthOf(checkId: string): CheckHealth | null;
}

export interface HealthCheckerOptions {
  readonly targets: readonly HealthTarget[];
  readonly profile: RoutingProfile;
  /** Told before a status changes, while `healthOf` still says what it was. */
  readonly beforeChange?: () => void;
  /** Told after a status has changed. */
  readonly onChange?: (checkId: string, status: HealthStatus) => void;
  /** @default probeEndpoint */
  readonly probe?: Probe;
  /** @default Date.now */
  readonly nowEpochMs?: () => number;
  /** Calls back every `ms`; returns the way to stop. @default setInterval */
  readonly every?: (ms: number, callback: () => void) => () => void;
}

/** One check with its checkers, which take turns so that they are spread over the interval. */
interface Check {
  readonly target: HealthTarget;
  readonly checkers: Checker[];
  turn: number;
  health: CheckHealth;
}

interface Checker {
  verdict: CheckerVerdict;
  inFlight: boolean;
  overdue: boolean;
}

export function createHealthChecker(options: HealthCheckerOptions): HealthChecker {
  const { profile, probe = probeEndpoint, nowEpochMs = Date.now } = options;
  const { beforeChange, onChange, every = everyByTimer } = options;
  const checks = new Map(
    options.targets.map((target) => [target.check.id, newCheck(target, profile)]),
  );
  let stopping = new AbortController();
  let stopTimers: (() => void)[] = [];

  const observe = (check: Check, checker: Checker, result: CheckResult): void => {
    const { id, failureThreshold } = check.target.check;
    checker.verdict = {
      ...observeCheck(checker.verdict, result.passed, failureThreshold),
      lastCheck: { ...result, atEpochMs: nowEpochMs() },
    };
    const health = healthOf(check);
    const changes = health.status !== check.health.status;
    if (changes) beforeChange?.();
    check.health = health;
    if (changes) onChange?.(id, health.status);
  };

  const askOnce = async (check: Check, checker: Checker, signal: AbortSignal): Promise<void> => {
    const place = check.target.locate();
    const result: CheckResult =
      'url' in place
        ? await probe(place.url, profile, signal)
        : { passed: false, detail: place.failure };
    if (!signal.aborted) observe(check, checker, result);
  };

  const askNext = async (check: Check): Promise<void> => {
    const checker = check.checkers[check.turn];
    if (checker === undefined) return;
    check.turn = (check.turn + 1) % check.checkers.length;
    if (checker.inFlight) {
      checker.overdue = true;
      return;
    }
    checker.inFlight = true;
    const { signal } = stopping;
    try {
      do {
        checker.overdue = false;
        await askOnce(check, checker, signal);
      } while (checker.overdue && !signal.aborted);
    } finally {
      checker.inFlight = false;
    }
  };

  return {
    start() {
      if (stopTimers.length > 0) return;
      stopping = new AbortController();
      stopTimers = [...checks.values()].flatMap((check) => {
        if (check.checkers.length === 0) return [];
        void askNext(check);
        const intervalMs = check.target.check.requestIntervalSeconds * 1_000;
        const ms = intervalMs / profile.checkSpeed / check.checkers.length;
        return [every(ms, () => void askNext(check))];
      });
    },
    stop() {
      for (const stopTimer of stopTimers) stopTimer();
      stopTimers = [];
      stopping.abort();
    },
    async tick() {
      await Promise.all([...checks.values()].map(askNext));
    },
    healthOf: (checkId) => checks.get(checkId)?.health ?? null,
  };
}

function newCheck(target: HealthTarget, { checkersPerCheck }: RoutingProfile): Check {
  const count = target.check.disabled ? 0 : checkersPerCheck;
  const checkers = Array.from({ length: count }, () => ({
    verdict: { ...NEW_HEALTH_STATE, lastCheck: null },
    inFlight: false,
    overdue: false,
  }));
  const health = healthOf({ target, checkers });
  return { target, checkers, turn: 0, health };
}

/** Route 53 takes a disabled check for healthy, and for unhealthy if it is inverted too. */
function healthOf({ target, checkers }: Pick<Check, 'target' | 'checkers'>): CheckHealth {
  const verdicts = checkers.map(({ verdict }) => verdict);
  const found = verdicts.length === 0 ? 'healthy' : judgeCheckers(verdicts);
  const turned = found === 'healthy' ? 'unhealthy' : 'healthy';
  return { status: target.check.inverted ? turned : found, checkers: verdicts };
}

function everyByTimer(ms: number, callback: () => void): () => void {
  const timer = setInterval(callback, ms);
  return () => clearInterval(timer);
}
