/** Strongly consistent reads of many journals at once. */

import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { AppError, knownRead } from '#core/app-error.ts';
import type { Journal } from '#core/journal.ts';
import type { Deadline } from '#core/ports.ts';
import { type AttemptOptions, attemptAws } from './aws-attempts.ts';
import { type Item, itemToJournal, journalKey } from './payment-items.ts';

/** Keys of one BatchGetItem. Source: DynamoDB API reference, BatchGetItem. */
const KEYS_MAX = 100;

/**
 * The journals of up to 100 payments, by transaction_id; those that do not exist are left out. Keys that
 * DynamoDB leaves unprocessed are asked for again until the deadline.
 *
 * Throws `AppError`, `unavailable` when not all could be read: a part of the answer is none.
 */
export async function readJournals(
  transactionIds: readonly string[],
  deadline: Deadline,
  options: {
    readonly client: DynamoDBClient;
    readonly tableName: string;
    readonly attempts: AttemptOptions;
  },
): Promise<ReadonlyMap<string, Journal>> {
  const { tableName } = options;
  const journals = new Map<string, Journal>();
  const ids = [...new Set(transactionIds)];
  if (ids.length > KEYS_MAX) throw new AppError('internal_error', 'too many journals at once');
  let keys: readonly Item[] = ids.map(journalKey);
  while (keys.length > 0) {
    const command = new BatchGetItemCommand({
      RequestItems: { [tableName]: { Keys: [...keys], ConsistentRead: true } },
    });
    const answer = await knownRead(
      attemptAws(
        'read journals',
        (abortSignal) => options.client.send(command, { abortSignal }),
        deadline,
        options.attempts,
      ),
    );
    for (const item of answer.Responses?.[tableName] ?? []) {
      const journal = itemToJournal(item);
      journals.set(journal.transactionId, journal);
    }
    keys = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
    if (keys.length > 0) await pause(deadline, options.attempts);
  }
  return journals;
}

const PAUSE_MS = 50;

async function pause(deadline: Deadline, { clock, sleep }: AttemptOptions): Promise<void> {
  await sleep(Math.max(0, Math.min(PAUSE_MS, deadline.atEpochMs - clock.nowEpochMs())));
}
