/** Says what a dead message is worth: whether a payment of ours stands behind it, and what that needs. */

import { readJournals } from '#adapters/read-journals.ts';
import { readPaymentMessage } from '#adapters/sqs-payment-queue.ts';
import type { Journal } from '#core/journal.ts';
import { type Environment, firstAnswer, type RegionConnection } from './connect.ts';
import { isFault, OpsError, reasonOf } from './ops-error.ts';
import type { Leader } from './payments-consistency.ts';

export type Judgement =
  /** A payment stands behind it. */
  | { readonly kind: 'ours'; readonly transactionId: string; readonly journal: Journal }
  /** Going back to the queue would only bring it here again. */
  | { readonly kind: 'poison'; readonly transactionId: string | null; readonly reason: string }
  /** Nobody could tell. */
  | { readonly kind: 'unknown'; readonly transactionId: string; readonly reason: string };

/** Why nobody can say yet what a payment is at. */
export interface Doubt {
  readonly doubt: string;
}

/** Reads journals by transaction_id, up to 100; what does not exist is left out. Throws `AppError`, `OpsError`. */
export type ReadJournals = (
  transactionIds: readonly string[],
) => Promise<ReadonlyMap<string, Journal | Doubt>>;

/**
 * With strong consistency the first Region that serves a strong read knows all. With eventual consistency each replica is
 * asked, and the one of the lease holder counts, as far as the others do not say otherwise: what an older acceptance in a
 * replica that is behind makes of an id, or what only one of them has, is for `reconcile`, and a doubt here.
 */
export function journalsOf(environment: Environment, leader: () => Promise<Leader>): ReadJournals {
  const { names, attempts } = environment;
  const read = ({ dynamodb: client }: RegionConnection, ids: readonly string[]) =>
    readJournals(ids, environment.deadline(), { client, tableName: names.paymentsTable, attempts });
  return async (ids) => {
    const { consistency, leading, reason, inOrder } = await leader();
    if (consistency === 'strong') {
      // The one that has just served a strong read first: a lost one costs its time-out for each page.
      return (await firstAnswer('journals', inOrder, (one) => read(one, ids))).answer;
    }
    const replicas = await Promise.all(
      inOrder.map(async (one): Promise<Replica> => {
        const isLeading = one === leading;
        try {
          return { region: one.region, isLeading, journals: await read(one, ids), because: null };
        } catch (error) {
          if (!isFault(error)) throw error;
          return { region: one.region, isLeading, journals: null, because: reasonOf(error) };
        }
      }),
    );
    if (replicas.every(({ journals }) => journals === null)) {
      const reasons = replicas.map(({ region, because }) => `${region}: ${because}`).join('; ');
      throw new OpsError('fault', `no Region answers for journals (${reasons})`);
    }
    const found = ids.map((id) => [id, judgeReplicas(id, replicas, reason)] as const);
    return new Map(found.flatMap(([id, one]) => (one === null ? [] : [[id, one]])));
  };
}

interface Replica {
  readonly region: string;
  readonly isLeading: boolean;
  /** Null: it can't be read. */
  readonly journals: ReadonlyMap<string, Journal> | null;
  readonly because: string | null;
}

/** What the replicas together say of an id; null: none has it. `noLeader`: why nobody leads, if so. */
function judgeReplicas(
  id: string,
  replicas: readonly Replica[],
  noLeader: string,
): Journal | Doubt | null {
  const led = replicas.find(({ isLeading }) => isLeading);
  if (led === undefined) return { doubt: `nobody can say whose writes count: ${noLeader}` };
  if (led.journals === null) {
    return {
      doubt: `${led.region} holds the lease, and its replica can't be read: ${led.because}`,
    };
  }
  const journal = led.journals.get(id);
  for (const { region, isLeading, journals, because } of replicas) {
    if (isLeading) continue;
    const other = journals?.get(id);
    if (other !== undefined && other.fingerprint !== journal?.fingerprint) {
      const what =
        journal === undefined ? 'alone has its payment' : 'has another payment for its id';
      return { doubt: `the replica of ${region} ${what}: reconcile first` };
    }
    if (journals === null && journal === undefined) {
      return {
        doubt: `the replica of ${region}, which may have its payment, can't be read: ${because}`,
      };
    }
  }
  return journal ?? null;
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
    return new Map(
      [...journals].map(([transactionId, found]): [string, Judgement] => [
        transactionId,
        'doubt' in found
          ? { kind: 'unknown', transactionId, reason: found.doubt }
          : { kind: 'ours', transactionId, journal: found },
      ]),
    );
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
