/** Judges, payment by payment, whether what clients were promised is what happened. Pure. */

import type { LedgerEntry } from '#gateway/ledger.ts';
import type { Acceptance, Acknowledgement } from './accept-payments.ts';
import type { Received } from './notification-collector.ts';
import { minorUnits, type PlannedPayment } from './planned-payments.ts';
import { isJournal, type StoredItem } from './surviving-state.ts';

export interface Evidence {
  /** What clients saw: the yardstick for all the rest. */
  readonly acceptance: Acceptance;
  readonly items: readonly StoredItem[];
  readonly notifications: readonly Received[];
  readonly openLeft: number;
  readonly deadLetters: number;
  /** The gateway's own books; null where the gateway only records. */
  readonly charges: readonly LedgerEntry[] | null;
}

/** Something that does not hold. */
export interface Offender {
  /** Null: it is of no payment that was planned, or of the whole. */
  readonly transactionId: string | null;
  readonly what: string;
}

/** Minor units by currency, decimal text. */
export type Totals = Readonly<Record<string, string>>;

export interface Verdict {
  readonly offenders: readonly Offender[];
  readonly journals: number;
  readonly paymentItems: number;
  readonly processed: number;
  readonly notificationIds: number;
  readonly notifications: number;
  /** What a subscriber drops by the id. */
  readonly repeats: number;
  readonly charges: number | null;
  /** Requests to charge that reached the gateway's books beyond the first of each payment. */
  readonly chargesRepeated: number | null;
  readonly totals: {
    readonly acknowledged: Totals;
    readonly recorded: Totals;
    readonly notified: Totals;
    /** Null where the gateway only records. */
    readonly charged: Totals | null;
  };
}

/** Compares everything with the acknowledgements, both ways: what is missing, and what is too much. */
export function judge(evidence: Evidence): Verdict {
  const { acceptance, items, notifications, openLeft, deadLetters, charges } = evidence;
  const { acknowledged, refused } = acceptance;
  const offenders: Offender[] = [];
  const isPlanned = new Set(acknowledged.map(({ payment }) => payment.transactionId));
  const stored = Map.groupBy(items, ({ transactionId }) => transactionId);
  const heard = Map.groupBy(notifications, ({ transactionId }) => transactionId);
  // By contract the key is the encoded id: docs/gateway.md.
  const charged = Map.groupBy(charges ?? [], ({ key }) => decodeURIComponent(key));

  for (const { payment, because } of refused) {
    const what = `never acknowledged: ${because}`;
    offenders.push({ transactionId: payment.transactionId, what });
  }
  for (const acknowledgement of acknowledged) {
    const { transactionId } = acknowledgement.payment;
    const faults = [
      ...storageFaults(acknowledgement, stored.get(transactionId) ?? []),
      ...notificationFaults(acknowledgement.payment, heard.get(transactionId) ?? []),
      ...(charges === null
        ? []
        : chargeFaults(acknowledgement.payment, charged.get(transactionId) ?? [])),
    ];
    offenders.push(...faults.map((what) => ({ transactionId, what })));
  }
  const strangers = { stored, notified: heard, charged };
  for (const [how, found] of Object.entries(strangers)) {
    for (const id of found.keys()) {
      if (!isPlanned.has(id))
        offenders.push({ transactionId: null, what: `${how}: unknown ${id}` });
    }
  }
  if (openLeft > 0) offenders.push({ transactionId: null, what: `${openLeft} open or parked` });
  if (deadLetters > 0) offenders.push({ transactionId: null, what: `${deadLetters} dead letters` });

  const journals = items.filter(isJournal);
  const records = items.filter((item) => !isJournal(item));
  const distinct = [...new Map(notifications.map((one) => [one.id, one])).values()];
  const totals = {
    acknowledged: sum(acknowledged.map(({ payment }) => payment)),
    recorded: sum(records.map(moneyOf)),
    notified: sum(distinct.map(moneyOf)),
    charged: charges === null ? null : sum(charges.filter(isDone).map(chargeMoney)),
  };
  for (const [how, total] of Object.entries(totals)) {
    if (total === null || sameTotals(total, totals.acknowledged)) continue;
    offenders.push({ transactionId: null, what: `${how} in all ${JSON.stringify(total)}` });
  }
  return {
    offenders,
    journals: journals.length,
    paymentItems: records.length,
    processed: journals.filter(({ status }) => status === 'PROCESSED').length,
    notificationIds: distinct.length,
    notifications: notifications.length,
    repeats: notifications.length - distinct.length,
    charges: charges?.length ?? null,
    chargesRepeated:
      charges?.reduce((count, { count_of_requests: all }) => count + all - 1, 0) ?? null,
    totals,
  };
}

