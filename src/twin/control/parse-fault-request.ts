/** Reads a fault request off a JSON body. */

import { type FaultRequest, FaultRequestError } from '../faults/fault.ts';

/**
 * Reads one JSON object; throws `FaultRequestError` for anything else. Its members are as they came:
 * the fault board, which knows the Regions, checks every one of them.
 */
export function parseFaultRequest(body: string): FaultRequest {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new FaultRequestError('The body is not valid JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FaultRequestError('The body must be one JSON object, with region and kind.');
  }
  return value as FaultRequest;
}
