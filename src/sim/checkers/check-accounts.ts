/** Invariants 9 and 16: every payment is somewhere, and every minor unit too. */

import type { Journal } from '#core/journal.ts';
import { REGIONS } from '../faults/fault-spec.ts';
import type { BankEntry } from '../services/bank.ts';
import { isOurOwn } from './effect-watch.ts';
import type { Evidence } from './evidence.ts';
import { refundKey } from './expected-texts.ts';

/** Invariant 9: accepted = processed + declined + parked + open. */
export function checkCounts({ system, watch, truth }: Evidence): void {
  const { violate, payments, regions } = system;
  for (const [id, journal] of truth.journals) {
    if (!watch.created.has(id)) violate(9, `${id}: its journal was never accepted`);
    if (isSomewhere(journal)) continue;
    violate(9, `${id}: ${journal.status}, not finished, and neither open nor parked`);
  }
  // A replica may lack what the other Region took along; then one of them has it.
  for (const id of watch.created.keys()) {
    if (truth.journals.has(id)) continue;
    if (REGIONS.some((region) => payments.journals.peek(region, id) !== undefined)) continue;
    violate(9, `${id}: its journal was accepted, and is gone`);
  }
  for (const region of REGIONS) {
    for (const letter of regions[region].queue.deadLetters) {
      if (letter === null || watch.created.has(letter.transactionId)) continue;
      violate(
        9,
        `${letter.transactionId}: a dead letter of ${region} for a payment that never existed`,
      );
    }
  }
}

function isSomewhere({ status, dueAtEpochMs, parked, refunds }: Journal): boolean {
  if (dueAtEpochMs !== null || parked !== null) return true;
  if (status === 'ACCEPTED') return false;
  return refunds.every((refund) => refund.status !== 'ACCEPTED');
}

/** Currency → how much more one side has than the other. */
type Balance = Map<string, bigint>;

function add(balance: Balance, currency: string, amountMinor: bigint): void {
  balance.set(currency, (balance.get(currency) ?? 0n) + amountMinor);
}

/**
 * Invariant 16: what the bank moved is what the table says, for each currency. Left out on both
 * sides is what is still open, and payments that a lost Region touched: of an id that both Regions
 * took for different requests the bank has one charge, and the table what reconcile left standing.
 */
export function checkAmounts(evidence: Evidence): void {
  const { system, truth, transactions, hasBank } = evidence;
  const charges: Balance = new Map();
  const refunds: Balance = new Map();
  if (hasBank) sumBooks(evidence, charges, refunds);
  for (const [id, journal] of truth.journals) {
    if (isOurOwn(id) || truth.diverged.has(id)) continue;
    const winner = transactions.get(id)?.winner ?? null;
    if (journal.status === 'PROCESSED') {
      for (const { currency, amountMinor } of truth.items.get(id) ?? []) {
        add(charges, currency, -amountMinor);
      }
      if (!hasBank && winner !== null) add(charges, winner.currency, winner.amountMinor);
    }
    if (journal.refunds.length > 0) subtractRefunds(journal, evidence, refunds);
  }
  for (const [currency, amountMinor] of charges) {
    if (amountMinor === 0n) continue;
    system.violate(16, `${currency}: ${amountMinor} minor units more were charged than recorded`);
  }
  for (const [currency, amountMinor] of refunds) {
    if (amountMinor === 0n) continue;
    system.violate(16, `${currency}: ${amountMinor} minor units more went back than recorded`);
  }
}

function sumBooks({ system, watch, truth }: Evidence, charges: Balance, refunds: Balance): void {
  for (const entry of system.bank.books) {
    const id = watch.chargedAs(entry.chargeKey);
    // A charge of no accepted payment is invariant 2's, at its moment; it counts here as well.
    const journal = id === undefined ? undefined : truth.journals.get(id);
    if (id !== undefined && truth.diverged.has(id)) continue;
    if (entry.kind === 'refund') {
      add(refunds, entry.currency, entry.amountMinor);
      checkGivenBack(entry, id, watch.charges.get(id ?? ''), system.violate);
    } else if (journal?.status !== 'ACCEPTED') {
      add(charges, entry.currency, entry.amountMinor);
    }
  }
}

function checkGivenBack(
  { key, chargeKey, amountMinor, currency }: BankEntry,
  id: string | undefined,
  charge: BankEntry | undefined,
  violate: Evidence['system']['violate'],
): void {
  if (charge === undefined) {
    violate(16, `refund ${key}: money went back of the charge ${chargeKey}, which there is not`);
  } else if (charge.currency !== currency || charge.amountMinor < amountMinor) {
    const charged = `${charge.amountMinor} ${charge.currency}`;
    violate(16, `${id}: ${amountMinor} ${currency} went back (${key}) of a charge of ${charged}`);
  }
}

function subtractRefunds(
  { transactionId: id, status, request, refunds }: Journal,
  { system, watch, transactions, hasBank }: Evidence,
  balance: Balance,
): void {
  const { currency, amountMinor: chargedMinor } = transactions.get(id)?.winner ?? request;
  let reservedMinor = 0n;
  for (const refund of refunds) {
    if (refund.status !== 'DECLINED') reservedMinor += refund.amountMinor;
    if (!hasBank || refund.status === 'DECLINED') continue;
    if (refund.status === 'REFUNDED') {
      add(balance, currency, -refund.amountMinor);
      continue;
    }
    const given = watch.refunds.get(refundKey(id, refund.refundId));
    if (given !== undefined) add(balance, given.currency, -given.amountMinor);
  }
  if (reservedMinor > (status === 'PROCESSED' ? chargedMinor : 0n)) {
    system.violate(
      16,
      `${id}: refunds of ${reservedMinor} of a charge of ${chargedMinor} ${currency}`,
    );
  }
}
