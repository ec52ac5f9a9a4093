/** The payment ports of a process over the replica of its Region, with the conditions that the adapters give DynamoDB. */

import { type Journal, type Payment, SWEEP_AFTER_MS } from '#core/journal.ts';
import type {
  Deadline,
  JournalCreation,
  OpenPayments,
  PaymentReader,
  PaymentStore,
  Settlement,
} from '#core/ports.ts';
import type { Phase } from '../faults/fault-ids.ts';
import { callService, type Served, type Wires } from '../kernel/exchange.ts';
import type { SimProcess } from '../kernel/sim-process.ts';
import type { Change } from './global-table.ts';
import { byDueThenId, type PaymentsTable } from './payments-table.ts';

type Recording = Awaited<ReturnType<PaymentStore['recordPayment']>>;
type Claim = Awaited<ReturnType<PaymentStore['claimJournal']>>;

/** A query of one partition of an index, and of a whole one. Milliseconds. */
const QUERY_MS = 2;
const COUNT_MS = 4;

export interface TablePorts {
  readonly store: PaymentStore;
  readonly open: OpenPayments;
  readonly reader: PaymentReader;
}

export function createTablePorts(
  wires: Wires,
  table: PaymentsTable,
  runner: SimProcess,
): TablePorts {
  const { region } = runner;
  const call = <T>(
    what: string,
    about: string,
    phase: Phase,
    isWrite: boolean,
    deadline: Deadline,
    serve: () => Served<T>,
  ): Promise<T> => {
    if (isWrite) runner.beginsWrite(what, about);
    return callService(wires, runner, { what, about, phase, to: region, isWrite, serve }, deadline);
  };

  const update = <T>(
    what: string,
    id: string,
    phase: Phase,
    deadline: Deadline,
    decide: (current: Journal | undefined) => Change<Journal, T>,
  ): Promise<T> =>
    call(what, id, phase, true, deadline, () =>
      table.journals.serveWrite(region, phase, id, decide),
    );

  return {
    store: {
      createJournal: (journal, deadline) =>
        update<JournalCreation>(
          'createJournal',
          journal.transactionId,
          'accept',
          deadline,
          (current) =>
            current === undefined
              ? { put: journal, answer: { kind: 'created' } }
              : { put: undefined, answer: { kind: 'exists', journal: current } },
        ),
      readJournals: (ids, deadline) =>
        call('readJournals', ids[0] ?? '', 'read', false, deadline, () =>
          table.journals.serveRead(region, 'read', (get) => {
            const found = new Map<string, Journal>();
            for (const id of ids) {
              const journal = get(id);
              if (journal !== undefined) found.set(id, journal);
            }
            return found;
          }),
        ),
      recordPayment: (payment, deadline) =>
        call('recordPayment', payment.transactionId, 'record', true, deadline, () =>
          table.payments.serveWrite<Recording>(region, 'record', keyOf(payment), (current) =>
            current === undefined
              ? { put: payment, answer: { kind: 'recorded' } }
              : { put: undefined, answer: { kind: 'exists', payment: current } },
          ),
        ),
      settleJournal: (id, settlement, updatedAtEpochMs, deadline) =>
        update('settleJournal', id, 'finish', deadline, (current) =>
          settle(current, settlement, updatedAtEpochMs),
        ),
      closeJournal: (id, updatedAtEpochMs, deadline) =>
        update('closeJournal', id, 'finish', deadline, (current) => {
          const isOpen =
            current?.status === 'DECLINED' &&
            (current.dueAtEpochMs !== null || current.parked !== null);
          return isOpen
            ? {
                put: { ...current, updatedAtEpochMs, dueAtEpochMs: null, parked: null },
                answer: 'closed',
              }
            : { put: undefined, answer: 'already' };
        }),
      replaceRefunds: (id, change, deadline) =>
        update('replaceRefunds', id, 'refund-accept', deadline, (current) => {
          const { seenRevision, refunds, updatedAtEpochMs, dueAtEpochMs } = change;
          if (current?.status !== 'PROCESSED' || current.refundsRevision !== seenRevision) {
            return { put: undefined, answer: 'raced' };
          }
          const isOpen = refunds.some(({ status }) => status === 'ACCEPTED');
          const put: Journal = {
            ...current,
            ...{ refunds, updatedAtEpochMs, parked: null },
            refundsRevision: seenRevision + 1,
            dueAtEpochMs: isOpen ? dueAtEpochMs : null,
            attempts: isOpen ? 1 : current.attempts,
          };
          return { put, answer: 'replaced' };
        }),
      claimJournal: (id, { seenDueAtEpochMs, dueAtEpochMs }, deadline) =>
        update<Claim>('claimJournal', id, 'sweep', deadline, (current) => {
          if (current?.parked !== null || current.dueAtEpochMs !== seenDueAtEpochMs) {
            return { put: undefined, answer: { kind: 'passed' } };
          }
          const put = { ...current, attempts: current.attempts + 1, dueAtEpochMs };
          return { put, answer: { kind: 'claimed', journal: put } };
        }),
      parkJournal: (id, { seenDueAtEpochMs, atEpochMs, reason }, deadline) =>
        update('parkJournal', id, 'sweep', deadline, (current) => {
          if (current?.parked !== null || current.dueAtEpochMs !== seenDueAtEpochMs) {
            return { put: undefined, answer: 'passed' };
          }
          const parked = { atEpochMs, reason };
          const put = { ...current, parked, dueAtEpochMs: null, updatedAtEpochMs: atEpochMs };
          return { put, answer: 'parked' };
        }),
      unparkJournal: (id, dueAtEpochMs, deadline) =>
        update('unparkJournal', id, 'operate', deadline, (current) =>
          current?.parked === undefined || current.parked === null
            ? { put: undefined, answer: 'not-parked' }
            : { put: { ...current, parked: null, dueAtEpochMs, attempts: 1 }, answer: 'reopened' },
        ),
    },
    open: {
      listDue: ({ shard, dueBeforeEpochMs, limit, after }, deadline) =>
        call('listDue', String(shard), 'sweep', false, deadline, () =>
          table.journals.serveLocal(region, 'sweep', QUERY_MS, () => {
            const all = table.due(region, shard, dueBeforeEpochMs);
            const rest =
              after === null ? all : all.filter((entry) => byDueThenId(entry, after) > 0);
            const payments = rest.slice(0, limit);
            return { payments, next: rest.length > limit ? (payments.at(-1) ?? null) : null };
          }),
        ),
      listMisdated: ({ shard, dueAfterEpochMs, limit }, deadline) =>
        call('listMisdated', String(shard), 'sweep', false, deadline, () =>
          table.journals.serveLocal(region, 'sweep', QUERY_MS, () =>
            table.misdated(region, shard, dueAfterEpochMs).slice(0, limit),
          ),
        ),
      measure: (nowEpochMs, deadline) =>
        call('measure', '', 'sweep', false, deadline, () =>
          table.journals.serveLocal(region, 'sweep', COUNT_MS, () =>
            table.measure(region, nowEpochMs),
          ),
        ),
    },
    reader: {
      readPayment: (transactionId, deadline) =>
        call('readPayment', transactionId, 'read', false, deadline, () =>
          table.journals.serveRead(region, 'read', (get) => {
            const journal = get(transactionId) ?? null;
            return { payment: table.paymentOf(region, transactionId, journal), journal };
          }),
        ),
      listCustomerPayments: (query, deadline) =>
        call('listCustomerPayments', query.customerId, 'read', false, deadline, () =>
          table.journals.serveLocal(region, 'read', COUNT_MS, () => table.list(region, query)),
        ),
    },
  };
}

function settle(
  current: Journal | undefined,
  settlement: Settlement,
  updatedAtEpochMs: number,
): Change<Journal, 'settled' | 'already'> {
  if (current?.status !== 'ACCEPTED') return { put: undefined, answer: 'already' };
  const isDeclined = settlement.status === 'DECLINED';
  const put: Journal = {
    ...current,
    ...settlement,
    ...{ updatedAtEpochMs, parked: null },
    dueAtEpochMs: isDeclined ? updatedAtEpochMs + SWEEP_AFTER_MS : null,
    attempts: isDeclined ? 1 : current.attempts,
  };
  return { put, answer: 'settled' };
}

export function keyOf({ transactionId, timestampEpochSeconds }: Payment): string {
  return `${transactionId}/${timestampEpochSeconds}`;
}
