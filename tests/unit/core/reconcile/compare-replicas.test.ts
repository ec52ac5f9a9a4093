import { describe, expect, it } from 'vitest';
import { compareReplicas } from '#core/reconcile/compare-replicas.ts';
import { type StoredTransaction, superseded } from '#core/reconcile/stored-transaction.ts';
import type { Refund } from '#core/refund.ts';
import {
  AT,
  changed,
  journalOf,
  NOW,
  recordOf,
  settled,
  storedJournal,
  transactionOf,
} from './stored-fixture.ts';

const accepted = journalOf();
const processed = journalOf(settled);
/** The same id, accepted by the other Region some seconds later. */
const rival = journalOf({ ...settled, paymentEpochSeconds: AT + 4, region: 'us-east-2' });
const rivalRequest = { ...processed.request, customerId: 'cust-2', amountMinor: 77n };
const otherRequest = journalOf({
  ...settled,
  request: rivalRequest,
  paymentEpochSeconds: AT + 4,
  region: 'us-east-2',
});
function refundOf(refundId: string): Refund {
  return {
    refundId,
    amountMinor: 10n,
    isRemainder: false,
    status: 'REFUNDED',
    refundEpochSeconds: AT + 60,
    region: 'us-east-2',
    declineReason: null,
  };
}
const nothing = transactionOf();
const done = transactionOf(storedJournal(processed), recordOf(processed));

function compare(leading: StoredTransaction, other: StoredTransaction, leadingHoldsLease = true) {
  const regions = { leadingRegion: 'us-east-1', otherRegion: 'us-east-2' };
  return compareReplicas({ leading, other, leadingHoldsLease, ...regions }, NOW);
}

/** The leading replica after every change that the comparison asks for. */
function repaired(leading: StoredTransaction, other: StoredTransaction): StoredTransaction {
  return compare(leading, other)
    .flatMap(({ changes }) => changes)
    .reduce(changed, leading);
}

