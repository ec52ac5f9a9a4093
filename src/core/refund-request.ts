/** Reads a refund request. */

import type { RefundRequest } from './refund.ts';
import { type Refused, readAmount, readId, readMembers } from './request-members.ts';

export type ParsedRefund =
  | { readonly kind: 'valid'; readonly request: Omit<RefundRequest, 'transactionId'> }
  | Refused;

const FIELDS = { required: ['refund_id'], optional: ['amount'] } as const;

/**
 * Parses and checks the body of a refund request; whether the amount fits the payment is decided with
 * its journal (`decideRefund`). Pure; never throws for any text.
 */
export function parseRefundRequest(body: string): ParsedRefund {
  const read = readMembers(body, FIELDS);
  if (read.kind === 'invalid') return read;
  const { members } = read;
  const refundId = readId(members, 'refund_id', 'invalid_refund_id');
  if (refundId.kind === 'invalid') return refundId;
  if (!members.has('amount')) {
    return { kind: 'valid', request: { refundId: refundId.id, amount: null } };
  }
  const amount = readAmount(members.get('amount'));
  if (amount.kind === 'invalid') return amount;
  return { kind: 'valid', request: { refundId: refundId.id, amount: amount.decimal } };
}
