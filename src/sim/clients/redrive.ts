/**
 * What `holdfast dlq redrive` does for one Region: dead letters go back, and parked payments are
 * open again.
 */

import { AppError } from '#core/app-error.ts';
import type { Journal } from '#core/journal.ts';
import type { QueuedPayment } from '#core/ports.ts';
import type { RegionName } from '../faults/fault-spec.ts';
import type { RegionQueue } from '../services/payment-queue.ts';
import type { System } from '../system.ts';
import type { OperatorDesk } from './operator-desk.ts';

/** Letters judged at once: as many as journals are read at once. */
const BATCH_MAX = 100;

/**
 * Returns how many letters and parked payments were given another try. Letters that no payment of
 * ours stands behind stay. What can't be reached is left for the next time. Never rejects for a
 * fault.
 */
export async function redriveRegion(
  system: System,
  desk: OperatorDesk,
  region: RegionName,
): Promise<number> {
  const counts = [
    await redriveLetters(system, desk, region),
    await unparkAll(system, desk, region),
  ];
  const redriven = counts.reduce((sum, count) => sum + count, 0);
  system.world.note('operator', region, 'redrive', desk.actor, String(redriven));
  return redriven;
}

async function redriveLetters(
  { regions, network }: System,
  desk: OperatorDesk,
  region: RegionName,
): Promise<number> {
  const { queue } = regions[region];
  const ids = queue.deadLetters
    .flatMap((letter) => letter?.transactionId ?? [])
    .slice(0, BATCH_MAX);
  if (ids.length === 0 || !network.isOpen('world', region)) return 0;
  try {
    const journals = await desk.storeOf(region).readJournals(ids, desk.deadline());
    return resend(queue, journals);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return 0;
  }
}

/** Sent first, and dead no more: in one moment here, and a message twice would be harmless. */
function resend(queue: RegionQueue, journals: ReadonlyMap<string, Journal>): number {
  const letters = queue.deadLetters.splice(0);
  let redriven = 0;
  for (const letter of letters) {
    if (letter === null || !isOurs(letter, journals.get(letter.transactionId))) {
      queue.deadLetters.push(letter);
      continue;
    }
    queue.send(letter);
    redriven += 1;
  }
  return redriven;
}

/** As src/ops/judge-messages.ts has it. */
function isOurs({ fingerprint }: QueuedPayment, journal: Journal | undefined): boolean {
  return journal !== undefined && (fingerprint === null || fingerprint === journal.fingerprint);
}

/** In the Region whose writes count. */
async function unparkAll(
  { payments, control }: System,
  desk: OperatorDesk,
  region: RegionName,
): Promise<number> {
  const parked: string[] = [];
  payments.journals.each(region, (journal, id) => {
    if (journal.parked !== null) parked.push(id);
  });
  if (parked.length === 0) return 0;
  const holder = (control.lease?.holder ?? region) as RegionName;
  const store = desk.storeOf(holder);
  let reopened = 0;
  for (const id of parked) {
    try {
      const done = await store.unparkJournal(id, desk.clock.nowEpochMs(), desk.deadline());
      if (done === 'reopened') reopened += 1;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  }
  return reopened;
}
