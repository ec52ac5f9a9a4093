/**
 * Invariant 1, the other way round: what a client was told has not happened did not. Its user may pay again under
 * another id, and would pay twice.
 */

import type { Operation } from '../ledger.ts';
import { type Evidence, isAskedRefund, isMeant, nameOf, type Transaction } from './evidence.ts';

/**
 * Judges operations that ended without an answer and with the word that they had no effect. Where the network delivers
 * requests twice (F7) a second copy may do what the first was refused: nobody can know of it.
 */
export function checkDenials(evidence: Evidence): void {
  const { plan } = evidence.system;
  if (plan.faults.some(({ id }) => id === 'F7')) return;
  for (const transaction of evidence.transactions.values()) {
    if (evidence.truth.diverged.has(transaction.id)) continue;
    if (transaction.operations.every(({ mayHaveTakenEffect }) => mayHaveTakenEffect)) continue;
    checkPayment(transaction, evidence);
    checkRefunds(transaction, evidence);
  }
}

/** Somebody who still was in doubt, or had an answer, must have asked for the journal before it was put. */
function checkPayment({ id, winner, operations }: Transaction, { system, watch }: Evidence): void {
  const createdAtMs = watch.createdAtMs.get(id);
  // A journal that nobody asked for is invariant 4's.
  if (winner === null || createdAtMs === undefined) return;
  const asked = operations.filter(
    ({ meaning, calledAtMs }) =>
      meaning !== null && calledAtMs <= createdAtMs && isMeant(winner, meaning),
  );
  accuse(asked, `its journal was put at ${createdAtMs} ms`, system.violate);
}

function checkRefunds({ journal, operations }: Transaction, { system }: Evidence): void {
  for (const refund of journal?.refunds ?? []) {
    const asked = operations.filter(
      (it) => it.refund?.refundId === refund.refundId && isAskedRefund(it.refund, refund),
    );
    accuse(asked, `the refund ${refund.refundId} is ${refund.status}`, system.violate);
  }
}

function accuse(
  asked: readonly Operation[],
  what: string,
  violate: Evidence['system']['violate'],
): void {
  const [first] = asked;
  if (first === undefined || asked.some(({ mayHaveTakenEffect }) => mayHaveTakenEffect)) return;
  violate(1, `${nameOf(first)}: told that it had no effect, and ${what}`);
}
