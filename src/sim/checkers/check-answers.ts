/**
 * Invariants 3, 4 and 5: one meaning for each id, one answer for each meaning, and no answer of
 * conflict for another spelling. Meanings are the ledger's.
 */

import type { Journal } from '#core/journal.ts';
import type { Operation, SeenAnswer } from '../ledger.ts';
import { type Evidence, isAskedRefund, isMeant, nameOf, type Transaction } from './evidence.ts';
import { acceptedAnswer, processedAnswer, refundedAnswer, viewStart } from './expected-texts.ts';

type Violate = Evidence['system']['violate'];

export function checkAnswers(evidence: Evidence): void {
  const { violate } = evidence.system;
  for (const transaction of evidence.transactions.values()) {
    if (evidence.truth.diverged.has(transaction.id)) continue;
    checkStored(transaction, violate);
    const texts = new AnswerTexts(transaction, violate);
    for (const operation of transaction.operations) {
      for (const answer of operation.answers) {
        switch (operation.kind) {
          case 'process':
          case 'accept':
            checkPaymentAnswer(transaction, operation, answer, texts, violate);
            break;
          case 'refund':
            checkRefundAnswer(transaction, operation, answer, texts, violate);
            break;
          case 'read':
            texts.checkView(operation, answer);
            break;
        }
      }
    }
  }
}

/** Nothing of a body that lost is found anywhere. */
function checkStored({ id, journal, winner, items, charge }: Transaction, violate: Violate): void {
  if (journal === null) return;
  if (winner === null) {
    const { amountMinor, currency, customerId } = journal.request;
    violate(
      4,
      `${id}: its journal has ${amountMinor} ${currency} of ${customerId}: nobody's request`,
    );
    return;
  }
  for (const item of items) {
    if (isMeant(winner, item)) continue;
    const { amountMinor, currency, customerId } = item;
    violate(4, `${id}: a payment item has ${amountMinor} ${currency} of ${customerId}`);
  }
  if (charge === null) return;
  if (charge.amountMinor !== winner.amountMinor || charge.currency !== winner.currency) {
    violate(4, `${id}: charged ${charge.amountMinor} ${charge.currency}: not the request that won`);
  }
}

function checkPaymentAnswer(
  { journal, winner }: Transaction,
  operation: Operation,
  answer: SeenAnswer,
  texts: AnswerTexts,
  violate: Violate,
): void {
  const { status, code } = answer.response;
  const isWinner =
    operation.meaning !== null && winner !== null && isMeant(winner, operation.meaning);
  if (status === 200 || status === 202 || status === 402) {
    if (isWinner) texts.check(operation, answer);
    // Without a journal it was lost: invariant 1's.
    else if (journal !== null) {
      violate(4, `${nameOf(operation)}: answered ${status}, and another body has this id`);
    }
    return;
  }
  if (code === 'transaction_conflict') {
    if (isWinner) violate(5, `${nameOf(operation)}: in conflict with its own meaning`);
    else if (journal === null) violate(5, `${nameOf(operation)}: in conflict with nothing`);
  } else if (status === 400) {
    violate(5, `${nameOf(operation)}: a valid spelling was refused as ${code}`);
  }
}

function checkRefundAnswer(
  { journal }: Transaction,
  operation: Operation,
  answer: SeenAnswer,
  texts: AnswerTexts,
  violate: Violate,
): void {
  const { refund: asked } = operation;
  if (asked === null) return;
  const { status, code } = answer.response;
  const what = `${nameOf(operation)}, refund ${asked.refundId}`;
  if (status === 400) {
    violate(5, `${what}: a valid spelling was refused as ${code}`);
    return;
  }
  const refund = journal?.refunds.find(({ refundId }) => refundId === asked.refundId);
  if (status === 200 || status === 402) {
    if (refund === undefined) return;
    if (isAskedRefund(asked, refund)) texts.checkRefund(operation, answer, refund);
    else violate(4, `${what}: answered ${status}, and another amount has this refund_id`);
  } else if (code === 'refund_conflict') {
    if (refund === undefined) violate(5, `${what}: in conflict with nothing`);
    else if (isAskedRefund(asked, refund)) {
      violate(5, `${what}: in conflict with its own meaning`);
    }
  }
}

/**
 * Invariant 3, for one transaction: texts are made once, and only where there is an answer to hold
 * to them.
 */
class AnswerTexts {
  readonly #transaction: Transaction;
  readonly #violate: Violate;
  #processed: string | null = null;
  #accepted: string | null = null;
  #declined: string | null = null;
  #view: string | null = null;
  #refunds: Map<string, string> | null = null;

  constructor(transaction: Transaction, violate: Violate) {
    this.#transaction = transaction;
    this.#violate = violate;
  }

  /** What a payment that won was answered: everything in it comes from the journal. */
  check(operation: Operation, answer: SeenAnswer): void {
    const { id, journal } = this.#transaction;
    if (journal === null) return;
    const { status, body } = answer.response;
    const { paymentEpochSeconds } = journal;
    if (status === 402) {
      this.#declined ??= body;
      this.#compare(operation, answer, this.#declined);
    } else if (operation.kind === 'process') {
      this.#processed ??= processedAnswer(id, paymentEpochSeconds);
      this.#compare(operation, answer, this.#processed);
    } else {
      this.#accepted ??= acceptedAnswer(id, paymentEpochSeconds);
      this.#compare(operation, answer, this.#accepted);
    }
  }

  checkRefund(operation: Operation, answer: SeenAnswer, refund: Journal['refunds'][number]): void {
    const { winner } = this.#transaction;
    if (winner === null) return;
    const { status, body } = answer.response;
    this.#refunds ??= new Map();
    let expected = this.#refunds.get(refund.refundId);
    if (expected === undefined) {
      expected = status === 200 ? refundedAnswer(winner, refund) : body;
      this.#refunds.set(refund.refundId, expected);
    }
    this.#compare(operation, answer, expected);
  }

  /** Whatever has become of the payment meanwhile, it is the winner's. */
  checkView(operation: Operation, { response, region }: SeenAnswer): void {
    const { journal, winner } = this.#transaction;
    if (response.status !== 200 || journal === null || winner === null) return;
    this.#view ??= viewStart(winner, journal.paymentEpochSeconds);
    if (response.body.startsWith(this.#view)) return;
    const begins = response.body.slice(0, this.#view.length);
    this.#violate(
      4,
      `${nameOf(operation)}: ${region} showed ${begins}, the payment is ${this.#view}`,
    );
  }

  #compare(operation: Operation, { response, region, atMs }: SeenAnswer, expected: string): void {
    if (response.body === expected) return;
    this.#violate(
      3,
      `${nameOf(operation)}: ${region} answered ${response.status} ${response.body} ` +
        `at ${atMs} ms, and it is ${expected}`,
    );
  }
}
