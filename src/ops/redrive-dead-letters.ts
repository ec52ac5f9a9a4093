/** `dlq redrive`: gives dead letters another try. Twice is harmless: a message is only a trigger. */

import type { UnreachedRegion } from './connect.ts';
import { type DeadLetterQueue, type DeadMessage, lookThrough } from './dead-letter-queue.ts';
import { type DeadLetterPorts, eachParked, matches } from './dead-letters.ts';
import { type Judgement, judgeMessages, reasonFor } from './judge-messages.ts';
import { isFault, OpsError, reasonOf } from './ops-error.ts';

export interface RedriveRequest {
  /** Beginning of a transaction_id, or part of a reason; null: all of them. */
  readonly filter: string | null;
  /** Says what would be done, and does nothing. */
  readonly dryRun: boolean;
  /** Sends messages back too that no payment of ours stands behind. */
  readonly force: boolean;
}

/**
 * `skipped`: left where it is. `failed`: tried, and it may be there still. `gone`: no dead letter any more
 * when its turn came.
 */
export type LetterOutcome = 'redriven' | 'would-redrive' | 'skipped' | 'failed' | 'gone';

export interface RedrivenLetter {
  readonly kind: 'message' | 'parked';
  readonly region: string;
  readonly messageId: string | null;
  readonly transactionId: string | null;
  readonly outcome: LetterOutcome;
  /** Why it was not redriven, or what is to be known of it; null: nothing. */
  readonly because: string | null;
}

export interface RedriveReport {
  readonly letters: readonly RedrivenLetter[];
  /** Not all were looked at: run it again. */
  readonly truncated: boolean;
  readonly unreached: readonly UnreachedRegion[];
}

/** Parked payments taken up in one go: bounds memory. */
const PARKED_MAX = 10_000;

/** Redrives what matches. A Region that can't be reached is named and the others are served. */
export async function redriveDeadLetters(
  request: RedriveRequest,
  ports: DeadLetterPorts,
  onProgress: (letters: number) => void,
): Promise<RedriveReport> {
  const letters: RedrivenLetter[] = [];
  const unreached: UnreachedRegion[] = [];
  let truncated = false;
  const add = (letter: RedrivenLetter): void => {
    letters.push(letter);
    onProgress(letters.length);
  };

  for (const queue of ports.queues) {
    const others = ports.queues.filter((other) => other !== queue);
    try {
      const { complete } = await lookThrough(queue, async (batch) => {
        const bodies = batch.map(({ body }) => body);
        const judgements = await judgeMessages(bodies, ports.readJournals);
        const tried = await Promise.all(
          batch.map((message, index) =>
            redriveMessage(message, judgements[index] as Judgement, queue, others, request),
          ),
        );
        for (const letter of tried) if (letter !== null) add(letter);
        return tried.map((letter) => (letter?.outcome === 'redriven' ? 'removed' : 'kept'));
      });
      truncated ||= !complete;
    } catch (error) {
      if (!isFault(error)) throw error;
      unreached.push({ region: queue.region, reason: reasonOf(error) });
    }
  }

  let taken = 0;
  const end = await eachParked(ports.parked, async (page, region) => {
    for (const payment of page) {
      if (!matches(payment, request.filter)) continue;
      add(
        await redriveParked(
          payment.transactionId,
          payment.journal?.region ?? region,
          ports,
          request,
        ),
      );
      taken += 1;
    }
    return taken < PARKED_MAX;
  });
  truncated ||= end.kind === 'stopped';
  if (end.kind === 'unreached') {
    if (unreached.length === ports.queues.length) throw new OpsError('fault', end.reason);
    unreached.push({ region: 'payments table', reason: end.reason });
  }
  return { letters, truncated, unreached };
}

/** Null: it does not match. Sent first, deleted then: dying in between makes a harmless duplicate. */
async function redriveMessage(
  message: DeadMessage,
  judgement: Judgement,
  queue: DeadLetterQueue,
  others: readonly DeadLetterQueue[],
  { filter, dryRun, force }: RedriveRequest,
): Promise<RedrivenLetter | null> {
  const { transactionId } = judgement;
  const reason = reasonFor(judgement);
  if (!matches({ transactionId, reason }, filter)) return null;
  const told = (outcome: LetterOutcome, because: string | null): RedrivenLetter => {
    const { messageId } = message;
    return { kind: 'message', region: queue.region, messageId, transactionId, outcome, because };
  };
  if (judgement.kind !== 'ours' && !force) return told('skipped', `${reason}; --force sends it`);
  if (dryRun) return told('would-redrive', null);
  let to: string;
  try {
    to = await resendWhereItWorks(message.body, [queue, ...others]);
  } catch (error) {
    if (!isFault(error)) throw error;
    return told('failed', reasonOf(error));
  }
  try {
    await queue.remove(message.receiptHandle);
  } catch (error) {
    if (!isFault(error)) throw error;
    return told('failed', `sent, and not deleted here: ${reasonOf(error)}`);
  }
  return told('redriven', to === queue.region ? null : `sent to the queue of ${to}`);
}

/** Any Region's queue will do: what the payment needs is in its journal. Returns the Region. */
async function resendWhereItWorks(
  body: string,
  queues: readonly DeadLetterQueue[],
): Promise<string> {
  let last: unknown;
  for (const queue of queues) {
    try {
      await queue.resend(body);
      return queue.region;
    } catch (error) {
      if (!isFault(error)) throw error;
      last ??= error;
    }
  }
  throw last;
}

async function redriveParked(
  transactionId: string,
  region: string,
  { unpark }: DeadLetterPorts,
  { dryRun }: RedriveRequest,
): Promise<RedrivenLetter> {
  const told = (outcome: LetterOutcome, because: string | null): RedrivenLetter => {
    return { kind: 'parked', region, messageId: null, transactionId, outcome, because };
  };
  if (dryRun) return told('would-redrive', null);
  try {
    const done = await unpark(transactionId);
    return done === 'reopened' ? told('redriven', null) : told('gone', 'it is no longer parked');
  } catch (error) {
    if (!isFault(error)) throw error;
    return told('failed', reasonOf(error));
  }
}
