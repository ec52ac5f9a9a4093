/** Finds out what became of a write that had no answer, and makes all replicas agree on it. */

import type { StorageEngine } from '../engine/storage-engine.ts';
import { type ItemWrite, readItemJson } from './leader-write.ts';
import type { ItemImage } from './pending-log.ts';
import type { Replica } from './replica.ts';

export interface SettleWriteOptions {
  readonly tableName: string;
  /** The replica whose engine gave no answer. */
  readonly leader: Replica;
  readonly others: readonly Replica[];
  readonly write: Pick<ItemWrite, 'id' | 'keyJson'>;
  /** Brings an image to the others, or into their pending logs. */
  readonly spread: (image: ItemImage) => Promise<void>;
}

/** Reads of the item before it is given up. */
const ATTEMPTS_MAX = 5;

/**
 * The caller holds the item's lock. Whatever the leader's engine has now is what happened: it was
 * started anew, so nothing of the write is still on its way. Never rejects.
 *
 * `settled`: all replicas have that, or will. `given-up`: the engine can't say. What the others have
 * counts then, and the leader receives it when its engine serves again, where one of them could be
 * read; if none could, the replicas may differ.
 */
export async function settleWrite(
  options: SettleWriteOptions,
): Promise<{ readonly kind: 'settled' } | { readonly kind: 'given-up'; readonly cause: unknown }> {
  const { tableName, leader, write, spread } = options;
  const { id, keyJson } = write;
  let cause: unknown;
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    try {
      const itemJson = await readItemJson(leader.engine, tableName, keyJson);
      await spread({ id, keyJson, itemJson });
      return { kind: 'settled' };
    } catch (error) {
      cause = error;
    }
  }
  await takeFromOthers(options);
  return { kind: 'given-up', cause };
}

/**
 * What an engine has of an item after it gave no answer to a write of it. The caller holds the item's
 * lock. Never rejects.
 */
export async function readBack(
  engine: StorageEngine,
  tableName: string,
  keyJson: string,
): Promise<
  | { readonly kind: 'read'; readonly itemJson: string | null }
  | { readonly kind: 'given-up'; readonly cause: unknown }
> {
  let cause: unknown;
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    try {
      return { kind: 'read', itemJson: await readItemJson(engine, tableName, keyJson) };
    } catch (error) {
      cause = error;
    }
  }
  return { kind: 'given-up', cause };
}

async function takeFromOthers(options: SettleWriteOptions): Promise<void> {
  const { tableName, leader, others, write } = options;
  const { id, keyJson } = write;
  for (const other of others) {
    try {
      const missed = other.pending.get(id);
      const itemJson =
        missed === undefined
          ? await readItemJson(other.engine, tableName, keyJson)
          : missed.itemJson;
      leader.pending.add({ id, keyJson, itemJson });
      return;
    } catch {
      // The next one may be readable.
    }
  }
}