describe('compareReplicas', () => {
  it('finds nothing where both are the same, or where neither has it', () => {
    expect(compare(done, done)).toEqual([]);
    expect(compare(nothing, nothing)).toEqual([]);
  });

  it('takes one acceptance at two moments of its way for replication', () => {
    const early = transactionOf(storedJournal(accepted));
    expect(compare(done, early).map(({ kind }) => kind)).toEqual(['behind']);
    expect(compare(early, done)).toMatchObject([{ kind: 'behind', changes: [] }]);
    expect(compare(done, nothing)).toMatchObject([{ kind: 'behind', changes: [] }]);
  });

  it('copies a stranded payment whole', () => {
    expect(compare(nothing, done)).toMatchObject([{ kind: 'stranded' }]);
    expect(repaired(nothing, done)).toEqual(done);
  });

  it('opens a stranded payment that is not settled, due now', () => {
    const stranded = transactionOf(storedJournal({ ...accepted, attempts: 3 }));
    expect(repaired(nothing, stranded).items).toMatchObject([
      { kind: 'journal', journal: { status: 'ACCEPTED', dueAtEpochMs: NOW, attempts: 1 } },
    ]);
  });

  it('keeps a stranded payment parked that was', () => {
    const journal = {
      ...accepted,
      dueAtEpochMs: null,
      parked: { atEpochMs: 1, reason: 'because' },
    };
    const stranded = transactionOf(storedJournal(journal));
    expect(repaired(nothing, stranded)).toEqual(stranded);
  });

  it('lets the acceptance of the lease holder stand and names the payment that is lost', () => {
    const other = transactionOf(storedJournal(otherRequest), recordOf(otherRequest));
    expect(compare(done, other)).toMatchObject([
      {
        kind: 'conflict',
        lost: {
          customerId: 'cust-2',
          amount: '0.77',
          currency: 'USD',
          timestampEpochSeconds: AT + 4,
          region: 'us-east-2',
          isSameRequest: false,
        },
      },
    ]);
    expect(repaired(done, other).items).toMatchObject([
      // Touched, so that it is the later write when replication brings both together.
      { journal: { fingerprint: processed.fingerprint, updatedAtEpochMs: NOW } },
      { kind: 'record', record: { timestampEpochSeconds: AT } },
      { kind: 'superseded', record: { timestampEpochSeconds: AT + 4, amountMinor: 77n } },
    ]);
  });

  it('sees that both acceptances are of one request, which is charged once', () => {
    const other = transactionOf(storedJournal(rival), recordOf(rival));
    expect(compare(done, other)[0]?.lost).toMatchObject({ isSameRequest: true });
  });

  it.each([
    { status: 'ACCEPTED', lost: { region: rival.region } },
    { status: 'DECLINED', lost: null },
  ] as const)('names what is lost in a conflict with one that was $status', ({ status, lost }) => {
    const other = transactionOf(storedJournal({ ...rival, status }));
    expect(compare(done, other)).toMatchObject([{ kind: 'conflict', lost }]);
  });

  it('leaves a conflict to a person where the other may be the one that was charged', () => {
    const other = transactionOf(storedJournal(otherRequest), recordOf(otherRequest));
    const [finding] = compare(transactionOf(storedJournal(accepted)), other);
    expect(finding).toMatchObject({ kind: 'conflict', changes: [], lost: { amount: '0.77' } });
    expect(finding?.detail).toContain('the other may be the one that was charged');
  });

  it('repairs one of the same charge, whichever Region is done with it', () => {
    const other = transactionOf(storedJournal(rival), recordOf(rival));
    const [finding] = compare(transactionOf(storedJournal(accepted)), other);
    expect(finding).toMatchObject({ kind: 'conflict' });
    expect(finding?.changes).toHaveLength(2);
  });

  it("leaves the other replica's record of another charge alone while its own is not settled", () => {
    const stray = recordOf(otherRequest);
    const [finding] = compare(
      transactionOf(storedJournal(accepted)),
      transactionOf(storedJournal(accepted), stray),
    );
    expect(finding).toMatchObject({ kind: 'extra-record', changes: [] });
  });

  it('leaves a conflict with a payment that has refunds to a person', () => {
    const other = transactionOf(storedJournal({ ...rival, refunds: [refundOf('r-1')] }));
    const [finding] = compare(done, other);
    expect(finding).toMatchObject({ kind: 'conflict', changes: [] });
    expect(finding?.detail).toContain('settle them by hand');
  });

  it('reports refunds that the lease holder does not know, and no others', () => {
    const withRefunds = (...refunds: readonly Refund[]) =>
      transactionOf(storedJournal({ ...processed, refunds }), ...done.items.slice(1));
    const theirs = withRefunds(refundOf('r-1'));
    expect(compare(done, theirs)).toMatchObject([{ kind: 'refunds-differ', changes: [] }]);
    expect(compare(withRefunds(refundOf('r-2')), theirs)).toMatchObject([
      { kind: 'refunds-differ' },
    ]);
    const open = { ...refundOf('r-1'), status: 'ACCEPTED' } as const;
    expect(compare(withRefunds(open), theirs)).toMatchObject([{ kind: 'refunds-differ' }]);
    // Replication brings what the lease holder has.
    expect(compare(theirs, withRefunds(open))).toMatchObject([{ kind: 'behind' }]);
    expect(compare(theirs, done)).toMatchObject([{ kind: 'behind' }]);
  });

  it('supersedes nothing under the key of the payment that stands', () => {
    const twin = { ...rival, paymentEpochSeconds: AT };
    const other = transactionOf(storedJournal(twin), recordOf(twin));
    expect(repaired(done, other).items.map(({ kind }) => kind)).toEqual(['journal', 'record']);
  });

  it('repairs a conflict once: what is superseded already stays as it is', () => {
    const other = transactionOf(storedJournal(rival), recordOf(rival));
    const [finding] = compare(repaired(done, other), other);
    expect(finding?.changes.map(({ after }) => after.kind)).toEqual(['journal']);
  });

  it('supersedes a record that only the other replica has beside the one that counts', () => {
    const extra = recordOf(processed, { timestampEpochSeconds: AT + 9 });
    const other = transactionOf(...done.items, extra);
    expect(compare(done, other)).toMatchObject([{ kind: 'extra-record' }]);
    expect(repaired(done, other).items.at(-1)).toEqual(superseded(extra.record, AT));
  });

  it('names every payment that is lost with such a record', () => {
    const again = recordOf(processed, { timestampEpochSeconds: AT + 9 });
    const of = { customerId: 'cust-2', amountMinor: 77n, region: 'us-east-2' };
    const foreign = recordOf(processed, { timestampEpochSeconds: AT + 12, ...of });
    const other = transactionOf(...done.items, again, foreign);
    expect(compare(done, other)).toMatchObject([
      { kind: 'extra-record', lost: { customerId: 'cust-1', isSameRequest: true } },
      {
        kind: 'extra-record',
        lost: {
          customerId: 'cust-2',
          amount: '0.77',
          currency: 'USD',
          timestampEpochSeconds: AT + 12,
          region: 'us-east-2',
          isSameRequest: false,
        },
      },
    ]);
    expect(repaired(done, other).items.map(({ kind }) => kind)).toEqual([
      ...['journal', 'record', 'superseded', 'superseded'],
    ]);
  });

  it('reports a payment that is charged here and declined there, and leaves it', () => {
    const declined = journalOf({ status: 'DECLINED', declineReason: 'no', dueAtEpochMs: null });
    expect(compare(done, transactionOf(storedJournal(declined)))).toMatchObject([
      { kind: 'settled-differently', changes: [] },
    ]);
  });

  it('changes nothing where the leading Region does not hold the lease', () => {
    const other = transactionOf(storedJournal(rival), recordOf(rival));
    expect(compare(nothing, done, false)).toMatchObject([{ kind: 'stranded', changes: [] }]);
    expect(compare(done, nothing, false)).toMatchObject([{ kind: 'stranded', changes: [] }]);
    expect(compare(done, other, false)).toMatchObject([{ kind: 'conflict', changes: [] }]);
  });

  it('leaves a transaction alone whose journal is not readable', () => {
    const broken = { kind: 'unreadable', timestampEpochSeconds: 0, what: 'x' } as const;
    expect(compare(transactionOf(broken), done)).toEqual([]);
  });
});
