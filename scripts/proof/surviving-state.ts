/** What the surviving Region holds: every item of its replica, its backlog, its dead letters. */

import { type AttributeValue, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PAYMENTS_TABLE, resourceNames } from '#contract/names.ts';
import { isSyntheticPayment } from '#core/synthetic-payment.ts';
import { type AwsEndpoint, clientOptions } from './aws-endpoint.ts';

/** The part of an item that the proof looks at. */
export interface StoredItem {
  readonly transactionId: string;
  readonly timestampEpochSeconds: number;
  readonly status: string;
  /** Decimal text; a journal's is that of the request in it. */
  readonly amount: string;
  readonly currency: string;
  /** Region whose attempt created the journal. */
  readonly region: string;
  /** Value of `open`: work is left, or was given up. Null: none is left. */
  readonly open: string | null;
}

export interface SurvivingState {
  /** Strongly consistent; without those that an orchestrator made to see that payments go through. */
  items(): Promise<readonly StoredItem[]>;
  /** Entries of `open-index`, parked ones included. */
  countOpen(): Promise<number>;
  countDeadLetters(): Promise<number>;
  close(): void;
}

type Item = Record<string, AttributeValue>;

/** Reads as an operator, past the API and past the project's own adapters. */
export function readSurvivingState(
  endpoint: AwsEndpoint,
  region: string,
  suffix: string,
): SurvivingState {
  const names = resourceNames(suffix);
  const dynamodb = new DynamoDBClient(clientOptions(endpoint, region));
  const sqs = new SQSClient({ ...clientOptions(endpoint, region), useQueueUrlAsEndpoint: false });

  const scan = async (index?: string): Promise<readonly Item[]> => {
    const found: Item[] = [];
    let start: Item | undefined;
    do {
      const page = await dynamodb.send(
        new ScanCommand({
          TableName: names.paymentsTable,
          // An index is read as it is: DynamoDB has no consistent reads of one.
          ...(index === undefined ? { ConsistentRead: true } : { IndexName: index }),
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
      );
      found.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return found;
  };

  return {
    items: async () =>
      (await scan())
        .map(readItem)
        .filter(({ transactionId }) => !isSyntheticPayment(transactionId)),
    countOpen: async () => (await scan(PAYMENTS_TABLE.openIndex)).length,
    countDeadLetters: async () => {
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: names.paymentDlq }));
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
      );
      return (
        Number(Attributes['ApproximateNumberOfMessages']) +
        Number(Attributes['ApproximateNumberOfMessagesNotVisible'])
      );
    },
    close: () => {
      dynamodb.destroy();
      sqs.destroy();
    },
  };
}

export function isJournal(item: StoredItem): boolean {
  return item.timestampEpochSeconds === PAYMENTS_TABLE.journalSortKey;
}

function readItem(item: Item): StoredItem {
  const money = item['request']?.M ?? item;
  return {
    transactionId: item['transaction_id']?.S ?? '',
    timestampEpochSeconds: Number(item['timestamp']?.N),
    status: item['status']?.S ?? '',
    amount: money['amount']?.S ?? '',
    currency: money['currency']?.S ?? '',
    region: item['region']?.S ?? '',
    open: item['open']?.S ?? null,
  };
}
