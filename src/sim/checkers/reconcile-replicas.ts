/**
 * Eventual tables: production's reconciliation over the two replicas, with its repairs made on a
 * copy.
 *
 * The same steps as src/ops/repair-transaction.ts: one finding after the other, each from a fresh
 * look.
 */

import { PAYMENTS_TABLE } from '#contract/names.ts';
import type { Journal, Payment } from '#core/journal.ts';
import { compareReplicas } from '#core/reconcile/compare-replicas.ts';
import { FINDING_KINDS, type Finding } from '#core/reconcile/finding.ts';
import { inspectTransaction } from '#core/reconcile/inspect-transaction.ts';
import {
  type ItemChange,
  itemText,
  ownShardValue,
  type StoredItem,
  type StoredTransaction,
  timestampOf,
} from '#core/reconcile/stored-transaction.ts';
import { REGIONS, type RegionName } from '../faults/fault-spec.ts';
import { fastHash } from '../kernel/fast-hash.ts';
import { WORLD_EPOCH_MS } from '../kernel/world.ts';
import { peerOf } from '../plan.ts';
import type { System } from '../system.ts';
import { leadingRegion } from './stored-truth.ts';

/** What reconciliation made of one transaction. */
export interface Reconciled {
  readonly id: string;
  /** Whether either replica had a payment item that counts, before anything was repaired. */
  readonly hadRecord: boolean;
  /** The leading replica afterwards. */
  readonly after: StoredTransaction;
  /** Everything that was found and told, repaired or not. */
  readonly findings: readonly Finding[];
  /** Whether one of them was left to a person. */
  readonly isLeft: boolean;
}

/** A transaction has a handful of items; a repair that never ends is a defect. */
const ROUNDS_MAX = 50;

/**
 * Reconciles these transactions, with the lease holder's replica leading. Changes nothing of the
 * system.
 */
export function reconcileReplicas(system: System, ids: ReadonlySet<string>): Reconciled[] {
  const leading = leadingRegion(system);
  const holdsLease = system.control.lease?.holder === leading;
  const items = {
    [REGIONS[0]]: new Map<string, Payment[]>(),
    [REGIONS[1]]: new Map<string, Payment[]>(),
  };
  for (const region of REGIONS) {
    system.payments.payments.each(region, (payment) => {
      if (!ids.has(payment.transactionId)) return;
      const known = items[region].get(payment.transactionId);
      if (known === undefined) items[region].set(payment.transactionId, [payment]);
      else known.push(payment);
    });
  }
  const read = (region: RegionName, id: string): StoredTransaction => {
    const journal = system.payments.journals.peek(region, id);
    return { transactionId: id, items: storedItems(journal, items[region].get(id) ?? []) };
  };
  const peer = peerOf(leading);
  const nowEpochMs = WORLD_EPOCH_MS + system.world.nowMs;
  const reconciled: Reconciled[] = [];
  for (const id of ids) {
    const other = read(peer, id);
    const pair = {
      other,
      leadingRegion: leading,
      otherRegion: peer,
      leadingHoldsLease: holdsLease,
    };
    reconciled.push(repair(read(leading, id), pair, nowEpochMs));
  }
  return reconciled;
}

type Pair = Omit<Parameters<typeof compareReplicas>[0], 'leading'>;

function repair(leading: StoredTransaction, pair: Pair, nowEpochMs: number): Reconciled {
  const hadRecord = [leading, pair.other].some(({ items }) =>
    items.some((item) => item.kind === 'record'),
  );
  const told = new Map<string, Finding>();
  let after = leading;
  let isLeft = false;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const fresh = look(after, pair, nowEpochMs).filter((finding) => !told.has(nameOf(finding)));
    const next = fresh.find(({ changes }) => changes.length > 0);
    if (next === undefined) {
      for (const finding of fresh) {
        told.set(nameOf(finding), finding);
        if (FINDING_KINDS[finding.kind] === 'finding') isLeft = true;
      }
      break;
    }
    told.set(nameOf(next), next);
    for (const change of next.changes) after = written(after, change);
  }
  const { transactionId: id } = leading;
  return { id, hadRecord, after, findings: [...told.values()], isLeft };
}

function look(leading: StoredTransaction, pair: Pair, nowEpochMs: number): readonly Finding[] {
  const context = { hash: fastHash, nowEpochMs };
  const findings = [
    ...inspectTransaction(leading, context),
    ...compareReplicas({ ...pair, leading }, nowEpochMs),
  ];
  if (leading.items.length > 0) return findings;
  // Nothing to compare by: whatever the other replica has is wrong by itself.
  const within = inspectTransaction(pair.other, context);
  return [...findings, ...within.filter(({ changes }) => changes.length === 0)];
}

/** The write, if the key still holds what it was made from. */
function written(transaction: StoredTransaction, { before, after }: ItemChange): StoredTransaction {
  const at = timestampOf(after);
  const there = transaction.items.find((item) => timestampOf(item) === at);
  const isAsSeen =
    there === undefined ? before === null : before !== null && itemText(there) === itemText(before);
  if (!isAsSeen) return transaction;
  const rest = transaction.items.filter((item) => item !== there);
  return { ...transaction, items: [...rest, after].sort(byTimestamp) };
}

function storedItems(journal: Journal | undefined, payments: readonly Payment[]): StoredItem[] {
  const items: StoredItem[] = payments.map((record) => ({ kind: 'record', record }));
  if (journal !== undefined) {
    const openValue =
      journal.parked !== null
        ? PAYMENTS_TABLE.parkedShard
        : journal.dueAtEpochMs === null
          ? null
          : ownShardValue(journal.transactionId);
    items.push({ kind: 'journal', journal, openValue });
  }
  return items.sort(byTimestamp);
}

function byTimestamp(one: StoredItem, two: StoredItem): number {
  return timestampOf(one) - timestampOf(two);
}

function nameOf({ kind, detail }: Finding): string {
  return `${kind} ${detail}`;
}
