/** The first look: goes through one replica and names the transactions that need a second one. */

import type { Item } from '#adapters/payment-items.ts';
import type { Hash } from '#core/ports.ts';
import { inspectTransaction } from '#core/reconcile/inspect-transaction.ts';
import { BATCH_KEYS_MAX, type PaymentsReplica } from './payments-replica.ts';
import { type RawTransaction, storedTransaction } from './stored-items.ts';

/** Ids of transactions that may be wrong, or may only be on their way. */
export type Suspects = Set<string>;

export interface ScanContext {
  /** The other replicas, as far as they still answer. */
  readonly others: () => readonly PaymentsReplica[];
  /** The leading replica is inspected; of the others only what differs from it matters. */
  readonly isLeading: boolean;
  readonly context: { readonly hash: Hash; readonly nowEpochMs: () => number };
  /** Takes a replica out that failed. Throws what is no fault of the world. */
  readonly lose: (region: string, error: unknown) => void;
}

interface ScanStep {
  /** Transactions of this step that no replica scanned before has. */
  readonly counted: number;
  readonly suspects: readonly string[];
}

/** Yields after each batch. Throws `AppError` when `scanned` itself can't be read on. */
export async function* scanForSuspects(
  scanned: PaymentsReplica,
  scan: ScanContext,
): AsyncGenerator<ScanStep> {
  let batch: RawTransaction[] = [];
  let keys = 0;
  for await (const transaction of scanned.transactions()) {
    const size = transaction.items.length;
    if (size > BATCH_KEYS_MAX) {
      // More than one batch can ask for: read by itself, on the second look.
      yield { counted: scan.isLeading ? 1 : 0, suspects: [transaction.transactionId] };
      continue;
    }
    if (keys + size > BATCH_KEYS_MAX) {
      yield await look(batch, scan);
      batch = [];
      keys = 0;
    }
    batch.push(transaction);
    keys += size;
  }
  if (batch.length > 0) yield await look(batch, scan);
}

async function look(batch: readonly RawTransaction[], scan: ScanContext): Promise<ScanStep> {
  const suspects = new Set<string>();
  if (scan.isLeading) {
    const context = { hash: scan.context.hash, nowEpochMs: scan.context.nowEpochMs() };
    for (const transaction of batch) {
      const found = inspectTransaction(storedTransaction(transaction), context);
      if (found.length > 0) suspects.add(transaction.transactionId);
    }
  }
  let known = 0;
  const items = batch.flatMap((transaction) => transaction.items);
  for (const other of scan.others()) {
    let theirs: readonly Item[];
    try {
      theirs = await other.readSame(items);
    } catch (error) {
      scan.lose(other.region, error);
      continue;
    }
    const texts = new Map(theirs.map((item) => [keyText(item), canonical(item)]));
    for (const { transactionId, items: own } of batch) {
      const isSame = own.every((item) => texts.get(keyText(item)) === canonical(item));
      if (!isSame) suspects.add(transactionId);
      if (own.some((item) => texts.has(keyText(item)))) known += 1;
    }
  }
  // What another replica has as well was counted when the leading one was scanned.
  return { counted: scan.isLeading ? batch.length : batch.length - known, suspects: [...suspects] };
}

function keyText(item: Item): string {
  return JSON.stringify([item['transaction_id']?.S, item['timestamp']?.N]);
}

/** DynamoDB promises no order of attributes. */
function canonical(item: Item): string {
  return JSON.stringify(item, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
