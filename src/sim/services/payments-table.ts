/** The payments table with its sparse index of open work. */

import { type Journal, openShardOf, type Payment } from '#core/journal.ts';
import type { Backlog, Deadline, OpenPayment, PaymentReader } from '#core/ports.ts';
import type { Refund } from '#core/refund.ts';
import type { Conditions } from '../conditions.ts';
import type { RegionName } from '../faults/fault-spec.ts';
import { callService, type Wires } from '../kernel/exchange.ts';
import type { SimProcess } from '../kernel/sim-process.ts';
import type { SimPlan } from '../plan.ts';
import { GlobalTable, type OnWrite } from './global-table.ts';

const SHARDS = 16;

export interface PaymentsTableOptions {
  readonly plan: SimPlan;
  readonly conditions: Conditions;
  readonly onJournal: OnWrite<Journal>;
  readonly onPayment: OnWrite<Payment>;
}

/** The table in both Regions. Journals are kept by transaction_id, payments by `<transaction_id>/<timestamp>`. */
export class PaymentsTable {
  readonly journals: GlobalTable<Journal>;
  readonly payments: GlobalTable<Payment>;
  readonly #wires: Wires;
  readonly #lagMs: number;
  /** Each Region's view of the index, by shard: it follows the table with a lag. */
  readonly #index: Readonly<Record<RegionName, readonly Map<string, OpenPayment>[]>>;

  constructor(wires: Wires, { plan, conditions, onJournal, onPayment }: PaymentsTableOptions) {
    this.#wires = wires;
    this.#lagMs = plan.timings.indexLagMs;
    const shards = () => Array.from({ length: SHARDS }, () => new Map<string, OpenPayment>());
    this.#index = { 'us-east-1': shards(), 'us-east-2': shards() };
    const mode = plan.topology.consistency;
    const { replicationLagMs } = plan.timings;
    this.journals = new GlobalTable(wires, conditions, {
      ...{ mode, replicationLagMs, onWrite: onJournal, saysSame: isSameJournal },
      onChange: (region, _key, journal) => this.#follow(region, journal),
    });
    this.payments = new GlobalTable(wires, conditions, {
      ...{ mode, replicationLagMs, onWrite: onPayment, saysSame: isSamePayment },
      onChange: () => undefined,
    });
  }

