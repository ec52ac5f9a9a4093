/** What the faults in force make of a link between two places. */

import type { Link } from '../kernel/network.ts';
import type { FaultId } from './fault-ids.ts';
import { type Fault, type Place, WITNESS } from './fault-spec.ts';

/** The part of a link that faults set; its usual times are its own. */
export type LinkEffect = Omit<Link, 'baseMs' | 'jitterMs'>;

/**
 * Of several faults that block a link the first counts; of several that lose, repeat or delay on it, the worst. A
 * Region always reaches itself: what is cut off is cut off from everything else. Pure.
 */
export function effectOf(faults: readonly Fault[], from: Place, to: Place): LinkEffect {
  let blockedBy: FaultId | null = null;
  let loss = 0;
  let duplicate = 0;
  let reorder = 0;
  let reorderMs = 0;
  for (const fault of faults) {
    if (blockedBy === null && blocks(fault, from, to)) blockedBy = fault.id;
    if (fault.id === 'F5') loss = Math.max(loss, fault.probability);
    else if (fault.id === 'F7') duplicate = Math.max(duplicate, fault.probability);
    else if (fault.id === 'F6') {
      reorder = Math.max(reorder, fault.probability);
      reorderMs = Math.max(reorderMs, fault.extraMs);
    }
  }
  return { blockedBy, loss, duplicate, reorder, reorderMs };
}

/** Writes `from` over the part of `to` that faults set. */
export function overwriteLink(to: Link, from: LinkEffect): void {
  to.blockedBy = from.blockedBy;
  to.loss = from.loss;
  to.duplicate = from.duplicate;
  to.reorder = from.reorder;
  to.reorderMs = from.reorderMs;
}

const OF_LINKS: ReadonlySet<FaultId> = new Set<FaultId>([
  ...(['F1', 'F2', 'F3', 'F4', 'F5', 'F6', 'F7'] as const),
]);

/** Whether a fault is one of links; all others are of services, processes and people. Pure. */
export function isOfLinks({ id }: Fault): boolean {
  return OF_LINKS.has(id);
}

function blocks(fault: Fault, from: Place, to: Place): boolean {
  if (from === to) return false;
  switch (fault.id) {
    case 'F1':
      return from === fault.region || to === fault.region;
    case 'F2':
      return (fault.direction === 'in' ? to : from) === fault.region;
    case 'F3':
      return isBetween(from, to, fault.region, WITNESS);
    case 'F4':
      return isBetween(from, to, fault.region, 'client');
    default:
      return false;
  }
}

function isBetween(from: Place, to: Place, one: Place, other: Place): boolean {
  return (from === one && to === other) || (from === other && to === one);
}
