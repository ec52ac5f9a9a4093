/**
 * Invariant 14, by what an orchestrator wrote down when it moved traffic: its evidence must be enough. Source:
 * docs/adr/0017-failover-decision.md.
 */

import type { RoutingEntry } from '#core/routing/routing-log.ts';
import { REGIONS } from '../faults/fault-spec.ts';
import type { System } from '../system.ts';

/** One Region, as src/core/routing/orchestrate.ts writes it into an entry. */
interface Seen {
  readonly verdict: string;
  readonly alarm: string;
  readonly silentForMs: number | null;
  /** Oldest first: `served in 12 ms`, `refused in 12 ms`, `unreachable`. */
  readonly probes: readonly string[];
}

const PROBES_TO_JUDGE = 3;
/** Among those that are kept; more of them are a Region that comes and goes. */
const BAD_PROBES_MAX = 4;
const SLOW_MS = 1_000;

/** Judges the failovers of orchestrators; people have reasons of their own. */
export function checkReasons({ control, plan, violate }: System): void {
  for (const entry of control.entries) {
    if (entry.change !== 'failover' || !entry.actor.startsWith('orchestrator:')) continue;
    const fault = reasonFault(entry, plan.timings.silenceMs);
    if (fault !== null)
      violate(14, `epoch ${entry.epoch}: ${entry.actor} failed over, and ${fault}`);
  }
}

/** Why the evidence is not enough; null: it is. */
function reasonFault({ actor, evidence }: RoutingEntry, silenceMs: number): string | null {
  const own = actor.slice('orchestrator:'.length);
  const peer = REGIONS.find((region) => region !== own) ?? '';
  const seen = JSON.parse(evidence) as Readonly<Record<string, Seen | undefined>>;
  const ownSeen = seen[own];
  const peerSeen = seen[peer];
  if (ownSeen === undefined || peerSeen === undefined) return 'did not say what it saw';
  if (ownSeen.verdict !== 'healthy') return `took itself for ${ownSeen.verdict}`;
  return peerFault(peerSeen, silenceMs);
}

function peerFault(
  { verdict, alarm, silentForMs, probes }: Seen,
  silenceMs: number,
): string | null {
  const newest = probes.slice(-PROBES_TO_JUDGE);
  const isFull = newest.length === PROBES_TO_JUDGE;
  switch (verdict) {
    case 'lost':
      if (!isFull || newest.some((probe) => probe.startsWith('served')))
        return 'it was served there, or hardly asked';
      if (silentForMs !== null && silentForMs >= silenceMs) return null;
      return `the heartbeat was silent for ${silentForMs} ms only`;
    case 'impaired': {
      if (alarm === 'impaired') return null;
      const bad = probes.filter((probe) => !isGood(probe)).length;
      if (isFull && newest.every((probe) => !isGood(probe))) return null;
      return bad > BAD_PROBES_MAX ? null : `only ${bad} probes of ${probes.length} were bad`;
    }
    default:
      return `took the other Region for ${verdict}`;
  }
}

function isGood(probe: string): boolean {
  const [kind, , ms] = probe.split(' ');
  return kind === 'served' && Number(ms) <= SLOW_MS;
}
