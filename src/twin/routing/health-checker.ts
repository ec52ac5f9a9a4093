/** Watches the health endpoint of every Region as one Route 53 checker does. */

import { type HealthStatus, NEW_HEALTH_STATE, observeCheck } from './health-state.ts';
import { type CheckResult, type Probe, probeEndpoint } from './probe-endpoint.ts';
import type { RoutingProfile } from './routing-profile.ts';

export interface HealthTarget {
  readonly region: string;
  /** `http://127.0.0.1:<port>/health` */
  readonly url: string;
}

export interface RegionHealth {
  readonly status: HealthStatus;
  readonly contraryChecks: number;
  /** Null before the first check has ended. */
  readonly lastCheck: (CheckResult & { readonly atEpochMs: number }) | null;
}

export interface HealthChecker {
  /** Checks now and then once an interval, until `stop`. */
  start(): void;
  /** Ends the checks in flight too. */
  stop(): void;
  /**
   * Starts one check of every target that has none in flight, and resolves when those have ended.
   * `start` calls it at each interval: a Region that hangs delays no other Region's check. Its own
   * next check, overdue by then, starts as soon as the one that hung has ended.
   */
  tick(): Promise<void>;
  /** Throws on a Region that is not among the targets. */
  healthOf(region: string): RegionHealth;
}

export interface HealthCheckerOptions {
  readonly targets: readonly HealthTarget[];
  readonly profile: RoutingProfile;
  /** Told after a status has changed. */
  readonly onChange?: (region: string, health: RegionHealth) => void;
  /** @default probeEndpoint */
  readonly probe?: Probe;
  /** @default Date.now */
  readonly nowEpochMs?: () => number;
  /** Calls back every `ms`; returns the way to stop. @default setInterval */
  readonly every?: (ms: number, callback: () => void) => () => void;
}

export function createHealthChecker(options: HealthCheckerOptions): HealthChecker {
  const { targets, profile, onChange, probe = probeEndpoint, nowEpochMs = Date.now } = options;
  const every = options.every ?? everyByTimer;
  const healths = new Map<string, RegionHealth>(
    targets.map(({ region }) => [region, { ...NEW_HEALTH_STATE, lastCheck: null }]),
  );
  const inFlight = new Set<string>();
  const overdue = new Set<string>();
  let stopping = new AbortController();
  let stopTimer: (() => void) | null = null;

  const healthOf = (region: string): RegionHealth => {
    const health = healths.get(region);
    if (health === undefined) throw new Error(`no health check watches ${region}`);
    return health;
  };

  const checkOnce = async ({ region, url }: HealthTarget, signal: AbortSignal): Promise<void> => {
    const result = await probe(url, profile, signal);
    if (signal.aborted) return;
    const before = healthOf(region);
    const health: RegionHealth = {
      ...observeCheck(before, result.passed, profile.failureThreshold),
      lastCheck: { ...result, atEpochMs: nowEpochMs() },
    };
    healths.set(region, health);
    if (health.status !== before.status) onChange?.(region, health);
  };

  const check = async (target: HealthTarget): Promise<void> => {
    const { region } = target;
    if (inFlight.has(region)) {
      overdue.add(region);
      return;
    }
    inFlight.add(region);
    const { signal } = stopping;
    try {
      do {
        overdue.delete(region);
        await checkOnce(target, signal);
      } while (overdue.has(region) && !signal.aborted);
    } finally {
      inFlight.delete(region);
    }
  };

  const tick = async (): Promise<void> => {
    await Promise.all(targets.map(check));
  };

  return {
    start() {
      if (stopTimer !== null) return;
      stopping = new AbortController();
      void tick();
      stopTimer = every(profile.intervalMs, () => void tick());
    },
    stop() {
      stopTimer?.();
      stopTimer = null;
      stopping.abort();
    },
    tick,
    healthOf,
  };
}

function everyByTimer(ms: number, callback: () => void): () => void {
  const timer = setInterval(callback, ms);
  return () => clearInterval(timer);
}
