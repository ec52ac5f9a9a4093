/** The payment store on DynamoDB: conditional writes of single items, nothing else. */

import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { AppError } from '#core/app-error.ts';
import type { Payment } from '#core/journal.ts';
import type { Deadline, PaymentStore } from '#core/ports.ts';
import { type AttemptOptions, attemptAws } from './aws-attempts.ts';
import {
  type Item,
  itemToJournal,
  itemToPayment,
  journalKey,
  journalToItem,
  paymentToItem,
} from './payment-items.ts';

export interface DynamoStoreOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly attempts: AttemptOptions;
}

/** Creates the store over one table. Each method is one call, and a second only where noted. */
export function createDynamoPaymentStore(options: DynamoStoreOptions): PaymentStore {
  return {
    createJournal: async (journal, deadline) => {
      const existing = await putIfAbsent(journalToItem(journal), deadline, options);
      if (existing === null) return { kind: 'created' };
      return { kind: 'exists', journal: itemToJournal(existing) };
    },
    recordPayment: async (payment, deadline) => {
      const existing = await putIfAbsent(paymentToItem(payment), deadline, options);
      if (existing === null) return { kind: 'recorded' };
      return { kind: 'exists', payment: itemToPayment(existing) satisfies Payment };
    },
    finishJournal: async (transactionId, change, deadline) => {
      const command = new UpdateItemCommand({
        TableName: options.tableName,
        Key: journalKey(transactionId),
        UpdateExpression: 'SET #status = :final, #updated = :now REMOVE #open',
        // Only an open journal moves: a status never goes back, and a journal is never made up here.
        ConditionExpression: '#status = :open',
        ExpressionAttributeNames: {
          '#status': 'status',
          '#updated': 'updated_at',
          '#open': 'open',
        },
        ExpressionAttributeValues: {
          ':final': { S: change.status },
          ':now': { N: String(change.updatedAtEpochMs) },
          ':open': { S: 'ACCEPTED' },
        },
      });
      try {
        await attemptAws(
          'finish journal',
          (abortSignal) => options.client.send(command, { abortSignal }),
          deadline,
          options.attempts,
          isConditionFailure,
        );
        return 'finished';
      } catch (error) {
        // Another attempt finished it, or ours did and its answer was lost: the same to everyone.
        if (isConditionFailure(error)) return 'already';
        throw error;
      }
    },
  };
}

/** Puts an item whose key is free; returns null, or the item that holds the key. */
async function putIfAbsent(
  item: Item,
  deadline: Deadline,
  options: DynamoStoreOptions,
): Promise<Item | null> {
  const command = new PutItemCommand({
    TableName: options.tableName,
    Item: item,
    ConditionExpression: 'attribute_not_exists(transaction_id)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  try {
    await attemptAws(
      'put if absent',
      (abortSignal) => options.client.send(command, { abortSignal }),
      deadline,
      options.attempts,
      isConditionFailure,
    );
    return null;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return error.Item ?? (await readBack(item, deadline, options));
  }
}

/**
 * For a table whose refusals carry no item. Items are never deleted, so it must be there.
 *
 * The item that holds the key may be our own, put by an attempt whose answer was lost. So until it has
 * been read, the outcome of the put is unknown, whatever keeps us from reading it.
 */
async function readBack(
  { transaction_id, timestamp }: Item,
  deadline: Deadline,
  options: DynamoStoreOptions,
): Promise<Item> {
  if (transaction_id === undefined || timestamp === undefined) {
    throw new AppError('internal_error', 'an item without its key');
  }
  const command = new GetItemCommand({
    TableName: options.tableName,
    Key: { transaction_id, timestamp },
    ConsistentRead: true,
  });
  try {
    const answer = await attemptAws(
      'read back',
      (abortSignal) => options.client.send(command, { abortSignal }),
      deadline,
      options.attempts,
    );
    if (answer.Item !== undefined) return answer.Item;
  } catch (cause) {
    throw new AppError('outcome_unknown', 'an item that refused a put was not read', { cause });
  }
  throw new AppError('outcome_unknown', 'an item that refused a put is not there');
}

function isConditionFailure(error: unknown): boolean {
  return error instanceof ConditionalCheckFailedException;
}
