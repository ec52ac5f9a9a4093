/** What the evidence says of one Region. Source: docs/adr/0017-failover-decision.md. */

/** One request to `/health` of a Region's API. */
export type ProbeSample =
  /** A status of 2xx. */
  | { readonly kind: 'served'; readonly latencyMs: number }
  /** Another status: the Region is there and says that it can't serve. */
  | { readonly kind: 'refused'; readonly latencyMs: number }
  | { readonly kind: 'unreachable' };

/** The composite alarm `payment-region-impaired` of a Region. `unknown`: it can't be asked. */
export type AlarmEvidence = 'impaired' | 'clear' | 'unknown';

/** A probe, and how long the Region's heartbeat had been silent by then; null: that can't be known. */
export type SeenProbe = ProbeSample & { readonly silentForMs: number | null };

export interface RegionEvidence {
  readonly region: string;
  /** The last `PROBES_KEPT` or fewer, oldest first. */
  readonly probes: readonly SeenProbe[];
  readonly alarm: AlarmEvidence;
}

/**
 * `lost`: it serves nobody. `impaired`: it answers, too badly to keep traffic. `unsure`: the evidence is
 * too little or contradicts itself.
 */
export const VERDICTS = ['healthy', 'impaired', 'lost', 'unsure'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** As many as Route 53's default failure threshold: one slow or lost answer moves nothing. */
export const PROBES_TO_JUDGE = 3;
/** A `/health` answer that takes longer is no sign of health: it is one read, and cached. */
export const PROBE_SLOW_MS = 1_000;
/** Heartbeats missed, in probe intervals, before silence counts. */
export const BEATS_MISSED = 3;
/** Over so many probes a Region that comes and goes is found out. */
export const PROBES_KEPT = 12;
/** So many bad ones among them are too many: service with gaps is none. */
export const BAD_PROBES_MAX = 4;

/** Judges one Region. `probeIntervalMs`: between heartbeats. Pure. */
export function judgeRegion({ probes, alarm }: RegionEvidence, probeIntervalMs: number): Verdict {
  // The alarm is judged over its own minutes; probes would miss what spares /health.
  if (alarm === 'impaired') return 'impaired';
  if (probes.length < PROBES_TO_JUDGE) return 'unsure';
  const recent = probes.slice(-PROBES_TO_JUDGE);
  if (recent.every((probe) => probe.kind === 'unreachable')) {
    // A Region that still reaches the quorum serves its clients: what is broken is our way to it.
    return isSilent(recent.at(-1), BEATS_MISSED * probeIntervalMs) ? 'lost' : 'unsure';
  }
  if (recent.every(isPoor)) return 'impaired';
  const bad = probes
    .slice(-PROBES_KEPT)
    .filter((probe) =>
      probe.kind === 'unreachable' ? isSilent(probe, probeIntervalMs) : isPoor(probe),
    );
  const comesAndGoes = bad.length > BAD_PROBES_MAX;
  const isFine = recent.every((probe) => probe.kind !== 'unreachable' && !isPoor(probe));
  if (isFine) return comesAndGoes ? 'unsure' : 'healthy';
  return comesAndGoes ? 'impaired' : 'unsure';
}

/** Anything but a quick good answer. */
function isPoor(probe: SeenProbe): boolean {
  return probe.kind !== 'served' || probe.latencyMs > PROBE_SLOW_MS;
}

function isSilent(probe: SeenProbe | undefined, forMs: number): boolean {
  return probe !== undefined && probe.silentForMs !== null && probe.silentForMs >= forMs;
}
