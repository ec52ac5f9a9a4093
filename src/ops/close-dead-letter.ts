/** `dlq close`: takes a message out of a dead-letter queue that no redrive can help. What it said is the report. */

import { AppError } from '#core/app-error.ts';
import type { UnreachedRegion } from './connect.ts';
import { type DeadMessage, lookThrough } from './dead-letter-queue.ts';
import type { DeadLetterPorts } from './dead-letters.ts';
import { judgeMessages, reasonFor } from './judge-messages.ts';
import { isFault, OpsError, reasonOf } from './ops-error.ts';
import { detailOf, type MessageDetail, noSuchLetter } from './show-dead-letter.ts';

export interface CloseRequest {
  /** Of the message alone: one transaction_id may stand in several. */
  readonly messageId: string;
  /** Says what would be done, and does nothing. */
  readonly dryRun: boolean;
  /** Closes messages too whose payment is there, or may be. */
  readonly force: boolean;
}

/** `message`, with the whole of its body, is all that is left of it: nothing else keeps a record of what was closed. */
export interface CloseReport {
  readonly outcome: 'closed' | 'would-close';
  readonly message: MessageDetail;
  /** Why it was a dead letter. */
  readonly reason: string;
}

/**
 * Closes one. The message alone is deleted; a payment that it names stays what it is. `onFound` is told all that it says
 * before it is deleted: after that nobody could be. Throws `OpsError`: `usage` where no dead letter has the id, `refused`
 * where redriving is what it wants, `fault` where it was not deleted, or may have been.
 */
export async function closeDeadLetter(
  request: CloseRequest,
  ports: DeadLetterPorts,
  onFound: (message: MessageDetail) => void,
): Promise<CloseReport> {
  const unreached: UnreachedRegion[] = [];
  const unfinished: string[] = [];
  for (const queue of ports.queues) {
    let report: CloseReport | null = null;
    try {
      const { complete } = await lookThrough(queue, async (batch) => {
        const found = batch.find(({ messageId }) => messageId === request.messageId);
        if (found === undefined) return batch.map(() => 'kept');
        report = await judged(found, queue.region, request, ports);
        onFound(report.message);
        if (report.outcome === 'closed') await queue.remove(found.receiptHandle);
        return null;
      });
      if (report !== null) return report;
      if (!complete) unfinished.push(queue.region);
    } catch (error) {
      if (error instanceof OpsError && error.kind === 'refused') throw error;
      if (!isFault(error)) throw error;
      if (report !== null) {
        const isUnknown = error instanceof AppError && error.code === 'outcome_unknown';
        const what = isUnknown ? 'it may be deleted, or not: list again' : 'it was not deleted';
        throw new OpsError('fault', `${what}: ${reasonOf(error)}`, error);
      }
      unreached.push({ region: queue.region, reason: reasonOf(error) });
    }
  }
  throw noSuchLetter('no dead letter', request.messageId, unreached, unfinished);
}

async function judged(
  found: DeadMessage,
  region: string,
  { dryRun, force }: CloseRequest,
  { readJournals }: DeadLetterPorts,
): Promise<CloseReport> {
  const [judgement] = await judgeMessages([found.body], readJournals);
  const reason = judgement === undefined ? '' : reasonFor(judgement);
  if (judgement?.kind !== 'poison' && !force) {
    const mend =
      judgement?.kind === 'ours'
        ? 'redrive it, which takes it out of the queue as well'
        : 'try again once its payment can be looked at';
    throw new OpsError('refused', `${reason}: ${mend}; --force closes it all the same`);
  }
  const message = detailOf(found, region, found.body.length);
  return { outcome: dryRun ? 'would-close' : 'closed', message, reason };
}
