import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { createDynamoPaymentStore } from '#adapters/dynamo-payment-store.ts';
import { journalKey, journalToItem } from '#adapters/payment-items.ts';
import { openJournal } from '#core/journal.ts';
import type { PaymentStore } from '#core/ports.ts';

const journal = openJournal(
  { transactionId: 'txn-1', customerId: 'cust-1', amountMinor: 1050n, currency: 'USD' },
  'f'.repeat(64),
  { atEpochMs: 1_700_000_000_000, region: 'us-east-1' },
);
const deadline = { atEpochMs: 10_000 };

function awsError(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });
}

function refusal(Item?: ReturnType<typeof journalToItem>) {
  const base = { message: 'The conditional request failed', $metadata: { httpStatusCode: 400 } };
  return new ConditionalCheckFailedException(Item === undefined ? base : { ...base, Item });
}

/** A store whose client answers each call with the next of `answers`, throwing errors. */
function storeOver(...answers: unknown[]) {
  const send = async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return createDynamoPaymentStore({
    client: { send } as unknown as DynamoDBClient,
    tableName: 'payments-test',
    attempts: {
      clock: { nowEpochMs: () => 0 },
      attemptTimeoutMs: 1_500,
      attemptsMax: 2,
      sleep: async () => {},
      random: () => 0,
    },
  });
}

describe('createJournal', () => {
  it('finds its own journal when the answer of its first try was lost', async () => {
    const store = storeOver(awsError('InternalServerError', 500), refusal(journalToItem(journal)));
    expect(await store.createJournal(journal, deadline)).toEqual({ kind: 'exists', journal });
  });

  it('reads the journal back where a refusal carries no item', async () => {
    const store = storeOver(refusal(), { Item: journalToItem(journal) });
    expect(await store.createJournal(journal, deadline)).toEqual({ kind: 'exists', journal });
  });

  it.each([
    ['is throttled', [awsError('ThrottlingException', 400), awsError('ThrottlingException', 400)]],
    ['is not allowed', [awsError('AccessDeniedException', 400)]],
    ['finds nothing', [{}]],
  ])('is unknown when the read back %s: the journal may be its own', async (_name, answers) => {
    const store = storeOver(awsError('TimeoutError', 500), refusal(), ...answers);
    await expect(store.createJournal(journal, deadline)).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
  });
});

describe('a conditional update', () => {
  const claim = { seenDueAtEpochMs: 1, dueAtEpochMs: 2 };
  const change = { seenRevision: 0, refunds: [], updatedAtEpochMs: 1, dueAtEpochMs: 2 };
  const parked = { seenDueAtEpochMs: 1, atEpochMs: 2, reason: 'unavailable: refused' };
  const charged = { status: 'PROCESSED', chargeId: null } as const;
  const declined = { status: 'DECLINED', declineReason: 'expired_card' } as const;
  const updates: readonly {
    readonly name: string;
    readonly run: (store: PaymentStore) => Promise<unknown>;
    readonly refused: unknown;
  }[] = [
    {
      name: 'settle as charged',
      run: (store) => store.settleJournal('txn-1', charged, 1, deadline),
      refused: 'already',
    },
    {
      name: 'settle as declined',
      run: (store) => store.settleJournal('txn-1', declined, 1, deadline),
      refused: 'already',
    },
    {
      name: 'close',
      run: (store) => store.closeJournal('txn-1', 1, deadline),
      refused: 'already',
    },
    {
      name: 'replace refunds',
      run: (store) => store.replaceRefunds('txn-1', change, deadline),
      refused: 'raced',
    },
    {
      name: 'claim',
      run: (store) => store.claimJournal('txn-1', claim, deadline),
      refused: { kind: 'passed' },
    },
    {
      name: 'park',
      run: (store) => store.parkJournal('txn-1', parked, deadline),
      refused: 'passed',
    },
    {
      name: 'unpark',
      run: (store) => store.unparkJournal('txn-1', 1, deadline),
      refused: 'not-parked',
    },
  ];

  it.each(updates)('$name takes a refused condition for another attempt', async (update) => {
    expect(await update.run(storeOver(refusal()))).toEqual(update.refused);
    const own = storeOver(awsError('InternalServerError', 500), refusal());
    expect(await update.run(own)).toEqual(update.refused);
  });

  it.each(updates)('$name passes on that its outcome is unknown', async ({ run }) => {
    const lost = awsError('InternalServerError', 500);
    await expect(run(storeOver(lost, lost))).rejects.toMatchObject({ code: 'outcome_unknown' });
  });

  it.each(updates)('$name says so when it certainly had no effect', async ({ run }) => {
    const full = awsError('ThrottlingException', 400);
    await expect(run(storeOver(full, full))).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('readJournals', () => {
  const second = journalToItem({ ...journal, transactionId: 'txn-2' });
  const page = (items: readonly object[], left: readonly string[] = []) => ({
    Responses: { 'payments-test': items },
    UnprocessedKeys:
      left.length === 0 ? {} : { 'payments-test': { Keys: left.map((id) => journalKey(id)) } },
  });

  it('asks again for the keys that were left unprocessed', async () => {
    const store = storeOver(page([journalToItem(journal)], ['txn-2']), page([second]));
    const journals = await store.readJournals(['txn-1', 'txn-2', 'txn-3'], deadline);
    expect([...journals.keys()]).toEqual(['txn-1', 'txn-2']);
  });

  it('rejects rather than answer with a part', async () => {
    const lost = awsError('InternalServerError', 500);
    const store = storeOver(page([journalToItem(journal)], ['txn-2']), lost, lost);
    await expect(store.readJournals(['txn-1', 'txn-2'], deadline)).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  it('rejects more than one call of DynamoDB takes', async () => {
    const ids = Array.from({ length: 101 }, (_unused, index) => `txn-${index}`);
    await expect(storeOver().readJournals(ids, deadline)).rejects.toMatchObject({
      code: 'internal_error',
    });
  });
});
