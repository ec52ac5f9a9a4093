import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Payment } from '#core/journal.ts';
import { inspectTransaction } from '#core/reconcile/inspect-transaction.ts';
import {
  recordsIn,
  type StoredItem,
  type StoredTransaction,
  superseded,
  timestampOf,
} from '#core/reconcile/stored-transaction.ts';
import {
  AT,
  changed,
  context,
  journalOf,
  NOW,
  parked,
  recordOf,
  refundOf,
  settled,
  storedJournal,
  transactionOf,
} from './stored-fixture.ts';

const accepted = journalOf();
const processed = journalOf(settled);
const declined = journalOf({ status: 'DECLINED', declineReason: 'no_funds', dueAtEpochMs: null });
const open = { refundsRevision: 1, dueAtEpochMs: NOW };

const HEALTHY: readonly (readonly [string, StoredTransaction])[] = [
  ['accepted', transactionOf(storedJournal(accepted))],
  ['accepted and recorded', transactionOf(storedJournal(accepted), recordOf(accepted))],
  [
    'accepted and parked',
    transactionOf(storedJournal(journalOf({ ...parked, dueAtEpochMs: null }))),
  ],
  ['processed', transactionOf(storedJournal(processed), recordOf(processed))],
  ['declined, notification due', transactionOf(storedJournal({ ...declined, dueAtEpochMs: NOW }))],
  ['declined', transactionOf(storedJournal(declined))],
  [
    'with a refund on its way',
    transactionOf(
      storedJournal(
        journalOf({ ...settled, ...open, refunds: [refundOf({ status: 'ACCEPTED' })] }),
      ),
      recordOf(processed),
    ),
  ],
  [
    'refunded in full, with a declined one beside it',
    transactionOf(
      storedJournal(
        journalOf({
          ...settled,
          refunds: [
            refundOf({ amountMinor: 1050n }),
            refundOf({ refundId: 'r-2', status: 'DECLINED' }),
          ],
        }),
      ),
      recordOf(processed),
    ),
  ],
  [
    'with a superseded payment beside it',
    transactionOf(
      storedJournal(processed),
      recordOf(processed),
      superseded(recordOf(processed, { timestampEpochSeconds: AT + 7 }).record, AT),
    ),
  ],
];

const broken = {
  kind: 'unreadable',
  timestampEpochSeconds: 0,
  what: 'no readable region',
} as const;
const extra = recordOf(processed, { timestampEpochSeconds: AT + 5, region: 'us-east-2' });

/** What is stored, and the kinds that are found in it. */
const DAMAGED: readonly (readonly [string, StoredTransaction, readonly string[]])[] = [
  ['no journal', transactionOf(recordOf(processed)), ['record-without-journal']],
  ['no record', transactionOf(storedJournal(processed)), ['record-missing']],
  [
    'a superseded item in the place of its record',
    transactionOf(storedJournal(processed), superseded(recordOf(processed).record, AT + 3)),
    ['record-missing'],
  ],
  [
    'an open payment whose place is superseded',
    transactionOf(storedJournal(accepted), superseded(recordOf(accepted).record, AT + 3)),
    ['record-differs'],
  ],
  [
    'another amount',
    transactionOf(storedJournal(processed), recordOf(processed, { amountMinor: 1n })),
    ['record-differs'],
  ],
  [
    'another customer',
    transactionOf(storedJournal(accepted), recordOf(accepted, { customerId: 'cust-2' })),
    ['record-differs'],
  ],
  [
    'two records',
    transactionOf(storedJournal(processed), recordOf(processed), extra),
    ['extra-record'],
  ],
  [
    'a record of a declined payment',
    transactionOf(storedJournal(declined), recordOf(declined)),
    ['extra-record'],
  ],
  [
    'an altered amount',
    transactionOf(
      storedJournal({ ...processed, request: { ...processed.request, amountMinor: 9n } }),
      recordOf(processed),
    ),
    ['journal-altered'],
  ],
  ['work that is not open', transactionOf(storedJournal(accepted, null)), ['not-open']],
  ['work in a shard not its own', transactionOf(storedJournal(accepted, 'open#99')), ['not-open']],
  [
    'a refund that is not open',
    transactionOf(
      storedJournal(journalOf({ ...settled, refunds: [refundOf({ status: 'ACCEPTED' })] })),
      recordOf(processed),
    ),
    ['not-open'],
  ],
  [
    'an open one with nothing left',
    transactionOf(storedJournal({ ...processed, dueAtEpochMs: NOW }), recordOf(processed)),
    ['open-for-nothing'],
  ],
  [
    'a parked one with nothing left',
    transactionOf(storedJournal({ ...processed, ...parked }), recordOf(processed)),
    ['open-for-nothing'],
  ],
  [
    'refunds above the charge',
    transactionOf(
      storedJournal({ ...processed, refunds: [refundOf({ amountMinor: 1051n })] }),
      recordOf(processed),
    ),
    ['refunds-exceed-charge'],
  ],
  ['a journal that is no journal', transactionOf(broken, recordOf(processed)), ['unreadable']],
  [
    'an unreadable record, which nothing is written over',
    transactionOf(storedJournal(processed), { ...broken, timestampEpochSeconds: AT }),
    ['unreadable'],
  ],
];

function kindsIn(transaction: StoredTransaction): readonly string[] {
  return inspectTransaction(transaction, context).map(({ kind }) => kind);
}

