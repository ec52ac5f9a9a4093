/**
 * Judges every write and every movement of money at the moment of its effect, and keeps what the
 * checks at the end look things up in.
 */

import { SYNTHETIC_PAYMENT } from '#contract/names.ts';
import type { Journal, Payment } from '#core/journal.ts';
import type { RegionName } from '../faults/fault-spec.ts';
import type { BankEntry } from '../services/bank.ts';
import type { System } from '../system.ts';
import { chargeKey } from './expected-texts.ts';
import { waitsForPerson } from './waits-for-person.ts';

type Violate = System['violate'];
type Refund = Journal['refunds'][number];

/** Before that no work is left to people that a repeat may end. Source: docs/adr/0012-open-work.md. */
const ATTEMPTS_MIN = 20;

/** Of our own making: no client's, never at the bank, never announced. */
export function isOurOwn(transactionId: string): boolean {
  return transactionId.startsWith(SYNTHETIC_PAYMENT.idPrefix);
}

/** Invariants 2, 11 and 16, 8 as far as the lease goes, and 13 as far as work is given up. */
export class EffectWatch {
  /** transaction_ids whose journal was created, each with the first Region that wrote any of it. */
  readonly created = new Map<string, RegionName>();
  /** When that was, virtual milliseconds. */
  readonly createdAtMs = new Map<string, number>();
  /** Those that both Regions have written. */
  readonly writtenByBoth = new Set<string>();
  /** Fingerprints of what was declined, each after its transaction_id and a space. */
  readonly declined = new Set<string>();
  /** By transaction_id. */
  readonly charges = new Map<string, BankEntry>();
  /** By the refund's key. */
  readonly refunds = new Map<string, BankEntry>();
  readonly #system: () => System;
  /** Payment items by transaction_id: the key of the one that there may be. */
  readonly #items = new Map<string, string>();
  /** Key of a charge → its transaction_id. */
  readonly #chargedAs = new Map<string, string>();

  constructor(system: () => System) {
    this.#system = system;
  }

  onJournal(region: RegionName, before: Journal | undefined, after: Journal): void {
    const id = after.transactionId;
    this.#mustHoldLease(region, 'journal', id);
    if (after.status === 'DECLINED') this.declined.add(`${id} ${after.fingerprint}`);
    if (before !== undefined) {
      this.#noteWriter(region, id);
      judgeStep(before, after, this.#system());
      return;
    }
    if (this.created.has(id)) this.#noteWriter(region, id);
    else {
      this.created.set(id, region);
      this.createdAtMs.set(id, this.#system().world.nowMs);
    }
    if (!isOurOwn(id)) this.#chargedAs.set(chargeKey(id), id);
  }

  onPayment(region: RegionName, key: string, before: Payment | undefined, after: Payment): void {
    const id = after.transactionId;
    const { violate, plan } = this.#system();
    this.#mustHoldLease(region, 'payment item', id);
    this.#noteWriter(region, id);
    if (before !== undefined && !isSameItem(before, after)) {
      violate(11, `${id}: its payment item ${key} was overwritten in ${region} with another value`);
    }
    if (!this.created.has(id)) {
      violate(2, `${id}: a payment item was put in ${region} and no journal was ever accepted`);
    }
    const charge = this.charges.get(id);
    if (charge !== undefined && !isChargeOf(after, charge)) {
      const { customerId, amountMinor, currency } = charge;
      const charged = `${customerId} was charged ${amountMinor} ${currency}`;
      const recorded = `${after.amountMinor} ${after.currency} of ${after.customerId}`;
      violate(16, `${id}: recorded as ${recorded}, and ${charged}`);
    }
    const known = this.#items.get(id);
    if (known === undefined) this.#items.set(id, key);
    // Eventual tables let two Regions record; what must become of that is reconcile's to show.
    else if (known !== key && plan.topology.consistency === 'strong') {
      violate(2, `${id}: has two payment items, ${known} and ${key} (put in ${region})`);
    }
  }

  onBankEntry(entry: BankEntry): void {
    const { kind, key, region } = entry;
    const { violate } = this.#system();
    this.#mustHoldLease(region, kind, key);
    if (kind === 'refund') {
      if (this.refunds.has(key)) violate(16, `refund ${key}: the money went back twice`);
      this.refunds.set(key, entry);
      return;
    }
    const id = this.#chargedAs.get(key);
    if (id === undefined) {
      violate(2, `charge under the key ${key} from ${region}: no journal was accepted that has it`);
      return;
    }
    if (this.charges.has(id)) violate(2, `${id}: charged twice, now from ${region}`);
    this.charges.set(id, entry);
  }

  /** Undefined: the charge is of no payment that was accepted. */
  chargedAs(key: string): string | undefined {
    return this.#chargedAs.get(key);
  }

  /** Before the first lease nobody may write. */
  #mustHoldLease(region: string, what: string, about: string): void {
    const { plan, control, violate } = this.#system();
    if (plan.topology.consistency !== 'eventual') return;
    const holder = control.lease?.holder ?? null;
    if (holder === region) return;
    const whose = holder === null ? 'nobody has ever held the lease' : `${holder} holds the lease`;
    violate(8, `${about}: a ${what} of ${region} took effect while ${whose}`);
  }

  #noteWriter(region: RegionName, id: string): void {
    const first = this.created.get(id);
    if (first !== undefined && first !== region) this.writtenByBoth.add(id);
  }
}

