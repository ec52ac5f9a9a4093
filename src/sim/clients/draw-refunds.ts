/** What is asked back of a payment: parts and the rest, again, otherwise again, and two at once. */

import { REGIONS, type RegionName } from '../faults/fault-spec.ts';
import type { Random } from '../kernel/random.ts';
import type { Meaning } from '../ledger.ts';
import { peerOf } from '../plan.ts';
import { type ClientCall, refundCall } from './client-call.ts';
import { spellRefund } from './spelling.ts';

export interface PlannedRefund {
  /** After the payment was known to be processed, milliseconds. */
  readonly afterMs: number;
  /** Which its sender prefers. */
  readonly region: RegionName;
  readonly call: ClientCall;
}

const REFUNDS_MAX = 3;
const DELAY_MAX_MS = 20_000;

/** The refunds of one payment. Together they often ask for more than was paid: some must be refused. */
export function drawRefunds(meaning: Meaning, random: Random): readonly PlannedRefund[] {
  const { transactionId, currency } = meaning;
  const drawn: PlannedRefund[] = [];
  const plan = (
    refundId: string,
    amountMinor: bigint | null,
    afterMs: number,
    region: RegionName,
  ): void => {
    const refund = { refundId, amountMinor };
    const call = refundCall(transactionId, refund, spellRefund(refund, currency, random));
    drawn.push({ afterMs, region, call });
  };
  const count = random.int(1, REFUNDS_MAX);
  for (let number = 1; number <= count; number += 1) {
    const refundId = random.chance(0.1) ? `r${number} 50%/#é` : `r${number}`;
    const part = partOf(meaning.amountMinor, random);
    const amountMinor = number === count && random.chance(0.5) ? null : part;
    const afterMs = random.int(100, DELAY_MAX_MS);
    const region = random.pick(REGIONS);
    plan(refundId, amountMinor, afterMs, region);
    const draw = random.next();
    if (draw < 0.2) {
      plan(refundId, amountMinor, afterMs, peerOf(region));
    } else if (draw < 0.35) {
      plan(refundId, amountMinor, afterMs + random.int(1, DELAY_MAX_MS), random.pick(REGIONS));
    } else if (draw < 0.5) {
      plan(refundId, part + 1n, afterMs + random.int(0, 5_000), random.pick(REGIONS));
    } else if (draw < 0.65) {
      // Another refund of nearly everything: only one of the two has room.
      plan(`${refundId} rival`, atLeastOne(meaning.amountMinor - 1n), afterMs, peerOf(region));
    }
  }
  return drawn;
}

/** Between a tenth and six tenths of the amount; at least one minor unit. */
function partOf(amountMinor: bigint, random: Random): bigint {
  return atLeastOne((amountMinor * BigInt(random.int(10, 60))) / 100n);
}

function atLeastOne(amountMinor: bigint): bigint {
  return amountMinor > 0n ? amountMinor : 1n;
}
