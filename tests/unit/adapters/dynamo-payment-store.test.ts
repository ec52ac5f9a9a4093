import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { createDynamoPaymentStore } from '#adapters/dynamo-payment-store.ts';
import { journalToItem } from '#adapters/payment-items.ts';
import { openJournal } from '#core/journal.ts';

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

describe('finishJournal', () => {
  const change = { status: 'PROCESSED', updatedAtEpochMs: 1 } as const;

  it('takes a refused condition for the work of another attempt', async () => {
    expect(await storeOver(refusal()).finishJournal('txn-1', change, deadline)).toBe('already');
  });

  it('passes on that its outcome is unknown', async () => {
    const lost = awsError('InternalServerError', 500);
    await expect(
      storeOver(lost, lost).finishJournal('txn-1', change, deadline),
    ).rejects.toMatchObject({ code: 'outcome_unknown' });
  });
});
