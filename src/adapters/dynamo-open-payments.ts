/** The sparse index of unfinished payments. */

import {
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { PAYMENTS_TABLE } from '#contract/names.ts';
import { knownRead } from '#core/app-error.ts';
import { SWEEP_AFTER_MS } from '#core/journal.ts';
import type { Backlog, Deadline, OpenPayment, OpenPayments } from '#core/ports.ts';
import { retryDelayMs } from '#core/sweep.ts';
import { type AttemptOptions, attemptAws } from './aws-attempts.ts';
import type { Item } from './payment-items.ts';
import { number, text } from './update-journal.ts';

/**
 * Pages read of one shard to measure it. A page is 1 MB, some 7,000 entries of 150 bytes: 16 shards of
 * three pages are some 300,000 open payments, beyond which the count says "at least".
 */
const MEASURED_PAGES_MAX = 3;

/** Creates the port over one table's `open-index`. */
export function createDynamoOpenPayments(options: {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly attempts: AttemptOptions;
}): OpenPayments {
  const query = (what: string, input: Omit<QueryCommandInput, 'TableName'>, deadline: Deadline) => {
    const command = new QueryCommand({
      TableName: options.tableName,
      IndexName: PAYMENTS_TABLE.openIndex,
      ...input,
    });
    return knownRead(
      attemptAws(
        what,
        (abortSignal) => options.client.send(command, { abortSignal }),
        deadline,
        options.attempts,
      ),
    );
  };

  const measureShard = async (open: string, nowEpochMs: number, deadline: Deadline) => {
    let count = 0;
    let overdue = 0;
    let oldestEpochSeconds = Number.POSITIVE_INFINITY;
    let start: Item | undefined;
    for (let page = 0; page < MEASURED_PAGES_MAX; page += 1) {
      const answer = await query(
        'measure open payments',
        {
          KeyConditionExpression: '#open = :open',
          ProjectionExpression: 'due_at, payment_timestamp, attempts',
          ExpressionAttributeNames: { '#open': 'open' },
          ExpressionAttributeValues: { ':open': text(open) },
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        },
        deadline,
      );
      for (const item of answer.Items ?? []) {
        count += 1;
        if (Number(item['due_at']?.N) <= nowEpochMs) overdue += 1;
        const isParked = open === PAYMENTS_TABLE.parkedShard;
        const since = isParked ? Number(item['payment_timestamp']?.N) : openSince(item);
        oldestEpochSeconds = Math.min(oldestEpochSeconds, since);
      }
      start = answer.LastEvaluatedKey;
      if (start === undefined) break;
    }
    return { count, overdue, oldestEpochSeconds };
  };

  return {
    async listDue({ shard, dueBeforeEpochMs, limit, after }, deadline) {
      const answer = await query(
        'list open payments',
        {
          KeyConditionExpression: '#open = :open AND due_at <= :now',
          ExpressionAttributeNames: { '#open': 'open' },
          ExpressionAttributeValues: {
            ':open': text(`open#${shard}`),
            ':now': number(dueBeforeEpochMs),
          },
          Limit: limit,
          ...(after === null ? {} : { ExclusiveStartKey: startKey(shard, after) }),
        },
        deadline,
      );
      const payments = (answer.Items ?? []).map(openPaymentOf);
      const last = payments.at(-1);
      return { payments, next: answer.LastEvaluatedKey === undefined ? null : (last ?? null) };
    },
    async listMisdated({ shard, dueAfterEpochMs, limit }, deadline) {
      const answer = await query(
        'list misdated payments',
        {
          KeyConditionExpression: '#open = :open AND due_at > :after',
          ExpressionAttributeNames: { '#open': 'open' },
          ExpressionAttributeValues: {
            ':open': text(`open#${shard}`),
            ':after': number(dueAfterEpochMs),
          },
          Limit: limit,
        },
        deadline,
      );
      return (answer.Items ?? []).map(openPaymentOf);
    },
    async measure(nowEpochMs, deadline): Promise<Backlog> {
      const shards = Array.from(
        { length: PAYMENTS_TABLE.openShards },
        (_, shard) => `open#${shard}`,
      );
      const measured = await Promise.all(
        [PAYMENTS_TABLE.parkedShard, ...shards].map((open) =>
          measureShard(open, nowEpochMs, deadline),
        ),
      );
      const [parked, ...open] = measured;
      const oldest = Math.min(...measured.map(({ oldestEpochSeconds }) => oldestEpochSeconds));
      return {
        open: open.reduce((sum, { count }) => sum + count, 0),
        overdue: open.reduce((sum, shard) => sum + shard.overdue, 0),
        oldestEpochSeconds: Number.isFinite(oldest) ? oldest : null,
        parked: parked?.count ?? 0,
      };
    },
  };
}

/** Between two sweeps: how much later than it was due each attempt may have been. Seconds. */
const SWEEP_SECONDS = 60;

/**
 * When the work of an open entry began, epoch seconds: when its payment was accepted, or, where that is longer ago than
 * its attempts account for, when the refund was that opened it again.
 */
function openSince(item: Item): number {
  const { dueAtEpochMs, attempts } = openPaymentOf(item);
  const accepted = Number(item['payment_timestamp']?.N);
  let waitedMs = SWEEP_AFTER_MS;
  for (let attempt = 1; attempt < attempts; attempt += 1) waitedMs += retryDelayMs(attempt);
  const begunAt = Math.floor((dueAtEpochMs - waitedMs) / 1_000);
  return begunAt - accepted > SWEEP_SECONDS * (attempts + 1) ? begunAt : accepted;
}

function openPaymentOf(item: Item): OpenPayment {
  return {
    transactionId: item.transaction_id?.S ?? '',
    dueAtEpochMs: Number(item.due_at?.N),
    attempts: Number(item.attempts?.N ?? 1),
  };
}

function startKey(shard: number, after: OpenPayment): Item {
  return {
    transaction_id: text(after.transactionId),
    timestamp: number(PAYMENTS_TABLE.journalSortKey),
    open: text(`open#${shard}`),
    due_at: number(after.dueAtEpochMs),
  };
}
