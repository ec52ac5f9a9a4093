/** Planted bugs in giving money back: too much of it, twice, or none. */

import { edit, type PlantedBug } from '../planted-bug.ts';

const REFUND = 'src/core/refund.ts';
const PROTOCOL = 'src/core/refund-payment.ts';

const KEY = 'const idempotencyKey = refundKeyOf(journal.transactionId, refund.refundId, hash);';
const UNKNOWN = `const found = await gateway.findRefund(idempotencyKey, deadline);
    if (found.kind === 'none') throw error;
    return ownRefund(found, own);`;
const REMAINING =
  "return journal.request.amountMinor - sumMinorOf(journal.refunds, ['ACCEPTED', 'REFUNDED']);";
const REREAD = 'latest = (await store.readJournals([transactionId], deadline)).get(transactionId);';

export const REFUND_BUGS: readonly PlantedBug[] = [
  {
    name: 'refunds-count-once-they-are-settled',
    area: 'refund',
    what: 'a refund under way reserves nothing: two at once give back more than was charged',
    edits: [edit(REFUND, REMAINING, REMAINING.replace("'ACCEPTED', ", ''))],
    invariants: [12, 16],
  },
  {
    name: 'declined-refund-keeps-its-amount',
    area: 'refund',
    what: 'what a refund that the bank declined had reserved is never free again',
    edits: [edit(REFUND, REMAINING, REMAINING.replace("'REFUNDED'", "'REFUNDED', 'DECLINED'"))],
    invariants: [12],
  },
  {
    name: 'refund-checked-against-the-charge-alone',
    area: 'refund',
    what: 'each refund may be as large as the charge, whatever went back before',
    edits: [
      edit(
        REFUND,
        'amountMinor > remainingMinor || amountMinor === 0n',
        'amountMinor > journal.request.amountMinor || amountMinor === 0n',
      ),
    ],
    invariants: [12, 16],
  },
  {
    name: 'refund-id-is-enough',
    area: 'refund',
    what: 'a known refund_id with another amount is answered as done instead of refused',
    edits: [edit(REFUND, "if (!isSame) return { kind: 'conflict' };", '')],
    invariants: [4, 12],
  },
  {
    name: 'settled-refund-made-again',
    area: 'refund',
    what: 'a repeat of a settled refund is a new refund under the same id: the books show it twice',
    edits: [
      edit(
        REFUND,
        'if (known !== undefined) {',
        "if (known !== undefined && known.status === 'ACCEPTED') {",
      ),
    ],
    invariants: [3, 12, 16],
  },
  {
    name: 'remainder-worked-out-anew',
    area: 'refund',
    what: 'a repeat of "the rest" is held against what is left now, and conflicts with itself',
    edits: [
      edit(REFUND, '? known.isRemainder\n', '? known.amountMinor === remainingMinorOf(journal)\n'),
    ],
    invariants: [3, 12],
  },
  {
    name: 'all-open-refunds-settled-at-once',
    area: 'refund',
    what: 'the end of one refund is written to all under way: some of them were never made',
    edits: [
      edit(
        REFUND,
        'refund.refundId === refundId ? { ...refund, ...settled } : refund,',
        `refund.status === 'ACCEPTED'
      ? { ...refund, status: settled.status, declineReason: settled.declineReason }
      : refund,`,
      ),
    ],
    invariants: [10, 11, 12, 16],
  },
  {
    name: 'lost-race-for-the-journal-ignored',
    area: 'refund',
    what: 'money goes back though the refund did not get into the journal',
    edits: [edit(PROTOCOL, "if (done === 'raced') continue;", '')],
    invariants: [1, 12, 16],
  },
  {
    name: 'refund-end-overwrites-the-others',
    area: 'refund',
    what: "what was accepted meanwhile is lost when a refund's end is written after a lost race",
    edits: [
      edit(
        PROTOCOL,
        REREAD,
        `const now = (await store.readJournals([transactionId], deadline)).get(transactionId);
    latest = now && { ...journal, refundsRevision: now.refundsRevision };`,
      ),
    ],
    invariants: [1, 11, 12, 16],
  },
  {
    name: 'new-refund-key-for-each-attempt',
    area: 'refund',
    what: 'whoever carries a refund on makes it under a key of its own: it goes back twice',
    edits: [
      edit(
        PROTOCOL,
        KEY,
        `const again = isFirst ? '' : '/' + journal.attempts;
  const idempotencyKey = refundKeyOf(journal.transactionId, refund.refundId + again, hash);`,
      ),
    ],
    invariants: [16],
  },
  {
    name: 'one-refund-key-for-each-payment',
    area: 'refund',
    what: "the bank refuses a payment's second refund, or takes it for the first: it never goes back",
    edits: [edit(PROTOCOL, KEY, KEY.replace('refund.refundId', "'refund'"))],
    invariants: [13, 16],
  },
  {
    name: 'unknown-refund-is-done',
    area: 'refund',
    what: 'a refund that had no answer counts as made: if it got lost, the customer waits on',
    edits: [edit(PROTOCOL, UNKNOWN, "return { kind: 'refunded' };")],
    invariants: [1, 16],
  },
  {
    name: 'unknown-refund-is-declined',
    area: 'refund',
    what: 'a refund that had no answer counts as declined: its amount goes back once more',
    edits: [edit(PROTOCOL, UNKNOWN, "return { kind: 'declined', reason: 'no_answer' };")],
    invariants: [3, 12, 16],
  },
  {
    name: 'declined-refund-answered-as-done',
    area: 'refund',
    what: 'a refund that the bank declined is answered as if it had gone through',
    edits: [
      edit(
        'src/core/answers.ts',
        "if (refund.status === 'DECLINED') {",
        "if (refund.status === 'ACCEPTED') {",
      ),
    ],
    invariants: [3, 12, 16],
  },
  {
    name: 'open-refunds-never-carried-on',
    area: 'refund',
    what: 'the sweeper takes a processed payment for finished: a cut-off refund stays open',
    edits: [
      edit(
        'src/core/carry-on-journal.ts',
        'return await carryOnRefunds(journal, attempt, ports);',
        'return finished(null);',
      ),
    ],
    invariants: [13],
  },
  {
    name: 'open-refunds-due-late',
    area: 'refund',
    what: 'a refund that was cut off comes up for the sweeper in a quarter of an hour',
    edits: [
      edit(
        PROTOCOL,
        'dueAtEpochMs: nowEpochMs + SWEEP_AFTER_MS,',
        'dueAtEpochMs: nowEpochMs + SWEEP_AFTER_MS * 30,',
      ),
    ],
    invariants: [13],
  },
];
