/**
 * The cursor of a list: where the page before ended, for one customer, as opaque text.
 *
 * The customer is in the path already, and API Gateway takes 10,240 bytes of request line and headers together: of the
 * longest ids the cursor of version 1, which repeated it, was refused on its way back. Source: Amazon API Gateway
 * developer guide, "Quotas for configuring and running a REST API".
 */

import { sha256Hex } from '#adapters/system.ts';
import { identifierFault } from '#core/identifier.ts';
import type { PagePosition } from '#core/ports.ts';

/** Longest cursor that is looked at: an id of 2,048 bytes, escaped, in base64. */
const CURSOR_MAX_LENGTH = 20_000;
const VERSION = 2;
/** Enough to tell a customer's cursor from another's by mistake; what it leads to is the asker's own list anyway. */
const CUSTOMER_LENGTH = 16;

export function encodeCursor(customerId: string, position: PagePosition): string {
  const { transactionId, timestampEpochSeconds } = position;
  const fields = [VERSION, customerMark(customerId), transactionId, timestampEpochSeconds];
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
  if (version !== VERSION || customer !== customerMark(customerId)) return null;
  if (typeof transactionId !== 'string' || identifierFault(transactionId) !== null) return null;
  if (typeof timestamp !== 'number' || !Number.isSafeInteger(timestamp) || timestamp < 0)
    return null;
  return { transactionId, timestampEpochSeconds: timestamp };
}

function customerMark(customerId: string): string {
  return sha256Hex(customerId).slice(0, CUSTOMER_LENGTH);
}
