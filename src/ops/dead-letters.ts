/** `dlq`: one list of two kinds of dead letters, messages in the queues and parked payments. */

import type { UnreachedRegion } from './connect.ts';
import { type DeadLetterQueue, lookThrough } from './dead-letter-queue.ts';
import { judgeMessages, type ReadJournals, reasonFor } from './judge-messages.ts';
import { isFault, OpsError, reasonOf } from './ops-error.ts';
import type { ParkedPayment, ParkedPayments } from './parked-payments.ts';

/** What the verbs work with; `connectDeadLetters` makes it for an environment. */
export interface DeadLetterPorts {
  readonly queues: readonly DeadLetterQueue[];
  /** To be read from one after the other until one answers, the Region whose writes count first. Throws `OpsError`. */
  readonly parked: () => Promise<readonly ParkedPayments[]>;
  readonly readJournals: ReadJournals;
  /** Makes a parked payment open again. Throws `OpsError` where no Region may write. */
  readonly unpark: (transactionId: string) => Promise<'reopened' | 'not-parked'>;
}

export interface Letter {
  readonly kind: 'message' | 'parked';
  /** Of the queue; of a parked payment: the one that accepted it, where that is known. */
  readonly region: string;
  readonly messageId: string | null;
  /** Null: the message names none. */
  readonly transactionId: string | null;
  /** Of a message that names no payment: its beginning, made printable. */
  readonly excerpt: string | null;
  /** Receives of a message, attempts at a payment. */
  readonly attempts: number;
  /** When the message was sent, or the payment parked. */
  readonly sinceEpochMs: number;
  readonly reason: string;
}

export interface LetterList {
  readonly letters: readonly Letter[];
  /** There may be more that match. */
  readonly truncated: boolean;
  readonly unreached: readonly UnreachedRegion[];
}

export interface ListRequest {
  /** Beginning of a transaction_id, or part of a reason; null: all. */
  readonly filter: string | null;
  readonly limit: number;
}

/** Longest part of a strange body that a list shows. */
const EXCERPT_MAX = 60;

/** Lists. Changes nothing: messages are given back at once. Throws `OpsError` when nothing answers. */
export async function listDeadLetters(
  { filter, limit }: ListRequest,
  ports: DeadLetterPorts,
): Promise<LetterList> {
  const letters: Letter[] = [];
  const unreached: UnreachedRegion[] = [];
  let truncated = false;
  const add = (found: readonly Letter[]): boolean => {
    const matching = found.filter((letter) => matches(letter, filter));
    const room = limit - letters.length;
    letters.push(...matching.slice(0, room));
    truncated ||= matching.length > room;
    return letters.length < limit;
  };

  for (const queue of ports.queues) {
    try {
      const { complete } = await lookThrough(queue, async (batch) => {
        const bodies = batch.map(({ body }) => body);
        const judgements = await judgeMessages(bodies, ports.readJournals);
        const found = batch.map((message, index): Letter => {
          const judgement = judgements[index];
          const transactionId = judgement?.transactionId ?? null;
          return {
            kind: 'message',
            region: queue.region,
            messageId: message.messageId,
            transactionId,
            excerpt: transactionId === null ? printable(message.body, EXCERPT_MAX) : null,
            attempts: message.receives,
            sinceEpochMs: message.sentAtEpochMs,
            reason: judgement === undefined ? '' : reasonFor(judgement),
          };
        });
        return add(found) ? batch.map(() => 'kept') : null;
      });
      truncated ||= !complete;
    } catch (error) {
      if (!isFault(error)) throw error;
      unreached.push({ region: queue.region, reason: reasonOf(error) });
    }
  }
  const parked = await eachParked(ports.parked, (page, region) =>
    add(
      page.map((payment) => ({
        kind: 'parked',
        region: payment.journal?.region ?? region,
        messageId: null,
        transactionId: payment.transactionId,
        excerpt: null,
        attempts: payment.attempts,
        sinceEpochMs: payment.parkedAtEpochMs,
        reason: payment.reason,
      })),
    ),
  );
  truncated ||= parked.kind === 'stopped';
  if (parked.kind === 'unreached') {
    if (unreached.length === ports.queues.length) throw new OpsError('fault', parked.reason);
    unreached.push({ region: 'payments table', reason: parked.reason });
  }
  return { letters, truncated, unreached };
}

export type ParkedEnd =
  | { readonly kind: 'complete' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'unreached'; readonly reason: string };

/** Shows the parked payments to `visit` until it returns false, from the first Region that answers. */
export async function eachParked(
  parked: DeadLetterPorts['parked'],
  visit: (page: readonly ParkedPayment[], region: string) => boolean | Promise<boolean>,
): Promise<ParkedEnd> {
  const reasons: string[] = [];
  let sources: readonly ParkedPayments[] = [];
  try {
    sources = await parked();
  } catch (error) {
    if (!isFault(error)) throw error;
    reasons.push(reasonOf(error));
  }
  for (const { region, pages } of sources) {
    let begun = false;
    try {
      for await (const page of pages()) {
        begun = true;
        if (!(await visit(page, region))) return { kind: 'stopped' };
      }
      return { kind: 'complete' };
    } catch (error) {
      if (!isFault(error)) throw error;
      reasons.push(`${region}: ${reasonOf(error)}`);
      // Begun anew elsewhere, it would show the same payments twice.
      if (begun) break;
    }
  }
  return {
    kind: 'unreached',
    reason: `the parked payments can't be read (${reasons.join('; ')})`,
  };
}

export function matches(
  { transactionId, reason }: Pick<Letter, 'transactionId' | 'reason'>,
  filter: string | null,
): boolean {
  if (filter === null) return true;
  return transactionId?.startsWith(filter) === true || reason.includes(filter);
}

/** Text that anybody may have sent, on one line and harmless to a terminal. Pure. */
export function printable(text: string, lengthMax: number): string {
  const escaped = JSON.stringify(text.toWellFormed().slice(0, lengthMax)).replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return text.length > lengthMax ? `${escaped.slice(0, -1)}…"` : escaped;
}
