/** A proof as a table for people. Pure. */

import type { Totals } from './judge.ts';
import type { Proof } from './prove-durability.ts';

/** Offenders that are listed one by one; the rest are counted. */
const LISTED_MAX = 50;

/** Lines: what it was, each figure, and what does not hold. */
export function renderProof(title: string, proof: Proof): string {
  const { totals, offenders } = proof;
  const acknowledged = Object.values(proof.acknowledgedBy).reduce((sum, count) => sum + count, 0);
  const of = (count: number): string => `${count} of ${acknowledged}`;
  const rows: (readonly [string, string])[] = [
    ['accepted, as clients saw it', `${acknowledged} of ${proof.payments}`],
    ...Object.entries(proof.acknowledgedBy).map(
      ([region, count]) => [`  acknowledged by ${region}`, String(count)] as const,
    ),
    ['  asked more than once', String(proof.retried)],
    ['left open by the lost Region', String(proof.leftOpen)],
    ['journals', of(proof.journals)],
    ['payment items', of(proof.paymentItems)],
    ['PROCESSED', of(proof.processed)],
    ['distinct notifications', of(proof.notificationIds)],
    ['  received in all', String(proof.notifications)],
    ['  repeats, dropped by id', String(proof.repeats)],
    ...(proof.charges === null
      ? []
      : ([
          ["charges in the gateway's books", of(proof.charges)],
          ['  requests repeated', String(proof.chargesRepeated)],
        ] as const)),
    ['last one finished after the kill', seconds(proof.finishedAfterMs)],
    ...(['acknowledged', 'recorded', 'notified', 'charged'] as const).flatMap((how) => {
      const total = totals[how];
      return total === null ? [] : [[`minor units ${how}`, renderTotals(total)] as const];
    }),
  ];
  const width = Math.max(...rows.map(([what]) => what.length));
  const verdict =
    offenders.length === 0
      ? 'holds: every acknowledged payment happened, once'
      : `DOES NOT HOLD: ${offenders.length} offenders`;
  const hidden = offenders.length - LISTED_MAX;
  return [
    title,
    ...rows.map(([what, figure]) => `  ${what.padEnd(width)}  ${figure}`),
    `  ${verdict}`,
    ...offenders
      .slice(0, LISTED_MAX)
      .map(({ transactionId, what }) => `    ${transactionId ?? 'as a whole'}: ${what}`),
    ...(hidden > 0 ? [`    and ${hidden} more; --json lists them all`] : []),
  ].join('\n');
}

function seconds(ms: number | null): string {
  return ms === null ? 'not within its time' : `${(ms / 1000).toFixed(1)} s`;
}

function renderTotals(totals: Totals): string {
  return Object.entries(totals)
    .map(([currency, total]) => `${total} ${currency}`)
    .join(', ');
}
