/**
 * What the tables hold in the end: of strong ones the only copy, of eventual ones the lease
 * holder's.
 */

import type { Journal, Payment } from '#core/journal.ts';
import { REGIONS, type RegionName } from '../faults/fault-spec.ts';
import { peerOf } from '../plan.ts';
import type { System } from '../system.ts';
import type { EffectWatch } from './effect-watch.ts';

export interface StoredTruth {
  readonly leading: RegionName;
  /** By transaction_id, those of our own included. */
  readonly journals: ReadonlyMap<string, Journal>;
  /** By transaction_id. */
  readonly items: ReadonlyMap<string, readonly Payment[]>;
  /**
   * Eventual tables: transactions of which a Region decided something that the replica which counts never knew. What
   * holds for the others can't be asked of them; they are `checkReconciled`'s. Empty for strong tables.
   */
  readonly diverged: ReadonlySet<string>;
  /** Those, and all that both Regions wrote or that the replicas differ in: what `reconcile` would look at. */
  readonly touched: ReadonlySet<string>;
}

/** The Region whose replica counts. */
export function leadingRegion({ control }: System): RegionName {
  const holder = control.lease?.holder;
  return REGIONS.find((region) => region === holder) ?? REGIONS[0];
}

export function storedTruth(system: System, watch: EffectWatch): StoredTruth {
  const leading = leadingRegion(system);
  const { journals: journalTable, payments: paymentTable } = system.payments;
  const journals = new Map<string, Journal>();
  journalTable.each(leading, (journal, id) => journals.set(id, journal));
  const items = new Map<string, Payment[]>();
  paymentTable.each(leading, (payment) => {
    const { transactionId } = payment;
    const known = items.get(transactionId);
    if (known === undefined) items.set(transactionId, [payment]);
    else known.push(payment);
  });
  const isEventual = system.plan.topology.consistency === 'eventual';
  const diverged = new Set<string>();
  if (!isEventual) return { leading, journals, items, diverged, touched: diverged };
  for (const table of [journalTable, paymentTable]) {
    table.lost(leading, ({ transactionId }: Journal | Payment) => diverged.add(transactionId));
  }
  const touched = new Set([...diverged, ...touchedIn(system, watch)]);
  return { leading, journals, items, diverged, touched };
}

/** Replicated values are the very same object in both replicas. */
function touchedIn({ payments: tables }: System, { writtenByBoth }: EffectWatch): Set<string> {
  const touched = new Set(writtenByBoth);
  for (const table of [tables.journals, tables.payments]) {
    for (const region of REGIONS) {
      const peer = peerOf(region);
      table.each(region, (value: Journal | Payment, key) => {
        if (table.peek(peer, key) !== value) touched.add(value.transactionId);
      });
    }
  }
  return touched;
}
