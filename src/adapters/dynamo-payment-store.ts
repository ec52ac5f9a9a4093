/** The payment store on DynamoDB: conditional writes of single items, nothing else. */

import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { PAYMENTS_TABLE } from '#contract/names.ts';
import { AppError } from '#core/app-error.ts';
import { type Payment, SWEEP_AFTER_MS } from '#core/journal.ts';
import type { Deadline, PaymentStore } from '#core/ports.ts';
import { type AttemptOptions, attemptAws } from './aws-attempts.ts';
import {
  type Item,
  itemToJournal,
  itemToPayment,
  journalToItem,
  openValueOf,
  parkedToValue,
  paymentToItem,
  refundsToValue,
} from './payment-items.ts';
import { readJournals } from './read-journals.ts';
import { number, text, updateJournal } from './update-journal.ts';

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
    readJournals: (transactionIds, deadline) => readJournals(transactionIds, deadline, options),
    settleJournal: async (transactionId, settlement, updatedAtEpochMs, deadline) => {
      const change =
        settlement.status === 'PROCESSED'
          ? {
              set: {
                status: text('PROCESSED'),
                updated_at: number(updatedAtEpochMs),
                ...(settlement.chargeId === null ? {} : { charge_id: text(settlement.chargeId) }),
              },
              remove: ['open', 'due_at', 'parked'],
            }
          : {
              set: {
                status: text('DECLINED'),
                updated_at: number(updatedAtEpochMs),
                decline_reason: text(settlement.declineReason),
                open: text(openValueOf(transactionId)),
                due_at: number(updatedAtEpochMs + SWEEP_AFTER_MS),
                // The work that is left now, telling of it, has not been tried yet.
                attempts: number(1),
              },
              remove: ['parked'],
            };
      // Only an open journal is settled: a status never goes back, and a journal is never made up here.
      const done = await updateJournal(
        'settle journal',
        transactionId,
        { ...change, where: { status: text('ACCEPTED') } },
        deadline,
        options,
      );
      // Another attempt settled it, or ours did and its answer was lost: the same to everyone.
      return done === null ? 'already' : 'settled';
    },
    closeJournal: async (transactionId, updatedAtEpochMs, deadline) => {
      const done = await updateJournal(
        'close journal',
        transactionId,
        {
          set: { updated_at: number(updatedAtEpochMs) },
          remove: ['open', 'due_at', 'parked'],
          where: { status: text('DECLINED'), open: 'exists' },
        },
        deadline,
        options,
      );
      return done === null ? 'already' : 'closed';
    },
    replaceRefunds: async (transactionId, change, deadline) => {
      const isOpen = change.refunds.some(({ status }) => status === 'ACCEPTED');
      const done = await updateJournal(
        'replace refunds',
        transactionId,
        {
          set: {
            refunds: refundsToValue(change.refunds),
            refunds_revision: number(change.seenRevision + 1),
            updated_at: number(change.updatedAtEpochMs),
            ...(isOpen
              ? {
                  open: text(openValueOf(transactionId)),
                  due_at: number(change.dueAtEpochMs),
                  attempts: number(1),
                }
              : {}),
          },
          remove: isOpen ? ['parked'] : ['parked', 'open', 'due_at'],
          where: {
            status: text('PROCESSED'),
            refunds_revision: change.seenRevision === 0 ? 'absent' : number(change.seenRevision),
          },
        },
        deadline,
        options,
      );
      return done === null ? 'raced' : 'replaced';
    },
    claimJournal: async (transactionId, claim, deadline) => {
      const item = await updateJournal(
        'claim journal',
        transactionId,
        {
          set: { due_at: number(claim.dueAtEpochMs) },
          add: { attempts: number(1) },
          where: {
            open: text(openValueOf(transactionId)),
            due_at: number(claim.seenDueAtEpochMs),
          },
        },
        deadline,
        options,
      );
      return item === null ? { kind: 'passed' } : { kind: 'claimed', journal: itemToJournal(item) };
    },
    parkJournal: async (transactionId, { seenDueAtEpochMs, ...parked }, deadline) => {
      const done = await updateJournal(
        'park journal',
        transactionId,
        {
          set: {
            open: text(PAYMENTS_TABLE.parkedShard),
            due_at: number(parked.atEpochMs),
            updated_at: number(parked.atEpochMs),
            parked: parkedToValue(parked),
          },
          where: {
            open: text(openValueOf(transactionId)),
            due_at: number(seenDueAtEpochMs),
          },
        },
        deadline,
        options,
      );
      return done === null ? 'passed' : 'parked';
    },
    unparkJournal: async (transactionId, dueAtEpochMs, deadline) => {
      const done = await updateJournal(
        'unpark journal',
        transactionId,
        {
          set: {
            open: text(openValueOf(transactionId)),
            due_at: number(dueAtEpochMs),
            attempts: number(1),
          },
          remove: ['parked'],
          where: { open: text(PAYMENTS_TABLE.parkedShard) },
        },
        deadline,
        options,
      );
      return done === null ? 'not-parked' : 'reopened';
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
