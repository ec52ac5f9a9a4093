/** The payments table in memory: the storage rules of a linearizable table. */

import { type Journal, openShardOf, type Payment, SWEEP_AFTER_MS } from '#core/journal.ts';
import type { OpenPayment, OpenPayments, PaymentReader, PaymentStore } from '#core/ports.ts';
import type { Steps } from './memory-steps.ts';

export interface MemoryTable {
  readonly journals: Map<string, Journal>;
  /** By `<transaction_id>/<timestamp>`, the table's whole key: a second record must show. */
  readonly payments: Map<string, Payment>;
}

export function createMemoryStore({ journals, payments }: MemoryTable, steps: Steps): PaymentStore {
  /** Changes the journal if it exists and `when` holds; returns it as it is then. */
  const update = (
    transactionId: string,
    when: (journal: Journal) => boolean,
    change: (journal: Journal) => Partial<Journal>,
  ): Journal | null => {
    const journal = journals.get(transactionId);
    if (journal === undefined || !when(journal)) return null;
    const changed = { ...journal, ...change(journal) };
    journals.set(transactionId, changed);
    return changed;
  };
  return {
    createJournal: (journal) =>
      steps.run('create', () => {
        const existing = journals.get(journal.transactionId);
        if (existing !== undefined) return { kind: 'exists', journal: existing };
        journals.set(journal.transactionId, journal);
        return { kind: 'created' };
      }),
    readJournals: (ids) =>
      steps.run('read-journals', () => {
        const found = ids.flatMap((id) => journals.get(id) ?? []);
        return new Map(found.map((journal) => [journal.transactionId, journal]));
      }),
    recordPayment: (payment) =>
      steps.run('record', () => {
        const key = `${payment.transactionId}/${payment.timestampEpochSeconds}`;
        const existing = payments.get(key);
        if (existing !== undefined) return { kind: 'exists', payment: existing };
        payments.set(key, payment);
        return { kind: 'recorded' };
      }),
    settleJournal: (id, settlement, updatedAtEpochMs) =>
      steps.run('settle', () => {
        const dueAtEpochMs =
          settlement.status === 'DECLINED' ? updatedAtEpochMs + SWEEP_AFTER_MS : null;
        const done = update(
          id,
          ({ status }) => status === 'ACCEPTED',
          ({ attempts }) => ({
            ...settlement,
            updatedAtEpochMs,
            dueAtEpochMs,
            attempts: settlement.status === 'DECLINED' ? 1 : attempts,
            parked: null,
          }),
        );
        return done === null ? 'already' : 'settled';
      }),
    closeJournal: (id, updatedAtEpochMs) =>
      steps.run('close', () => {
        const done = update(
          id,
          (journal) =>
            journal.status === 'DECLINED' &&
            (journal.dueAtEpochMs !== null || journal.parked !== null),
          () => ({ updatedAtEpochMs, dueAtEpochMs: null, parked: null }),
        );
        return done === null ? 'already' : 'closed';
      }),
    replaceRefunds: (id, { seenRevision, refunds, updatedAtEpochMs, dueAtEpochMs }) =>
      steps.run('replace-refunds', () => {
        const isOpen = refunds.some(({ status }) => status === 'ACCEPTED');
        const done = update(
          id,
          (journal) => journal.status === 'PROCESSED' && journal.refundsRevision === seenRevision,
          (journal) => ({
            refunds,
            refundsRevision: seenRevision + 1,
            updatedAtEpochMs,
            dueAtEpochMs: isOpen ? dueAtEpochMs : null,
            attempts: isOpen ? 1 : journal.attempts,
            parked: null,
          }),
        );
        return done === null ? 'raced' : 'replaced';
      }),
    claimJournal: (id, { seenDueAtEpochMs, dueAtEpochMs }) =>
      steps.run('claim', () => {
        const journal = update(
          id,
          (seen) => seen.parked === null && seen.dueAtEpochMs === seenDueAtEpochMs,
          ({ attempts }) => ({ attempts: attempts + 1, dueAtEpochMs }),
        );
        return journal === null ? { kind: 'passed' } : { kind: 'claimed', journal };
      }),
    parkJournal: (id, { seenDueAtEpochMs, atEpochMs, reason }) =>
      steps.run('park', () => {
        const done = update(
          id,
          (seen) => seen.parked === null && seen.dueAtEpochMs === seenDueAtEpochMs,
          () => ({
            parked: { atEpochMs, reason },
            dueAtEpochMs: null,
            updatedAtEpochMs: atEpochMs,
          }),
        );
        return done === null ? 'passed' : 'parked';
      }),
    unparkJournal: (id, dueAtEpochMs) =>
      steps.run('unpark', () => {
        const done = update(
          id,
          ({ parked }) => parked !== null,
          () => ({ parked: null, dueAtEpochMs, attempts: 1 }),
        );
        return done === null ? 'not-parked' : 'reopened';
      }),
  };
}

