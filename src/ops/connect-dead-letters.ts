/** What the dead-letter verbs work with, in one environment. */

import type { Environment, RegionConnection } from './connect.ts';
import { createDeadLetterQueue } from './dead-letter-queue.ts';
import type { DeadLetterPorts } from './dead-letters.ts';
import { journalsOf } from './judge-messages.ts';
import { createParkedPayments, unpark } from './parked-payments.ts';
import { writingRegion } from './payments-consistency.ts';

/** Connects. Nothing is sent yet. */
export function connectDeadLetters(environment: Environment): DeadLetterPorts {
  const { regions } = environment;
  const readJournals = journalsOf(environment);
  // Asked for once, when the first parked payment is redriven: most runs need no Region to write to.
  let writing: Promise<RegionConnection> | null = null;
  return {
    queues: regions.map((connection) => createDeadLetterQueue(connection, environment)),
    parked: regions.map((connection) =>
      createParkedPayments(connection, environment, readJournals),
    ),
    readJournals,
    async unpark(transactionId) {
      writing ??= writingRegion(environment);
      return unpark(transactionId, await writing, environment);
    },
  };
}
