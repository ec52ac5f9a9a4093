/** Invariant 13's question: what is not finished? The run asks it until the answer is nothing. */

import type { System } from '../system.ts';
import { leadingRegion } from './stored-truth.ts';

/** Journals that are still open or parked, in words: empty when everything has come to its end. */
export function openWork(system: System): string[] {
  const found: string[] = [];
  system.payments.journals.each(leadingRegion(system), ({ status, dueAtEpochMs, parked }, id) => {
    if (parked !== null) found.push(`${id} (${status}, parked: ${parked.reason})`);
    else if (dueAtEpochMs !== null) found.push(`${id} (${status}, open)`);
  });
  return found;
}
