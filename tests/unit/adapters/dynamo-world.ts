/** A DynamoDB client that answers from a list and keeps what it was asked, for tests of the adapters. */

import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

export function awsError(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });
}

export function refusal(): Error {
  return new ConditionalCheckFailedException({
    message: 'The conditional request failed',
    $metadata: { httpStatusCode: 400 },
  });
}

/** Options of an adapter whose client answers each call with the next of `answers`, throwing errors. */
export function adapterOptions(...answers: unknown[]) {
  const inputs: Record<string, unknown>[] = [];
  const send = async ({ input }: { readonly input: Record<string, unknown> }) => {
    inputs.push(input);
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const options = {
    client: { send } as unknown as DynamoDBClient,
    tableName: 'payments-test',
    attempts: {
      clock: { nowEpochMs: () => 0 },
      attemptTimeoutMs: 1_500,
      attemptsMax: 2,
      sleep: async () => {},
      random: () => 0,
    },
  };
  return { options, inputs };
}
