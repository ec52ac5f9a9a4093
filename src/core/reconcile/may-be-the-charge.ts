/** Whether a payment that does not lead may be the one that was charged. */

import { isSameCharge } from '../found-by-key.ts';
import type { Journal } from '../journal.ts';
import type { ChargedMoney } from '../ports.ts';
import { itemAt, type StoredTransaction } from './stored-transaction.ts';

/**
 * One id is one key at the gateway, so of two different payments under it one alone was charged. As long
 * as `journal`, which leads, is neither settled nor recorded, that may be the other: taking it out of
 * effect would leave a customer charged for a payment that counts nowhere. Pure; `leading` is where
 * `journal` stands.
 */
export function mayBeTheCharge(
  other: ChargedMoney,
  { status, request, paymentEpochSeconds }: Journal,
  leading: StoredTransaction,
): boolean {
  if (status !== 'ACCEPTED' || isSameCharge(other, request)) return false;
  const own = itemAt(leading, paymentEpochSeconds);
  return own?.kind !== 'record' || !isSameCharge(own.record, request);
}
