/** RPO, payment by payment: what clients were promised against what the replicas hold. */

import {
  itemText,
  journalIn,
  recordsIn,
  type StoredTransaction,
} from '#core/reconcile/stored-transaction.ts';

/** An acknowledged payment as its client has it. */
export interface Acknowledged {
  readonly transactionId: string;
  readonly timestampEpochSeconds: number;
}

/** What one replica holds of the drill's payments, by transaction_id. */
export interface ReplicaContent {
  readonly region: string;
  readonly transactions: ReadonlyMap<string, StoredTransaction>;
}

export interface RpoEntry {
  readonly transactionId: string;
  readonly what: string;
}

export const RPO_KINDS = ['lost', 'late', 'duplicated', 'conflicting'] as const;
export type RpoKind = (typeof RPO_KINDS)[number];

/**
 * `lost`: acknowledged, and not in every replica as a finished payment. `late`: it was, but not when
 * service was back already. `duplicated`: it took effect more than once. `conflicting`: the replicas, or
 * the answers, tell different things of it.
 */
export type RpoLists = Readonly<Record<RpoKind, readonly RpoEntry[]>>;

/**
 * Judges every acknowledged payment, and everything in the replicas that nobody sent.
 *
 * `lateIds`: acknowledged payments that were missing somewhere at the first look. Pure.
 */
export function judgePayments(
  acknowledged: readonly Acknowledged[],
  sent: ReadonlySet<string>,
  replicas: readonly ReplicaContent[],
  lateIds: ReadonlySet<string>,
): RpoLists {
  const lists = { lost: [], late: [], duplicated: [], conflicting: [] } as Record<
    RpoKind,
    RpoEntry[]
  >;
  for (const payment of acknowledged) {
    const { transactionId } = payment;
    const faults = replicas.flatMap((replica) => judgeOne(payment, replica));
    for (const { kind, what } of faults) lists[kind].push({ transactionId, what });
    if (faults.length > 0) continue;
    const texts = new Set(replicas.map(({ transactions }) => textOf(transactions, transactionId)));
    if (texts.size > 1) {
      lists.conflicting.push({ transactionId, what: 'the replicas hold different items' });
    } else if (lateIds.has(transactionId)) {
      lists.late.push({ transactionId, what: 'was not in every replica at the first look' });
    }
  }
  const known = new Set(acknowledged.map(({ transactionId }) => transactionId));
  for (const { region, transactions } of replicas) {
    for (const [transactionId, stored] of transactions) {
      if (known.has(transactionId)) continue;
      if (!sent.has(transactionId)) {
        lists.conflicting.push({ transactionId, what: `${region} has it, and nobody sent it` });
      } else if (recordsIn(stored).length > 1) {
        lists.duplicated.push({ transactionId, what: twice(region, stored) });
      }
    }
  }
  return lists;
}

/** Acknowledged payments that are not in every replica as finished ones. Pure. */
export function missingIn(
  acknowledged: readonly Acknowledged[],
  replicas: readonly ReplicaContent[],
): ReadonlySet<string> {
  return new Set(
    acknowledged
      .filter((payment) =>
        replicas.some((replica) => judgeOne(payment, replica).some(({ kind }) => kind === 'lost')),
      )
      .map(({ transactionId }) => transactionId),
  );
}

function judgeOne(
  { transactionId, timestampEpochSeconds }: Acknowledged,
  { region, transactions }: ReplicaContent,
): readonly { readonly kind: 'lost' | 'duplicated' | 'conflicting'; readonly what: string }[] {
  const stored = transactions.get(transactionId);
  if (stored === undefined) return [{ kind: 'lost', what: `${region} has nothing of it` }];
  const status = journalIn(stored)?.journal.status ?? null;
  const [record, ...more] = recordsIn(stored);
  if (record === undefined) {
    return [{ kind: 'lost', what: `${region} has no payment item (journal: ${status ?? 'none'})` }];
  }
  if (more.length > 0) return [{ kind: 'duplicated', what: twice(region, stored) }];
  if (record.record.timestampEpochSeconds !== timestampEpochSeconds) {
    const has = record.record.timestampEpochSeconds;
    const what = `${region} has timestamp ${has}, the client was told ${timestampEpochSeconds}`;
    return [{ kind: 'conflicting', what }];
  }
  if (status === 'PROCESSED') return [];
  return [{ kind: 'lost', what: `${region} has it charged, and its journal ${status ?? 'none'}` }];
}

function twice(region: string, stored: StoredTransaction): string {
  return `${region} has ${recordsIn(stored).length} payment items of it`;
}

function textOf(transactions: ReadonlyMap<string, StoredTransaction>, id: string): string {
  return (transactions.get(id)?.items ?? []).map(itemText).join('\n');
}
