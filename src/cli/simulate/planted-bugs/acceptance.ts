/** Planted bugs in what makes a payment exist, and in what its repeats are told. */

import { edit, type PlantedBug } from '../planted-bug.ts';

const PROCESS = 'src/core/process-payment.ts';
const JOURNAL = 'src/core/journal.ts';
const MONEY = 'src/core/money.ts';
const REQUEST = 'src/core/payment-request.ts';
const ANSWERS = 'src/core/answers.ts';

const CREATE = 'const creation = await ports.store.createJournal(journal, attempt.deadline);';

export const ACCEPTANCE_BUGS: readonly PlantedBug[] = [
  {
    name: 'acknowledge-before-persisting',
    area: 'acceptance',
    what: 'a payment is accepted while its journal is still on the way: a lost write loses it',
    edits: [
      edit(
        PROCESS,
        CREATE,
        `void ports.store.createJournal(journal, attempt.deadline).catch(() => undefined);
  const creation = { kind: 'created' };`,
      ),
    ],
    invariants: [1, 3, 4, 12],
  },
  {
    name: 'unknown-acceptance-called-unavailable',
    area: 'acceptance',
    what: 'a journal that may be there is reported as certainly not stored, and charged later',
    edits: [
      edit(
        PROCESS,
        "import type { PaymentRequest } from './payment-request.ts';",
        `import { AppError } from './app-error.ts';
import type { PaymentRequest } from './payment-request.ts';`,
      ),
      edit(
        PROCESS,
        CREATE,
        `const creation = await ports.store
    .createJournal(journal, attempt.deadline)
    .catch((error) => {
      throw new AppError('unavailable', 'the journal could not be put', { cause: error });
    });`,
      ),
    ],
    invariants: [12, 16],
  },
  {
    name: 'accepted-but-called-unavailable',
    area: 'acceptance',
    what: 'a fault after acceptance is reported as without effect, and the sweeper charges later',
    edits: [
      edit(
        'src/core/carry-on.ts',
        "return new AppError('outcome_unknown', `accepted, then",
        "return new AppError('unavailable', `accepted, then",
      ),
    ],
    invariants: [12, 16],
  },
  {
    name: 'accepted-work-is-not-open',
    area: 'acceptance',
    what: 'a new payment is left out of the open work: when its first attempt dies nobody goes on',
    edits: [
      edit(JOURNAL, 'dueAtEpochMs: accepted.atEpochMs + SWEEP_AFTER_MS,', 'dueAtEpochMs: null,'),
    ],
    invariants: [1, 9, 13],
  },
  {
    name: 'open-payment-replayed-as-processed',
    area: 'acceptance',
    what: 'a repeat of a payment that is still under way is told that it was processed',
    edits: [
      edit(
        JOURNAL,
        "case 'ACCEPTED':\n      return 'resume';",
        "case 'ACCEPTED':\n      return 'replay';",
      ),
    ],
    invariants: [1, 3, 12, 16],
  },
  {
    name: 'declined-replayed-as-processed',
    area: 'acceptance',
    what: 'a repeat of a declined payment is told that it was processed',
    edits: [
      edit(PROCESS, "return journal.status === 'DECLINED'", 'return journal.parked !== null'),
    ],
    invariants: [3, 12, 16],
  },
  {
    name: 'repeat-answers-from-its-own-journal',
    area: 'acceptance',
    what: 'a repeat goes on with the journal it would have put, not with the one that is there',
    edits: [
      edit(
        PROCESS,
        '{ kind } : { kind, journal: creation.journal };',
        '{ kind } : { kind, journal };',
      ),
    ],
    invariants: [3],
  },
  {
    name: 'same-id-is-the-same-payment',
    area: 'acceptance',
    what: 'another body under a known id is answered as a repeat instead of refused',
    edits: [edit(JOURNAL, "if (existing.fingerprint !== fingerprint) return 'conflict';", '')],
    invariants: [4, 12],
  },
  {
    name: 'same-body-is-the-same-payment',
    area: 'acceptance',
    what: 'payments are told apart by what they ask for: the second coffee of the day is free',
    edits: [
      edit(
        JOURNAL,
        'transactionId: request.transactionId,\n    fingerprint,',
        'transactionId: [request.customerId, formatMoney(request)].join(),\n    fingerprint,',
      ),
      edit(JOURNAL, 'request.transactionId,\n    request.customerId,', 'request.customerId,'),
    ],
    invariants: [1, 2, 3, 11, 12],
  },
  {
    name: 'fingerprint-without-amount',
    area: 'acceptance',
    what: 'the same id with another amount is taken for a repeat',
    edits: [edit(JOURNAL, '    formatMoney(request),\n', '')],
    invariants: [4, 12],
  },
  {
    name: 'fingerprint-without-currency',
    area: 'acceptance',
    what: 'the same id in another currency is taken for a repeat',
    edits: [
      edit(
        JOURNAL,
        '    formatMoney(request),\n    request.currency,\n',
        '    formatMoney(request),\n',
      ),
    ],
    invariants: [4, 12],
  },
  {
    name: 'fingerprint-without-customer',
    area: 'acceptance',
    what: "the same id for another customer is taken for a repeat of somebody else's payment",
    edits: [
      edit(
        JOURNAL,
        '    request.transactionId,\n    request.customerId,\n',
        '    request.transactionId,\n',
      ),
    ],
    invariants: [4, 12],
  },
  {
    name: 'fingerprint-of-the-amount-as-written',
    area: 'acceptance',
    what: '`10` and `10.0` are two requests: a retry through another client library conflicts',
    edits: [
      edit(
        MONEY,
        "negative: sign === '-',\n    digits,",
        "negative: sign === '-',\n    text,\n    digits,",
      ),
      edit(
        REQUEST,
        'money: { amountMinor: minor.amountMinor, currency: code }',
        'money: { amountMinor: minor.amountMinor, currency: code, written: amount.decimal.text }',
      ),
      edit(
        JOURNAL,
        '    formatMoney(request),\n    request.currency,',
        '    request.written,\n    request.currency,',
      ),
    ],
    invariants: [3, 5, 12],
  },
  {
    name: 'zeros-to-spare-refused',
    area: 'acceptance',
    what: '`10.0000` dollars are called too precise: a retry through another client library fails',
    edits: [
      edit(
        MONEY,
        'const digits = stripTrailingZeros(digitsAndZeros);',
        'const digits = digitsAndZeros;',
      ),
    ],
    invariants: [3, 5, 12],
  },
  {
    name: 'exponents-ignored',
    area: 'acceptance',
    what: '`105e-1` is read as 105: ten times the amount is charged',
    edits: [
      edit(MONEY, 'Math.max(-EXPONENT_CAP, Math.min(EXPONENT_CAP, Number(exponentText)));', '0;'),
    ],
    invariants: [3, 5, 12, 16],
  },
  {
    name: 'only-blanks-are-white-space',
    area: 'acceptance',
    what: 'a request that is laid out in lines is refused, its repeat in one line is not',
    edits: [
      edit(
        'src/core/strict-json.ts',
        'unit !== 0x20 && unit !== 0x09 && unit !== 0x0a && unit !== 0x0d',
        'unit !== 0x20',
      ),
    ],
    invariants: [3, 5, 12],
  },
  {
    name: 'amounts-through-a-float',
    area: 'acceptance',
    what: 'amounts are multiplied as floats and cut off: 19.99 is charged as 19.98',
    edits: [
      edit(
        MONEY,
        "return { kind: 'exact', amountMinor: BigInt(decimal.digits + '0'.repeat(shift)) };",
        `const major = Number(decimal.digits + 'e' + decimal.exponent);
  return { kind: 'exact', amountMinor: BigInt(Math.floor(major * 10 ** minorDigits)) };`,
      ),
    ],
    invariants: [3, 12, 16],
  },
  {
    name: 'every-currency-has-cents',
    area: 'acceptance',
    what: 'two decimals are taken for granted: 500 yen are charged as 50,000',
    edits: [
      edit(
        REQUEST,
        'toMinorUnits(amount.decimal, minorDigits);',
        'toMinorUnits(amount.decimal, 2);',
      ),
    ],
    invariants: [3, 5, 12, 16],
  },
  {
    name: 'declined-read-as-open',
    area: 'acceptance',
    what: 'a payment that was answered as declined is shown as still under way',
    edits: [
      edit(
        ANSWERS,
        "if (journal?.status === 'DECLINED') return ok(200, viewDeclinedPayment(journal));",
        '',
      ),
    ],
    invariants: [11, 12],
  },
  {
    name: 'acceptance-answered-with-the-present-status',
    area: 'acceptance',
    what: 'a repeat of an accepted payment gets other bytes once the payment is settled',
    edits: [edit(ANSWERS, "status: 'ACCEPTED',", 'status: outcome.journal.status,')],
    invariants: [3],
  },
];
