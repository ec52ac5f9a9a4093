/** Both Regions' queues with dead letters, over one table that both Regions' clients reach. */

import { journalToItem } from '#adapters/payment-items.ts';
import { type Journal, openJournal } from '#core/journal.ts';
import { connectDeadLetters } from '#ops/connect-dead-letters.ts';
import {
  EAST_1,
  EAST_2,
  environmentOf,
  NOW,
  startRegion,
  type TestRegion,
} from './dynalite-environment.ts';
import { createMemoryQueues, type MemoryQueues } from './memory-queues.ts';

const ACCEPTED_AT_EPOCH_MS = 1_700_000_000_000;
export const PARKED_FOR = 'unavailable: the gateway did not answer';
/** The lease is us-east-1's. */
export const LEASE = {
  ...{ scope: { S: 'lease' }, sequence: { N: '0' } },
  ...{ holder: { S: EAST_1 }, epoch: { N: '1' }, renewals: { N: '0' } },
};

export function body(transactionId: string): string {
  return JSON.stringify({ transaction_id: transactionId });
}

export function journalOf(transactionId: string, changes: Partial<Journal> = {}): Journal {
  const request = { transactionId, customerId: 'cust-1', amountMinor: 1050n, currency: 'USD' };
  const accepted = { atEpochMs: ACCEPTED_AT_EPOCH_MS, region: EAST_2 };
  return { ...openJournal(request, 'f'.repeat(64), accepted), ...changes };
}

/** Queues may be replaced. */
export interface DeadLetterWorld {
  readonly table: TestRegion;
  east1: MemoryQueues;
  east2: MemoryQueues;
}

/** Two letters with open payments, two that are poison, and a payment that is parked. */
export async function startDeadLetters(): Promise<DeadLetterWorld> {
  const table = await startRegion(EAST_1);
  await table.put(LEASE, 'payments-control-dev');
  for (const id of ['open-1', 'open-2']) await table.put(journalToItem(journalOf(id)));
  const parked = { atEpochMs: NOW - 60_000, reason: PARKED_FOR };
  const changes = { dueAtEpochMs: null, parked, attempts: 20 };
  await table.put(journalToItem(journalOf('parked-1', changes)));
  return {
    table,
    east1: createMemoryQueues(EAST_1, [body('open-1'), 'not \u0007 json', body('nobody')]),
    east2: createMemoryQueues(EAST_2, [body('open-2')]),
  };
}

export function connectionOf(
  { table: { dynamodb, cloudwatch } }: DeadLetterWorld,
  region: string,
  queues: MemoryQueues,
) {
  return { region, dynamodb, cloudwatch, sqs: queues.client };
}

export function portsOf(
  world: DeadLetterWorld,
  regions = [connectionOf(world, EAST_1, world.east1), connectionOf(world, EAST_2, world.east2)],
) {
  return connectDeadLetters(environmentOf(regions));
}

export function isVisible({ dead }: MemoryQueues): boolean {
  return dead.every((message) => message.isVisible);
}
