/** What the processor's start is compared with: a handler that does one put with the same SDK client. */

import { randomUUID } from 'node:crypto';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';

const client = new DynamoDBClient({ maxAttempts: 1 });

export async function handler(): Promise<{ statusCode: number; body: string }> {
  await client.send(
    new PutItemCommand({
      TableName: process.env['PAYMENTS_TABLE'],
      Item: { transaction_id: { S: `bare-${randomUUID()}` }, timestamp: { N: '0' } },
    }),
  );
  return { statusCode: 200, body: '{}' };
}
