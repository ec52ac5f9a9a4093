/** Journals, refunds and look-ups for what every payment store must do. */

import { type Journal, openJournal } from '#core/journal.ts';
import type { PaymentStore } from '#core/ports.ts';
import type { Refund } from '#core/refund.ts';

let made = 0;
export function newJournal(customerId = 'cust-1') {
  made += 1;
  return openJournal(
    {
      transactionId: `port-${process.pid}-${Date.now()}-${made}`,
      customerId,
      amountMinor: 1050n,
      currency: 'USD',
    },
    'f'.repeat(64),
    { atEpochMs: 1_700_000_000_000 + made * 1_000, region: 'us-east-1' },
  );
}

export const deadline = { atEpochMs: Number.MAX_SAFE_INTEGER };
export const LATER_MS = 1_700_000_009_999;
export const charged = { status: 'PROCESSED', chargeId: 'ch_1' } as const;
export const declined = { status: 'DECLINED', declineReason: 'expired_card' } as const;

export function refundOf(refundId: string, status: Refund['status'] = 'ACCEPTED'): Refund {
  return {
    refundId,
    amountMinor: 50n,
    isRemainder: false,
    status,
    refundEpochSeconds: 1_700_000_010,
    region: 'us-east-2',
    declineReason: status === 'DECLINED' ? 'not_refundable' : null,
  };
}

export async function journalOf(store: PaymentStore, id: string): Promise<Journal> {
  const journal = (await store.readJournals([id], deadline)).get(id);
  if (journal === undefined) throw new Error(`${id} is not there`);
  return journal;
}
/** A journal that is stored: new, or charged. */
export async function stored(store: PaymentStore, status?: 'charged'): Promise<Journal> {
  const journal = newJournal();
  await store.createJournal(journal, deadline);
  if (status === 'charged') {
    await store.settleJournal(journal.transactionId, charged, LATER_MS, deadline);
  }
  return journal;
}
export function dueOf(journal: Journal): number {
  return journal.dueAtEpochMs ?? Number.NaN;
}
