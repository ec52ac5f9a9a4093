/**
 * Invariant 10: each state that was reached has its one notification, and no other state has any.
 */

import type { Journal } from '#core/journal.ts';
import { isOurOwn } from './effect-watch.ts';
import type { Evidence, Transaction } from './evidence.ts';
import {
  declinedId,
  declinedNotification,
  type ExpectedNotification,
  processedId,
  processedNotification,
  refundDeclinedId,
  refundedId,
  refundNotification,
} from './expected-texts.ts';

export function checkNotifications(evidence: Evidence): void {
  const { system, truth, transactions } = evidence;
  const { effects } = system.topic;
  /** Ids that may be there. */
  const known = new Set<string>();
  let found = 0;
  for (const [id, journal] of truth.journals) {
    const transaction = transactions.get(id);
    // Nobody's request is invariant 4's, what a lost Region touched is reconciliation's.
    const isSkipped = transaction === undefined || transaction.winner === null;
    if (isOurOwn(id) || isSkipped || truth.diverged.has(id)) continue;
    for (const expected of expectedOf(journal, transaction)) {
      known.add(expected.id);
      if (effects.has(expected.id)) found += 1;
      if ('body' in expected) checkOne(expected, evidence);
    }
  }
  if (found === effects.size) return;
  for (const [notification, { subject }] of effects) {
    if (known.has(notification) || isExcused(notification, evidence)) continue;
    system.violate(10, `${notification} ("${subject}"): told of a state that was never reached`);
  }
}

/** What must be there; what only may be, while work is left, has an id alone. */
function expectedOf(
  journal: Journal,
  { winner, items }: Transaction,
): readonly (ExpectedNotification | { readonly id: string })[] {
  if (winner === null) return [];
  const { transactionId: id, status, paymentEpochSeconds: atEpochSeconds, region } = journal;
  if (status === 'ACCEPTED') return items.length === 0 ? [] : [{ id: processedId(id) }];
  if (status === 'DECLINED') {
    // Published before the work counts as done.
    if (journal.dueAtEpochMs !== null || journal.parked !== null) return [{ id: declinedId(id) }];
    const reason = journal.declineReason ?? 'unknown';
    return [declinedNotification(winner, { atEpochSeconds, region, reason })];
  }
  const first = processedNotification(winner, { atEpochSeconds, region });
  if (journal.refunds.length === 0) return [first];
  return [
    first,
    ...journal.refunds.flatMap((refund) => {
      const { refundId } = refund;
      if (refund.status !== 'ACCEPTED') return [refundNotification(winner, refund, refund.status)];
      return [{ id: refundedId(id, refundId) }, { id: refundDeclinedId(id, refundId) }];
    }),
  ];
}

function checkOne(expected: ExpectedNotification, { system }: Evidence): void {
  const { id, subject, body } = expected;
  const effect = system.topic.effects.get(id);
  if (effect === undefined) {
    system.violate(10, `${id}: nobody was ever told`);
    return;
  }
  if (effect.body !== body || effect.subject !== subject) {
    system.violate(
      10,
      `${id}: told "${effect.subject}" ${effect.body}, and it is "${subject}" ${body}`,
    );
  }
  const [other] = effect.others;
  if (other !== undefined) {
    system.violate(10, `${id}: repeated as ${other}, and was ${effect.body}`);
  }
}

function isExcused(notification: string, { truth, transactions }: Evidence): boolean {
  for (const id of truth.diverged) {
    if (isAbout(notification, id)) return true;
  }
  for (const { id, journal, winner } of transactions.values()) {
    if (journal !== null && winner === null && isAbout(notification, id)) return true;
  }
  return false;
}

function isAbout(notification: string, id: string): boolean {
  return (
    notification.startsWith(`${id}#`) ||
    notification.startsWith(`${encodeURIComponent(id)}/refunds/`)
  );
}
