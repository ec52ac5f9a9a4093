/** Brings one replica to the state of an item that the leader already has. */

import { EngineFailure, type StorageEngine } from '../engine/storage-engine.ts';
import type { ItemImage } from './pending-log.ts';

/** Writes or deletes the whole item, whatever was there. Safe to repeat. Throws `EngineFailure`. */
export async function applyImage(
  engine: StorageEngine,
  tableName: string,
  { keyJson, itemJson }: ItemImage,
): Promise<void> {
  const table = JSON.stringify(tableName);
  const answer =
    itemJson === null
      ? await engine.call('DeleteItem', `{"TableName":${table},"Key":${keyJson}}`)
      : await engine.call('PutItem', `{"TableName":${table},"Item":${itemJson}}`);
  if (answer.status !== 200) {
    throw new EngineFailure(
      `The storage engine refused a replicated write to ${tableName}: ${answer.body.toString()}`,
      'not-executed',
    );
  }
}
