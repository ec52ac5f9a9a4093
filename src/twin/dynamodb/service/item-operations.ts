/** GetItem, PutItem, UpdateItem, DeleteItem, Query and Scan. */

import type { ServiceCall } from '../../endpoint/aws-service.ts';
import type { EngineAnswer } from '../engine/storage-engine.ts';
import type { GlobalTables } from '../global-tables.ts';
import { readItemKey } from '../table/item-key.ts';
import { requireItem, requireKey, tableKeys } from './item-rules.ts';
import { requireNestingWithin } from './nesting.ts';
import { partitionKeyInCondition } from './partition-key.ts';
import { isRecord, parseRequest, requestedTable } from './request.ts';

export type ItemOperation = 'GetItem' | 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'Query' | 'Scan';

/** Runs one of them. Resolves with the engine's answer; throws `WireFault`. */
export function runItemOperation(
  tables: GlobalTables,
  call: ServiceCall,
  operation: ItemOperation,
): Promise<EngineAnswer> {
  switch (operation) {
    case 'GetItem':
      return getItem(tables, call);
    case 'PutItem':
    case 'UpdateItem':
    case 'DeleteItem':
      return writeItem(tables, call, operation);
    case 'Query':
    case 'Scan':
      return readItems(tables, call, operation);
  }
}

async function getItem(tables: GlobalTables, call: ServiceCall): Promise<EngineAnswer> {
  const { request, text } = parseRequest(call);
  const table = requestedTable(tables, call, request);
  const { id } = requireKey(table.model, request['Key']);
  if (request['ConsistentRead'] !== true) return table.readEventual(call.region, 'GetItem', text);
  return table.readStrong(call.region, 'GetItem', text, (candidate) => candidate === id);
}

async function writeItem(
  tables: GlobalTables,
  call: ServiceCall,
  operation: 'PutItem' | 'UpdateItem' | 'DeleteItem',
): Promise<EngineAnswer> {
  const { request, text } = parseRequest(call);
  const table = requestedTable(tables, call, request);
  requireExpressionValues(request);
  const { id, keyJson } =
    operation === 'PutItem'
      ? requireItem(table.model, request['Item'], text.length)
      : requireKey(table.model, request['Key']);
  const { region, signal } = call;
  return table.write({ region, operation, id, keyJson, request, body: text, signal });
}

async function readItems(
  tables: GlobalTables,
  call: ServiceCall,
  operation: 'Query' | 'Scan',
): Promise<EngineAnswer> {
  const { request, text } = parseRequest(call);
  const table = requestedTable(tables, call, request);
  requireExpressionValues(request);
  // An index is eventually consistent always; the engine refuses a strong read of one.
  if (request['ConsistentRead'] !== true || request['IndexName'] !== undefined) {
    return table.readEventual(call.region, operation, text);
  }
  const partition = partitionPrefix(table.model, request);
  return table.readStrong(call.region, operation, text, (id) => id.startsWith(partition));
}

function requireExpressionValues(request: Readonly<Record<string, unknown>>): void {
  const values = request['ExpressionAttributeValues'];
  if (isRecord(values)) requireNestingWithin(values);
}

/** What the ids of the partition begin with that a Query reads; empty for all of the table. */
function partitionPrefix(
  model: Parameters<typeof tableKeys>[0],
  request: Readonly<Record<string, unknown>>,
): string {
  const [hash] = tableKeys(model).primary;
  if (hash === undefined) return '';
  const value = partitionKeyInCondition(hash.name, request);
  if (value === null) return '';
  const reading = readItemKey([hash], { [hash.name]: value });
  return reading.ok ? reading.id : '';
}
