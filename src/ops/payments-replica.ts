/** One replica of the payments table as reconciliation needs it: whole transactions, careful writes. */

import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { attemptAws } from '#adapters/aws-attempts.ts';
import type { Item } from '#adapters/payment-items.ts';
import { HEALTH_PROBE } from '#contract/names.ts';
import { AppError, knownRead } from '#core/app-error.ts';
import { type ItemChange, timestampOf } from '#core/reconcile/stored-transaction.ts';
import type { Environment, RegionConnection } from './connect.ts';
import { itemOf, type RawTransaction, rawAt } from './stored-items.ts';

/** Every read is strongly consistent as far as its replica goes. Every method throws `AppError`. */
export interface PaymentsReplica {
  readonly region: string;
  /** All transactions, one after the other; memory for one page of them. */
  transactions(): AsyncGenerator<RawTransaction>;
  /** One transaction as it is now; without items where there is none. */
  read(transactionId: string): Promise<RawTransaction>;
  /** The items at the keys of `items`, in any order; up to 100 keys. */
  readSame(items: readonly Item[]): Promise<readonly Item[]>;
  /** Makes one change, if the key still holds what was seen. Safe to repeat. */
  change(seen: RawTransaction, change: ItemChange): Promise<'changed' | 'raced'>;
}

/** Keys of one BatchGetItem. Source: DynamoDB API reference, BatchGetItem. */
export const BATCH_KEYS_MAX = 100;

const PAUSE_MS = 50;

/** Items read at once: some hundred KB, so that a slow link keeps within an attempt's time. */
const PAGE_ITEMS = 500;

/** Attributes that an item may have; those it had not must still be absent when it is replaced. */
const OPTIONAL_ATTRIBUTES = [
  'open',
  'due_at',
  'parked',
  'charge_id',
  'decline_reason',
  'refunds',
  'refunds_revision',
  'customer_id',
  'superseded_by',
] as const;

/** Creates the replica of one Region. */
export function createPaymentsReplica(
  { region, dynamodb: client }: RegionConnection,
  environment: Environment,
): PaymentsReplica {
  const { attempts, names } = environment;
  const tableName = names.paymentsTable;
  const read = <T>(what: string, send: (abortSignal: AbortSignal) => Promise<T>): Promise<T> =>
    knownRead(attemptAws(what, send, environment.deadline(), attempts));

  return {
    region,
    async *transactions() {
      let start: Item | undefined;
      let open: { transactionId: string; items: Item[] } | null = null;
      do {
        const answer = await scanPage(client, tableName, start, read);
        for (const item of answer.Items ?? []) {
          const transactionId = item['transaction_id']?.S ?? '';
          // Items of one partition key follow each other, over the end of a page too.
          if (open !== null && open.transactionId !== transactionId) {
            yield open;
            open = null;
          }
          if (transactionId === HEALTH_PROBE.transactionId) continue;
          open ??= { transactionId, items: [] };
          open.items.push(item);
        }
        start = answer.LastEvaluatedKey;
      } while (start !== undefined);
      if (open !== null) yield open;
    },
    async read(transactionId) {
      const items: Item[] = [];
      let start: Item | undefined;
      do {
        const command = new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'transaction_id = :id',
          ExpressionAttributeValues: { ':id': { S: transactionId } },
          ConsistentRead: true,
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        });
        const answer = await read('read transaction', (abortSignal) =>
          client.send(command, { abortSignal }),
        );
        items.push(...(answer.Items ?? []));
        start = answer.LastEvaluatedKey;
      } while (start !== undefined);
      return { transactionId, items };
    },
    async readSame(items) {
      const found: Item[] = [];
      let keys: readonly Item[] = items.map(keyOf);
      for (let pauses = 0; keys.length > 0; pauses += 1) {
        if (pauses > 0) await attempts.sleep(PAUSE_MS * Math.min(pauses, 20));
        if (pauses > 100) throw new AppError('unavailable', 'read items: left unprocessed');
        const command = new BatchGetItemCommand({
          RequestItems: { [tableName]: { Keys: [...keys], ConsistentRead: true } },
        });
        const answer = await read('read items', (abortSignal) =>
          client.send(command, { abortSignal }),
        );
        found.push(...(answer.Responses?.[tableName] ?? []));
        keys = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
      }
      return found;
    },
    async change(seen, { before, after }) {
      const old = before === null ? null : rawAt(seen, timestampOf(before));
      const command = new PutItemCommand({
        TableName: tableName,
        Item: replacement(old, itemOf(after)),
        ...(old === null
          ? { ConditionExpression: 'attribute_not_exists(transaction_id)' }
          : unchanged(old)),
      });
      try {
        await attemptAws(
          'repair item',
          (abortSignal) => client.send(command, { abortSignal }),
          environment.deadline(),
          attempts,
          isConditionFailure,
        );
        return 'changed';
      } catch (error) {
        if (isConditionFailure(error)) return 'raced';
        throw error;
      }
    },
  };
}

function scanPage(
  client: DynamoDBClient,
  tableName: string,
  start: Item | undefined,
  read: <T>(what: string, send: (abortSignal: AbortSignal) => Promise<T>) => Promise<T>,
) {
  const command = new ScanCommand({
    TableName: tableName,
    ConsistentRead: true,
    Limit: PAGE_ITEMS,
    ...(start === undefined ? {} : { ExclusiveStartKey: start }),
  });
  return read('scan payments', (abortSignal) => client.send(command, { abortSignal }));
}

export function keyOf(item: Item): Item {
  const { transaction_id, timestamp } = item;
  if (transaction_id === undefined || timestamp === undefined) {
    throw new AppError('internal_error', 'an item without its key');
  }
  return { transaction_id, timestamp };
}

/** A journal keeps attributes that this version does not know; a record becomes what it should be. */
function replacement(old: Item | null, item: Item): Item {
  if (old === null || item['fingerprint'] === undefined) return item;
  const known = new Set<string>(OPTIONAL_ATTRIBUTES);
  const kept = Object.entries(old).filter(([name]) => !known.has(name));
  return { ...Object.fromEntries(kept), ...item };
}

/**
 * The condition that an item is still the one that was seen: every scalar, those within maps too. Lists
 * are left out, to stay within the size of an expression: `refunds_revision` counts changes of the one.
 */
function unchanged(seen: Item) {
  const names: Record<string, string> = {};
  const values: Item = {};
  const conditions: string[] = [];
  const nameFor = (attribute: string): string => {
    const placeholder = `#n${Object.keys(names).length}`;
    names[placeholder] = attribute;
    return placeholder;
  };
  const compare = (path: string, value: AttributeValue): void => {
    if (value.L !== undefined || value.M !== undefined)
      conditions.push(`attribute_exists(${path})`);
    if (value.L !== undefined) return;
    if (value.M !== undefined) {
      for (const [name, nested] of Object.entries(value.M)) {
        compare(`${path}.${nameFor(name)}`, nested);
      }
      return;
    }
    const placeholder = `:v${conditions.length}`;
    values[placeholder] = value;
    conditions.push(`${path} = ${placeholder}`);
  };
  for (const [name, value] of Object.entries(seen)) compare(nameFor(name), value);
  for (const name of OPTIONAL_ATTRIBUTES) {
    if (!(name in seen)) conditions.push(`attribute_not_exists(${nameFor(name)})`);
  }
  return {
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
}

function isConditionFailure(error: unknown): boolean {
  return error instanceof ConditionalCheckFailedException;
}
