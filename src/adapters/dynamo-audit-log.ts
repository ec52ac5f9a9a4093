/** The audit trail in the control table: one item for each entry, never changed. */

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
import type { Deadline, Hash } from '#core/ports.ts';
import {
  type AuditEntry,
  type AuditLog,
  auditHash,
  FIRST_PREVIOUS_HASH,
} from '#core/reconcile/audit-entry.ts';
import { type AttemptOptions, attemptAws } from './aws-attempts.ts';

type Item = Record<string, AttributeValue>;

export interface DynamoAuditLogOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly attempts: AttemptOptions;
  readonly hash: Hash;
}

/** Creates the log over the control table, which must be strongly consistent over all Regions. */
export function createDynamoAuditLog(options: DynamoAuditLogOptions): AuditLog {
  /** The newest entry that is known; others may have appended since. */
  let newest: AuditEntry | null = null;
  // One after the other: those at once would all want the same place, and race for each one after it.
  let last: Promise<unknown> = Promise.resolve();

  const appendNow: AuditLog['append'] = async (note, deadline) => {
    newest ??= await readNewest(options, deadline);
    // Another Region's client may have put it, and not have heard so.
    if (newest?.entryId === note.entryId) return newest.sequence;
    for (;;) {
      const entry: AuditEntry = {
        ...note,
        sequence: (newest?.sequence ?? 0) + 1,
        previousHash: newest === null ? FIRST_PREVIOUS_HASH : auditHash(newest, options.hash),
      };
      const held = await putIfAbsent(entry, options, deadline);
      newest = held ?? entry;
      // Ours, by an attempt whose answer was lost, counts as appended.
      if (newest.entryId === note.entryId) return newest.sequence;
      // Somebody else's: theirs is the one before ours now.
    }
  };

  return {
    append(note, deadline) {
      const mine = last.then(() => appendNow(note, deadline));
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}

/** Null when the entry was put; else the one that holds its sequence. */
async function putIfAbsent(
  entry: AuditEntry,
  { client, tableName, attempts }: DynamoAuditLogOptions,
  deadline: Deadline,
): Promise<AuditEntry | null> {
  const command = new PutItemCommand({
    TableName: tableName,
    Item: entryToItem(entry),
    ConditionExpression: 'attribute_not_exists(#scope)',
    ExpressionAttributeNames: { '#scope': CONTROL_TABLE.partitionKey },
  });
  try {
    await attemptAws(
      'append audit entry',
      (abortSignal) => client.send(command, { abortSignal }),
      deadline,
      attempts,
      (error) => error instanceof ConditionalCheckFailedException,
    );
    return null;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
  const get = new GetItemCommand({
    TableName: tableName,
    Key: keyOf(entry.sequence),
    ConsistentRead: true,
  });
  const { Item: item } = await knownRead(
    attemptAws(
      'read audit entry',
      (abortSignal) => client.send(get, { abortSignal }),
      deadline,
      attempts,
    ),
  );
  if (item === undefined) throw new AppError('outcome_unknown', 'an audit entry is not there');
  return itemToEntry(item);
}

async function readNewest(
  { client, tableName, attempts }: DynamoAuditLogOptions,
  deadline: Deadline,
): Promise<AuditEntry | null> {
  const command = new QueryCommand({
    TableName: tableName,
    KeyConditionExpression: '#scope = :audit',
    ExpressionAttributeNames: { '#scope': CONTROL_TABLE.partitionKey },
    ExpressionAttributeValues: { ':audit': { S: CONTROL_TABLE.auditScope } },
    ScanIndexForward: false,
    Limit: 1,
    ConsistentRead: true,
  });
  const { Items: items = [] } = await knownRead(
    attemptAws(
      'read audit trail',
      (abortSignal) => client.send(command, { abortSignal }),
      deadline,
      attempts,
    ),
  );
  return items[0] === undefined ? null : itemToEntry(items[0]);
}

function keyOf(sequence: number): Item {
  return { scope: { S: CONTROL_TABLE.auditScope }, sequence: { N: String(sequence) } };
}

function entryToItem(entry: AuditEntry): Item {
  return {
    ...keyOf(entry.sequence),
    entry_id: { S: entry.entryId },
    at: { N: String(entry.atEpochMs) },
    actor: { S: entry.actor },
    action: { S: entry.action },
    transaction_id: { S: entry.transactionId },
    ...(entry.before === null ? {} : { before: { S: entry.before } }),
    after: { S: entry.after },
    prev_hash: { S: entry.previousHash },
  };
}

/** Reads an entry. Throws `AppError` when it is not one that this code writes. */
export function itemToEntry(item: Item): AuditEntry {
  const text = (name: string): string => {
    const value = item[name]?.S;
    if (value === undefined) throw unreadable(name);
    return value;
  };
  const integer = (name: string): number => {
    const value = Number(item[name]?.N ?? Number.NaN);
    if (!Number.isSafeInteger(value)) throw unreadable(name);
    return value;
  };
  return {
    sequence: integer('sequence'),
    entryId: text('entry_id'),
    atEpochMs: integer('at'),
    actor: text('actor'),
    action: text('action'),
    transactionId: text('transaction_id'),
    before: item['before']?.S ?? null,
    after: text('after'),
    previousHash: text('prev_hash'),
  };
}

function unreadable(attribute: string): AppError {
  return new AppError('internal_error', `an audit entry has no readable ${attribute}`);
}
