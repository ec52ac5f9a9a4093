/** The moments of a drill, and the times between them. */

import type { RoutingEntry } from '#core/routing/routing-log.ts';
import type { ClientKind, DrillEvent } from '../drill-event.ts';
import type { Observation } from '../observation.ts';
import { outagesOf } from './outages.ts';

/** Epoch milliseconds; null: it did not come to that. */
export interface DrillMarks {
  readonly injected: number;
  /** The first client was told, or found, that its payment failed. */
  readonly firstFailure: number | null;
  /** The first sign that something other than a client saw: a health check, an alarm, or the decision. */
  readonly detected: number | null;
  /** The routing log was given a new epoch, by its author's clock. */
  readonly decided: number | null;
  /** DNS answered with another Region. */
  readonly shifted: number | null;
  /** A DNS client succeeded for the first time after its failures began. */
  readonly firstSuccess: number | null;
  /** Start of the first quiet time in which every request of the judged clients succeeds. */
  readonly stable: number | null;
  readonly healed: number | null;
}

export interface MarkEvidence {
  readonly injectedAtEpochMs: number;
  readonly healedAtEpochMs: number | null;
  readonly endedAtEpochMs: number;
  readonly events: readonly DrillEvent[];
  readonly observations: readonly Observation[];
  /** Of the routing log, from the strike on, oldest first. */
  readonly entries: readonly RoutingEntry[];
  /** Kinds of clients that `stable` asks for. */
  readonly judged: readonly ClientKind[];
  readonly quietMs: number;
  /** Name of the alarm that says traffic should leave a Region. */
  readonly impairedAlarm: string;
}

/** Finds the marks. Pure. */
export function findMarks(evidence: MarkEvidence): DrillMarks {
  const { injectedAtEpochMs: injected, observations, entries } = evidence;
  const after = observations.filter(({ atEpochMs }) => atEpochMs >= injected);
  const before = observations.filter(({ atEpochMs }) => atEpochMs < injected);
  const failed = evidence.events.filter(
    ({ outcome, endedAtEpochMs }) => outcome === 'failed' && endedAtEpochMs >= injected,
  );
  const dnsBefore = before.findLast(({ dnsRegion }) => dnsRegion !== null)?.dnsRegion ?? null;
  const decided = entries[0]?.atEpochMs ?? null;
  const shifted = after.find(({ dnsRegion }) => dnsRegion !== null && dnsRegion !== dnsBefore);
  return {
    injected,
    firstFailure: least(failed.map(({ endedAtEpochMs }) => endedAtEpochMs)),
    detected: least([
      ...after.filter(isEvidence(evidence.impairedAlarm)).map(({ atEpochMs }) => atEpochMs),
      ...(decided === null ? [] : [decided]),
    ]),
    decided,
    shifted: shifted?.atEpochMs ?? null,
    firstSuccess: firstSuccess(evidence.events, failed),
    stable: stableFrom(evidence),
    healed: evidence.healedAtEpochMs,
  };
}

function isEvidence(impairedAlarm: string): (observation: Observation) => boolean {
  return ({ regions, alarms }) =>
    (regions?.some(({ checkHealthy }) => !checkHealthy) ?? false) ||
    Object.values(alarms).some((ringing) => ringing?.includes(impairedAlarm) ?? false);
}

function firstSuccess(events: readonly DrillEvent[], failed: readonly DrillEvent[]): number | null {
  const began = least(
    failed.filter(({ client }) => client === 'dns').map(({ startedAtEpochMs }) => startedAtEpochMs),
  );
  if (began === null) return null;
  const later = events.filter(
    ({ client, outcome, startedAtEpochMs }) =>
      client === 'dns' && outcome === 'ok' && startedAtEpochMs > began,
  );
  return least(later.map(({ endedAtEpochMs }) => endedAtEpochMs));
}

/**
 * The start of the first quiet time that begins after the first failure, has requests of every judged
 * kind and is over before the drill is. Without a failure the service was stable all along.
 */
function stableFrom(evidence: MarkEvidence): number | null {
  const { injectedAtEpochMs: injected, endedAtEpochMs, judged, quietMs } = evidence;
  const events = evidence.events.filter(({ client }) => judged.includes(client));
  const since = events.filter(({ endedAtEpochMs: ended }) => ended >= injected);
  const outages = outagesOf(since, quietMs);
  const candidates =
    outages.length === 0
      ? [injected]
      : outages.map(({ lastEpochMs }) =>
          least(
            since
              .filter((event) => event.outcome === 'ok' && event.startedAtEpochMs > lastEpochMs)
              .map(({ startedAtEpochMs }) => startedAtEpochMs),
          ),
        );
  for (const from of candidates) {
    if (from === null || from + quietMs > endedAtEpochMs) continue;
    const within = since.filter(({ startedAtEpochMs: at }) => at >= from && at < from + quietMs);
    const served = judged.every((kind) => within.some(({ client }) => client === kind));
    if (served && within.every(({ outcome }) => outcome === 'ok')) return from;
  }
  return null;
}

function least(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.min(...values);
}
