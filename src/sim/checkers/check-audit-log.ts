/** Invariant 15: the routing log is whole, and it alone tells how the state came to be. */

import { chainFault, type RoutingEntry } from '#core/routing/routing-log.ts';
import { REGIONS } from '../faults/fault-spec.ts';
import { fastHash } from '../kernel/fast-hash.ts';
import type { System } from '../system.ts';
import { entryHash, NO_ENTRY_HASH } from './expected-texts.ts';

type Violate = System['violate'];

/**
 * `told`: entries that somebody was told of as appended, beside what the log's own callers heard.
 */
export function checkAuditLog(
  system: System,
  told: readonly Pick<RoutingEntry, 'epoch' | 'entryId'>[],
): void {
  const { violate, plan, control } = system;
  const { entries } = control;
  const fault = chainFault(entries, fastHash);
  if (fault !== null) violate(15, `routing log: ${fault.kind} at epoch ${fault.epoch}`);
  let state: State = {
    ...{ mode: 'auto', drained: [], moved: null },
    active: plan.topology.policy === 'active-active' ? REGIONS : REGIONS.slice(0, 1),
  };
  let previousHash = NO_ENTRY_HASH;
  const ids = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    const who = `epoch ${entry.epoch}, ${entry.entryId} of ${entry.actor}`;
    if (entry.epoch !== index + 1) violate(15, `${who}: its place is ${index + 1}`);
    if (entry.previousHash !== previousHash) violate(15, `${who}: the chain breaks before it`);
    if (ids.has(entry.entryId)) violate(15, `${who}: its id is another entry's`);
    if (entry.reason === '' || entry.evidence === '') violate(15, `${who}: says not why`);
    ids.add(entry.entryId);
    previousHash = entryHash(entry);
    state = fold(state, entry, who, violate);
  }
  checkTold(system, told, violate);
}

interface State extends Pick<RoutingEntry, 'mode' | 'active' | 'drained' | 'moved'> {}

/** The state after an entry: of what its change does not touch, the one before must still stand. */
function fold(before: State, entry: RoutingEntry, who: string, violate: Violate): State {
  const { change, mode, active, drained, epoch, atEpochMs } = entry;
  const movesTraffic = !isSame(active, before.active);
  const moved = movesTraffic ? { epoch, atEpochMs } : before.moved;
  const keeps =
    (change === 'mode' || mode === before.mode) &&
    (change === 'mode' || change === 'undrain' ? !movesTraffic : true) &&
    (change === 'mode' || change === 'failback' ? isSame(drained, before.drained) : true) &&
    (change === 'drain' ? isWithin(before.drained, drained) : true) &&
    (change === 'undrain' || change === 'failover' ? isWithin(drained, before.drained) : true);
  if (!keeps) violate(15, `${who}: changed more than a ${change} does`);
  if (entry.moved?.epoch !== moved?.epoch || entry.moved?.atEpochMs !== moved?.atEpochMs) {
    violate(15, `${who}: traffic moved at epoch ${moved?.epoch ?? 'none'}, and it says otherwise`);
  }
  return { mode, active, drained, moved };
}

function isSame(one: readonly string[], two: readonly string[]): boolean {
  return one.length === two.length && isWithin(one, two);
}

function isWithin(few: readonly string[], many: readonly string[]): boolean {
  return few.every((one) => many.includes(one));
}

/** What anybody was told succeeded is there, under its epoch. */
function checkTold(
  { control }: System,
  told: readonly Pick<RoutingEntry, 'epoch' | 'entryId'>[],
  violate: Violate,
): void {
  const { entries } = control;
  const check = (epoch: number, entryId: string): void => {
    const entry = entries[epoch - 1];
    if (entry?.entryId === entryId) return;
    const there = entry === undefined ? 'nothing' : entry.entryId;
    violate(15, `epoch ${epoch}: ${entryId} was told to be appended, and there is ${there}`);
  };
  for (const { kind, epoch, entryId, outcome } of control.operations) {
    if (kind === 'append' && outcome?.kind === 'appended') check(epoch, entryId);
  }
  for (const { epoch, entryId } of told) check(epoch, entryId);
}
