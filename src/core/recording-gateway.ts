/** The default gateway: it moves no money; what the table records is the whole effect. */

import type { PaymentGateway } from './ports.ts';

/**
 * Charging is recording, and so is giving back: idempotent because the journal is. It knows of nothing
 * (`none`), since nothing happens outside the table.
 */
export function createRecordingGateway(): PaymentGateway {
  return {
    charge: async () => ({ kind: 'charged', chargeId: null }),
    findCharge: async () => ({ kind: 'none' }),
    refund: async () => ({ kind: 'refunded' }),
    findRefund: async () => ({ kind: 'none' }),
  };
}
