/** The default gateway: it moves no money; the payment item is the whole effect. */

import type { PaymentGateway } from './ports.ts';

/** Charging is recording: idempotent because the record is. */
export function createRecordingGateway(): PaymentGateway {
  return {
    charge: async () => ({ kind: 'charged' }),
  };
}
