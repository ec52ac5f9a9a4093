/** The payments of a plan made by hand, as the workload sends them. */

import type { HandmadePayment } from '../plan.ts';
import { type ClientCall, paymentCall, refundCall } from './client-call.ts';
import type { PlannedPayment } from './draw-payments.ts';
import { decimalText, spellPlainly } from './spelling.ts';

const AMOUNT_MINOR = 1_050;
const CUSTOMER = 'c1';
const REFUND_MINOR = 100;
const CURRENCY = { code: 'USD', digits: 2 } as const;

/** `t1`, `t2` and so on, in their order. Pure. */
export function handmadePayments(made: readonly HandmadePayment[]): readonly PlannedPayment[] {
  return made.map((payment, index) => plannedPayment(`t${index + 1}`, payment));
}

function plannedPayment(
  transactionId: string,
  { atMs, kind, repeats = [], refunds = [] }: HandmadePayment,
): PlannedPayment {
  const callOf = (amountMinor: number, customerId: string): ClientCall => {
    const meaning = {
      ...{ transactionId, customerId },
      ...{ amountMinor: BigInt(amountMinor), currency: CURRENCY.code },
    };
    return paymentCall(kind, meaning, spellPlainly(meaning));
  };
  return {
    ...{ atMs, call: callOf(AMOUNT_MINOR, CUSTOMER) },
    ...{ client: 'sdk', number: 0, afterAnswer: null, reads: [] },
    others: repeats.map(({ afterMs, region, ...meant }) => {
      const { amountMinor = AMOUNT_MINOR, customerId = CUSTOMER } = meant;
      return { afterMs, region, call: callOf(amountMinor, customerId) };
    }),
    refunds: refunds.map(({ afterMs, region, ...asked }, index) => {
      const { refundId = `r${index + 1}`, amountMinor = REFUND_MINOR } = asked;
      const refund = { refundId, amountMinor: BigInt(amountMinor) };
      const body = refundBody(refund);
      return { afterMs, region, call: refundCall(transactionId, refund, body) };
    }),
  };
}

function refundBody({ refundId, amountMinor }: { refundId: string; amountMinor: bigint }): string {
  const amount = decimalText(amountMinor, CURRENCY.digits);
  return `{"refund_id":${JSON.stringify(refundId)},"amount":"${amount}"}`;
}
