/** Looks at the items of one transaction in one replica: the findings that need no second replica. */

import { PAYMENTS_TABLE } from '#contract/names.ts';
import { canonicalRequest, type Journal, type Payment, paymentOf } from '../journal.ts';
import { formatMoney } from '../money.ts';
import type { Hash } from '../ports.ts';
import { sumMinorOf } from '../refund.ts';
import type { Finding, FindingKind, LostPayment } from './finding.ts';
import { lostBy } from './lost-by.ts';
import { mayBeTheCharge } from './may-be-the-charge.ts';
import {
  hasWorkLeft,
  type ItemChange,
  itemAt,
  journalIn,
  openedNow,
  ownShardValue,
  recordsIn,
  type StoredJournal,
  type StoredTransaction,
  superseded,
} from './stored-transaction.ts';

/**
 * The findings within one replica; none for a healthy transaction at any moment of its way.
 *
 * Pure. Each finding's changes are made from `transaction` as it is: after one repair look again
 * before the next.
 */
export function inspectTransaction(
  transaction: StoredTransaction,
  context: { readonly hash: Hash; readonly nowEpochMs: number },
): readonly Finding[] {
  const { transactionId, items } = transaction;
  const findings: Finding[] = [];
  const find: Find = (kind, detail, changes = [], lost = null) => {
    findings.push({ kind, transactionId, detail, changes, lost });
  };

  for (const item of items) {
    if (item.kind !== 'unreadable') continue;
    find('unreadable', `the item at timestamp ${item.timestampEpochSeconds}: ${item.what}`);
  }
  const stored = journalIn(transaction);
  if (stored === null) {
    // A journal that is there and can't be read is reported once, as what it is.
    if (itemAt(transaction, PAYMENTS_TABLE.journalSortKey) !== null) return findings;
    for (const { record } of recordsIn(transaction)) {
      find('record-without-journal', `${sum(record)} at ${record.timestampEpochSeconds}`);
    }
    return findings;
  }
  const { journal } = stored;
  if (context.hash(canonicalRequest(journal.request)) !== journal.fingerprint) {
    find('journal-altered', 'its request does not have its fingerprint');
    // What an altered journal says is no ground for changing anything else.
    return findings;
  }
  inspectRecords(transaction, journal, find);
  inspectRefunds(journal, find);
  inspectOpenness(stored, context.nowEpochMs, find);
  return findings;
}

type Find = (
  kind: FindingKind,
  detail: string,
  changes?: readonly ItemChange[],
  lost?: LostPayment | null,
) => void;

function inspectRecords(transaction: StoredTransaction, journal: Journal, find: Find): void {
  const wanted = paymentOf(journal);
  const own = itemAt(transaction, journal.paymentEpochSeconds);
  for (const item of recordsIn(transaction)) {
    const { record } = item;
    const at = record.timestampEpochSeconds;
    const isUndecided = mayBeTheCharge(record, journal, transaction);
    const undecided = isUndecided ? '; it may be the one that was charged' : '';
    if (at !== journal.paymentEpochSeconds || journal.status === 'DECLINED') {
      const why =
        journal.status === 'DECLINED'
          ? 'the payment was declined'
          : `the payment that counts is at ${journal.paymentEpochSeconds}`;
      const change = { before: item, after: superseded(record, journal.paymentEpochSeconds) };
      const detail = `${sum(record)} at ${at}; ${why}${undecided}`;
      find('extra-record', detail, isUndecided ? [] : [change], lostBy(record, journal));
    } else {
      const different = differences(record, wanted);
      if (different.length === 0) continue;
      const change = { before: item, after: { kind: 'record', record: wanted } } as const;
      const detail = `its ${different.join(', ')} at ${at}${undecided}`;
      find('record-differs', detail, isUndecided ? [] : [change]);
    }
  }
  if (own?.kind === 'record' || own?.kind === 'unreadable') return;
  if (journal.status === 'PROCESSED') {
    const change = { before: own, after: { kind: 'record', record: wanted } } as const;
    find('record-missing', `${sum(wanted)} at ${journal.paymentEpochSeconds}`, [change]);
  } else if (journal.status === 'ACCEPTED' && own !== null) {
    // Whether it is charged is not known here, so no record may be made up.
    find('record-differs', `it is superseded at ${journal.paymentEpochSeconds}, its own timestamp`);
  }
}

/** What of a record is not the journal's. */
function differences(record: Payment, wanted: Payment): readonly string[] {
  const compared = ['customerId', 'amountMinor', 'currency', 'region'] as const;
  return compared.filter((field) => record[field] !== wanted[field]).map((field) => NAMES[field]);
}

const NAMES = {
  customerId: 'customer',
  amountMinor: 'amount',
  currency: 'currency',
  region: 'Region',
} as const;

function inspectRefunds(journal: Journal, find: Find): void {
  const { currency } = journal.request;
  const chargedMinor = journal.status === 'DECLINED' ? 0n : journal.request.amountMinor;
  const refundsMinor = sumMinorOf(journal.refunds, ['ACCEPTED', 'REFUNDED']);
  if (refundsMinor <= chargedMinor) return;
  const refunds = formatMoney({ amountMinor: refundsMinor, currency });
  const charged = formatMoney({ amountMinor: chargedMinor, currency });
  find('refunds-exceed-charge', `refunds of ${refunds} ${currency}, charged ${charged}`);
}

function inspectOpenness(stored: StoredJournal, nowEpochMs: number, find: Find): void {
  const { journal, openValue } = stored;
  if (hasWorkLeft(stored)) {
    const found = [ownShardValue(journal.transactionId), PAYMENTS_TABLE.parkedShard];
    if (openValue !== null && found.includes(openValue)) return;
    const why = openValue === null ? 'not in open-index' : 'in a shard of open-index not its own';
    const left = journal.status === 'PROCESSED' ? 'a refund is left' : `it is ${journal.status}`;
    find('not-open', `${left}, and it is ${why}`, [
      { before: stored, after: openedNow(stored, nowEpochMs) },
    ]);
  } else if (openValue !== null) {
    const closed: StoredJournal = {
      kind: 'journal',
      journal: { ...journal, updatedAtEpochMs: nowEpochMs, dueAtEpochMs: null, parked: null },
      openValue: null,
    };
    find('open-for-nothing', `it is ${journal.status} and nothing is left`, [
      { before: stored, after: closed },
    ]);
  }
}

function sum(record: Payment): string {
  return `${formatMoney(record)} ${record.currency}`;
}
