/** Dead letters as text for a terminal. */

import type { CloseReport } from '#ops/close-dead-letter.ts';
import type { UnreachedRegion } from '#ops/connect.ts';
import type { Letter, LetterList } from '#ops/dead-letters.ts';
import type { LetterOutcome, RedriveReport } from '#ops/redrive-dead-letters.ts';
import type { DeadLetterDetail, MessageDetail, PaymentDetail } from '#ops/show-dead-letter.ts';
import { columns, type Paint, type Tone } from './terminal.ts';

/** Receiving is the only way to look into a queue. */
const HIDDEN =
  'A letter that another listing holds, or held when it was cut off, is seen again within minutes.';

/** Pure. */
export function renderLetterList(list: LetterList, nowEpochMs: number, paint: Paint): string {
  const { letters, truncated, unreached } = list;
  const lines: string[] = [];
  if (letters.length === 0)
    lines.push(truncated ? `No dead letters were seen. ${HIDDEN}` : 'No dead letters.');
  else {
    const heading = ['kind', 'Region', 'transaction_id', 'tries', 'age', 'reason'];
    const rows = letters.map((letter) => letterRow(letter, nowEpochMs));
    lines.push(...columns([heading.map((cell) => paint('strong', cell)), ...rows]));
  }
  if (truncated)
    lines.push('There may be more: narrow it with --filter, raise --limit, or run it again.');
  lines.push(...unreachedLines(unreached, paint));
  return `${lines.join('\n')}\n`;
}

function letterRow(letter: Letter, nowEpochMs: number): readonly string[] {
  const { kind, region, transactionId, messageId, excerpt, attempts, reason } = letter;
  return [
    kind,
    region,
    transactionId ?? `unreadable ${messageId ?? ''}`,
    String(attempts),
    ageText(nowEpochMs - letter.sinceEpochMs),
    excerpt === null ? reason : `${reason}: ${excerpt}`,
  ];
}

/** Pure. */
export function renderLetterDetail(detail: DeadLetterDetail, paint: Paint): string {
  const lines: string[] = [];
  for (const message of detail.messages) lines.push(...messageLines(message, paint), '');
  if (detail.messages.length === 0) lines.push('No message of it is in a dead-letter queue.', '');
  if (detail.payment === null) lines.push(`No payment: ${detail.paymentReason ?? 'none'}.`);
  else lines.push(...paymentLines(detail.payment, paint));
  lines.push(...unreachedLines(detail.unreached, paint));
  return `${lines.join('\n')}\n`;
}

function messageLines(message: MessageDetail, paint: Paint): readonly string[] {
  return [
    `${paint('strong', 'Message')} ${message.messageId} in ${message.region}`,
    ...columns([
      ['body', message.body],
      ['sent', timeText(message.sentAtEpochMs)],
      ['receives', String(message.receives)],
      ...Object.entries(message.attributes).map(([name, value]) => [name, JSON.stringify(value)]),
    ]),
  ];
}

/** All that a message says, before it is deleted. Pure. */
export function renderFound(message: MessageDetail, paint: Paint): string {
  return `${messageLines(message, paint).join('\n')}\n`;
}

/** Pure. */
export function renderClosed({ outcome, reason }: CloseReport, paint: Paint): string {
  return outcome === 'closed'
    ? `${paint('good', 'closed')}: ${reason}. Keep what it said: nothing else has it.\n`
    : `${paint('warn', 'would close')} it: ${reason}.\n`;
}

function paymentLines(payment: PaymentDetail, paint: Paint): readonly string[] {
  const { parked, dueAtEpochMs, refunds } = payment;
  const due = dueAtEpochMs === null ? 'no' : `yes, due ${timeText(dueAtEpochMs)}`;
  return [
    `${paint('strong', 'Payment')} ${payment.transactionId}: ${payment.status}`,
    ...columns([
      ['amount', `${payment.amount} ${payment.currency}`],
      ['customer', payment.customerId],
      ['accepted', `${timeText(payment.acceptedEpochSeconds * 1_000)} by ${payment.region}`],
      ['open', due],
      ['attempts', String(payment.attempts)],
      ...(parked === null
        ? []
        : [['parked', `${timeText(parked.atEpochMs)}, ${paint('warn', parked.reason)}`]]),
      ...(payment.chargeId === null ? [] : [['charge', payment.chargeId]]),
      ...(payment.declineReason === null ? [] : [['declined', payment.declineReason]]),
      ...refunds.map(({ refundId, amount, status, region, declineReason }) => [
        'refund',
        `${refundId}: ${amount} ${status} by ${region}${declineReason === null ? '' : `, ${declineReason}`}`,
      ]),
    ]),
  ];
}

const OUTCOME_TONES: Record<LetterOutcome, Tone> = {
  redriven: 'good',
  'would-redrive': 'warn',
  skipped: 'warn',
  failed: 'bad',
  gone: 'faint',
};

/** Pure. */
export function renderRedrive(report: RedriveReport, paint: Paint): string {
  const { letters, truncated, unreached } = report;
  const lines = columns(
    letters.map(({ outcome, kind, region, transactionId, messageId, because }) => [
      paint(OUTCOME_TONES[outcome], outcome),
      kind,
      region,
      transactionId ?? messageId ?? '',
      because ?? '',
    ]),
  );
  const counts = new Map<LetterOutcome, number>();
  for (const { outcome } of letters) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const summary = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  const nothing = truncated ? `Nothing to redrive was seen. ${HIDDEN}` : 'Nothing to redrive.';
  lines.push(summary === '' ? nothing : `${summary}.`);
  if (truncated) lines.push('There may be more: run it again.');
  lines.push(...unreachedLines(unreached, paint));
  return `${lines.join('\n')}\n`;
}

/** One line for each Region that could not be asked. Pure. */
export function unreachedLines(
  unreached: readonly UnreachedRegion[],
  paint: Paint,
): readonly string[] {
  return unreached.map(
    ({ region, reason }) => `${paint('bad', 'not reached')} ${region}: ${reason}`,
  );
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** `3 d`, `2 h`, `5 min`, `40 s`: the largest unit that fits. */
function ageText(ageMs: number): string {
  const [unit, sizeMs] = UNITS.find(([, size]) => ageMs >= size) ?? ['s', 1_000];
  return `${Math.max(0, Math.floor(ageMs / sizeMs))} ${unit}`;
}

/** `an unreadable time` where the number is none. */
function timeText(epochMs: number): string {
  const time = new Date(epochMs);
  return Number.isNaN(time.getTime()) ? 'an unreadable time' : time.toISOString();
}
