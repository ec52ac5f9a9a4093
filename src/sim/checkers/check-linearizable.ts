/** Invariant 12: each transaction_id, and the routing log, answered as one object would have. */

import type { Operation, SeenAnswer } from '../ledger.ts';
import type { LogOperation } from '../services/log-history.ts';
import { type Evidence, meaningNumber, type Transaction } from './evidence.ts';
import { checkLinearizable, type RecordedOperation } from './linearizable.ts';
import { checkPaymentHistory, type PaymentOperation, type PaymentOutput } from './payment-model.ts';
import { type RoutingOperation, type RoutingOutput, routingModel } from './routing-model.ts';

type PaymentRecord = RecordedOperation<PaymentOperation, PaymentOutput>;
type LogRecord = RecordedOperation<RoutingOperation, RoutingOutput>;

/** Steps of a search. One that takes more is left undecided, which accuses nobody. */
const STEPS_MAX = 20_000;

/**
 * Errors that promise that nothing was stored. Source: docs/reference/errors.md. A message that the
 * network delivers twice (F7) can break that promise, and nobody else.
 */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set(['unavailable', 'region_not_active']);

/**
 * Each history ends with a read of what the tables hold in the end.
 *
 * Eventual tables are judged as far as one Region alone had to do with a payment: its replica
 * decides by itself, and what the other one shows in between is as old as the lag.
 */
export function checkPaymentHistories({ system, truth, transactions, watch }: Evidence): void {
  const { plan, world } = system;
  const isEventual = plan.topology.consistency === 'eventual';
  const mayRepeat = plan.faults.some(({ id }) => id === 'F7');
  for (const transaction of transactions.values()) {
    const { id } = transaction;
    if (truth.diverged.has(id)) continue;
    if (isEventual && !isAnsweredBy(watch.created.get(id), transaction)) continue;
    if (isPlain(transaction, mayRepeat)) continue;
    const history = historyOf(transaction, mayRepeat);
    history.push(lastRead(transaction, world.nowMs));
    const verdict = checkPaymentHistory(history, STEPS_MAX);
    if (verdict.kind !== 'not-linearizable') continue;
    system.violate(12, `${id}: no order explains ${history.map(wordsOf).join(', ')}`);
  }
}

/** Whether everything that means something was answered by this Region. */
function isAnsweredBy(region: string | undefined, { operations }: Transaction): boolean {
  return operations.every(({ answers }) =>
    answers.every((answer) => answer.region === region || answer.response.status >= 500),
  );
}

/**
 * Payments of one meaning, of which one at least may have been made, and no answer of conflict:
 * equal answers (invariant 3) are all there is to it.
 */
function isPlain({ operations, meanings, journal }: Transaction, mayRepeat: boolean): boolean {
  if (meanings.length > 1) return false;
  let mayBeMade = journal === null || mayRepeat;
  for (const { kind, answers, silent } of operations) {
    if (kind !== 'process' && kind !== 'accept') return false;
    if (silent.length > 0) mayBeMade = true;
    for (const { response } of answers) {
      if (response.status === 409) return false;
      if (!WITHOUT_EFFECT.has(response.code ?? '')) mayBeMade = true;
    }
  }
  return mayBeMade;
}

/**
 * One record for each try that was answered with an outcome, and one without an answer for all the
 * others of an operation: it can take effect once, at any time after the first of them was sent.
 * `mayRepeat`: also one that was refused may have a second copy on the network that came later.
 */
function historyOf(transaction: Transaction, mayRepeat: boolean): PaymentRecord[] {
  const history: PaymentRecord[] = [];
  for (const operation of transaction.operations) {
    const input = inputOf(operation, transaction);
    if (input === null) continue;
    let openSinceMs = Number.POSITIVE_INFINITY;
    for (const { sentAtMs } of operation.silent) openSinceMs = Math.min(openSinceMs, sentAtMs);
    for (const answer of operation.answers) {
      const output = outputOf(operation, answer, transaction);
      if (output !== null) {
        history.push({ input, calledAt: answer.sentAtMs, answer: { output, at: answer.atMs } });
      }
      const isRefused =
        output === null
          ? WITHOUT_EFFECT.has(answer.response.code ?? '')
          : input.kind === 'refund' && !('answer' in output);
      if (isRefused ? mayRepeat : output === null) {
        openSinceMs = Math.min(openSinceMs, answer.sentAtMs);
      }
    }
    if (input.kind !== 'read' && Number.isFinite(openSinceMs)) {
      history.push({ input, calledAt: openSinceMs, answer: null });
    }
  }
  return history;
}

/** What a strong read would show now. */
function lastRead({ journal, items }: Transaction, nowMs: number): PaymentRecord {
  let output: PaymentOutput = { kind: 'absent' };
  if (journal?.status === 'DECLINED') {
    output = { kind: 'settled', status: 'DECLINED', refundedMinor: 0n };
  } else if (journal !== null && items.length === 0) {
    output = { kind: 'open' };
  } else if (journal !== null) {
    let refundedMinor = 0n;
    for (const { status, amountMinor } of journal.refunds) {
      if (status === 'REFUNDED') refundedMinor += amountMinor;
    }
    output = { kind: 'settled', status: 'PROCESSED', refundedMinor };
  }
  return { input: { kind: 'read' }, calledAt: nowMs, answer: { output, at: nowMs } };
}

function inputOf(operation: Operation, transaction: Transaction): PaymentOperation | null {
  const { kind, meaning, refund } = operation;
  switch (kind) {
    case 'process':
    case 'accept':
      if (meaning === null) return null;
      return {
        kind,
        fingerprint: String(meaningNumber(transaction, meaning)),
        amountMinor: meaning.amountMinor,
      };
    case 'refund':
      return refund === null ? null : { kind, ...refund };
    case 'read':
      return { kind };
  }
}

