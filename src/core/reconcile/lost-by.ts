/** Whom superseding a payment item concerns. */

import type { Journal, Payment } from '../journal.ts';
import { formatMoney } from '../money.ts';
import type { LostPayment } from './finding.ts';

/**
 * What is lost when `record` is taken out of effect beside `journal`, which counts. A record was told of when it was
 * made: whoever heard of it may have to hear that it does not count. Pure.
 */
export function lostBy(record: Payment, { request, status }: Journal): LostPayment {
  const { customerId, currency, amountMinor, timestampEpochSeconds, region } = record;
  const isSameRequest =
    status !== 'DECLINED' &&
    customerId === request.customerId &&
    amountMinor === request.amountMinor &&
    currency === request.currency;
  const amount = formatMoney(record);
  return { customerId, amount, currency, timestampEpochSeconds, region, isSameRequest };
}
