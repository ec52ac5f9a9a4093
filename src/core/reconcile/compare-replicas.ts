/**
 * Compares one transaction in two replicas.
 *
 * Matters for eventually consistent tables: each replica takes writes that the other has not seen, and
 * of two writes of one key the later one stays, whichever payment it belongs to.
 */

import { PAYMENTS_TABLE } from '#contract/names.ts';
import type { Journal, Payment } from '../journal.ts';
import { formatMoney } from '../money.ts';
import type { Finding, FindingKind, LostPayment } from './finding.ts';
import { lostBy } from './lost-by.ts';
import { mayBeTheCharge } from './may-be-the-charge.ts';
import {
  hasWorkLeft,
  type ItemChange,
  itemAt,
  itemText,
  journalIn,
  openedNow,
  recordsIn,
  type StoredItem,
  type StoredJournal,
  type StoredTransaction,
  superseded,
  timestampOf,
} from './stored-transaction.ts';

export interface ReplicaPair {
  /** The replica that repairs are written to. */
  readonly leading: StoredTransaction;
  readonly leadingRegion: string;
  readonly other: StoredTransaction;
  readonly otherRegion: string;
  /**
   * Whether the leading Region holds the lease, so that what it has accepted stands. Without it nothing
   * is repaired; with strong consistency there is no lease, and no difference to repair either.
   */
  readonly leadingHoldsLease: boolean;
}

/** The findings that come from comparing. Pure. `changes` are for the leading replica. */
export function compareReplicas(pair: ReplicaPair, nowEpochMs: number): readonly Finding[] {
  const { leading, other, leadingHoldsLease } = pair;
  const { transactionId } = leading;
  const finding = (
    kind: FindingKind,
    detail: string,
    changes: readonly ItemChange[] = [],
    lost: LostPayment | null = null,
  ): Finding => {
    return { kind, transactionId, detail, changes: leadingHoldsLease ? changes : [], lost };
  };

  // Without both journals to judge by, what can't be read is a finding of its own.
  if ([leading, other].some(hasUnreadableJournal)) return [];
  const mine = journalIn(leading);
  const theirs = journalIn(other);
  if (mine === null && theirs === null) return [];
  if (mine === null && theirs !== null) {
    const detail = `only ${pair.otherRegion} has it, ${theirs.journal.status}`;
    return [finding('stranded', detail, copies(pair, theirs, nowEpochMs))];
  }
  if (mine === null) return [];
  if (theirs === null) {
    const detail = `only ${pair.leadingRegion} has it, ${mine.journal.status}`;
    return [finding(leadingHoldsLease ? 'behind' : 'stranded', detail)];
  }
  if (!isSameAcceptance(mine.journal, theirs.journal)) {
    return [conflict(pair, mine, theirs.journal, nowEpochMs, finding)];
  }
  const strays = strayRecords(pair, mine.journal);
  if (strays.length > 0) {
    // One finding for each, since each has somebody who may have to hear of it.
    return strays.map((record) => {
      const detail = `at ${record.timestampEpochSeconds}, in ${pair.otherRegion} only`;
      const isUndecided = mayBeTheCharge(record, mine.journal, leading);
      const changes = isUndecided ? [] : [supersedingOf(record, mine.journal)];
      return finding('extra-record', detail, changes, lostBy(record, mine.journal));
    });
  }
  const statuses = [mine.journal.status, theirs.journal.status];
  if (statuses.includes('PROCESSED') && statuses.includes('DECLINED')) {
    const [here, there] = statuses;
    const detail = `${here} in ${pair.leadingRegion}, ${there} in ${pair.otherRegion}`;
    return [finding('settled-differently', detail)];
  }
  if (textOf(leading) === textOf(other)) return [];
  // With strong consistency a refund may come between the two reads; there is one journal then.
  const unknown = leadingHoldsLease ? refundsUnknownTo(mine.journal, theirs.journal) : 0;
  if (unknown > 0) {
    const detail = `${unknown} refunds of ${pair.otherRegion} are not so in ${pair.leadingRegion}`;
    return [finding('refunds-differ', detail)];
  }
  return [finding('behind', `${pair.leadingRegion} and ${pair.otherRegion} differ in progress`)];
}

