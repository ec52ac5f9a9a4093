/** What the dead-letter verbs work with, in one environment. */

import type { Environment, RegionConnection } from './connect.ts';
import { createDeadLetterQueue } from './dead-letter-queue.ts';
import type { DeadLetterPorts } from './dead-letters.ts';
import { journalsOf } from './judge-messages.ts';
import { createParkedPayments, unpark } from './parked-payments.ts';
import { type Leader, leaderOf, writingRegion } from './payments-consistency.ts';

/** Connects. Nothing is sent yet. */
export function connectDeadLetters(environment: Environment): DeadLetterPorts {
  const { regions } = environment;
  // Asked for once, by whoever first has to know.
  let asked: Promise<Leader> | null = null;
  const leader = (): Promise<Leader> => {
    asked ??= leaderOf(environment);
    return asked;
  };
  const readJournals = journalsOf(environment, leader);
  // Asked for once, when the first parked payment is redriven: most runs need no Region to write to.
  let writing: Promise<RegionConnection> | null = null;
  return {
    queues: regions.map((connection) => createDeadLetterQueue(connection, environment)),
    // An index is read as its Region has it, which may be cut off: the one whose writes count comes first.
    async parked() {
      const { inOrder } = await leader();
      return inOrder.map((one) => createParkedPayments(one, environment, readJournals));
    },
    readJournals,
    async unpark(transactionId) {
      writing ??= writingRegion(environment);
      return unpark(transactionId, await writing, environment);
    },
  };
}
