/** In-memory ports with the storage rules of a linearizable table, and a way to break any step. */

import { sha256Hex } from '#adapters/system.ts';
import { AppError } from '#core/app-error.ts';
import type { Journal, Payment } from '#core/journal.ts';
import type { PaymentPorts, PaymentReader, PaymentStore } from '#core/ports.ts';

export interface MemoryTable {
  readonly journals: Map<string, Journal>;
  /** By `<transaction_id>/<timestamp>`, the table's whole key: a second record must show. */
  readonly payments: Map<string, Payment>;
}

/** What happens to one step: it works, is refused without effect, or takes effect and is not heard of. */
export type StepFate = 'works' | 'refused' | 'lost-before' | 'lost-after';

export interface MemoryPayments extends PaymentPorts {
  readonly table: MemoryTable;
  readonly charges: Map<string, number>;
  readonly published: string[];
  readonly reader: PaymentReader;
}

/** Creates ports over `table`, or over an empty one. `fateOf` is asked before each step. */
export function createMemoryPayments(
  options: {
    readonly table?: MemoryTable;
    readonly nowEpochMs?: () => number;
    readonly fateOf?: (step: 'create' | 'charge' | 'record' | 'publish' | 'finish') => StepFate;
  } = {},
): MemoryPayments {
  const table = options.table ?? { journals: new Map(), payments: new Map() };
  const charges = new Map<string, number>();
  const published: string[] = [];
  const fateOf = options.fateOf ?? (() => 'works');

  const step = async <T>(name: Parameters<typeof fateOf>[0], effect: () => T): Promise<T> => {
    await Promise.resolve();
    const fate = fateOf(name);
    if (fate === 'refused') throw new AppError('unavailable', `${name} refused`);
    if (fate === 'lost-before') throw new AppError('outcome_unknown', `${name} lost`);
    const result = effect();
    await Promise.resolve();
    if (fate === 'lost-after') throw new AppError('outcome_unknown', `${name} answer lost`);
    return result;
  };

  const store: PaymentStore = {
    createJournal: (journal) =>
      step('create', () => {
        const existing = table.journals.get(journal.transactionId);
        if (existing !== undefined) return { kind: 'exists', journal: existing } as const;
        table.journals.set(journal.transactionId, journal);
        return { kind: 'created' } as const;
      }),
    recordPayment: (payment) =>
      step('record', () => {
        const key = `${payment.transactionId}/${payment.timestampEpochSeconds}`;
        const existing = table.payments.get(key);
        if (existing !== undefined) return { kind: 'exists', payment: existing } as const;
        table.payments.set(key, payment);
        return { kind: 'recorded' } as const;
      }),
    finishJournal: (transactionId, change) =>
      step('finish', () => {
        const journal = table.journals.get(transactionId);
        if (journal?.status !== 'ACCEPTED') return 'already' as const;
        table.journals.set(transactionId, { ...journal, ...change });
        return 'finished' as const;
      }),
  };

  const reader: PaymentReader = {
    readPayment: async (transactionId) => ({
      payment:
        [...table.payments.values()].find((one) => one.transactionId === transactionId) ?? null,
      journal: table.journals.get(transactionId) ?? null,
    }),
    listCustomerPayments: async ({ customerId, limit, after }) => {
      const all = [...table.payments.values()]
        .filter((payment) => payment.customerId === customerId)
        .toSorted((a, b) => b.timestampEpochSeconds - a.timestampEpochSeconds);
      const start =
        after === null
          ? 0
          : all.findIndex((payment) => payment.transactionId === after.transactionId) + 1;
      const payments = all.slice(start, start + limit);
      const last = payments.at(-1);
      const next = start + limit < all.length && last !== undefined ? last : null;
      return { payments, next };
    },
  };

  return {
    table,
    charges,
    published,
    reader,
    store,
    gateway: {
      charge: ({ idempotencyKey }) =>
        step('charge', () => {
          // A gateway with idempotency keys: the repeat is answered, the charge happens once.
          if (!charges.has(idempotencyKey)) charges.set(idempotencyKey, 1);
          return { kind: 'charged' } as const;
        }),
    },
    notifier: {
      publish: (_payment, notificationId) =>
        step('publish', () => {
          published.push(notificationId);
        }),
    },
    clock: { nowEpochMs: options.nowEpochMs ?? (() => 1_700_000_000_000) },
    hash: sha256Hex,
  };
}
