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

/** A probe, and what the Region's heartbeat said at the time. */
export type SeenProbe = ProbeSample & {
  /** How long the heartbeat had been silent, on the observer's stopwatch; null: that can't be known. */
  readonly silentForMs: number | null;
  /** What the Region said of itself in a fresh heartbeat, `not-known`: it has only begun to look; null: there was none. */
  readonly says: 'serving' | 'not-serving' | 'not-known' | null;
};

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
/** Over so many probes a Region that comes and goes is found out. */
export const PROBES_KEPT = 12;
/** So many bad ones among them are too many: service with gaps is none. */
const BAD_PROBES_MAX = 4;

/**
 * Judges one Region. `silenceMs`: how long a heartbeat must have been silent to count as silent; some rounds
 * more than there are between two watches. Pure.
 */
export function judgeRegion({ probes, alarm }: RegionEvidence, silenceMs: number): Verdict {
  const recent = probes.slice(-PROBES_TO_JUDGE);
  const isFull = recent.length === PROBES_TO_JUDGE;
  const servesNobody = isFull && recent.every(({ kind }) => kind !== 'served');
  // Before its alarm, which may ring on without it, and whether or not something in front of it still answers: what
  // holds traffic on a Region that only serves badly must not hold it on one that is gone.
  if (servesNobody && isSilent(recent.at(-1), silenceMs)) return 'lost';
  // The alarm is judged over its own minutes; probes would miss what spares /health.
  if (alarm === 'impaired') return 'impaired';
  if (!isFull) return 'unsure';
  if (recent.every(({ kind }) => kind === 'unreachable')) {
    // It still reaches the quorum: unless it says itself that it can't serve, our way to it is broken, and
    // its clients may be fine. A heartbeat that is late says neither.
    const saysSo = recent.some((probe) => probe.says === 'not-serving');
    return saysSo && recent.every(isBad) ? 'impaired' : 'unsure';
  }
  if (recent.every(isBad)) return 'impaired';
  const comesAndGoes = probes.slice(-PROBES_KEPT).filter(isBad).length > BAD_PROBES_MAX;
  if (recent.every(isGood)) return comesAndGoes ? 'unsure' : 'healthy';
  return comesAndGoes && recent.some(isBad) ? 'impaired' : 'unsure';
}

/** A quick good answer. */
export function isGood(probe: ProbeSample): boolean {
  return probe.kind === 'served' && probe.latencyMs <= PROBE_SLOW_MS;
}

/**
 * Whether a probe speaks against the Region. One that was slow or lost on the way does not while the Region
 * says through the quorum that it serves, or that it does not know yet: then the way is slow, and callers' latency
 * has an alarm of its own. Nor does one that was sent while the observer did not reach the quorum: then it may be
 * the one that is cut off, and what it collected meanwhile would speak against a healthy Region as soon as it is back.
 */
function isBad(probe: SeenProbe): boolean {
  if (isGood(probe)) return false;
  if (probe.kind === 'refused') return true;
  return probe.silentForMs !== null && probe.says !== 'serving' && probe.says !== 'not-known';
}

function isSilent(probe: SeenProbe | undefined, forMs: number): boolean {
  return probe !== undefined && probe.silentForMs !== null && probe.silentForMs >= forMs;
}