  #follow(region: RegionName, journal: Journal): void {
    if (this.#lagMs === 0) this.#enter(region, journal);
    else {
      const lagMs = this.#wires.world.random('index').int(0, this.#lagMs);
      this.#wires.world.after(lagMs, () => {
        // Overtaken entries don't come back: the index takes what the replica has now.
        this.#enter(region, this.journals.peek(region, journal.transactionId) ?? journal);
      });
    }
  }

  #enter(region: RegionName, { transactionId, dueAtEpochMs, attempts }: Journal): void {
    const shard = this.#index[region][openShardOf(transactionId)];
    if (dueAtEpochMs === null) shard?.delete(transactionId);
    else shard?.set(transactionId, { transactionId, dueAtEpochMs, attempts });
  }

  /** Open entries that are due after a moment. */
  misdated(region: RegionName, shard: number, dueAfterEpochMs: number): OpenPayment[] {
    const entries = this.#index[region][shard];
    if (entries === undefined || entries.size === 0) return [];
    const late = [...entries.values()].filter(({ dueAtEpochMs }) => dueAtEpochMs > dueAfterEpochMs);
    return late.length < 2 ? late : late.sort(byDueThenId);
  }

  /** Open entries that are due, longest due first. An eventually consistent read: it needs no quorum. */
  due(region: RegionName, shard: number, dueBeforeEpochMs: number): OpenPayment[] {
    const entries = this.#index[region][shard];
    if (entries === undefined || entries.size === 0) return [];
    const due: OpenPayment[] = [];
    for (const entry of entries.values())
      if (entry.dueAtEpochMs <= dueBeforeEpochMs) due.push(entry);
    return due.length < 2 ? due : due.sort(byDueThenId);
  }

  /** The payment item that a journal stands for, or any of the id where there is no journal. */
  paymentOf(region: RegionName, transactionId: string, journal: Journal | null): Payment | null {
    if (journal !== null) {
      const key = `${transactionId}/${journal.paymentEpochSeconds}`;
      return this.payments.peek(region, key) ?? null;
    }
    let found: Payment | null = null;
    this.payments.each(region, (payment) => {
      if (payment.transactionId === transactionId) found ??= payment;
    });
    return found;
  }

  /** A page of a customer's payments, newest first. */
  list(
    region: RegionName,
    { customerId, limit, after }: Parameters<PaymentReader['listCustomerPayments']>[0],
  ): Awaited<ReturnType<PaymentReader['listCustomerPayments']>> {
    const all: Payment[] = [];
    this.payments.each(region, (payment) => {
      if (payment.customerId === customerId) all.push(payment);
    });
    all.sort((one, two) => two.timestampEpochSeconds - one.timestampEpochSeconds);
    const isAfter = (one: Payment): boolean =>
      one.transactionId === after?.transactionId &&
      one.timestampEpochSeconds === after.timestampEpochSeconds;
    const start = after === null ? 0 : all.findIndex(isAfter) + 1;
    const payments = all.slice(start, start + limit);
    const last = payments.at(-1);
    return { payments, next: start + limit < all.length && last !== undefined ? last : null };
  }

  /** Counts the open work and the parked of a replica. */
  measure(region: RegionName, nowEpochMs: number): Backlog {
    let open = 0;
    let overdue = 0;
    let parked = 0;
    let oldestEpochSeconds: number | null = null;
    this.journals.each(region, ({ dueAtEpochMs, parked: parking, paymentEpochSeconds }) => {
      const isOpen = dueAtEpochMs !== null;
      if (!isOpen && parking === null) return;
      if (isOpen) open += 1;
      else parked += 1;
      if (isOpen && dueAtEpochMs <= nowEpochMs) overdue += 1;
      oldestEpochSeconds = Math.min(oldestEpochSeconds ?? paymentEpochSeconds, paymentEpochSeconds);
    });
    return { open, overdue, oldestEpochSeconds, parked };
  }

  /** The health probe's read of the table. Throws `AppError`. */
  probe(wires: Wires, runner: SimProcess, deadline: Deadline): Promise<void> {
    const { region } = runner;
    return callService(
      wires,
      runner,
      {
        ...{ what: 'probe', about: '', phase: 'health' as const, to: region, isWrite: false },
        serve: () => this.journals.serveRead(region, 'health', () => undefined),
      },
      deadline,
    );
  }

  /** Every entry of a Region's index. */
  *open(region: RegionName): Generator<OpenPayment> {
    for (const shard of this.#index[region]) yield* shard.values();
  }
}

/** Whether two journals stand for the same payment in the same state, whoever brought it there and when. */
export function isSameJournal(one: Journal, two: Journal): boolean {
  return (
    one.fingerprint === two.fingerprint &&
    one.paymentEpochSeconds === two.paymentEpochSeconds &&
    one.region === two.region &&
    one.status === two.status &&
    one.declineReason === two.declineReason &&
    one.refunds.length === two.refunds.length &&
    one.refunds.every((refund, at) => isSameRefund(refund, two.refunds[at]))
  );
}

function isSameRefund(one: Refund, two: Refund | undefined): boolean {
  return (
    two !== undefined &&
    one.refundId === two.refundId &&
    one.amountMinor === two.amountMinor &&
    one.status === two.status &&
    one.refundEpochSeconds === two.refundEpochSeconds &&
    one.region === two.region
  );
}

/** Payment items are made from the journal alone. */
function isSamePayment(one: Payment, two: Payment): boolean {
  return (
    one.amountMinor === two.amountMinor &&
    one.currency === two.currency &&
    one.customerId === two.customerId &&
    one.region === two.region
  );
}

/** The order of the index. */
export function byDueThenId(one: OpenPayment, two: OpenPayment): number {
  if (one.dueAtEpochMs !== two.dueAtEpochMs) return one.dueAtEpochMs - two.dueAtEpochMs;
  if (one.transactionId === two.transactionId) return 0;
  return one.transactionId < two.transactionId ? -1 : 1;
}