/** Refunds of `theirs` that `mine` lacks, or has with another amount or another end. */
function refundsUnknownTo(mine: Journal, theirs: Journal): number {
  return theirs.refunds.filter((refund) => {
    const known = mine.refunds.find(({ refundId }) => refundId === refund.refundId);
    if (known === undefined || known.amountMinor !== refund.amountMinor) return true;
    return refund.status !== 'ACCEPTED' && known.status !== refund.status;
  }).length;
}

type Make = (
  kind: FindingKind,
  detail: string,
  changes: readonly ItemChange[],
  lost: LostPayment | null,
) => Finding;

function conflict(
  pair: ReplicaPair,
  mine: StoredJournal,
  theirs: Journal,
  nowEpochMs: number,
  finding: Make,
): Finding {
  const { journal } = mine;
  // Written anew, so that it is the later of the two when replication brings them together.
  const touched: StoredJournal = {
    ...mine,
    journal: { ...journal, updatedAtEpochMs: Math.max(nowEpochMs, journal.updatedAtEpochMs + 1) },
  };
  const supersedings = strayRecords(pair, journal).map((it) => supersedingOf(it, journal));
  const changes = [...supersedings, { before: mine, after: touched }];
  const theirRecord = itemAt(pair.other, theirs.paymentEpochSeconds);
  // Also one that was only accepted: its client was told that it will be charged.
  const wasAcknowledged = theirs.status !== 'DECLINED' || theirRecord?.kind === 'record';
  // The refunds' money went back, and the journal that stands does not know of it.
  const hasRefunds = theirs.refunds.length > 0;
  const isUndecided = mayBeTheCharge(theirs.request, journal, pair.leading);
  const isLeft = hasRefunds || isUndecided;
  const { customerId, currency } = theirs.request;
  const amount = formatMoney(theirs.request);
  const isSameRequest = theirs.fingerprint === journal.fingerprint;
  const detail =
    `accepted at ${journal.paymentEpochSeconds} by ${journal.region} and at ` +
    `${theirs.paymentEpochSeconds} by ${theirs.region}, ` +
    `${isSameRequest ? 'the same request' : 'different requests'}; ` +
    (isUndecided
      ? `${journal.region}'s is not settled, and the other may be the one that was charged`
      : `${journal.region}'s stands`) +
    (hasRefunds ? `, and the other has ${theirs.refunds.length} refunds: settle them by hand` : '');
  const lost = {
    customerId,
    amount,
    currency,
    timestampEpochSeconds: theirs.paymentEpochSeconds,
    region: theirs.region,
    isSameRequest,
  };
  return finding('conflict', detail, isLeft ? [] : changes, wasAcknowledged ? lost : null);
}

/** Records that do not count, and that the other replica alone has. */
function strayRecords(pair: ReplicaPair, { paymentEpochSeconds }: Journal): readonly Payment[] {
  return recordsIn(pair.other)
    .map(({ record }) => record)
    .filter(({ timestampEpochSeconds: at }) => {
      return at !== paymentEpochSeconds && itemAt(pair.leading, at) === null;
    });
}

/**
 * Takes such a record out of effect: under its own key in the leading replica, where that, being later, beats the
 * record when it arrives.
 */
function supersedingOf(record: Payment, { paymentEpochSeconds }: Journal): ItemChange {
  return { before: null, after: superseded(record, paymentEpochSeconds) };
}

/** Puts what the leading replica lacks. The journal comes first: without it nothing else counts. */
function copies(pair: ReplicaPair, journal: StoredJournal, nowEpochMs: number): ItemChange[] {
  const { openValue } = journal;
  const mayBeTakenUp = hasWorkLeft(journal) && openValue !== PAYMENTS_TABLE.parkedShard;
  const rest: readonly StoredItem[] = pair.other.items.filter(
    (item) => item.kind !== 'journal' && item.kind !== 'unreadable',
  );
  return [mayBeTakenUp ? openedNow(journal, nowEpochMs) : journal, ...rest]
    .filter((item) => itemAt(pair.leading, timestampOf(item)) === null)
    .map((after) => ({ before: null, after }));
}

function isSameAcceptance(one: Journal, two: Journal): boolean {
  return (
    one.fingerprint === two.fingerprint &&
    one.paymentEpochSeconds === two.paymentEpochSeconds &&
    one.region === two.region
  );
}

function hasUnreadableJournal(transaction: StoredTransaction): boolean {
  return itemAt(transaction, PAYMENTS_TABLE.journalSortKey)?.kind === 'unreadable';
}

function textOf({ items }: StoredTransaction): string {
  return items.map(itemText).join('\n');
}
