/**
 * The orchestrator's own payments: they show that a Region takes payments, and touch nobody's money.
 *
 * They run the whole protocol on the table, and have neither gateway nor notification, whoever carries
 * them on: first attempt, repeat or sweeper. Their ids begin with a blank, which no caller's can.
 */

import { SYNTHETIC_PAYMENT } from '#contract/names.ts';
import type { PaymentRequest } from './payment-request.ts';
import type { PaymentPorts } from './ports.ts';
import { createRecordingGateway } from './recording-gateway.ts';

/** The payment that verifies epoch `epoch` in `region`: the same for each repeat. Pure. */
export function syntheticPayment(epoch: number, region: string): PaymentRequest {
  const { idPrefix, customerId, currency } = SYNTHETIC_PAYMENT;
  return { transactionId: `${idPrefix}${epoch}/${region}`, customerId, amountMinor: 1n, currency };
}

export function isSyntheticPayment(transactionId: string): boolean {
  return transactionId.startsWith(SYNTHETIC_PAYMENT.idPrefix);
}

/** The ports to carry a payment on with: a synthetic one has no gateway and no readers. */
export function portsFor(transactionId: string, ports: PaymentPorts): PaymentPorts {
  if (!isSyntheticPayment(transactionId)) return ports;
  return {
    ...ports,
    gateway: createRecordingGateway(),
    notifier: { publish: async () => undefined },
  };
}
