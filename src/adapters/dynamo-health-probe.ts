/** The health probe: a strongly consistent read of the payments table. */

import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { HEALTH_PROBE } from '#contract/names.ts';
import type { HealthProbe } from '#core/ports.ts';
import { type AttemptOptions, attemptAws } from './aws-attempts.ts';

/**
 * Creates a probe that reads a key which never exists. In MRSC mode a strong read succeeds only in a
 * Region that reaches the quorum, which is exactly the Region that can accept a payment.
 */
export function createDynamoHealthProbe(options: {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly attempts: AttemptOptions;
}): HealthProbe {
  const command = new GetItemCommand({
    TableName: options.tableName,
    Key: {
      transaction_id: { S: HEALTH_PROBE.transactionId },
      timestamp: { N: String(HEALTH_PROBE.sortKey) },
    },
    ConsistentRead: true,
  });
  return {
    probe: async (deadline) => {
      await attemptAws(
        'health probe',
        (abortSignal) => options.client.send(command, { abortSignal }),
        deadline,
        options.attempts,
      );
    },
  };
}
