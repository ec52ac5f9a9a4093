/**
 * Which Regions of a global table may take writes and strong reads, and whose engine serves them.
 *
 * Source: docs/adr/0006-twin-global-tables.md. A Region that reaches a second one
 * (replica or witness) serves everything; one that reaches none serves eventual reads only.
 */

import type { Network } from '../../faults/fault.ts';
import type { GlobalTableModel } from '../../region-model.ts';
import type { EngineCondition } from '../engine/storage-engine.ts';

/** Replicas and witness: the nodes whose majority decides. */
export function nodesOf(table: Pick<GlobalTableModel, 'replicas' | 'witness'>): readonly string[] {
  return table.witness === null ? table.replicas : [...table.replicas, table.witness];
}

/**
 * The Regions that hold together in a majority now; empty when none do. Pure but for `network`.
 *
 * Two Regions are linked when each reaches the other: a write needs the way there and the answer
 * back. Links are followed through third Regions. With three nodes at most one majority exists.
 */
export function majorityOf(nodes: readonly string[], network: Network): ReadonlySet<string> {
  const up = nodes.filter((node) => {
    const condition = network.conditionOf(node);
    return condition === 'up' || condition === 'isolated';
  });
  for (const start of up) {
    const together = new Set([start]);
    for (const from of together) {
      for (const to of up) {
        if (network.reaches(from, to) && network.reaches(to, from)) together.add(to);
      }
    }
    if (together.size * 2 > nodes.length) return together;
  }
  return new Set();
}

export interface LeaderCandidate {
  readonly region: string;
  readonly condition: EngineCondition;
  /** Items that its replica has not received yet. */
  readonly pendingItems: number;
}

/**
 * The replica whose engine runs every write and strong read next; null when none can.
 *
 * The present leader stays as long as it can: each move costs a pause. Else the first replica that
 * misses least, because what it misses is applied before it is used.
 */
export function chooseLeader(
  present: string,
  candidates: readonly LeaderCandidate[],
  majority: ReadonlySet<string>,
): string | null {
  const eligible = candidates.filter(
    ({ region, condition }) =>
      majority.has(region) && (condition === 'ready' || condition === 'restarting'),
  );
  if (eligible.some(({ region }) => region === present)) return present;
  const [best] = eligible.toSorted((a, b) => a.pendingItems - b.pendingItems);
  return best?.region ?? null;
}
