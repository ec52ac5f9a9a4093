/** Work that no repeat can end: its key has moved other money, for a request that the other Region took. */

import type { Journal } from '#core/journal.ts';
import type { System } from '../system.ts';
import { chargeKey, refundKey } from './expected-texts.ts';

/**
 * Whether all that is open of it is such a charge or such refunds, by the gateway's books. Eventual
 * tables alone let two Regions take different requests under one id.
 */
export function waitsForPerson(
  { transactionId, status, request, refunds }: Journal,
  { plan, bank }: Pick<System, 'plan' | 'bank'>,
): boolean {
  if (plan.topology.consistency !== 'eventual') return false;
  if (status === 'ACCEPTED') {
    const entry = bank.books.find(({ key }) => key === chargeKey(transactionId));
    if (entry === undefined) return false;
    return (
      entry.customerId !== request.customerId ||
      entry.amountMinor !== request.amountMinor ||
      entry.currency !== request.currency
    );
  }
  const open = refunds.filter((refund) => refund.status === 'ACCEPTED');
  if (open.length === 0) return false;
  return open.every(({ refundId, amountMinor }) => {
    const wanted = refundKey(transactionId, refundId);
    const entry = bank.books.find(({ key }) => key === wanted);
    return entry !== undefined && entry.amountMinor !== amountMinor;
  });
}
