/**
 * Judges every entry of the routing log and every change of the lease at the moment of its effect.
 */

import type { LeaseRecord } from '#core/lease.ts';
import type { RoutingEntry } from '#core/routing/routing-log.ts';
import { REGIONS, type RegionName } from '../faults/fault-spec.ts';
import type { System } from '../system.ts';
import { entryHash, NO_ENTRY_HASH } from './expected-texts.ts';

/** An entry with the moment of its effect: its own time is its author's. */
export interface Appended {
  readonly entry: RoutingEntry;
  readonly atMs: number;
}

/**
 * How long a holder may rely on a renewal, counted from before it asked for it; whoever takes the
 * lease has to wait for longer. Source: docs/adr/0014-lease-for-eventual-tables.md.
 */
const HELD_MS = 8_000;

/** Invariants 6 and 7, and 8 for what supersedes what. */
export class RoutingWatch {
  readonly appended: Appended[] = [];
  readonly #system: () => System;
  #lastHash = NO_ENTRY_HASH;
  #renewedAtMs = Number.NEGATIVE_INFINITY;

  constructor(system: () => System) {
    this.#system = system;
  }

  onAppend(entry: RoutingEntry, region: RegionName): void {
    const { violate, world, plan } = this.#system();
    const { epoch, entryId, actor, active, drained } = entry;
    const who = `epoch ${epoch}, ${entryId} of ${actor} by way of ${region}`;
    const due = (this.appended.at(-1)?.entry.epoch ?? 0) + 1;
    if (epoch !== due) violate(7, `${who}: the next epoch is ${due}`);
    if (entry.previousHash !== this.#lastHash) {
      violate(8, `${who}: it was not decided on the entry before it`);
    }
    const isAlone = active.length === 1;
    if (plan.topology.policy === 'active-passive' ? !isAlone : active.length === 0) {
      violate(6, `${who}: active are [${active.join(', ')}]`);
    }
    for (const [index, name] of active.entries()) {
      const isKnown = REGIONS.some((known) => known === name) && active.indexOf(name) === index;
      if (!isKnown) violate(6, `${who}: active are [${active.join(', ')}]`);
      if (drained.includes(name)) violate(6, `${who}: ${name} is active and drained`);
    }
    this.appended.push({ entry, atMs: world.nowMs });
    this.#lastHash = entryHash(entry);
  }

  onLease(before: LeaseRecord | null, after: LeaseRecord, region: RegionName): void {
    const { violate, world } = this.#system();
    if (before === null) {
      if (after.epoch !== 1) violate(8, `the first lease has epoch ${after.epoch}`);
      return;
    }
    const was = before.routingEpoch;
    if (was !== null && (after.routingEpoch === null || after.routingEpoch < was)) {
      const now = after.routingEpoch ?? 'none';
      violate(8, `lease: moved for routing epoch ${now} by way of ${region}, after epoch ${was}`);
    }
    const isTaken = after.holder !== before.holder;
    const due = isTaken ? before.epoch + 1 : before.epoch;
    // A holder may take over from itself what it was handing to another.
    if (after.epoch !== due && after.epoch !== before.epoch + 1) {
      violate(8, `lease: epoch ${after.epoch} of ${after.holder} after epoch ${before.epoch}`);
    }
    if (after.epoch === before.epoch) {
      if (after.renewals > before.renewals) this.#renewedAtMs = world.nowMs;
      return;
    }
    const idleMs = world.nowMs - this.#renewedAtMs;
    if (isTaken && idleMs < HELD_MS) {
      violate(
        8,
        `lease: ${after.holder} took it ${idleMs} ms after ${before.holder} had renewed it, ` +
          `which may rely on it for ${HELD_MS} ms`,
      );
    }
    this.#renewedAtMs = Number.NEGATIVE_INFINITY;
  }
}
