/** Says what a dead message is worth: whether a payment of ours stands behind it, and what that needs. */

import { readJournals } from '#adapters/read-journals.ts';
import { readPaymentMessage } from '#adapters/sqs-payment-queue.ts';
import type { Journal } from '#core/journal.ts';
import { type Environment, firstAnswer, type RegionConnection } from './connect.ts';
import { isFault, reasonOf } from './ops-error.ts';

export type Judgement =
  /** A payment stands behind it. */
  | { readonly kind: 'ours'; readonly transactionId: string; readonly journal: Journal }
  /** Going back to the queue would only bring it here again. */
  | { readonly kind: 'poison'; readonly transactionId: string | null; readonly reason: string }
  /** Nobody could tell. */
  | { readonly kind: 'unknown'; readonly transactionId: string; readonly reason: string };

/** Reads journals by transaction_id, up to 100; what does not exist is left out. Throws `AppError`, `OpsError`. */
export type ReadJournals = (
  transactionIds: readonly string[],
) => Promise<ReadonlyMap<string, Journal>>;

/**
 * Reads them in the first Region that answers; what it does not have is asked of the others, whose
 * replicas may know more where the table is eventually consistent.
 */
export function journalsOf(environment: Environment): ReadJournals {
  const { names, attempts, regions } = environment;
  const read = ({ dynamodb: client }: RegionConnection, ids: readonly string[]) =>
    readJournals(ids, environment.deadline(), { client, tableName: names.paymentsTable, attempts });
  return async (ids) => {
    const { answer, connection } = await firstAnswer('journals', regions, (one) => read(one, ids));
    const journals = new Map(answer);
    for (const other of regions.slice(regions.indexOf(connection) + 1)) {
      const missing = ids.filter((id) => !journals.has(id));
      if (missing.length === 0) break;
      try {
        for (const [id, journal] of await read(other, missing)) journals.set(id, journal);
      } catch (error) {
        if (!isFault(error)) throw error;
      }
    }
    return journals;
  };
}

/** Judges messages by their bodies, in the same order, up to 100. Never throws for a fault. */
export async function judgeMessages(
  bodies: readonly string[],
  read: ReadJournals,
): Promise<readonly Judgement[]> {
  const messages = bodies.map(readPaymentMessage);
  const ids = messages.flatMap((message) => message?.transactionId ?? []);
  const known = await judgeIds([...new Set(ids)], read);
  return messages.map((message) => {
    if (message === null) return NOT_OURS;
    const { transactionId, fingerprint } = message;
    const judgement = known.get(transactionId);
    if (judgement === undefined)
      return { kind: 'poison', transactionId, reason: 'no such payment' };
    const isReplaced =
      judgement.kind === 'ours' &&
      fingerprint !== null &&
      fingerprint !== judgement.journal.fingerprint;
    return isReplaced ? { kind: 'poison', transactionId, reason: REPLACED } : judgement;
  });
}

/** The payment that a body names; null when it is not one of our messages. */
export function transactionIdOf(body: string): string | null {
  return readPaymentMessage(body)?.transactionId ?? null;
}

/** Two Regions accepted different requests under one id, and the other's stayed. */
const REPLACED = 'accepted, and its id stands for another request now';

const NOT_OURS: Judgement = {
  kind: 'poison',
  transactionId: null,
  reason: 'not a payment message',
};

async function judgeIds(
  ids: readonly string[],
  read: ReadJournals,
): Promise<ReadonlyMap<string, Judgement>> {
  if (ids.length === 0) return new Map();
  try {
    const journals = await read(ids);
    const judged = [...journals].map(
      ([transactionId, journal]) =>
        [transactionId, { kind: 'ours', transactionId, journal }] as const,
    );
    return new Map<string, Judgement>(judged);
  } catch (error) {
    if (!isFault(error)) throw error;
    if (ids.length === 1) {
      const [transactionId = ''] = ids;
      const reason = `its journal can't be read: ${reasonOf(error)}`;
      return new Map([[transactionId, { kind: 'unknown', transactionId, reason }]]);
    }
    // One that is not readable must not stand for all of them.
    const each = await Promise.all(ids.map((id) => judgeIds([id], read)));
    return new Map(each.flatMap((judged) => [...judged]));
  }
}

/** What a message's payment is at, in words. */
export function reasonFor(judgement: Judgement): string {
  if (judgement.kind !== 'ours') return judgement.reason;
  const { status, dueAtEpochMs, parked } = judgement.journal;
  if (parked !== null) return `its payment is ${status} and parked: ${parked.reason}`;
  return `its payment is ${status}${dueAtEpochMs === null ? ', nothing is left to do' : ', and open'}`;
}
