/** The lease in the control table. */

import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { CONTROL_TABLE } from '#contract/names.ts';
import { AppError, knownRead } from '#core/app-error.ts';
import type { LeaseRecord, LeaseStore, LeaseTarget } from '#core/lease.ts';
import type { Deadline } from '#core/ports.ts';
import { type AttemptOptions, attemptAws } from './aws-attempts.ts';

type Item = Record<string, AttributeValue>;

const KEY: Item = { scope: { S: CONTROL_TABLE.leaseScope }, sequence: { N: '0' } };

/** Creates the store over the control table, which must be strongly consistent over all Regions. */
export function createDynamoLeaseStore(options: {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly attempts: AttemptOptions;
}): LeaseStore {
  const { client, tableName: TableName, attempts } = options;

  /** The item after the update; null when the condition does not hold. */
  const update = async (
    what: string,
    expressions: {
      readonly UpdateExpression: string;
      readonly ConditionExpression: string;
      readonly ExpressionAttributeValues: Item;
    },
    deadline: Deadline,
  ): Promise<LeaseRecord | null> => {
    const command = new UpdateItemCommand({
      TableName,
      Key: KEY,
      ReturnValues: 'ALL_NEW',
      ...expressions,
    });
    return unlessRefused(async () => {
      const { Attributes: item } = await attemptAws(
        what,
        (abortSignal) => client.send(command, { abortSignal }),
        deadline,
        attempts,
        isRefusal,
      );
      return recordOf(item ?? {});
    });
  };

  return {
    async read(deadline) {
      const command = new GetItemCommand({ TableName, Key: KEY, ConsistentRead: true });
      const { Item: item } = await knownRead(
        attemptAws(
          'read lease',
          (abortSignal) => client.send(command, { abortSignal }),
          deadline,
          attempts,
        ),
      );
      return item === undefined ? null : recordOf(item);
    },
    async create(region, deadline) {
      const command = new PutItemCommand({
        TableName,
        Item: { ...KEY, holder: { S: region }, epoch: { N: '1' }, renewals: { N: '0' } },
        ConditionExpression: 'attribute_not_exists(#scope)',
        ExpressionAttributeNames: { '#scope': CONTROL_TABLE.partitionKey },
      });
      const done = await unlessRefused(() =>
        attemptAws(
          'create lease',
          (abortSignal) => client.send(command, { abortSignal }),
          deadline,
          attempts,
          isRefusal,
        ),
      );
      return done === null ? 'exists' : 'created';
    },
    async renew(region, deadline) {
      const renewed = await update(
        'renew lease',
        {
          UpdateExpression: 'SET renewals = renewals + :one',
          ConditionExpression: 'holder = :me AND attribute_not_exists(handing_to)',
          ExpressionAttributeValues: { ':one': { N: '1' }, ':me': { S: region } },
        },
        deadline,
      );
      return renewed ?? 'not-held';
    },
    async handOver(seen, to, deadline) {
      const fence = fenceOf(to);
      const done = await update(
        'hand over lease',
        {
          UpdateExpression: `SET handing_to = :to${fence.set}`,
          // Not bound to the renewals: a holder that lives renews all the time.
          ConditionExpression: `holder = :holder AND epoch = :epoch${fence.condition}`,
          ExpressionAttributeValues: {
            ':to': { S: to.region },
            ':holder': { S: seen.holder },
            ':epoch': { N: String(seen.epoch) },
            ...fence.values,
          },
        },
        deadline,
      );
      return done === null ? 'raced' : 'handing-over';
    },
    async follow(seen, to, deadline) {
      const fence = fenceOf(to);
      const followed = await update(
        'follow with lease',
        {
          UpdateExpression: 'SET routing_epoch = :routing',
          ConditionExpression: `holder = :holder AND epoch = :epoch AND attribute_not_exists(handing_to)${fence.condition}`,
          ExpressionAttributeValues: {
            ':holder': { S: seen.holder },
            ':epoch': { N: String(seen.epoch) },
            ...fence.values,
          },
        },
        deadline,
      );
      return followed ?? 'raced';
    },
    async take(seen, to, deadline) {
      const fence = fenceOf(to);
      const taken = await update(
        'take lease',
        {
          UpdateExpression: `SET holder = :me, epoch = :next, renewals = :zero${fence.set} REMOVE handing_to`,
          ConditionExpression: `epoch = :epoch AND renewals = :renewals${fence.condition}`,
          ExpressionAttributeValues: {
            ':me': { S: to.region },
            ':next': { N: String(seen.epoch + 1) },
            ':zero': { N: '0' },
            ':epoch': { N: String(seen.epoch) },
            ':renewals': { N: String(seen.renewals) },
            ...fence.values,
          },
        },
        deadline,
      );
      return taken ?? 'raced';
    },
  };
}

/** What keeps a lease that was moved for a newer epoch from being moved for this one. */
function fenceOf({ routingEpoch }: LeaseTarget): {
  readonly set: string;
  readonly condition: string;
  readonly values: Item;
} {
  if (routingEpoch === null) return { set: '', condition: '', values: {} };
  return {
    set: ', routing_epoch = :routing',
    condition: ' AND (attribute_not_exists(routing_epoch) OR routing_epoch <= :routing)',
    values: { ':routing': { N: String(routingEpoch) } },
  };
}

function isRefusal(error: unknown): boolean {
  return error instanceof ConditionalCheckFailedException;
}

async function unlessRefused<T>(write: () => Promise<T>): Promise<T | null> {
  try {
    return await write();
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

function recordOf(item: Item): LeaseRecord {
  const holder = item['holder']?.S;
  const epoch = Number(item['epoch']?.N);
  const renewals = Number(item['renewals']?.N);
  if (holder === undefined || !Number.isSafeInteger(epoch) || !Number.isSafeInteger(renewals)) {
    throw new AppError('internal_error', 'the lease in the control table is not readable');
  }
  const routing = item['routing_epoch']?.N;
  const routingEpoch = routing === undefined ? null : Number(routing);
  return { holder, epoch, renewals, handingTo: item['handing_to']?.S ?? null, routingEpoch };
}