function storageFaults(
  { payment, timestampEpochSeconds }: Acknowledgement,
  items: readonly StoredItem[],
): string[] {
  const journals = items.filter(isJournal);
  const records = items.filter((item) => !isJournal(item));
  const faults: string[] = [];
  if (journals.length !== 1) faults.push(`${journals.length} journals`);
  if (records.length !== 1) faults.push(`${records.length} payment items`);
  for (const { status, open } of journals) {
    if (status !== 'PROCESSED') faults.push(`its journal is ${status}`);
    if (open !== null) faults.push(`work is left: ${open}`);
  }
  for (const record of records) {
    if (record.status !== 'PROCESSED') faults.push(`its payment item is ${record.status}`);
    if (record.timestampEpochSeconds !== timestampEpochSeconds) {
      faults.push(`acknowledged at ${timestampEpochSeconds}, not ${record.timestampEpochSeconds}`);
    }
  }
  for (const item of items) if (!isSameMoney(payment, item)) faults.push(otherMoney(item));
  return faults;
}

function notificationFaults(payment: PlannedPayment, received: readonly Received[]): string[] {
  const ids = new Set(received.map(({ id }) => id));
  const faults = ids.size === 1 && !ids.has('') ? [] : [`${ids.size} distinct notification ids`];
  for (const one of received) {
    if (one.status !== 'PROCESSED') faults.push(`its notification says ${one.status}`);
    if (!isSameMoney(payment, one)) faults.push(otherMoney(one));
  }
  return faults;
}

function chargeFaults(payment: PlannedPayment, charges: readonly LedgerEntry[]): string[] {
  const faults = charges.length === 1 ? [] : [`${charges.length} charges at the gateway`];
  for (const charge of charges) {
    if (!isDone(charge)) faults.push(`its charge ${charge.status}`);
    const { amountMinor, currency } = chargeMoney(charge);
    if (amountMinor !== payment.amountMinor || currency !== payment.currency) {
      faults.push(`charged ${amountMinor} minor units of ${currency}`);
    }
  }
  return faults;
}

interface Told {
  readonly amount: string;
  readonly currency: string;
}

interface Minor {
  readonly amountMinor: bigint;
  readonly currency: string;
}

function isSameMoney(payment: PlannedPayment, { amount, currency }: Told): boolean {
  return currency === payment.currency && minorUnits(amount, currency) === payment.amountMinor;
}

function otherMoney({ amount, currency }: Told): string {
  return `another amount: ${JSON.stringify(`${amount} ${currency}`)}`;
}

/** What can't be read counts as nothing here; it is an offender of its own already. */
function moneyOf({ amount, currency }: Told): Minor {
  return { amountMinor: minorUnits(amount, currency) ?? 0n, currency };
}

function chargeMoney(charge: LedgerEntry): Minor {
  return { amountMinor: BigInt(charge.amount_minor), currency: charge.currency };
}

function isDone({ status }: LedgerEntry): boolean {
  return status === 'succeeded';
}

function sum(amounts: readonly Minor[]): Totals {
  const totals = new Map<string, bigint>();
  for (const { amountMinor, currency } of amounts) {
    totals.set(currency, (totals.get(currency) ?? 0n) + amountMinor);
  }
  const sorted = [...totals].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([currency, total]) => [currency, String(total)]));
}

function sameTotals(one: Totals, other: Totals): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
