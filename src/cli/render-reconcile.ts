/** A reconciliation as text for a terminal. */

import type { ReconcileReport, RepairOutcome, ReportedFinding } from '#ops/reconcile.ts';
import { unreachedLines } from './render-dead-letters.ts';
import { columns, type Paint, type Tone } from './terminal.ts';

const OUTCOME_TONES: Record<RepairOutcome, Tone> = {
  left: 'warn',
  repaired: 'good',
  raced: 'warn',
  failed: 'bad',
};

/** Pure. `repair`: whether it was asked to mend what it found. */
export function renderReconcile(report: ReconcileReport, repair: boolean, paint: Paint): string {
  const { findings, counts, transactions, regionsRead, unreached, consistency, left } = report;
  const lines = [
    `${transactions} transactions in ${regionsRead.join(' and ') || 'no Region'}, ${consistency} consistency`,
    ...unreachedLines(unreached, paint),
  ];
  const { behind = 0, ...wrong } = counts;
  const shown = findings.filter(({ kind }) => kind !== 'behind');
  if (shown.length > 0) {
    lines.push(
      '',
      ...columns(
        shown.map(({ outcome, kind, transactionId, detail, because }) => [
          paint(OUTCOME_TONES[outcome], outcome),
          kind,
          transactionId,
          because === null ? detail : `${detail}: ${because}`,
        ]),
      ),
    );
    const total = Object.values(wrong).reduce((sum, count) => sum + count, 0);
    if (total > shown.length) lines.push(`  and ${total - shown.length} more`);
    const sums = Object.entries(wrong).map(([kind, count]) => `${count} ${kind}`);
    lines.push('', sums.join(', '));
  }
  const lost = findings.filter((finding) => finding.lost !== null);
  if (lost.length > 0) {
    lines.push('', paint('strong', 'Acknowledged payments that do not count any more'));
    lines.push(...columns(lost.map(lostRow)));
  }
  if (behind > 0) lines.push('', `${behind} on their way between replicas: nothing to do.`);
  lines.push('', verdict(report, repair, paint));
  if (left > 0 && !repair && findings.some(({ repairable }) => repairable)) {
    lines.push('Mend what can be mended with: holdfast reconcile --repair');
  }
  return `${lines.join('\n')}\n`;
}

function verdict({ left, findings, complete }: ReconcileReport, repair: boolean, paint: Paint) {
  if (left > 0) return paint('bad', `${left} left${repair ? ' that could not be mended' : ''}.`);
  if (!complete) return paint('bad', 'Not all of it could be read: run it again.');
  const isMended = findings.some(({ outcome }) => outcome === 'repaired');
  return paint('good', isMended ? 'All of it is mended.' : 'Nothing to reconcile.');
}

function lostRow({ transactionId, lost }: ReportedFinding): readonly string[] {
  if (lost === null) return [];
  const { amount, currency, customerId, region, timestampEpochSeconds, isSameRequest } = lost;
  return [
    transactionId,
    `${amount} ${currency}`,
    `customer ${customerId}`,
    `accepted by ${region} at ${timestampEpochSeconds}`,
    isSameRequest ? 'the same request counts elsewhere' : 'another request counts: call them',
  ];
}
