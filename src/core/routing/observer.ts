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
import { createAlarmHints } from './alarm-hints.ts';
import {
  type AlarmEvidence,
  isGood,
  judgeRegion,
  PROBES_KEPT,
  type ProbeSample,
  type RegionEvidence,
  type SeenProbe,
  type Verdict,
} from './judge-region.ts';
import { createMoveAge } from './move-age.ts';
import { createPeerHealth } from './peer-health.ts';
import type { PeerSilence, Presence, PresenceStore } from './presence.ts';

interface ObserverOptions {
  readonly own: string;
  readonly peer: string;
  /** Base URL of the own Region's API, for the peer to probe. */
  readonly apiUrl: string;
  /** As configured, for whoever can't read the configuration. */
  readonly policy: RoutingPolicy;
  /** Between two rounds, milliseconds. */
  readonly probeIntervalMs: number;
  /** How long the peer's heartbeat must be silent to count as silent, milliseconds. */
  readonly silenceMs: number;
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
  /** Whether the own heartbeat was written: then the quorum is in reach. */
  readonly beaten: boolean;
  /** As the own heartbeat has it. */
  readonly followedEpoch: number;
}

export interface Observer {
  /** Beats, probes both Regions, asks both alarms, and judges. Never rejects with a fault of a port. */
  look(deadline: Deadline, hint: AlarmHint | null): Promise<Observation>;
  /** An alarm's message. It counts for two minutes, or until the Region's next one. */
  hear(hint: AlarmHint | null): void;
  /**
   * How long at most the peer has been healthy without a break since the move of `movedEpoch`, the newest, as far
   * as any process of the own Region saw it; milliseconds.
   */
  peerHealthyForMsMax(movedEpoch: number): number;
  /**
   * How long ago at least the move of `movedEpoch` was, the newest, by whichever process of the own Region saw it
   * first; milliseconds.
   */
  sinceMoveMsMin(movedEpoch: number): number;
  /** All that must follow the transition of `epoch` is done: the next beat says so. */
  followed(epoch: number): void;
}

/** A stored "healthy since" is carried on by a new process if the last beat is no older. */
const CARRIED_ON_MS = 180_000;
/** A heartbeat's word counts while it is no older than this share of the time that makes it silent. */
const FRESH_SHARE = 1 / 3;
/** Rounds of which one may be bad without ending the time that the own Region has been healthy. */
const ROUNDS_FOR_HEALTH = 3;
/** Evidence older than so many intervals, and at least half a minute, is none: the process was frozen. */
const FORGET_INTERVALS = 3;
const FORGET_MS_MIN = 30_000;

