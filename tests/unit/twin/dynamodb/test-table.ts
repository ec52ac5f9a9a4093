/** A replicated table over memory engines, with the calls that the tests make of it. */

import type { StorageEngine } from '#twin/dynamodb/engine/storage-engine.ts';
import { EventualTable } from '#twin/dynamodb/table/eventual-table.ts';
import type { GlobalTable } from '#twin/dynamodb/table/global-table.ts';
import { readItemKey } from '#twin/dynamodb/table/item-key.ts';
import { PendingLog } from '#twin/dynamodb/table/pending-log.ts';
import { ReplicatedTable } from '#twin/dynamodb/table/replicated-table.ts';
import type { Network, ReplicationNetwork } from '#twin/faults/fault.ts';
import type { GlobalTableModel } from '#twin/region-model.ts';
import { TestTimers } from './test-timers.ts';

export const EAST_1 = 'us-east-1';
export const EAST_2 = 'us-east-2';
export const WITNESS = 'us-west-2';

export const TABLE: GlobalTableModel = {
  name: 'things',
  keySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
  attributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
  globalSecondaryIndexes: [],
  replicas: [EAST_1, EAST_2],
  witness: WITNESS,
  consistency: 'STRONG',
  streamViewType: null,
  deletionProtection: {},
  accountId: '123456789012',
};

export interface TestTable {
  readonly table: ReplicatedTable;
  readonly pending: Readonly<Record<string, PendingLog>>;
  readonly leadersRecorded: string[];
  readonly reports: string[];
  readonly timers: TestTimers;
}

export function tableOver(
  engines: Readonly<Record<string, StorageEngine>>,
  network: Network,
  model: GlobalTableModel = TABLE,
): TestTable {
  const leadersRecorded: string[] = [];
  const reports: string[] = [];
  const timers = new TestTimers();
  const pending = Object.fromEntries(model.replicas.map((r) => [r, PendingLog.open(null)]));
  const table = new ReplicatedTable({
    model,
    replicas: model.replicas.map((region) => {
      const engine = engines[region];
      const log = pending[region];
      if (engine === undefined || log === undefined) throw new Error(`no engine in ${region}`);
      return { region, engine, pending: log };
    }),
    network,
    leader: EAST_1,
    recordLeader: (leader) => leadersRecorded.push(leader),
    report: (message) => reports.push(message),
    later: timers.later,
  });
  return { table, pending, leadersRecorded, reports, timers };
}

export const EVENTUAL: GlobalTableModel = { ...TABLE, witness: null, consistency: 'EVENTUAL' };

/** An eventually consistent table; its clock stands still but for `passMs`. */
export function eventualTableOver(
  engines: Readonly<Record<string, StorageEngine>>,
  network: ReplicationNetwork,
) {
  const reports: string[] = [];
  const timers = new TestTimers();
  let nowEpochMs = 1_000_000;
  const table = new EventualTable({
    model: { ...EVENTUAL, replicas: Object.keys(engines) },
    replicas: Object.entries(engines).map(([region, engine]) => ({ region, engine })),
    network,
    clock: { nowEpochMs: () => nowEpochMs },
    report: (message) => reports.push(message),
    later: timers.later,
  });
  return {
    ...{ table, reports, timers },
    /** Lets time pass, and the timers run that are set. May be negative: the clock is set back. */
    passMs(ms: number) {
      nowEpochMs += ms;
      timers.elapse();
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const NEVER = new AbortController().signal;

/** Writes the item with partition key `key`: `request` is the rest of the DynamoDB request. */
export async function write(
  table: GlobalTable,
  region: string,
  operation: 'PutItem' | 'UpdateItem' | 'DeleteItem',
  key: string,
  request: Readonly<Record<string, unknown>> = {},
  signal: AbortSignal = NEVER,
): Promise<Answer> {
  const reading = readItemKey([{ name: 'p', type: 'S', bytesMax: 2_048, role: 'HASH' }], {
    p: { S: key },
  });
  if (!reading.ok) throw new Error('a test key is a key');
  const full = {
    TableName: table.model.name,
    ...(operation === 'PutItem' ? {} : { Key: { p: { S: key } } }),
    ...request,
  };
  const { id, keyJson } = reading;
  const body = JSON.stringify(full);
  const answer = await table.write({ region, operation, id, keyJson, request: full, body, signal });
  return parsed(answer);
}

export function put(table: GlobalTable, region: string, key: string, value: string) {
  return write(table, region, 'PutItem', key, { Item: { p: { S: key }, v: { S: value } } });
}

/** The value of the item's `v`, read strongly; null when there is no item. */
export async function strongRead(table: GlobalTable, region: string, key: string) {
  const body = JSON.stringify({ TableName: table.model.name, Key: { p: { S: key } } });
  const id = `${key.length}:${key}`;
  const answer = await table.readStrong(region, 'GetItem', body, (candidate) => candidate === id);
  return valueIn(parsed(answer).body);
}

export async function eventualRead(table: GlobalTable, region: string, key: string) {
  const body = JSON.stringify({ TableName: table.model.name, Key: { p: { S: key } } });
  return valueIn(parsed(await table.readEventual(region, 'GetItem', body)).body);
}

function valueIn(body: Answer['body']): string | null {
  const item = body['Item'] as { readonly v?: { readonly S?: string } } | undefined;
  return item?.v?.S ?? null;
}

function parsed({ status, body }: { readonly status: number; readonly body: Buffer }): Answer {
  return { status, body: JSON.parse(body.toString()) as Record<string, unknown> };
}
