/** The routing log in the control table: one item for each entry, never changed. */

import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { CONTROL_TABLE } from '#contract/names.ts';
import { AppError, knownRead } from '#core/app-error.ts';
import type { Deadline } from '#core/ports.ts';
import {
  ROUTING_CHANGES,
  ROUTING_MODES,
  type RoutingEntry,
  type RoutingLog,
} from '#core/routing/routing-log.ts';
import { type AttemptOptions, attemptAws } from './aws-attempts.ts';

type Item = Record<string, AttributeValue>;

export interface DynamoRoutingLogOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly attempts: AttemptOptions;
}

/** Creates the log over the control table, which must be strongly consistent over all Regions. */
export function createDynamoRoutingLog(options: DynamoRoutingLogOptions): RoutingLog {
  return {
    async newest(deadline) {
      const { items } = await query(options, { ScanIndexForward: false, Limit: 1 }, deadline);
      return items[0] === undefined ? null : itemToEntry(items[0]);
    },
    async newestHere(deadline) {
      const asked = { ScanIndexForward: false, Limit: 1, ConsistentRead: false } as const;
      const { items } = await query(options, asked, deadline);
      return items[0] === undefined ? null : itemToEntry(items[0]);
    },
    async append(entry, deadline) {
      if (await putIfAbsent(entry, options, deadline)) return { kind: 'appended' };
      const by = await whoseEntry(entry.epoch, options, deadline);
      // Ours, by an attempt whose answer was lost, counts as appended.
      return by.entryId === entry.entryId ? { kind: 'appended' } : { kind: 'raced', by };
    },
    async all(deadline) {
      const entries: RoutingEntry[] = [];
      let from: Item | undefined;
      do {
        const page = await query(
          options,
          from === undefined ? {} : { ExclusiveStartKey: from },
          deadline,
        );
        entries.push(...page.items.map(itemToEntry));
        from = page.next;
      } while (from !== undefined);
      return entries;
    },
  };
}

/** False: the epoch has an entry already. */
async function putIfAbsent(
  entry: RoutingEntry,
  { client, tableName, attempts }: DynamoRoutingLogOptions,
  deadline: Deadline,
): Promise<boolean> {
  const command = new PutItemCommand({
    TableName: tableName,
    Item: entryToItem(entry),
    ConditionExpression: 'attribute_not_exists(#scope)',
    ExpressionAttributeNames: { '#scope': CONTROL_TABLE.partitionKey },
  });
  try {
    await attemptAws(
      'append routing entry',
      (abortSignal) => client.send(command, { abortSignal }),
      deadline,
      attempts,
      (error) => error instanceof ConditionalCheckFailedException,
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** Until the entry is read it may be our own: a read that fails leaves the append's outcome unknown. */
async function whoseEntry(...asked: Parameters<typeof readEntry>): Promise<RoutingEntry> {
  try {
    return await readEntry(...asked);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const message = `the epoch has an entry, and whose is not known: ${error.message}`;
    throw new AppError('outcome_unknown', message, { cause: error });
  }
}

async function readEntry(
  epoch: number,
  { client, tableName, attempts }: DynamoRoutingLogOptions,
  deadline: Deadline,
): Promise<RoutingEntry> {
  const get = new GetItemCommand({ TableName: tableName, Key: keyOf(epoch), ConsistentRead: true });
  const { Item: item } = await knownRead(
    attemptAws(
      'read routing entry',
      (abortSignal) => client.send(get, { abortSignal }),
      deadline,
      attempts,
    ),
  );
  if (item === undefined) throw new AppError('outcome_unknown', 'a routing entry is not there');
  return itemToEntry(item);
}

async function query(
  { client, tableName, attempts }: DynamoRoutingLogOptions,
  more: {
    readonly ScanIndexForward?: boolean;
    readonly Limit?: number;
    readonly ConsistentRead?: false;
    readonly ExclusiveStartKey?: Item;
  },
  deadline: Deadline,
): Promise<{ readonly items: readonly Item[]; readonly next: Item | undefined }> {
  const command = new QueryCommand({
    TableName: tableName,
    KeyConditionExpression: '#scope = :routing',
    ExpressionAttributeNames: { '#scope': CONTROL_TABLE.partitionKey },
    ExpressionAttributeValues: { ':routing': { S: CONTROL_TABLE.routingScope } },
    ConsistentRead: true,
    ...more,
  });
  const answer = await knownRead(
    attemptAws(
      'read routing log',
      (abortSignal) => client.send(command, { abortSignal }),
      deadline,
      attempts,
    ),
  );
  return { items: answer.Items ?? [], next: answer.LastEvaluatedKey };
}

function keyOf(epoch: number): Item {
  return {
    [CONTROL_TABLE.partitionKey]: { S: CONTROL_TABLE.routingScope },
    [CONTROL_TABLE.sortKey]: { N: String(epoch) },
  };
}

function entryToItem(entry: RoutingEntry): Item {
  const list = (values: readonly string[]): AttributeValue => ({
    L: values.map((value) => ({ S: value })),
  });
  return {
    ...keyOf(entry.epoch),
    entry_id: { S: entry.entryId },
    at: { N: String(entry.atEpochMs) },
    actor: { S: entry.actor },
    change: { S: entry.change },
    reason: { S: entry.reason },
    mode: { S: entry.mode },
    active: list(entry.active),
    drained: list(entry.drained),
    evidence: { S: entry.evidence },
    prev_hash: { S: entry.previousHash },
    ...(entry.moved === null
      ? {}
      : {
          moved_epoch: { N: String(entry.moved.epoch) },
          moved_at: { N: String(entry.moved.atEpochMs) },
        }),
  };
}

/** Reads an entry. Throws `AppError` when it is not one that this code writes. */
export function itemToEntry(item: Item): RoutingEntry {
  const text = (name: string): string => item[name]?.S ?? unreadable(name);
  const integer = (name: string): number => {
    const value = Number(item[name]?.N ?? Number.NaN);
    return Number.isSafeInteger(value) ? value : unreadable(name);
  };
  const list = (name: string): readonly string[] =>
    (item[name]?.L ?? unreadable(name)).map((member) => member.S ?? unreadable(name));
  const oneOf = <Choice extends string>(name: string, choices: readonly Choice[]): Choice =>
    choices.find((choice) => choice === text(name)) ?? unreadable(name);
  return {
    epoch: integer(CONTROL_TABLE.sortKey),
    entryId: text('entry_id'),
    atEpochMs: integer('at'),
    actor: text('actor'),
    change: oneOf('change', ROUTING_CHANGES),
    reason: text('reason'),
    mode: oneOf('mode', ROUTING_MODES),
    active: list('active'),
    drained: list('drained'),
    evidence: text('evidence'),
    previousHash: text('prev_hash'),
    moved:
      item['moved_epoch'] === undefined
        ? null
        : { epoch: integer('moved_epoch'), atEpochMs: integer('moved_at') },
  };
}

function unreadable(attribute: string): never {
  throw new AppError('internal_error', `a routing entry has no readable ${attribute}`);
}