export function createObserver(options: ObserverOptions, ports: ObserverPorts): Observer {
  const { own, peer, probeIntervalMs } = options;
  const { clock, stopwatch } = ports;
  const forgetMs = Math.max(FORGET_MS_MIN, FORGET_INTERVALS * probeIntervalMs);
  const peerWatch = createPeerWatch(stopwatch, FRESH_SHARE * options.silenceMs);
  const health = createOwnHealth(clock, stopwatch, forgetMs);
  const peerHealth = createPeerHealth(stopwatch);
  const moveAge = createMoveAge(stopwatch);
  const hints = createAlarmHints(clock, stopwatch);
  let probes: Readonly<Record<'own' | 'peer', readonly SeenProbe[]>> = { own: [], peer: [] };
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let followedEpoch = 0;

  const forgetWhatIsOld = (): void => {
    const now = stopwatch.elapsedMs();
    if (now - lookedAtMs > forgetMs) {
      probes = { own: [], peer: [] };
      peerWatch.forget();
      health.forget();
      peerHealth.forget();
    }
    lookedAtMs = now;
  };

  /** Whether so little time has passed since that what went on then goes on, as far as anybody can tell. */
  const isFresh = (stored: Presence | undefined): stored is Presence => {
    const ageMs = stored === undefined ? Number.NaN : clock.nowEpochMs() - stored.atEpochMs;
    return ageMs >= 0 && ageMs <= forgetMs;
  };

  const beat = async (deadline: Deadline): Promise<boolean> => {
    try {
      const all = await ports.presence.read(deadline);
      const stored = all.find(({ region }) => region === own);
      const theirs = all.find(({ region }) => region === peer);
      peerWatch.see(theirs, stored?.peerSilence ?? null);
      followedEpoch = Math.max(followedEpoch, stored?.followedEpoch ?? 0);
      health.carryOn(stored);
      const { apiUrl, policy } = options;
      peerHealth.takeOver(stored?.peerHealthy ?? null);
      peerHealth.goOnFrom(isFresh(stored) ? stored.peerHealthyNow : null);
      const said = { region: own, apiUrl, policy, followedEpoch, ...health.account() };
      moveAge.takeOver(stored?.moveAge ?? null);
      const shared = {
        peerHealthy: peerHealth.account(),
        peerHealthyNow: peerHealth.accountNow(),
        peerSilence: peerWatch.account(),
        moveAge: moveAge.account(),
      };
      health.wrote(await ports.presence.beat({ ...said, ...shared }, deadline));
      return true;
    } catch (error) {
      if (error instanceof AppError) return false;
      throw error;
    }
  };

  return {
    followed(epoch) {
      followedEpoch = Math.max(followedEpoch, epoch);
    },
    hear: hints.hear,
    peerHealthyForMsMax: peerHealth.forMsMax,
    sinceMoveMsMin: moveAge.forMs,
    async look(deadline, hint) {
      forgetWhatIsOld();
      hints.hear(hint);
      const beating = beat(deadline);
      // Where the peer is must be known before it can be asked. A new process asks all the same in its first round: an
      // invocation has time for three of them in which it may still move traffic, and three probes make a verdict.
      if (peerWatch.apiUrl() === null) await beating;
      const peerUrl = peerWatch.apiUrl();
      const [beaten, ownSample, ownAlarm, peerAlarm, peerSample] = await Promise.all([
        beating,
        ports.probe(options.apiUrl, deadline),
        ports.alarmOf(own, deadline),
        ports.alarmOf(peer, deadline),
        peerUrl === null ? null : ports.probe(peerUrl, deadline),
      ]);
      // Nobody vouches for itself.
      const seenOwn: SeenProbe = { ...ownSample, silentForMs: beaten ? 0 : null, says: null };
      const seenPeer = peerSample === null ? [] : [{ ...peerSample, ...peerWatch.word(beaten) }];
      probes = {
        own: [...probes.own, seenOwn].slice(-PROBES_KEPT),
        peer: [...probes.peer, ...seenPeer].slice(-PROBES_KEPT),
      };
      const judge = (region: string, seen: readonly SeenProbe[], asked: AlarmEvidence) => {
        const alarm = asked === 'unknown' ? hints.of(region) : asked;
        const evidence = { region, probes: seen, alarm };
        return { ...evidence, verdict: judgeRegion(evidence, options.silenceMs) };
      };
      const judged = judge(own, probes.own, ownAlarm);
      // Without the quorum nothing can be decided, and nothing be served.
      const ownSeen = beaten ? judged : { ...judged, verdict: 'unsure' as const };
      health.note(beaten && isGood(ownSample), ownSeen.verdict);
      const peerSeen = judge(peer, probes.peer, peerAlarm);
      peerHealth.note(peerSeen.verdict);
      return {
        own: ownSeen,
        peer: peerSeen,
        ownHealthyForMs: health.forMs(),
        beaten,
        followedEpoch,
      };
    },
  };
}

/**
 * What the peer's heartbeat is seen to do, by this process and by those of the own Region that watched it before: an
 * invocation lasts less than the silence that makes a Region lost, and the next one may meet another process.
 */