describe('inspectTransaction', () => {
  it.each(HEALTHY)('finds nothing in a payment that is %s', (_name, transaction) => {
    expect(kindsIn(transaction)).toEqual([]);
  });

  it.each(DAMAGED)('finds %s', (_name, transaction, kinds) => {
    expect(kindsIn(transaction)).toEqual(kinds);
  });

  it('supersedes an extra record without its customer, under its own key', () => {
    const [finding] = inspectTransaction(
      transactionOf(storedJournal(processed), recordOf(processed), extra),
      context,
    );
    expect(finding?.changes).toEqual([
      {
        before: extra,
        after: {
          kind: 'superseded',
          record: {
            transactionId: 'txn-1',
            timestampEpochSeconds: AT + 5,
            amountMinor: 1050n,
            currency: 'USD',
            region: 'us-east-2',
            supersededByEpochSeconds: AT,
          },
        },
      },
    ]);
  });

  it.each([
    ['extra-record', recordOf(accepted, { timestampEpochSeconds: AT + 5, amountMinor: 9n })],
    ['record-differs', recordOf(accepted, { amountMinor: 9n })],
    ['record-differs', recordOf(accepted, { currency: 'EUR' })],
  ] as const)('leaves %s alone that may be what was charged', (kind, record) => {
    const open = inspectTransaction(transactionOf(storedJournal(accepted), record), context);
    expect(open).toMatchObject([{ kind, changes: [] }]);
    expect(open[0]?.detail).toContain('it may be the one that was charged');
    const decided = transactionOf(storedJournal(processed), recordOf(processed), record);
    const [finding] = inspectTransaction(decided, context);
    expect(finding?.changes).toHaveLength(1);
  });

  it('opens work for the next sweep, its attempts counted anew', () => {
    const [finding] = inspectTransaction(
      transactionOf(storedJournal({ ...accepted, attempts: 20 }, null)),
      context,
    );
    expect(finding?.changes[0]?.after).toMatchObject({
      openValue: storedJournal(accepted).openValue,
      journal: { dueAtEpochMs: NOW, attempts: 1, parked: null, status: 'ACCEPTED' },
    });
  });

  it('never changes anything by what an altered journal says', () => {
    const journal = { ...processed, request: { ...processed.request, amountMinor: 9n } };
    const findings = inspectTransaction(
      transactionOf(storedJournal(journal, 'open#99'), recordOf(processed), extra),
      context,
    );
    expect(findings.flatMap(({ changes }) => changes)).toEqual([]);
  });
});

/** Any journal and any records around it, each of them wrong in its own way. */
const anyDamage: fc.Arbitrary<StoredTransaction> = fc
  .record({
    status: fc.constantFrom('ACCEPTED' as const, 'PROCESSED' as const, 'DECLINED' as const),
    openValue: fc.constantFrom(null, undefined, 'open#99', 'parked'),
    isParked: fc.boolean(),
    refunds: fc.array(
      fc.constantFrom('ACCEPTED' as const, 'REFUNDED' as const, 'DECLINED' as const),
      { maxLength: 3 },
    ),
    records: fc.uniqueArray(
      fc.record({
        offset: fc.integer({ min: 0, max: 4 }),
        amountMinor: fc.constantFrom(1050n, 1n),
        customerId: fc.constantFrom('cust-1', 'cust-2'),
        region: fc.constantFrom('us-east-1', 'us-east-2'),
        isSuperseded: fc.boolean(),
      }),
      { selector: ({ offset }) => offset, maxLength: 5 },
    ),
  })
  .map(({ status, openValue, isParked, refunds, records }) => {
    const journal = journalOf({
      status,
      ...(isParked ? { ...parked, dueAtEpochMs: null } : {}),
      refunds: refunds.map((each, index) => refundOf({ refundId: `r-${index}`, status: each })),
    });
    const items: StoredItem[] = records.map(({ offset, isSuperseded, ...fields }) => {
      const item = recordOf(journal, { ...fields, timestampEpochSeconds: AT + offset });
      return isSuperseded ? superseded(item.record, AT) : item;
    });
    return transactionOf(storedJournal(journal, openValue), ...items);
  });

describe('repairing', () => {
  it('ends with one payment at most, but for what may be the charge, whatever was planted', () => {
    fc.assert(
      fc.property(anyDamage, (planted) => {
        let transaction = planted;
        for (let repairs = 0; ; repairs += 1) {
          const finding = inspectTransaction(transaction, context).find(
            ({ changes }) => changes.length > 0,
          );
          if (finding === undefined) break;
          expect(repairs).toBeLessThan(10);
          for (const change of finding.changes) transaction = changed(transaction, change);
        }
        const stored = transaction.items.find((item) => item.kind === 'journal');
        const records = recordsIn(transaction);
        if (stored?.journal.status === 'PROCESSED') expect(records).toHaveLength(1);
        else if (stored?.journal.status === 'DECLINED') expect(records).toEqual([]);
        else {
          // Not settled: what may be the charge is left, and told of.
          const isCharge = ({ amountMinor, customerId }: Payment) =>
            amountMinor === 1050n && customerId === 'cust-1';
          const left = records.filter(({ record }) => !isCharge(record)).length;
          expect(records.length - left).toBeLessThanOrEqual(1);
          const told = inspectTransaction(transaction, context).filter(({ detail }) =>
            detail.includes('may be the one that was charged'),
          );
          expect(told).toHaveLength(left);
        }
        // A repair takes nothing away: every key that was there is there.
        const keys = new Set(transaction.items.map(timestampOf));
        expect(planted.items.every((item) => keys.has(timestampOf(item)))).toBe(true);
      }),
    );
  });
});
