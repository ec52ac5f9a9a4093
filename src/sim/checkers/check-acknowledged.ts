/** Invariant 1: what a client was told of has happened, and nothing else has. */

import type { Journal } from '#core/journal.ts';
import type { Meaning, Operation } from '../ledger.ts';
import { type Evidence, isAskedRefund, isMeant, nameOf, type Transaction } from './evidence.ts';
import { refundKey } from './expected-texts.ts';

export function checkAcknowledged(evidence: Evidence): void {
  const { diverged } = evidence.truth;
  for (const transaction of evidence.transactions.values()) {
    if (!diverged.has(transaction.id)) checkTransaction(transaction, evidence);
  }
}

/** The first operation that was told so; null: none was. */
interface Told {
  processed: Operation | null;
  accepted: Operation | null;
  declined: Operation | null;
}

function checkTransaction(transaction: Transaction, evidence: Evidence): void {
  const { violate } = evidence.system;
  const told: Told = { processed: null, accepted: null, declined: null };
  for (const operation of transaction.operations) {
    for (const { response, journalThen } of operation.answers) {
      const { status } = response;
      const early = earlyAnswer(operation.kind, status, journalThen);
      // Where there is none in the end it was lost, which is told below.
      if (transaction.journal !== null && early !== null)
        violate(1, `${nameOf(operation)}: ${early}`);
      if (operation.kind === 'process') {
        if (status === 200) told.processed ??= operation;
        else if (status === 402) told.declined ??= operation;
      } else if (operation.kind === 'accept') {
        if (status === 202) told.accepted ??= operation;
      } else if (operation.kind === 'refund' && status === 200) {
        checkRefunded(transaction, operation, evidence);
      }
    }
  }
  const first = told.processed ?? told.accepted ?? told.declined;
  if (first === null) return;
  const { journal, winner } = transaction;
  if (journal === null) {
    violate(1, `${nameOf(first)}: acknowledged, and there is no journal`);
    return;
  }
  // A journal that nobody asked for is invariant 4's.
  if (winner === null) return;
  const fault = faultOf(transaction, journal, winner, told, evidence.hasBank);
  if (fault !== null) violate(1, `${nameOf(first)}: ${fault}`);
}

/** An answer counts once it is stored; null: it was, or it says nothing that would have to be. */
function earlyAnswer(
  kind: Operation['kind'],
  status: number,
  journalThen: Journal | null,
): string | null {
  const says = kind === 'process' ? status === 200 || status === 402 : status === 202;
  if (!says || kind === 'read' || kind === 'refund') return null;
  if (journalThen === null) return `answered ${status}, and there was no journal then`;
  if (status !== 402 || journalThen.status === 'DECLINED') return null;
  return `answered 402 while its journal was ${journalThen.status}`;
}

/** What is still open is not lost, but invariant 13's, if it is as far as its answers say. */
function faultOf(
  transaction: Transaction,
  journal: Journal,
  winner: Meaning,
  { processed, accepted, declined }: Told,
  hasBank: boolean,
): string | null {
  const { status } = journal;
  const isOpen = journal.dueAtEpochMs !== null || journal.parked !== null;
  if (status === 'ACCEPTED' && isOpen && declined === null) {
    return processed === null ? null : chargeFault(transaction, journal, winner, hasBank);
  }
  if (processed !== null && status !== 'PROCESSED') {
    return `answered 200, and its journal is ${status}`;
  }
  if (declined !== null && status !== 'DECLINED') {
    return `answered 402, and its journal is ${status}`;
  }
  if (accepted !== null && status === 'ACCEPTED') return 'answered 202, and it was never settled';
  return status === 'PROCESSED'
    ? chargeFault(transaction, journal, winner, hasBank)
    : noChargeFault(transaction);
}

/** Null: its one payment item and its charge are what was asked for. */
function chargeFault(
  { items, charge }: Transaction,
  journal: Journal,
  winner: Meaning,
  hasBank: boolean,
): string | null {
  const [item] = items;
  if (item === undefined) return 'processed, and there is no payment item';
  if (items.length > 1) return `processed, and there are ${items.length} payment items`;
  if (
    item.timestampEpochSeconds !== journal.paymentEpochSeconds ||
    item.region !== journal.region
  ) {
    return (
      `its payment item is at ${item.timestampEpochSeconds} of ${item.region}, its journal says ` +
      `${journal.paymentEpochSeconds} of ${journal.region}`
    );
  }
  if (!isMeant(winner, item)) {
    return `its payment item has ${item.amountMinor} ${item.currency} of ${item.customerId}`;
  }
  if (!hasBank) return null;
  if (charge === null) return 'processed, and the bank has no charge';
  if (charge.amountMinor !== winner.amountMinor || charge.currency !== winner.currency) {
    return (
      `asked for ${winner.amountMinor} ${winner.currency}, charged ` +
      `${charge.amountMinor} ${charge.currency}`
    );
  }
  return null;
}

function noChargeFault({ items, charge }: Transaction): string | null {
  if (items.length > 0) return 'DECLINED, and there is a payment item';
  return charge === null ? null : `DECLINED, and the bank charged ${charge.amountMinor}`;
}

function checkRefunded(transaction: Transaction, operation: Operation, evidence: Evidence): void {
  const { refund: asked } = operation;
  if (asked === null) return;
  const { violate } = evidence.system;
  const { id, journal } = transaction;
  const what = `${nameOf(operation)}, refund ${asked.refundId}`;
  const refund = journal?.refunds.find(({ refundId }) => refundId === asked.refundId);
  if (refund === undefined) {
    violate(1, `${what}: answered 200, and no journal has it`);
    return;
  }
  const isOpen = refund.status === 'ACCEPTED' && journal?.dueAtEpochMs !== null;
  if (refund.status !== 'REFUNDED' && !isOpen) {
    violate(1, `${what}: answered 200, and it is ${refund.status}`);
    return;
  }
  // Another amount than the one asked for is invariant 4's.
  if (!evidence.hasBank || !isAskedRefund(asked, refund)) return;
  const given = evidence.watch.refunds.get(refundKey(id, asked.refundId));
  if (given === undefined) violate(1, `${what}: answered 200, and the bank gave nothing back`);
  else if (given.amountMinor !== refund.amountMinor) {
    violate(1, `${what}: of ${refund.amountMinor}, and the bank gave ${given.amountMinor} back`);
  }
}
