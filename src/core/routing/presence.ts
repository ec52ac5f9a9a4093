/**
 * Presence: each Region's orchestrator says through the quorum that its Region lives. A Region that can't
 * be reached directly but still says so is on the far side of a broken link, and not lost.
 */

import type { RoutingPolicy } from '#contract/names.ts';
import type { Deadline } from '../ports.ts';

export interface Presence {
  readonly region: string;
  /** Base URL of the Region's API. */
  readonly apiUrl: string;
  /** As the Region is configured: what an empty log means, and where `failback` leads. */
  readonly policy: RoutingPolicy;
  /** Grows by one with each beat: a Region that lives can be seen to move. No clocks are compared. */
  readonly beat: number;
  /** Whether its own orchestrator found it able to serve; null: it has not found out yet. */
  readonly serving: boolean | null;
  /** Since when without a break, on the Region's own clock; null while it is not. */
  readonly healthySinceEpochMs: number | null;
  /** On the Region's own clock. */
  readonly atEpochMs: number;
  /** The newest epoch of its own making after which it has done all that must follow. */
  readonly followedEpoch: number;
  /** How the other Region has fared since the newest move that is known; null: none is. */
  readonly peerHealthy: PeerHealth | null;
  /** The same of the time that goes on as this is written; null: the other Region is not healthy now. */
  readonly peerHealthyNow: PeerHealth | null;
  /** What the processes of this Region have seen of the other's heartbeat; null: it has never beaten. */
  readonly peerSilence: PeerSilence | null;
  /** How long ago the newest move was that the processes of this Region know of; null: they know of none. */
  readonly moveAge: MoveAge | null;
}

/** As `PeerSilence`, of the newest entry that moved traffic. */
export interface MoveAge {
  readonly epoch: number;
  /** At least, milliseconds, on the stopwatch of whoever saw it first. */
  readonly forMs: number;
}

/**
 * How long a heartbeat has been seen not to move: what one process has watched another one goes on from. Beats only
 * grow, so it holds of whoever finds the same one later.
 */
export interface PeerSilence {
  /** The other Region's newest beat. */
  readonly beat: number;
  /** At least, milliseconds, on the stopwatch of whoever has watched it longest. */
  readonly forMs: number;
}

/** How long at most the other Region has been healthy without a break since traffic was moved. */
export interface PeerHealth {
  /** Epoch of that move. */
  readonly movedEpoch: number;
  /** Milliseconds, on the stopwatches of those who looked. */
  readonly forMs: number;
}

/** One item for each Region, written by that Region alone. Linearizable over all Regions. */
export interface PresenceStore {
  /**
   * Replaces the Region's item and counts the beat; returns it as stored. Of `peerHealthy` the longer one stays
   * (`longerPeerHealth`): a process that read the item before another one wrote it unsays nothing.
   */
  beat(presence: Omit<Presence, 'beat'>, deadline: Deadline): Promise<Presence>;
  /** Of every Region that has ever beaten, read strongly. */
  read(deadline: Deadline): Promise<readonly Presence[]>;
}

/** What is known by both accounts: of the newer move, and of the same one the longer time. Pure. */
export function longerPeerHealth(
  one: PeerHealth | null,
  other: PeerHealth | null,
): PeerHealth | null {
  if (one === null || other === null) return one ?? other;
  if (one.movedEpoch !== other.movedEpoch) return one.movedEpoch > other.movedEpoch ? one : other;
  return one.forMs >= other.forMs ? one : other;
}