function isSameItem(one: Payment, two: Payment): boolean {
  return (
    one.transactionId === two.transactionId &&
    one.timestampEpochSeconds === two.timestampEpochSeconds &&
    one.customerId === two.customerId &&
    one.amountMinor === two.amountMinor &&
    one.currency === two.currency &&
    one.status === two.status &&
    one.region === two.region
  );
}

/** Invariant 16: whether a payment item says whose money moved, and how much of it. */
function isChargeOf(payment: Payment, charge: BankEntry): boolean {
  return (
    payment.customerId === charge.customerId &&
    payment.amountMinor === charge.amountMinor &&
    payment.currency === charge.currency
  );
}

/** Invariant 11: what a journal may become of another. */
function judgeStep(before: Journal, after: Journal, system: System): void {
  const { violate } = system;
  const { transactionId: id } = before;
  if (before.status !== after.status && before.status !== 'ACCEPTED') {
    violate(11, `${id}: was ${before.status} and is ${after.status} again`);
  }
  if (
    before.transactionId !== after.transactionId ||
    before.fingerprint !== after.fingerprint ||
    before.paymentEpochSeconds !== after.paymentEpochSeconds ||
    before.region !== after.region ||
    !isSameRequest(before.request, after.request)
  ) {
    violate(11, `${id}: its journal stands for another acceptance than before`);
  }
  if (before.status === after.status && before.declineReason !== after.declineReason) {
    violate(11, `${id}: declined for ${after.declineReason}, before for ${before.declineReason}`);
  }
  const isParked = before.parked === null && after.parked !== null;
  if (isParked && after.attempts < ATTEMPTS_MIN && !waitsForPerson(before, system)) {
    violate(13, `${id}: given up after ${after.attempts} attempts, and not after ${ATTEMPTS_MIN}`);
  }
  if (before.refunds === after.refunds) return;
  for (let at = 0; at < before.refunds.length; at += 1) {
    judgeRefundStep(id, before.refunds[at] as Refund, after.refunds[at], violate);
  }
}

function isSameRequest(one: Journal['request'], two: Journal['request']): boolean {
  return (
    one === two ||
    (one.transactionId === two.transactionId &&
      one.customerId === two.customerId &&
      one.amountMinor === two.amountMinor &&
      one.currency === two.currency)
  );
}

/**
 * Refunds are appended and settled, in the order in which they were accepted; nothing else happens
 * to them.
 */
function judgeRefundStep(
  id: string,
  before: Refund,
  after: Refund | undefined,
  violate: Violate,
): void {
  if (before === after) return;
  const { refundId, status } = before;
  if (after === undefined || after.refundId !== refundId) {
    violate(11, `${id}: refund ${refundId}, ${status}, is gone from its journal`);
    return;
  }
  if (after.status !== status && status !== 'ACCEPTED') {
    violate(11, `${id}: refund ${refundId} was ${status} and is ${after.status} again`);
  }
  if (
    before.amountMinor !== after.amountMinor ||
    before.isRemainder !== after.isRemainder ||
    before.refundEpochSeconds !== after.refundEpochSeconds ||
    before.region !== after.region
  ) {
    violate(11, `${id}: refund ${refundId} stands for another acceptance than before`);
  }
}
