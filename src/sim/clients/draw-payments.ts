/** What people are going to do with each payment: drawn before the world begins, so that no fault moves it. */

import { REGIONS, type RegionName } from '../faults/fault-spec.ts';
import type { Random } from '../kernel/random.ts';
import type { Meaning } from '../ledger.ts';
import { peerOf, type WorkloadShape } from '../plan.ts';
import { type ClientCall, paymentCall } from './client-call.ts';
import { CLIENTS, type ClientKind } from './client-pool.ts';
import { drawRefunds, type PlannedRefund } from './draw-refunds.ts';
import { CURRENCY_DIGITS, type Currency, spell, spellPlainly } from './spelling.ts';

/** A call by somebody who prefers `region`. Milliseconds after the payment was sent for the first time. */
export interface PlannedCall {
  readonly afterMs: number;
  readonly region: RegionName;
  readonly call: ClientCall;
}

export interface PlannedPayment {
  /** Milliseconds after the world began. */
  readonly atMs: number;
  readonly call: ClientCall;
  readonly client: ClientKind;
  /** Which of the kind. */
  readonly number: number;
  /** The same meaning again, and other meanings under the same id; negative times: before the payment. */
  readonly others: readonly PlannedCall[];
  /** The same again, so long after the client had its answer; null: not. */
  readonly afterAnswer: PlannedCall | null;
  readonly reads: readonly Omit<PlannedCall, 'call'>[];
  /** Asked for once the payment is known to be processed. */
  readonly refunds: readonly PlannedRefund[];
}

/** Share of the bursts among the moments at which something is sent, where there are bursts at all. */
const BURST_SHARE = 0.3;
const NASTY_SHARE = 0.08;
/** The largest amount that the API takes. Source: docs/reference/errors.md, amount_too_large. */
const AMOUNT_MAX_MINOR = 999_999_999_999_999n;

export function drawPayments(shape: WorkloadShape, random: Random): readonly PlannedPayment[] {
  const drawn: PlannedPayment[] = [];
  while (drawn.length < shape.payments) {
    const isBurst = shape.burst > 1 && random.chance(BURST_SHARE);
    const left = shape.payments - drawn.length;
    const count = isBurst ? Math.min(left, random.int(2, shape.burst)) : 1;
    const atMs = random.int(0, shape.spreadMs);
    for (let index = 0; index < count; index += 1) {
      drawn.push(drawPayment(`t${drawn.length + 1}`, atMs, shape, random));
    }
  }
  return drawn;
}

function drawPayment(
  id: string,
  atMs: number,
  shape: WorkloadShape,
  random: Random,
): PlannedPayment {
  const meaning = drawMeaning(random.chance(NASTY_SHARE) ? nasty(id, random) : id, random);
  const kind = random.chance(shape.acceptShare) ? 'accept' : 'process';
  const body = random.chance(0.7) ? spellPlainly(meaning) : spell(meaning, random);
  const { others, afterAnswer } = drawOthers(meaning, kind, shape, random);
  return {
    ...{ atMs, client: drawClient(shape, random), number: random.int(0, CLIENTS - 1) },
    ...{ call: paymentCall(kind, meaning, body), others, afterAnswer },
    reads: random.chance(shape.readShare) ? drawReads(random) : [],
    refunds: random.chance(shape.refundShare) ? drawRefunds(meaning, random) : [],
  };
}

function drawClient({ dnsShare, slowShare }: WorkloadShape, random: Random): ClientKind {
  const draw = random.next();
  if (draw < slowShare) return 'slow';
  return draw < slowShare + dnsShare ? 'dns' : 'sdk';
}

