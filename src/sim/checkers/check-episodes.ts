/**
 * Invariant 14: at most one failover for one fault episode, and none by automation that was told
 * not to.
 */

import type { RoutingEntry } from '#core/routing/routing-log.ts';
import { REGIONS } from '../faults/fault-spec.ts';
import type { System } from '../system.ts';
import { type Episode, faultEpisodes } from './fault-episodes.ts';
import type { Appended } from './routing-watch.ts';

/**
 * How long after a fault automation may still act on it, beside silence and cooldown: six alarm
 * periods of 10 s, and as long for a round that was under way. Milliseconds.
 */
const AFTERMATH_MS = 120_000;
/** After so many rounds of its orchestrator a Region knows that it is cut off. */
const NOTICED_ROUNDS = 5;

/**
 * Judges what the orchestrators appended; people may do as they like. The rule:
 *
 * - A failover leaves a Region, and needs an episode of *that* Region, going on or just over. Both
 *   Regions hurt one after the other are two episodes, and two failovers are right.
 * - An episode is used up by a failover. It may cause another one only after traffic came back to
 *   the Region for a reason that was none of the episode's: by a person, by failback (which waits
 *   for the soak time), or because the other Region had an episode that had caused nothing so far.
 *   To and fro within what is wrong with both is not right. Where they share a fault (lost
 *   messages), nothing tells one of its effects from the next.
 * - Automation moves nothing in manual mode, nothing onto a drained Region, nothing within the
 *   cooldown after the last move, and back only where that is configured, after the soak time.
 * - Whoever fails over or back moves something: what is so already is not written again.
 *
 * Times between entries are judged by the entries' own, of clocks that agree; not where some are
 * wrong (F22).
 */
export function checkEpisodes(system: System, appended: readonly Appended[]): void {
  const { topology, timings, faults, safetyMs } = system.plan;
  const episodes = faultEpisodes(faults, { safetyMs, gapMs: timings.cooldownMs });
  /** Without a failover left, and those that ever had one. */
  const used = new Set<Episode>();
  const spent = new Set<Episode>();
  let before: Before = {
    ...{ mode: 'auto', drained: [], movedAtEpochMs: null },
    active: topology.policy === 'active-active' ? REGIONS : REGIONS.slice(0, 1),
  };
  for (const { entry, atMs } of appended) {
    const isAutomatic = entry.actor.startsWith('orchestrator:');
    const left = before.active.filter((region) => !entry.active.includes(region));
    const gained = entry.active.filter((region) => !before.active.includes(region));
    let isNewReason = true;
    if (isAutomatic) checkOrders(entry, before, gained, system);
    if (isAutomatic && entry.change === 'failback') checkSoak(entry, atMs, gained, system);
    const isMove = entry.change === 'failover' || entry.change === 'failback';
    if (isMove && left.length + gained.length === 0) {
      const what = `a ${entry.change} of ${entry.actor} moved nothing`;
      system.violate(14, `epoch ${entry.epoch}: ${what}`);
    }
    if (isAutomatic && entry.change === 'failover') {
      for (const region of left) {
        const episode = reasonFor(region, atMs, episodes, used, system);
        if (episode === null || spent.has(episode)) isNewReason = false;
        if (episode === null || (used.has(episode) && !episode.isShared)) {
          const why = episode === null ? 'nothing was wrong there' : 'that episode had its own';
          system.violate(
            14,
            `epoch ${entry.epoch}: a failover of ${entry.actor} left ${region}, and ${why}`,
          );
        }
        if (episode === null) continue;
        used.add(episode);
        spent.add(episode);
      }
    }
    if (isNewReason) {
      for (const episode of episodes) if (gained.includes(episode.region)) used.delete(episode);
    }
    const hasMoved = left.length + gained.length > 0;
    const { mode, active, drained, atEpochMs } = entry;
    const movedAtEpochMs = hasMoved ? atEpochMs : before.movedAtEpochMs;
    before = { mode, active, drained, movedAtEpochMs };
  }
}

/** What an entry was appended to. */
interface Before extends Pick<RoutingEntry, 'mode' | 'active' | 'drained'> {
  readonly movedAtEpochMs: number | null;
}

/** The episode that a failover away from `region` is due to, the unused ones first; null: none. */
function reasonFor(
  region: string,
  atMs: number,
  episodes: readonly Episode[],
  used: ReadonlySet<Episode>,
  { plan }: System,
): Episode | null {
  const { silenceMs, cooldownMs } = plan.timings;
  const lateMs = silenceMs + cooldownMs + AFTERMATH_MS;
  const due = episodes.filter(
    (one) => one.region === region && one.fromMs <= atMs && atMs <= one.toMs + lateMs,
  );
  return due.find((one) => !used.has(one)) ?? due[0] ?? null;
}

function checkOrders(
  { epoch, actor, change, atEpochMs }: RoutingEntry,
  { mode, drained, movedAtEpochMs }: Before,
  gained: readonly string[],
  { plan, violate }: System,
): void {
  const who = `epoch ${epoch}: ${actor} made a ${change}`;
  if (mode === 'manual') violate(14, `${who} in manual mode`);
  const unfit = gained.find((region) => drained.includes(region));
  if (unfit !== undefined) violate(14, `${who} onto ${unfit}, which is drained`);
  const isBack = change === 'failback';
  if (isBack && plan.topology.failback === 'manual') violate(14, `${who}, which is a person's`);
  if (movedAtEpochMs === null || plan.faults.some(({ id }) => id === 'F22')) return;
  const sinceMs = atEpochMs - movedAtEpochMs;
  const { cooldownMs, soakMs } = plan.timings;
  const dueMs = isBack ? Math.max(cooldownMs, soakMs) : cooldownMs;
  if (sinceMs < dueMs) {
    violate(14, `${who} ${sinceMs} ms after the last move, and not before ${dueMs} ms`);
  }
}

/**
 * A Region that was cut off for several rounds knows that it was not well, and soaks from its return on. Not where its
 * orchestrator was not there to notice, or where clocks are wrong.
 */
function checkSoak(
  { epoch, actor }: RoutingEntry,
  atMs: number,
  gained: readonly string[],
  { plan, violate }: System,
): void {
  const { soakMs, probeIntervalMs } = plan.timings;
  const isUnwatched = plan.faults.some(
    (fault) => fault.id === 'F22' || ('process' in fault && fault.process === 'orchestrate'),
  );
  if (isUnwatched) return;
  for (const fault of plan.faults) {
    if ((fault.id !== 'F1' && fault.id !== 'F2') || !gained.includes(fault.region)) continue;
    if (fault.forMs === null || fault.forMs < NOTICED_ROUNDS * probeIntervalMs) continue;
    const sinceMs = atMs - (fault.atMs + fault.forMs);
    if (fault.atMs > atMs || sinceMs >= soakMs) continue;
    violate(
      14,
      `epoch ${epoch}: ${actor} came back ${sinceMs} ms after ${fault.id} had ended there`,
    );
  }
}
