/**
 * Makes the replicas of a table agree after a stop that nobody prepared: `kill -9`, a power cut.
 *
 * The replica that led last is the authority, with what its own pending log adds. Whatever was
 * acknowledged is there: a write is acknowledged after the leader has it. A write that was not
 * acknowledged and had reached the leader ends everywhere; one that had not ends nowhere, because
 * no other replica receives a write before the leader has it.
 */

import { hash } from 'node:crypto';
import type { StorageEngine } from '../engine/storage-engine.ts';
import { applyImage } from './apply-image.ts';
import { canonicalJson } from './canonical-json.ts';
import { type Attributes, type KeyAttribute, readItemKey } from './item-key.ts';
import type { Replica } from './replica.ts';

export interface RecoverTableOptions {
  readonly tableName: string;
  readonly keyAttributes: readonly KeyAttribute[];
  readonly leader: Replica;
  readonly others: readonly Replica[];
  /** Told after each page, with the number of items looked at so far. */
  readonly progress: (items: number) => void;
}

/**
 * Repairs every other replica and empties all pending logs. Safe to repeat after a crash within.
 * Returns the number of items that had to be repaired.
 */
export async function recoverTable(options: RecoverTableOptions): Promise<number> {
  const { leader, tableName } = options;
  for (const image of leader.pending.values()) await applyImage(leader.engine, tableName, image);
  leader.pending.clear();
  let repaired = 0;
  for (const other of options.others) {
    repaired += await repairReplica(options, other);
    other.pending.clear();
  }
  return repaired;
}

async function repairReplica(options: RecoverTableOptions, other: Replica): Promise<number> {
  const { leader, tableName } = options;
  const surplus = new Map<string, { readonly digest: string; readonly keyJson: string }>();
  for await (const item of itemsOf(other.engine, options)) {
    surplus.set(item.id, { digest: digestOf(item.attributes), keyJson: item.keyJson });
  }
  let repaired = 0;
  for await (const item of itemsOf(leader.engine, options)) {
    const copy = surplus.get(item.id);
    surplus.delete(item.id);
    if (copy?.digest === digestOf(item.attributes)) continue;
    const itemJson = JSON.stringify(item.attributes);
    await applyImage(other.engine, tableName, { id: item.id, keyJson: item.keyJson, itemJson });
    repaired++;
  }
  for (const [id, { keyJson }] of surplus) {
    await applyImage(other.engine, tableName, { id, keyJson, itemJson: null });
    repaired++;
  }
  return repaired;
}

interface ScannedItem {
  readonly id: string;
  readonly keyJson: string;
  readonly attributes: Attributes;
}

async function* itemsOf(
  engine: StorageEngine,
  { tableName, keyAttributes, progress }: RecoverTableOptions,
): AsyncGenerator<ScannedItem> {
  let from: unknown;
  let seen = 0;
  do {
    const request = { TableName: tableName, ConsistentRead: true, ExclusiveStartKey: from };
    const answer = await engine.call('Scan', JSON.stringify(request));
    if (answer.status !== 200) {
      throw new Error(`Table ${tableName} could not be read: ${answer.body.toString()}`);
    }
    const page = JSON.parse(answer.body.toString()) as {
      readonly Items: readonly Attributes[];
      readonly LastEvaluatedKey?: unknown;
    };
    for (const attributes of page.Items) {
      const key = readItemKey(keyAttributes, attributes);
      if (!key.ok) throw new Error(`Table ${tableName} holds an item without its key.`);
      yield { id: key.id, keyJson: key.keyJson, attributes };
    }
    seen += page.Items.length;
    progress(seen);
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
}

function digestOf(attributes: Attributes): string {
  return hash('sha1', canonicalJson(attributes), 'base64');
}