export function createMemoryOpenPayments({ journals }: MemoryTable, steps: Steps): OpenPayments {
  return {
    listDue: ({ shard, dueBeforeEpochMs, limit, after }) =>
      steps.run('list-due', () => {
        const due = [...journals.values()]
          .filter(({ transactionId }) => openShardOf(transactionId) === shard)
          .flatMap(({ transactionId, dueAtEpochMs, attempts }) =>
            dueAtEpochMs === null ? [] : { transactionId, dueAtEpochMs, attempts },
          )
          .filter(({ dueAtEpochMs }) => dueAtEpochMs <= dueBeforeEpochMs)
          .toSorted(byDueThenId)
          .filter((entry) => after === null || byDueThenId(entry, after) > 0);
        const page = due.slice(0, limit);
        return { payments: page, next: due.length > limit ? (page.at(-1) ?? null) : null };
      }),
    listMisdated: ({ shard, dueAfterEpochMs, limit }) =>
      steps.run('list-due', () =>
        [...journals.values()]
          .filter(({ transactionId }) => openShardOf(transactionId) === shard)
          .flatMap(({ transactionId, dueAtEpochMs, attempts }) =>
            dueAtEpochMs === null ? [] : { transactionId, dueAtEpochMs, attempts },
          )
          .filter(({ dueAtEpochMs }) => dueAtEpochMs > dueAfterEpochMs)
          .toSorted(byDueThenId)
          .slice(0, limit),
      ),
    measure: (nowEpochMs) =>
      steps.run('measure', () => {
        const all = [...journals.values()];
        const open = all.filter(({ dueAtEpochMs }) => dueAtEpochMs !== null);
        const parked = all.filter((journal) => journal.parked !== null);
        const accepted = [...open, ...parked].map((journal) => journal.paymentEpochSeconds);
        return {
          open: open.length,
          overdue: open.filter(({ dueAtEpochMs }) => (dueAtEpochMs ?? 0) <= nowEpochMs).length,
          oldestEpochSeconds: accepted.length === 0 ? null : Math.min(...accepted),
          parked: parked.length,
        };
      }),
  };
}

function byDueThenId(a: OpenPayment, b: OpenPayment): number {
  if (a.dueAtEpochMs !== b.dueAtEpochMs) return a.dueAtEpochMs - b.dueAtEpochMs;
  if (a.transactionId === b.transactionId) return 0;
  return a.transactionId < b.transactionId ? -1 : 1;
}

export function createMemoryReader({ journals, payments }: MemoryTable): PaymentReader {
  return {
    readPayment: async (transactionId) => ({
      payment: [...payments.values()].find((one) => one.transactionId === transactionId) ?? null,
      journal: journals.get(transactionId) ?? null,
    }),
    listCustomerPayments: async ({ customerId, limit, after }) => {
      const all = [...payments.values()]
        .filter((payment) => payment.customerId === customerId)
        .toSorted((a, b) => b.timestampEpochSeconds - a.timestampEpochSeconds);
      const start =
        after === null
          ? 0
          : all.findIndex((payment) => payment.transactionId === after.transactionId) + 1;
      const page = all.slice(start, start + limit);
      const last = page.at(-1);
      const next = start + limit < all.length && last !== undefined ? last : null;
      return { payments: page, next };
    },
  };
}