/** Null: an answer that says nothing of the payment. */
function outputOf(
  { kind }: Operation,
  { response }: SeenAnswer,
  { winner }: Transaction,
): PaymentOutput | null {
  const { status, code, body } = response;
  switch (kind) {
    case 'process':
      if (status === 200) return { kind: 'processed', answer: body };
      if (status === 402) return { kind: 'declined', answer: body };
      return code === 'transaction_conflict' ? CONFLICT : null;
    case 'accept':
      if (status === 202) return { kind: 'accepted', answer: body };
      return code === 'transaction_conflict' ? CONFLICT : null;
    case 'refund':
      if (status === 200) return { kind: 'refunded', answer: body };
      if (status === 402) return { kind: 'refund-declined', answer: body };
      return REFUSALS.get(code ?? '') ?? null;
    case 'read':
      if (status === 200) return seenIn(body, winner?.currency ?? null);
      return code === 'payment_not_found' ? { kind: 'absent' } : null;
  }
}

const CONFLICT: PaymentOutput = { kind: 'conflict' };
const REFUSALS: ReadonlyMap<string, PaymentOutput> = new Map([
  ['refund_conflict', { kind: 'refund-conflict' }],
  ['refund_exceeds_charge', { kind: 'exceeds' }],
  ['payment_still_open', { kind: 'still-open' }],
  ['payment_not_charged', { kind: 'not-charged' }],
  ['payment_not_found', { kind: 'no-payment' }],
  ['too_many_refunds', { kind: 'too-many' }],
]);

const STATUS_FIELD = ',"status":"';
const REFUNDED_FIELD = ',"refunded":"';

/**
 * What a read showed. Quotes inside of a JSON string are escaped, so that the first field of this
 * name is the payment's own.
 */
function seenIn(body: string, currency: string | null): PaymentOutput | null {
  if (currency === null) return null;
  const status = fieldAfter(body, STATUS_FIELD);
  if (status === 'ACCEPTED') return { kind: 'open' };
  if (status !== 'PROCESSED' && status !== 'DECLINED') return null;
  const refunded = fieldAfter(body, REFUNDED_FIELD);
  // All decimals of the currency are there: without its point it is in minor units.
  const refundedMinor = refunded === null ? 0n : BigInt(refunded.replace('.', ''));
  return { kind: 'settled', status, refundedMinor };
}

function fieldAfter(body: string, start: string): string | null {
  const at = body.indexOf(start);
  if (at < 0) return null;
  const from = at + start.length;
  return body.slice(from, body.indexOf('"', from));
}

function wordsOf({ input, calledAt, answer }: PaymentRecord): string {
  const what = input.kind === 'refund' ? `refund ${input.refundId}` : input.kind;
  const body = input.kind === 'process' || input.kind === 'accept' ? ` #${input.fingerprint}` : '';
  const told =
    answer === null
      ? 'unanswered'
      : `${answer.output.kind} at ${answer.at} ms${refundedIn(answer)}`;
  return `${what}${body} (from ${calledAt} ms: ${told})`;
}

function refundedIn({ output }: NonNullable<PaymentRecord['answer']>): string {
  return output.kind === 'settled' ? `, ${output.status}, ${output.refundedMinor} refunded` : '';
}

/** The routing log: always strong. */
export function checkLogHistory({ system }: Pick<Evidence, 'system'>): void {
  const history: LogRecord[] = [];
  for (const operation of system.control.operations) {
    const record = logRecordOf(operation);
    if (record !== null) history.push(record);
  }
  const verdict = checkLinearizable(withoutRepeats(history), routingModel, STEPS_MAX);
  if (verdict.kind !== 'not-linearizable') return;
  system.violate(12, `routing log: no order explains its ${history.length} appends and reads`);
}

function logRecordOf(operation: LogOperation): LogRecord | null {
  const { kind, epoch, entryId, calledAtMs, answeredAtMs, outcome } = operation;
  const isAnswered = answeredAtMs !== null && outcome !== null;
  if (kind === 'newest' && !isAnswered) return null;
  return {
    input: kind === 'newest' ? { kind } : { kind, epoch, entryId },
    calledAt: calledAtMs,
    answer: isAnswered ? { output: outcome, at: answeredAtMs } : null,
  };
}

/**
 * Leaves out reads between two reads of the same entry, called and answered in this order: whatever
 * order explains the two has a place for it. Of hundreds of reads a few are left for each entry.
 */
function withoutRepeats(history: readonly LogRecord[]): readonly LogRecord[] {
  const kept: LogRecord[] = [];
  /** The newest read, and whether it is kept so far. */
  let newest: LogRecord | null = null;
  let isKept = true;
  for (const record of history) {
    if (record.input.kind === 'append') {
      kept.push(record);
      continue;
    }
    const goesOn = newest !== null && isRepeat(newest, record);
    if (!goesOn) {
      if (newest !== null && !isKept) kept.push(newest);
      kept.push(record);
    }
    isKept = !goesOn;
    newest = record;
  }
  if (newest !== null && !isKept) kept.push(newest);
  return kept;
}

function isRepeat(one: LogRecord, two: LogRecord): boolean {
  if (one.answer === null || two.answer === null) return false;
  if (one.calledAt > two.calledAt || one.answer.at > two.answer.at) return false;
  const { output: before } = one.answer;
  const { output: after } = two.answer;
  if (before.kind === 'entry') return after.kind === 'entry' && before.entryId === after.entryId;
  return before.kind === after.kind;
}