function drawOthers(
  meaning: Meaning,
  kind: 'process' | 'accept',
  shape: WorkloadShape,
  random: Random,
): Pick<PlannedPayment, 'others' | 'afterAnswer'> {
  const others: PlannedCall[] = [];
  let afterAnswer: PlannedCall | null = null;
  if (random.chance(shape.repeatShare)) {
    // The other route is a request of the same meaning as well.
    const route = random.chance(0.8) ? kind : kind === 'accept' ? 'process' : 'accept';
    const call = paymentCall(route, meaning, spell(meaning, random));
    const region = random.pick(REGIONS);
    const form = random.int(0, 3);
    if (form === 0) afterAnswer = { afterMs: random.int(0, 40_000), region, call };
    else if (form === 1) {
      others.push({ afterMs: 0, region, call });
      others.push({ afterMs: 0, region: peerOf(region), call });
    } else {
      others.push({
        afterMs: form === 2 ? random.int(1, 3_000) : random.int(3_000, 60_000),
        region,
        call,
      });
    }
  }
  if (random.chance(shape.conflictShare)) {
    const other = drawConflict(meaning, random);
    const call = paymentCall(
      random.chance(0.8) ? 'process' : 'accept',
      other,
      spell(other, random),
    );
    // The longest come after a Region that was lost has been left.
    const afterMs = random.pick([-1_000, 0, 0, 100, 10_000, 40_000]) * random.int(1, 3);
    others.push({ afterMs, region: random.pick(REGIONS), call });
  }
  return { others, afterAnswer };
}

function drawReads(random: Random): PlannedPayment['reads'] {
  return Array.from({ length: random.int(1, 2) }, () => ({
    // Some look for a payment that nobody has made yet.
    afterMs: random.chance(0.15) ? -random.int(0, 2_000) : random.int(0, 60_000),
    region: random.pick(REGIONS),
  }));
}

function drawMeaning(transactionId: string, random: Random): Meaning {
  const customer = `c${random.int(1, 9)}`;
  const currency = random.pick<Currency>(['USD', 'USD', 'USD', 'EUR', 'JPY', 'BHD', 'UYW']);
  return {
    transactionId,
    customerId: random.chance(NASTY_SHARE) ? nasty(customer, random) : customer,
    amountMinor: drawAmount(CURRENCY_DIGITS[currency], random),
    currency,
  };
}

function drawAmount(digits: number, random: Random): bigint {
  const draw = random.next();
  if (draw < 0.45) return BigInt(random.int(1, 500)) * 10n ** BigInt(digits);
  if (draw < 0.85) return BigInt(random.int(1, 2_000_000));
  if (draw < 0.92) return BigInt(random.int(1, 9));
  if (draw < 0.98) return BigInt(random.int(1, 4_000_000)) * BigInt(random.int(1, 200_000_000));
  return AMOUNT_MAX_MINOR;
}

/** The same id, and something else that it is about: as little as one minor unit. */
function drawConflict(meaning: Meaning, random: Random): Meaning {
  const { amountMinor, currency, customerId } = meaning;
  switch (random.int(0, 3)) {
    case 0:
      return { ...meaning, amountMinor: amountMinor > 1n ? amountMinor - 1n : 2n };
    case 1:
      return { ...meaning, customerId: `${customerId}0` };
    case 2:
      return { ...meaning, currency: currency === 'USD' ? 'EUR' : 'USD' };
    default:
      // Ten times, or a tenth: what a misread decimal point makes of it.
      return {
        ...meaning,
        amountMinor: amountMinor * 10n > AMOUNT_MAX_MINOR ? amountMinor / 10n : amountMinor * 10n,
      };
  }
}

/** Ids that are legal, and break what was not made for them. Different for different `base`. */
export function nasty(base: string, random: Random): string {
  switch (random.int(0, 7)) {
    case 0:
      return `${base} with  blanks`;
    case 1:
      return `${base}/../a//b/`;
    case 2:
      return `${base}%2F%25%zz`;
    case 3:
      return `${base}#open?x=1&y=2`;
    case 4:
      return `${base} Zürich €😀 नमस्ते`;
    case 5:
      return `${base}-${'x'.repeat(299 - base.length)}`;
    case 6:
      return `${base}"quoted"\\`;
    default:
      return `__proto__ ${base}`;
  }
}
