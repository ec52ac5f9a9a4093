/** Histories of one payment, written down row by row. */

import type { RecordedOperation } from '#sim/checkers/linearizable.ts';
import type { PaymentOperation, PaymentOutput } from '#sim/checkers/payment-model.ts';

export type Recorded = RecordedOperation<PaymentOperation, PaymentOutput>;
export type Row = readonly [PaymentOperation, PaymentOutput | null];

export const PROCESS: PaymentOperation = { kind: 'process', fingerprint: 'f', amountMinor: 1000n };
export const ACCEPT: PaymentOperation = { kind: 'accept', fingerprint: 'f', amountMinor: 1000n };
export const OTHER: PaymentOperation = { kind: 'process', fingerprint: 'g', amountMinor: 5n };
export const READ: PaymentOperation = { kind: 'read' };
export const refund = (refundId: string, amountMinor: bigint | null): PaymentOperation => ({
  kind: 'refund',
  refundId,
  amountMinor,
});

export const processed = (answer = 'p'): PaymentOutput => ({ kind: 'processed', answer });
export const declined = (answer = 'd'): PaymentOutput => ({ kind: 'declined', answer });
export const accepted = (answer = 'a'): PaymentOutput => ({ kind: 'accepted', answer });
export const refunded = (answer = 'r'): PaymentOutput => ({ kind: 'refunded', answer });
export const refundDeclined = (answer = 'n'): PaymentOutput => ({
  kind: 'refund-declined',
  answer,
});
type Plain = Exclude<PaymentOutput, { answer: string } | { status: string }>['kind'];
export const plain = (kind: Plain): PaymentOutput => ({ kind });
export const ABSENT = plain('absent');
export const OPEN = plain('open');
export const settled = (refundedMinor = 0n, status: 'PROCESSED' | 'DECLINED' = 'PROCESSED') =>
  ({ kind: 'settled', status, refundedMinor }) as const;

/** One after the other, in the order of the rows; output null: nobody heard the answer. */
export function rows(...given: readonly Row[]): Recorded[] {
  return given.map(([input, output], index) => ({
    input,
    calledAt: 10 * index,
    answer: output === null ? null : { output, at: 10 * index + 5 },
  }));
}

/** The first row lasts until all the others have returned. */
export function during(first: Row, ...others: readonly Row[]): Recorded[] {
  const [outer, ...inner] = rows(first, ...others);
  if (outer === undefined || outer.answer === null) return inner;
  return [{ ...outer, answer: { ...outer.answer, at: 10 * others.length + 9 } }, ...inner];
}
