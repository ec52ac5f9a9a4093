/** Reads of payments from DynamoDB: one by id, a customer's by page. */

import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { PAYMENTS_TABLE } from '#contract/names.ts';
import type { PagePosition, PaymentReader } from '#core/ports.ts';
import { type AttemptOptions, attemptAws } from './aws-attempts.ts';
import {
  type Item,
  isEffectivePayment,
  isJournalItem,
  itemToJournal,
  itemToPayment,
} from './payment-items.ts';

export interface DynamoReaderOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly attempts: AttemptOptions;
}

/** Creates the reader over one table. */
export function createDynamoPaymentReader(options: DynamoReaderOptions): PaymentReader {
  return {
    readPayment: async (transactionId, deadline) => {
      // Journal and payment share a partition: one strongly consistent query reads both at once.
      const command = new QueryCommand({
        TableName: options.tableName,
        KeyConditionExpression: 'transaction_id = :id',
        ExpressionAttributeValues: { ':id': { S: transactionId } },
        ConsistentRead: true,
      });
      const { Items: items = [] } = await attemptAws(
        'read payment',
        (abortSignal) => options.client.send(command, { abortSignal }),
        deadline,
        options.attempts,
      );
      const journalItem = items.find(isJournalItem);
      const journal = journalItem === undefined ? null : itemToJournal(journalItem);
      // Beside the record there may be one that reconcile put out of effect, at another timestamp.
      const records = items.filter(isEffectivePayment).map(itemToPayment);
      const payment =
        records.find((one) => one.timestampEpochSeconds === journal?.paymentEpochSeconds) ??
        records[0];
      return { payment: payment ?? null, journal };
    },
    listCustomerPayments: async ({ customerId, limit, after }, deadline) => {
      const command = new QueryCommand({
        TableName: options.tableName,
        IndexName: PAYMENTS_TABLE.customerIndex,
        KeyConditionExpression: 'customer_id = :customer',
        ExpressionAttributeValues: { ':customer': { S: customerId } },
        ScanIndexForward: false,
        Limit: limit,
        ...(after === null ? {} : { ExclusiveStartKey: startKey(customerId, after) }),
      });
      const answer = await attemptAws(
        'list payments',
        (abortSignal) => options.client.send(command, { abortSignal }),
        deadline,
        options.attempts,
      );
      return {
        payments: (answer.Items ?? []).map(itemToPayment),
        next: positionOf(answer.LastEvaluatedKey),
      };
    },
  };
}

function startKey(customerId: string, after: PagePosition): Item {
  return {
    customer_id: { S: customerId },
    transaction_id: { S: after.transactionId },
    timestamp: { N: String(after.timestampEpochSeconds) },
  };
}

function positionOf(key: Item | undefined): PagePosition | null {
  const transactionId = key?.transaction_id?.S;
  const timestamp = key?.timestamp?.N;
  if (transactionId === undefined || timestamp === undefined) return null;
  return { transactionId, timestampEpochSeconds: Number(timestamp) };
}
