/** Open payments of the bench's twin: planted, counted, swept by hand. */

import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { journalToItem } from '#adapters/payment-items.ts';
import { sha256Hex } from '#adapters/system.ts';
import { canonicalRequest, openJournal } from '#core/journal.ts';
import type { Backlog } from '#core/ports.ts';
import type { SweepReport } from '#core/sweep.ts';
import type { BenchTwin } from './twin.ts';

const BATCH = 25;
const BATCHES_AT_ONCE = 8;

export function clientIn(of: BenchTwin, region: string): DynamoDBClient {
  return new DynamoDBClient({
    region,
    endpoint: of.addresses.aws,
    credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' },
  });
}

/**
 * Puts journals of payments that were accepted and left: what a Region leaves behind when it is lost.
 * They are due at `dueAtEpochMs`.
 */
export async function plantOpenPayments(
  of: BenchTwin,
  request: {
    readonly payments: number;
    readonly dueAtEpochMs: number;
    readonly progress: (text: string) => void;
  },
): Promise<void> {
  const client = clientIn(of, 'us-east-1');
  let planted = 0;
  const work = async (): Promise<void> => {
    while (planted < request.payments) {
      const first = planted;
      planted += BATCH;
      const items = Array.from({ length: Math.min(BATCH, request.payments - first) }, (_, index) =>
        openItem(`swept-${process.pid}-${first + index}`, request.dueAtEpochMs),
      );
      const requests = items.map((Item) => ({ PutRequest: { Item } }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { 'payments-dev': requests } }));
      request.progress(`planting open payments: ${planted} of ${request.payments}`);
    }
  };
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, work));
  client.destroy();
}

function openItem(transactionId: string, dueAtEpochMs: number) {
  const request = {
    transactionId,
    customerId: `cust-${transactionId.slice(-3)}`,
    amountMinor: 1050n,
    currency: 'USD',
  };
  const fingerprint = sha256Hex(canonicalRequest(request));
  const journal = openJournal(request, fingerprint, { atEpochMs: Date.now(), region: 'us-east-1' });
  return journalToItem({ ...journal, dueAtEpochMs });
}

/** Invokes a Region's sweeper, as a schedule does, and returns what it answers. */
export async function invokeSweeper(
  of: BenchTwin,
  region: string,
): Promise<{ readonly backlog: Backlog | null; readonly sweep: SweepReport | null }> {
  const credential = `Credential=operator/20260101/${region}/lambda/aws4_request`;
  const response = await fetch(
    `${of.addresses.aws}/2015-03-31/functions/payment-sweeper-dev/invocations`,
    {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=none`,
      },
      body: '{}',
    },
  );
  const text = await response.text();
  if (!response.ok || response.headers.has('x-amz-function-error')) throw new Error(text);
  return JSON.parse(text) as Awaited<ReturnType<typeof invokeSweeper>>;
}
