/** BatchWriteItem: each item is a write of its own, with its own lock and outcome. */

import type { ServiceCall } from '../../endpoint/aws-service.ts';
import type { EngineAnswer } from '../engine/storage-engine.ts';
import type { GlobalTables } from '../global-tables.ts';
import type { GlobalTable } from '../table/global-table.ts';
import type { ItemWrite } from '../table/leader-write.ts';

import { validationFault, WireFault } from '../wire-fault.ts';
import { requireItem, requireKey } from './item-rules.ts';
import { isRecord, parseRequest, plainTableName, requestedTable } from './request.ts';

interface BatchedWrite {
  /** As the caller named it. */
  readonly tableKey: string;
  /** As the caller sent it, for UnprocessedItems. */
  readonly original: unknown;
  readonly table: GlobalTable;
  readonly write: ItemWrite;
}

const BATCH_WRITES_MAX = 25;

/**
 * Writes up to 25 items. Conflicts and failures of single items come back as UnprocessedItems; when
 * no item could be written, the first one's fault is the answer. Throws `WireFault`.
 */
export async function batchWrite(tables: GlobalTables, call: ServiceCall): Promise<EngineAnswer> {
  const { request } = parseRequest(call);
  const writes = readBatch(tables, call, request);
  const ends = await Promise.allSettled(writes.map(({ table, write }) => table.write(write)));

  const unprocessed: Record<string, unknown[]> = {};
  const capacity = new Map<string, number>();
  let written = 0;
  let fault: WireFault | null = null;
  for (const [index, { tableKey, original }] of writes.entries()) {
    const end = ends[index];
    if (end === undefined) continue;
    if (end.status === 'rejected') {
      if (!(end.reason instanceof WireFault)) throw end.reason;
      fault ??= end.reason;
      unprocessed[tableKey] ??= [];
      unprocessed[tableKey].push(original);
    } else if (end.value.status !== 200) {
      return end.value;
    } else {
      written++;
      capacity.set(tableKey, (capacity.get(tableKey) ?? 0) + unitsOf(end.value));
    }
  }
  if (written === 0 && fault !== null) throw fault;
  const answer: Record<string, unknown> = { UnprocessedItems: unprocessed };
  if (wantsCapacity(request)) {
    answer['ConsumedCapacity'] = [...capacity].map(([TableName, CapacityUnits]) => ({
      TableName,
      CapacityUnits,
    }));
  }
  return { status: 200, body: Buffer.from(JSON.stringify(answer)) };
}

/** The whole batch is checked before any of it is written. */
function readBatch(
  tables: GlobalTables,
  call: ServiceCall,
  request: Readonly<Record<string, unknown>>,
): readonly BatchedWrite[] {
  const byTable = request['RequestItems'];
  if (!isRecord(byTable) || Object.keys(byTable).length === 0) {
    throw validationFault(
      "1 validation error detected: Value at 'requestItems' failed to satisfy constraint: " +
        'Member must have length greater than or equal to 1',
    );
  }
  const writes: BatchedWrite[] = [];
  const seen = new Set<string>();
  for (const [tableKey, entries] of Object.entries(byTable)) {
    const TableName = plainTableName(tableKey);
    const table = requestedTable(tables, call, { TableName });
    if (!Array.isArray(entries) || entries.length === 0) {
      throw validationFault(`The batch request list of table ${TableName} is empty.`);
    }
    for (const original of entries as unknown[]) {
      const write = readWrite(call, table, original, wantsCapacity(request));
      const identity = `${TableName} ${write.id}`;
      if (seen.has(identity)) {
        throw validationFault('Provided list of item keys contains duplicates');
      }
      seen.add(identity);
      writes.push({ tableKey, original, table, write });
    }
  }
  if (writes.length > BATCH_WRITES_MAX) {
    throw validationFault('Too many items requested for the BatchWriteItem call');
  }
  return writes;
}

function readWrite(
  call: ServiceCall,
  { model }: GlobalTable,
  entry: unknown,
  withCapacity: boolean,
): ItemWrite {
  const { PutRequest: put, DeleteRequest: remove } = isRecord(entry) ? entry : {};
  if (isRecord(put) === isRecord(remove)) {
    throw validationFault(
      'Supplied WriteRequest must have exactly one of PutRequest and DeleteRequest',
    );
  }
  const common = {
    TableName: model.name,
    ...(withCapacity ? { ReturnConsumedCapacity: 'TOTAL' } : {}),
  };
  const { region, signal } = call;
  if (isRecord(put)) {
    const request = { ...common, Item: put['Item'] };
    const body = JSON.stringify(request);
    const { id, keyJson } = requireItem(model, put['Item'], body.length);
    return { region, operation: 'PutItem', id, keyJson, request, body, signal };
  }
  const request = { ...common, Key: isRecord(remove) ? remove['Key'] : undefined };
  const { id, keyJson } = requireKey(model, request.Key);
  const body = JSON.stringify(request);
  return { region, operation: 'DeleteItem', id, keyJson, request, body, signal };
}

function wantsCapacity(request: Readonly<Record<string, unknown>>): boolean {
  const wanted = request['ReturnConsumedCapacity'];
  return wanted === 'TOTAL' || wanted === 'INDEXES';
}

function unitsOf({ body }: EngineAnswer): number {
  if (body.length <= 2) return 0;
  const { ConsumedCapacity: capacity } = JSON.parse(body.toString()) as Record<string, unknown>;
  const units = isRecord(capacity) ? capacity['CapacityUnits'] : 0;
  return typeof units === 'number' ? units : 0;
}
