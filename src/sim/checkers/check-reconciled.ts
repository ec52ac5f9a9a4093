/**
 * Eventual tables, in place of invariants 1 and 2: what a lost Region took along is reported, and
 * reconciling ends with exactly one effective charge for each transaction_id.
 */

import { canonicalRequest } from '#core/journal.ts';
import type { Finding } from '#core/reconcile/finding.ts';
import { journalIn, recordsIn } from '#core/reconcile/stored-transaction.ts';
import { REGIONS } from '../faults/fault-spec.ts';
import { fastHash } from '../kernel/fast-hash.ts';
import type { Meaning, Operation } from '../ledger.ts';
import type { EffectWatch } from './effect-watch.ts';
import { type Evidence, isMeant, nameOf } from './evidence.ts';
import { amountText } from './expected-texts.ts';
import { type Reconciled, reconcileReplicas } from './reconcile-replicas.ts';

export function checkReconciled(evidence: Evidence): void {
  const { system, truth } = evidence;
  if (truth.touched.size === 0) return;
  for (const reconciled of reconcileReplicas(system, truth.touched)) {
    checkOneCharge(reconciled, evidence);
    checkReported(reconciled, evidence);
  }
}

/** A transaction that a person has to look at first is told of, and not repaired. */
function checkOneCharge(
  { id, hadRecord, after, isLeft, findings }: Reconciled,
  { system }: Evidence,
): void {
  if (!hadRecord || isLeft) return;
  const journal = journalIn(after)?.journal;
  const records = recordsIn(after);
  const [record] = records;
  const isOne =
    records.length === 1 &&
    journal !== undefined &&
    // Settling it may still be left to a sweeper.
    journal.status !== 'DECLINED' &&
    record?.record.timestampEpochSeconds === journal.paymentEpochSeconds &&
    record.record.amountMinor === journal.request.amountMinor &&
    record.record.currency === journal.request.currency;
  if (isOne) return;
  const found = findings.map(({ kind }) => kind).join(', ');
  system.violate(
    2,
    `${id}: after reconciling (${found || 'nothing found'}) it has ${records.length} effective ` +
      `payment items, and its journal is ${journal?.status ?? 'not there'}`,
  );
}

/**
 * A payment that was acknowledged is in the replica that counts, or a person is told that it is
 * not.
 */
function checkReported(
  { id, after, findings }: Reconciled,
  { system, transactions, watch }: Evidence,
): void {
  const transaction = transactions.get(id);
  if (transaction === undefined) return;
  const request = journalIn(after)?.journal.request;
  for (const operation of transaction.operations) {
    const { meaning } = operation;
    if (meaning === null || !isAcknowledged(operation)) continue;
    if (request !== undefined && isMeant(meaning, request)) continue;
    if (findings.some((finding) => isReported(meaning, finding))) continue;
    if (isDeadLetter(meaning, system) || wasDeclined(operation, meaning, watch)) continue;
    const found = findings.map(({ kind }) => kind).join(', ');
    system.violate(
      1,
      `${nameOf(operation)}: acknowledged, gone from the replica that counts, and not reported ` +
        `(found: ${found || 'nothing'})`,
    );
  }
}

function isAcknowledged({ answers }: Evidence['system']['ledger']['operations'][number]): boolean {
  return answers.some(({ response }) => response.status === 200 || response.status === 202);
}

/** It was accepted, and that was kept: it came to its end, which moved no money. */
function wasDeclined({ answers }: Operation, meaning: Meaning, { declined }: EffectWatch): boolean {
  if (answers.some(({ response }) => response.status === 200)) return false;
  return declined.has(`${meaning.transactionId} ${fastHash(canonicalRequest(meaning))}`);
}

/** The message it was accepted with came to people, because its id stands for another request. */
function isDeadLetter(meaning: Meaning, { regions }: Evidence['system']): boolean {
  const accepted = fastHash(canonicalRequest(meaning));
  return REGIONS.some((region) =>
    regions[region].queue.deadLetters.some(
      (letter) =>
        letter?.transactionId === meaning.transactionId && letter.fingerprint === accepted,
    ),
  );
}

function isReported(meaning: Meaning, { lost }: Finding): boolean {
  return (
    lost !== null &&
    lost.customerId === meaning.customerId &&
    lost.currency === meaning.currency &&
    lost.amount === amountText(meaning.amountMinor, meaning.currency)
  );
}
