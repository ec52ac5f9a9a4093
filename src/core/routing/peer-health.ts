/**
 * How long the peer has been well since traffic was last moved: what impairs it after that began there, and did
 * not come along with the traffic. Source: docs/adr/0017-failover-decision.md.
 */

import type { Stopwatch } from '../lease.ts';
import { PROBES_TO_JUDGE, type Verdict } from './judge-region.ts';
import { longerPeerHealth, type PeerHealth } from './presence.ts';

/** So many rounds in a row without a verdict end the time that the peer has been healthy. */
const UNSURE_ROUNDS_MAX = 2;

/**
 * Creates the account of one process. Several processes of a Region keep one each, and share the longest by the
 * Region's presence. Most of them live too short to see a whole soak: a new one goes on from the time that was going on
 * when the last one wrote, if it finds the peer healthy as well. All is measured on the stopwatch.
 */
export function createPeerHealth(stopwatch: Stopwatch) {
  let longest: PeerHealth | null = null;
  /** Without a break up to now, and since the move of `longest`; null: it is not healthy. */
  let sinceMs: number | null = null;
  let unsureRounds = 0;
  /** Whether this process has had no verdict yet. */
  let isNew = true;
  /** What went on when the last process wrote: where the sight of a new one begins. */
  let carried: PeerHealth | null = null;

  const begin = (now: number): number =>
    carried !== null && carried.movedEpoch === longest?.movedEpoch ? now - carried.forMs : now;

  /** Of an epoch that this process has not heard of only what is to come counts. */
  const takeOver = (known: PeerHealth | null): void => {
    if (known === null) return;
    const isNews = longest === null || known.movedEpoch > longest.movedEpoch;
    longest = longerPeerHealth(longest, known);
    if (isNews && sinceMs !== null) sinceMs = stopwatch.elapsedMs();
  };

  return {
    takeOver,
    /** What the own Region's last heartbeat says goes on; null: nothing, or it is too old to say so. */
    goOnFrom(known: PeerHealth | null): void {
      if (isNew) carried ??= known;
    },
    /** One round's verdict. One round without any is not yet the end of health, and its time counts. */
    note(verdict: Verdict): void {
      unsureRounds = verdict === 'unsure' ? unsureRounds + 1 : 0;
      // A new process has too few probes for a verdict at first; that says nothing of the peer.
      const unsureMax = isNew ? PROBES_TO_JUDGE : UNSURE_ROUNDS_MAX;
      if (verdict === 'impaired' || verdict === 'lost' || unsureRounds >= unsureMax) {
        sinceMs = null;
        carried = null;
        isNew = false;
      } else if (verdict === 'healthy') {
        const now = stopwatch.elapsedMs();
        sinceMs ??= begin(now);
        carried = null;
        isNew = false;
        if (longest === null) return;
        const { movedEpoch } = longest;
        longest = longerPeerHealth(longest, { movedEpoch, forMs: Math.floor(now - sinceMs) });
      }
    },
    /** As the presence is to say it; null: this process has heard of no move. */
    account: (): PeerHealth | null => longest,
    /** What goes on, as the presence is to say it; null: nothing does. */
    accountNow(): PeerHealth | null {
      if (sinceMs === null || longest === null) return carried;
      const { movedEpoch } = longest;
      return { movedEpoch, forMs: Math.floor(stopwatch.elapsedMs() - sinceMs) };
    },
    /** The longest since the move of `movedEpoch`, the newest there is; milliseconds. */
    forMsMax(movedEpoch: number): number {
      takeOver({ movedEpoch, forMs: 0 });
      return longest?.movedEpoch === movedEpoch ? longest.forMs : 0;
    },
    /** The process was frozen: nobody knows how the peer fared. What was seen before it stands. */
    forget(): void {
      sinceMs = null;
      unsureRounds = 0;
      isNew = true;
      carried = null;
    },
  };
}
