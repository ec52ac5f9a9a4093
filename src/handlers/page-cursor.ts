/** The cursor of a list: where the page before ended, for one customer, as opaque text. */

import { identifierFault } from '#core/identifier.ts';
import type { PagePosition } from '#core/ports.ts';

/** Longest cursor that is looked at: two ids of 2,048 bytes, escaped, in base64. */
const CURSOR_MAX_LENGTH = 40_000;

export function encodeCursor(customerId: string, position: PagePosition): string {
  const fields = [1, customerId, position.transactionId, position.timestampEpochSeconds];
  return Buffer.from(JSON.stringify(fields), 'utf8').toString('base64url');
}

/** Reads a cursor. Null when it is not one of ours, or not one of this customer's. Never throws. */
export function decodeCursor(cursor: string, customerId: string): PagePosition | null {
  if (cursor.length > CURSOR_MAX_LENGTH) return null;
  let fields: unknown;
  try {
    fields = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
  if (!Array.isArray(fields) || fields.length !== 4) return null;
  const [version, customer, transactionId, timestamp] = fields as unknown[];
  if (version !== 1 || customer !== customerId) return null;
  if (typeof transactionId !== 'string' || identifierFault(transactionId) !== null) return null;
  if (typeof timestamp !== 'number' || !Number.isSafeInteger(timestamp) || timestamp < 0)
    return null;
  return { transactionId, timestampEpochSeconds: timestamp };
}
