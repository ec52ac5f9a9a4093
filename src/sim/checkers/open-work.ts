/** Invariant 13's question: what is not finished? The run asks it until the answer is nothing. */

import type { System } from '../system.ts';
import { leadingRegion } from './stored-truth.ts';
import { waitsForPerson } from './waits-for-person.ts';

/**
 * Journals that are still open or parked, in words: empty when everything has come to its end, or is
 * parked for what only a person can mend.
 */
export function openWork(system: System): string[] {
  const found: string[] = [];
  system.payments.journals.each(leadingRegion(system), (journal, id) => {
    const { status, dueAtEpochMs, parked } = journal;
    if (parked === null) {
      if (dueAtEpochMs !== null) found.push(`${id} (${status}, open)`);
    } else if (!waitsForPerson(journal, system)) {
      found.push(`${id} (${status}, parked: ${parked.reason})`);
    }
  });
  return found;
}
