/** The payments of a plan made by hand, as the workload sends them. */

import type { HandmadePayment } from '../plan.ts';
import { paymentCall, refundCall } from './client-call.ts';
import type { PlannedPayment } from './draw-payments.ts';
import { decimalText, spellPlainly } from './spelling.ts';

const AMOUNT_MINOR = 1_050n;
const REFUND_MINOR = 100n;
const CURRENCY = { code: 'USD', digits: 2 } as const;

/** `t1`, `t2` and so on, in their order. Pure. */
export function handmadePayments(made: readonly HandmadePayment[]): readonly PlannedPayment[] {
  return made.map((payment, index) => plannedPayment(`t${index + 1}`, payment));
}

function plannedPayment(
  transactionId: string,
  { atMs, kind, repeats = [], refunds = [] }: HandmadePayment,
): PlannedPayment {
  const meaning = {
    ...{ transactionId, customerId: 'c1' },
    ...{ amountMinor: AMOUNT_MINOR, currency: CURRENCY.code },
  };
  const call = paymentCall(kind, meaning, spellPlainly(meaning));
  return {
    ...{ atMs, call, client: 'sdk', number: 0, afterAnswer: null, reads: [] },
    others: repeats.map((visit) => ({ ...visit, call })),
    refunds: refunds.map((visit, index) => {
      const refund = { refundId: `r${index + 1}`, amountMinor: REFUND_MINOR };
      return { ...visit, call: refundCall(transactionId, refund, refundBody(refund)) };
    }),
  };
}

function refundBody({ refundId, amountMinor }: { refundId: string; amountMinor: bigint }): string {
  return `{"refund_id":"${refundId}","amount":"${decimalText(amountMinor, CURRENCY.digits)}"}`;
}
