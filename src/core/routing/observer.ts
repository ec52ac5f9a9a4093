/**
 * What one orchestrator has seen of both Regions, gathered round by round.
 *
 * It lives as long as its process: a new one starts with no evidence and so with no verdict.
 * Source: docs/adr/0017-failover-decision.md.
 */

import type { RoutingPolicy } from '#contract/names.ts';
import { AppError } from '../app-error.ts';
import type { Stopwatch } from '../lease.ts';
import type { Clock, Deadline } from '../ports.ts';
import {
  type AlarmEvidence,
  judgeRegion,
  PROBES_KEPT,
  PROBES_TO_JUDGE,
  type ProbeSample,
  type RegionEvidence,
  type SeenProbe,
  type Verdict,
} from './judge-region.ts';
import type { Presence, PresenceStore } from './presence.ts';

export interface ObserverOptions {
  readonly own: string;
  readonly peer: string;
  /** Base URL of the own Region's API, for the peer to probe. */
  readonly apiUrl: string;
  /** As configured, for whoever can't read the configuration. */
  readonly policy: RoutingPolicy;
  /** Between two rounds, milliseconds. */
  readonly probeIntervalMs: number;
}

export interface ObserverPorts {
  readonly presence: PresenceStore;
  /** Asks `<apiUrl>/health` once. Never rejects. */
  readonly probe: (apiUrl: string, deadline: Deadline) => Promise<ProbeSample>;
  /** Asks CloudWatch of a Region for its composite alarm. Never rejects. */
  readonly alarmOf: (region: string, deadline: Deadline) => Promise<AlarmEvidence>;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
}

/** An alarm's message: evidence for a Region whose CloudWatch can't be asked. */
export interface AlarmHint {
  readonly region: string;
  readonly impaired: boolean;
  readonly changedAtEpochMs: number;
}

export interface Observation {
  readonly own: RegionEvidence & { readonly verdict: Verdict };
  readonly peer: RegionEvidence & { readonly verdict: Verdict };
  /** Null: it is not healthy. */
  readonly ownHealthyForMs: number | null;
}

export interface Observer {
  /** Beats, probes both Regions, asks both alarms, and judges. Never rejects with a fault of a port. */
  look(deadline: Deadline, hint: AlarmHint | null): Promise<Observation>;
}

/**
 * How old an alarm's message may be to count. Late and repeated ones count for nothing; the alarm's own
 * state does, where it can be asked.
 */
export const HINT_VALID_MS = 120_000;
/** A stored "healthy since" is carried on by a new process if the last beat is no older. */
const CARRIED_ON_MS = 180_000;

export function createObserver(options: ObserverOptions, ports: ObserverPorts): Observer {
  const { own, peer, probeIntervalMs } = options;
  const { clock, stopwatch } = ports;
  const probes = new Map<string, readonly SeenProbe[]>([
    [own, []],
    [peer, []],
  ]);
  /** When the peer's beat was last seen to move, on the stopwatch. */
  let peerBeat: { readonly beat: number | null; readonly movedAtMs: number } | null = null;
  let peerUrl: string | null = null;
  let healthySinceEpochMs: number | null = null;
  let serving = false;
  let isFirst = true;

  const keep = (region: string, sample: ProbeSample, silentForMs: number | null): void => {
    const samples = probes.get(region) ?? [];
    probes.set(region, [...samples, { ...sample, silentForMs }].slice(-PROBES_KEPT));
  };

  const observePeer = (presence: Presence | undefined): void => {
    const beat = presence?.beat ?? null;
    if (presence !== undefined) peerUrl = presence.apiUrl;
    if (peerBeat === null || peerBeat.beat !== beat) {
      peerBeat = { beat, movedAtMs: stopwatch.elapsedMs() };
    }
  };

  /** Whether the own beat was written: then the quorum is in reach. */
  const beat = async (deadline: Deadline): Promise<boolean> => {
    try {
      const all = await ports.presence.read(deadline);
      observePeer(all.find(({ region }) => region === peer));
      if (isFirst) carryOn(all.find(({ region }) => region === own));
      isFirst = false;
      const atEpochMs = clock.nowEpochMs();
      const { apiUrl, policy } = options;
      await ports.presence.beat(
        { region: own, apiUrl, policy, serving, healthySinceEpochMs, atEpochMs },
        deadline,
      );
      return true;
    } catch (error) {
      if (error instanceof AppError) return false;
      throw error;
    }
  };

  const carryOn = (stored: Presence | undefined): void => {
    if (stored === undefined) return;
    const ageMs = clock.nowEpochMs() - stored.atEpochMs;
    if (ageMs >= 0 && ageMs <= CARRIED_ON_MS) healthySinceEpochMs = stored.healthySinceEpochMs;
  };

  return {
    async look(deadline, hint) {
      // Where the peer is must be known before it can be asked; afterwards all is asked at once.
      const known = peerUrl;
      const [reaches, ownSample, ownAlarm, peerAlarm, peerSample] = await Promise.all([
        beat(deadline),
        ports.probe(options.apiUrl, deadline),
        ports.alarmOf(own, deadline),
        ports.alarmOf(peer, deadline),
        known === null ? null : ports.probe(known, deadline),
      ]);
      keep(own, ownSample, reaches ? 0 : null);
      const silentForMs =
        reaches && peerBeat !== null ? stopwatch.elapsedMs() - peerBeat.movedAtMs : null;
      if (peerSample !== null) keep(peer, peerSample, silentForMs);

      const evidenceOf = (region: string, alarm: AlarmEvidence): RegionEvidence => ({
        region,
        probes: probes.get(region) ?? [],
        alarm: alarm === 'unknown' ? hinted(region, hint, clock) : alarm,
      });
      const judge = (evidence: RegionEvidence) => ({
        ...evidence,
        verdict: judgeRegion(evidence, probeIntervalMs),
      });
      const peerSeen = judge(evidenceOf(peer, peerAlarm));
      const judged = judge(evidenceOf(own, ownAlarm));
      // Without the quorum nothing can be decided, and nothing be served.
      const ownSeen = reaches ? judged : { ...judged, verdict: 'unsure' as const };

      serving = ownSeen.verdict === 'healthy';
      const now = clock.nowEpochMs();
      if (!serving && ownSeen.probes.length >= PROBES_TO_JUDGE) healthySinceEpochMs = null;
      if (serving) healthySinceEpochMs ??= now;
      return {
        own: ownSeen,
        peer: peerSeen,
        ownHealthyForMs:
          serving && healthySinceEpochMs !== null ? Math.max(0, now - healthySinceEpochMs) : null,
      };
    },
  };
}

/** What a message says of a Region whose alarm can't be asked. */
function hinted(region: string, hint: AlarmHint | null, clock: Clock): AlarmEvidence {
  if (hint === null || hint.region !== region) return 'unknown';
  const ageMs = Math.abs(clock.nowEpochMs() - hint.changedAtEpochMs);
  if (ageMs > HINT_VALID_MS) return 'unknown';
  return hint.impaired ? 'impaired' : 'clear';
}
