/** What a Region says of its own traffic: invariant 6, and 13 when all is well again. */

import { firstState } from '#core/routing/routing-log.ts';
import { REGIONS, type RegionName } from '../faults/fault-spec.ts';
import type { System } from '../system.ts';

/**
 * How long a Region may not have heard that it was left, where tables are eventually consistent: as long as it may rely
 * on its lease, with a cached reading and a check on top, and as much again to spare. A strong table refuses whoever has
 * no quorum, so there a Region that is cut off may stay mistaken. Milliseconds. Source: src/core/routing/traffic-check.ts.
 */
const MISTAKEN_MS_MAX = 2 * (8_000 + 1_000 + 1_000);
/** When all is healed, a reading serves for a second. Milliseconds. */
const LEARNS_MS_MAX = 5_000;
/** What took longer was held up, and nobody waits for it any more. Milliseconds. */
const HEARD_WITHIN_MS = 2_000;

interface Claim {
  /** Of the process that said it: the next one knows nothing of it. */
  readonly life: number;
  readonly isHere: boolean;
  readonly atMs: number;
}

export class ClaimWatch {
  readonly #system: Pick<System, 'plan' | 'control' | 'world' | 'violate'>;
  readonly #region: RegionName;
  #last: Claim | null = null;

  constructor(system: Pick<System, 'plan' | 'control' | 'world' | 'violate'>, region: RegionName) {
    this.#system = system;
    this.#region = region;
  }

  /** A process says whether traffic belongs here, to whoever asked at `askedAtMs`. */
  said(isHere: boolean, askedAtMs: number, life: number): void {
    const { plan, world, violate } = this.#system;
    const atMs = world.nowMs;
    if (atMs - askedAtMs > HEARD_WITHIN_MS) return;
    const before = this.#last;
    this.#last = { life, isHere, atMs };
    if (!isHere) return;
    const left = this.#left();
    if (left === null) return;
    const says = `${this.#region} says that traffic belongs there`;
    if (before !== null && !before.isHere && before.life === life && before.atMs >= left.atMs) {
      violate(6, `${says}, and knew better since epoch ${left.epoch}`);
    }
    const sinceMs = atMs - left.atMs;
    if (plan.topology.consistency === 'eventual' && sinceMs > MISTAKEN_MS_MAX) {
      violate(6, `${says}, ${sinceMs} ms after epoch ${left.epoch}`);
    }
  }

  /** The end of a run in which the Region was not lost: by now it knows. */
  settled(): void {
    const { plan, control, violate } = this.#system;
    const last = this.#last;
    const newest = control.entries.at(-1);
    const dueMs = Math.max(plan.safetyMs, control.appendedAtMs.at(-1) ?? 0) + LEARNS_MS_MAX;
    if (last === null || last.atMs < dueMs) return;
    const { active } = newest ?? firstState(plan.topology.policy, REGIONS);
    const isActive = active.includes(this.#region);
    if (isActive === last.isHere) return;
    const where = last.isHere ? 'belongs there' : 'belongs elsewhere';
    const log = `the log sends it to ${active.join(' and ')}`;
    violate(last.isHere ? 6 : 13, `${this.#region} says in the end that traffic ${where}: ${log}`);
  }

  /** The entry by which traffic left and stayed away; null: it belongs here, as far as the log goes. */
  #left(): { readonly epoch: number; readonly atMs: number } | null {
    const { entries, appendedAtMs } = this.#system.control;
    let at = entries.length;
    while (at > 0 && entries[at - 1]?.active.includes(this.#region) === false) at -= 1;
    const atMs = appendedAtMs[at];
    return atMs === undefined ? null : { epoch: at + 1, atMs };
  }
}