function createPeerWatch(stopwatch: Stopwatch, freshMs: number) {
  let seen: { readonly presence: Presence | null; readonly movedAtMs: number } | null = null;
  let apiUrl: string | null = null;
  return {
    /** `known`: what the own Region's heartbeat says of it. */
    see(presence: Presence | undefined, known: PeerSilence | null): void {
      if (presence !== undefined) apiUrl = presence.apiUrl;
      const now = stopwatch.elapsedMs();
      if (seen === null || seen.presence?.beat !== presence?.beat) {
        seen = { presence: presence ?? null, movedAtMs: now };
      }
      if (known === null || known.beat !== presence?.beat) return;
      // Up to now at least: from here on this process sees for itself.
      seen = { ...seen, movedAtMs: Math.min(seen.movedAtMs, now - known.forMs) };
    },
    account(): PeerSilence | null {
      if (seen === null || seen.presence === null) return null;
      const forMs = Math.floor(stopwatch.elapsedMs() - seen.movedAtMs);
      return { beat: seen.presence.beat, forMs };
    },
    apiUrl: () => apiUrl,
    /** `isKnown`: the control table was read just now. */
    word(isKnown: boolean): Pick<SeenProbe, 'silentForMs' | 'says'> {
      if (!isKnown || seen === null) return { silentForMs: null, says: null };
      const silentForMs = stopwatch.elapsedMs() - seen.movedAtMs;
      if (seen.presence === null || silentForMs > freshMs) return { silentForMs, says: null };
      const { serving } = seen.presence;
      if (serving === null) return { silentForMs, says: 'not-known' };
      return { silentForMs, says: serving ? 'serving' : 'not-serving' };
    },
    forget(): void {
      seen = null;
    },
  };
}

/**
 * For how long the own Region has been healthy: on the stopwatch, so that no clock that is set ends or
 * makes up a soak. Other processes of the Region know better when they say so later.
 */
function createOwnHealth(clock: Clock, stopwatch: Stopwatch, forgetMs: number) {
  /** Since `atMs` of the stopwatch, and for `carriedMs` before; null: not healthy. */
  let since: { readonly atMs: number; readonly carriedMs: number } | null = null;
  /** While it is not healthy: whether that was found, or is only not known yet, as by a process that has just begun. */
  let isFound = false;
  let rounds: readonly boolean[] = [];
  let lastBeat: number | null = null;

  const forMs = (): number | null =>
    since === null ? null : since.carriedMs + stopwatch.elapsedMs() - since.atMs;

  return {
    forMs,
    /** Takes over what another process of this Region wrote last. */
    carryOn(stored: Presence | undefined): void {
      if (stored === undefined || stored.beat === lastBeat) return;
      const isFirst = lastBeat === null;
      lastBeat = stored.beat;
      const ageMs = clock.nowEpochMs() - stored.atEpochMs;
      if (ageMs < 0 || ageMs > CARRIED_ON_MS) return;
      if (stored.healthySinceEpochMs === null) {
        since = null;
        isFound ||= stored.serving === false;
        return;
      }
      // Who could not beat could not say that the Region was unwell either: from here on it counts anew.
      const isBroken = isFirst && (ageMs > forgetMs || rounds.includes(false));
      const theirsMs = isBroken ? 0 : Math.max(0, stored.atEpochMs - stored.healthySinceEpochMs);
      const oursMs = isFirst ? theirsMs : (forMs() ?? theirsMs);
      since = { atMs: stopwatch.elapsedMs(), carriedMs: Math.min(oursMs, theirsMs) };
    },
    account(): Pick<Presence, 'serving' | 'healthySinceEpochMs' | 'atEpochMs'> {
      const atEpochMs = clock.nowEpochMs();
      const healthyForMs = forMs();
      return {
        serving: healthyForMs === null && !isFound ? null : healthyForMs !== null,
        healthySinceEpochMs: healthyForMs === null ? null : Math.round(atEpochMs - healthyForMs),
        atEpochMs,
      };
    },
    wrote({ beat }: Presence): void {
      lastBeat = beat;
    },
    /** One round's outcome. A single bad one is not yet the end of health. */
    note(wasGood: boolean, verdict: Verdict): void {
      rounds = [...rounds, wasGood].slice(-ROUNDS_FOR_HEALTH);
      const bad = rounds.filter((isGoodRound) => !isGoodRound).length;
      if (verdict === 'impaired' || verdict === 'lost' || bad > 1) {
        since = null;
        isFound = true;
      } else if (verdict === 'healthy') {
        since ??= { atMs: stopwatch.elapsedMs(), carriedMs: 0 };
        isFound = false;
      }
    },
    forget(): void {
      since = null;
      isFound = false;
      rounds = [];
      lastBeat = null;
    },
  };
}
