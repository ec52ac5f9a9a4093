/**
 * Everything that is known of each transaction, side by side: asked for, answered, stored, charged.
 */

import type { Journal, Payment } from '#core/journal.ts';
import type { Meaning, Operation } from '../ledger.ts';
import type { BankEntry } from '../services/bank.ts';
import type { System } from '../system.ts';
import type { EffectWatch } from './effect-watch.ts';
import type { StoredTruth } from './stored-truth.ts';

export interface Transaction {
  readonly id: string;
  /** In the order of their calls. */
  readonly operations: Operation[];
  /** Different ones, in the order in which clients came up with them. */
  readonly meanings: Meaning[];
  readonly journal: Journal | null;
  /** The meaning that the journal has; null: there is no journal, or it has nobody's. */
  winner: Meaning | null;
  readonly items: readonly Payment[];
  readonly charge: BankEntry | null;
}

/** What the checks at the end judge. */
export interface Evidence {
  readonly system: System;
  readonly watch: EffectWatch;
  readonly truth: StoredTruth;
  /** By transaction_id: all that a client named. */
  readonly transactions: ReadonlyMap<string, Transaction>;
  /** False: the recording gateway, whose only books are the payment items. */
  readonly hasBank: boolean;
}

export function gatherEvidence(system: System, watch: EffectWatch, truth: StoredTruth): Evidence {
  const transactions = new Map<string, Transaction>();
  for (const operation of system.ledger.operations) {
    const { transactionId: id, meaning } = operation;
    let transaction = transactions.get(id);
    if (transaction === undefined) {
      transaction = {
        ...{ id, operations: [], meanings: [], winner: null },
        journal: truth.journals.get(id) ?? null,
        items: truth.items.get(id) ?? [],
        charge: watch.charges.get(id) ?? null,
      };
      transactions.set(id, transaction);
    }
    transaction.operations.push(operation);
    if (meaning !== null && meaningNumber(transaction, meaning) < 0) {
      transaction.meanings.push(meaning);
      const { journal } = transaction;
      if (journal !== null && isMeant(meaning, journal.request)) transaction.winner = meaning;
    }
  }
  const hasBank = system.plan.topology.gateway === 'bank';
  return { system, watch, truth, transactions, hasBank };
}

/** Which of the transaction's meanings this is; -1: none. */
export function meaningNumber({ meanings }: Transaction, meaning: Meaning): number {
  for (let at = 0; at < meanings.length; at += 1) {
    const known = meanings[at] as Meaning;
    if (known === meaning || isMeant(known, meaning)) return at;
  }
  return -1;
}

/** Whether something stored, charged or asked for is this payment. */
export function isMeant(
  meaning: Meaning,
  other: Pick<Meaning, 'customerId' | 'amountMinor' | 'currency'>,
): boolean {
  return (
    meaning.customerId === other.customerId &&
    meaning.amountMinor === other.amountMinor &&
    meaning.currency === other.currency
  );
}

/** Whether a refund of a journal is what somebody asked for. */
export function isAskedRefund(
  asked: NonNullable<Operation['refund']>,
  refund: Journal['refunds'][number],
): boolean {
  return asked.amountMinor === null
    ? refund.isRemainder
    : !refund.isRemainder && refund.amountMinor === asked.amountMinor;
}

/** For messages: which call, which try. */
export function nameOf({ index, kind, transactionId, client }: Operation): string {
  return `${transactionId}: ${kind} (operation ${index} of ${client})`;
}
