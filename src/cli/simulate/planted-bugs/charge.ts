/** Planted bugs in what moves the money, records it and settles the journal. */

import { edit, type PlantedBug } from '../planted-bug.ts';

const CARRY_ON = 'src/core/carry-on.ts';

const CHARGE = 'const charge = await settleCharge(journal, isFirst, attempt.deadline, ports);';
const UNKNOWN = `const found = await gateway.findCharge(idempotencyKey, deadline);
    if (found.kind === 'none') throw error;
    return ownCharge(found, journal.request);`;
const KEY = 'const idempotencyKey = chargeKeyOf(journal.transactionId, hash);';
const RECORD = 'const recorded = await record(payment, attempt.deadline, ports);';

export const CHARGE_BUGS: readonly PlantedBug[] = [
  {
    name: 'unknown-charge-is-done',
    area: 'charge',
    what: 'a charge that had no answer counts as made: if it got lost, nobody is ever paid',
    edits: [edit(CARRY_ON, UNKNOWN, "return { kind: 'charged', chargeId: null };")],
    invariants: [1, 16],
  },
  {
    name: 'unknown-charge-is-declined',
    area: 'charge',
    what: 'a charge that had no answer counts as declined, whatever the bank has done',
    edits: [edit(CARRY_ON, UNKNOWN, "return { kind: 'declined', reason: 'no_answer' };")],
    invariants: [3, 12, 16],
  },
  {
    name: 'new-charge-key-for-each-attempt',
    area: 'charge',
    what: 'whoever carries a payment on has a charge key of its own: the card is charged twice',
    edits: [
      edit(
        CARRY_ON,
        KEY,
        `const again = isFirst ? '' : '/' + journal.attempts;
  const idempotencyKey = chargeKeyOf(journal.transactionId + again, hash);`,
      ),
    ],
    invariants: [2, 16],
  },
  {
    name: 'charge-key-of-the-customer',
    area: 'charge',
    what: "the bank takes a customer's second payment for a repeat of the first, and moves nothing",
    edits: [
      edit(CARRY_ON, KEY, 'const idempotencyKey = chargeKeyOf(journal.request.customerId, hash);'),
    ],
    invariants: [1, 2, 16],
  },
  {
    name: 'charged-in-dollars',
    area: 'charge',
    what: 'the currency is left out on the way to the bank, which takes dollars for granted',
    edits: [
      edit(
        CARRY_ON,
        'const charge = { idempotencyKey, customerId, amountMinor, currency };',
        "const charge = { idempotencyKey, customerId, amountMinor, currency: 'USD' };",
      ),
    ],
    invariants: [16],
  },
  {
    name: 'settled-before-charged',
    area: 'charge',
    what: 'the journal says PROCESSED before the bank was asked: after a crash nobody asks it',
    edits: [
      edit(
        CARRY_ON,
        CHARGE,
        `const early = { status: 'PROCESSED', chargeId: null };
    const nowEpochMs = ports.clock.nowEpochMs();
    await ports.store.settleJournal(journal.transactionId, early, nowEpochMs, attempt.deadline);
    ${CHARGE}`,
      ),
    ],
    invariants: [1, 3, 9, 11, 12, 16],
  },
  {
    name: 'decline-answered-before-stored',
    area: 'charge',
    what: 'a decline is answered though storing it failed: the next read shows the payment open',
    edits: [
      edit(
        CARRY_ON,
        '    attempt.deadline,\n  );\n  const declined =',
        "    attempt.deadline,\n  ).catch(() => 'settled');\n  const declined =",
      ),
    ],
    invariants: [1, 11, 12],
  },
  {
    name: 'timestamp-from-the-clock',
    area: 'charge',
    what: "each attempt stamps the payment with its own time: it's recorded twice",
    edits: [
      edit(
        CARRY_ON,
        'const payment = paymentOf(journal);',
        `const timestampEpochSeconds = Math.floor(ports.clock.nowEpochMs() / 1_000);
    const payment = { ...paymentOf(journal), timestampEpochSeconds };`,
      ),
    ],
    invariants: [2, 3, 12, 16],
  },
  {
    name: 'processed-without-a-record',
    area: 'charge',
    what: 'the payment item is never put: charged, answered, and not in any list',
    edits: [edit(CARRY_ON, RECORD, 'const recorded = true;')],
    invariants: [1, 9, 12, 16],
  },
  {
    name: 'record-fault-swallowed',
    area: 'charge',
    what: 'a payment whose record failed is answered and settled all the same',
    edits: [
      edit(
        CARRY_ON,
        RECORD,
        'const recorded = await record(payment, attempt.deadline, ports).catch(() => false);',
      ),
    ],
    invariants: [1, 9, 12, 16],
  },
  {
    name: 'never-settled',
    area: 'charge',
    what: 'the last step is left out: payments stay open, and are swept until they are parked',
    edits: [
      edit(
        CARRY_ON,
        'await ports.store.settleJournal(journal.transactionId, settlement, now, deadline);',
        '',
      ),
    ],
    invariants: [9, 13],
  },
  {
    name: 'synthetic-payments-are-charged',
    area: 'charge',
    what: "the orchestrator's own payments reach the bank, which charges a customer that is none",
    edits: [
      edit(
        'src/core/synthetic-payment.ts',
        'if (!isSyntheticPayment(transactionId)) return ports;\n  return {',
        'if (transactionId !== null) return ports;\n  return {',
      ),
    ],
    invariants: [2, 9, 10, 16],
  },
  {
    name: 'look-up-of-any-customer',
    area: 'charge',
    what: "a charge of the right amount is taken for the payment's own, whoever paid it",
    edits: [
      edit(
        'src/core/found-by-key.ts',
        'if (!isSameCharge(found, own))',
        'if (!isSameCharge({ ...found, customerId: own.customerId }, own))',
      ),
    ],
    invariants: [16],
    needs: 'eventual',
  },
];
