/** Payments that were given up for now: a partition of their own in `open-index`. */

import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { attemptAws } from '#adapters/aws-attempts.ts';
import { createDynamoPaymentStore } from '#adapters/dynamo-payment-store.ts';
import type { Item } from '#adapters/payment-items.ts';
import { PAYMENTS_TABLE } from '#contract/names.ts';
import { knownRead } from '#core/app-error.ts';
import type { Journal } from '#core/journal.ts';
import type { Environment, RegionConnection } from './connect.ts';
import { type Judgement, judgeMessages, type ReadJournals } from './judge-messages.ts';

export interface ParkedPayment {
  readonly transactionId: string;
  readonly parkedAtEpochMs: number;
  readonly attempts: number;
  readonly reason: string;
  /** Null where it can't be read. */
  readonly journal: Journal | null;
}

export interface ParkedPayments {
  /** Region that the list is read from. */
  readonly region: string;
  /** Pages of up to 100, those parked first first. Throws `AppError`. */
  pages(): AsyncGenerator<readonly ParkedPayment[]>;
}

/** Entries of a page: as many as journals are read at once. */
const PAGE_SIZE = 100;

/** Lists the parked payments that one Region knows of. */
export function createParkedPayments(
  { region, dynamodb: client }: RegionConnection,
  environment: Environment,
  read: ReadJournals,
): ParkedPayments {
  return {
    region,
    async *pages() {
      let start: Item | undefined;
      do {
        const command = new QueryCommand({
          TableName: environment.names.paymentsTable,
          IndexName: PAYMENTS_TABLE.openIndex,
          KeyConditionExpression: '#open = :parked',
          ExpressionAttributeNames: { '#open': PAYMENTS_TABLE.openKey },
          ExpressionAttributeValues: { ':parked': { S: PAYMENTS_TABLE.parkedShard } },
          Limit: PAGE_SIZE,
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        });
        const answer = await knownRead(
          attemptAws(
            'list parked payments',
            (abortSignal) => client.send(command, { abortSignal }),
            environment.deadline(),
            environment.attempts,
          ),
        );
        yield await withJournals(answer.Items ?? [], read);
        start = answer.LastEvaluatedKey;
      } while (start !== undefined);
    },
  };
}

/** Makes a parked payment open again, due now, in the Region whose writes count. Throws `AppError`. */
export async function unpark(
  transactionId: string,
  { dynamodb: client }: RegionConnection,
  environment: Environment,
): Promise<'reopened' | 'not-parked'> {
  const { names, attempts } = environment;
  const store = createDynamoPaymentStore({ client, tableName: names.paymentsTable, attempts });
  return store.unparkJournal(transactionId, attempts.clock.nowEpochMs(), environment.deadline());
}

async function withJournals(
  entries: readonly Item[],
  read: ReadJournals,
): Promise<readonly ParkedPayment[]> {
  const ids = entries.map((entry) => entry['transaction_id']?.S ?? '');
  const bodies = ids.map((id) => JSON.stringify({ transaction_id: id }));
  const judgements = await judgeMessages(bodies, read);
  return entries.map((entry, index) => {
    const judgement = judgements[index] as Judgement;
    const journal = judgement.kind === 'ours' ? judgement.journal : null;
    return {
      transactionId: ids[index] as string,
      parkedAtEpochMs: journal?.parked?.atEpochMs ?? Number(entry['due_at']?.N ?? 0),
      attempts: journal?.attempts ?? Number(entry['attempts']?.N ?? 0),
      // The index is behind the table for a moment: what the journal says now is what counts.
      reason:
        judgement.kind === 'ours'
          ? (judgement.journal.parked?.reason ?? 'no longer parked')
          : judgement.reason,
      journal,
    };
  });
}
