/** A run that never ran: what its services would hold, put there by hand, through the hooks. */

import { answerOfProcess, answerOfRefund, bodyTextOf } from '#core/answers.ts';
import {
  canonicalRequest,
  type Journal,
  openJournal,
  type Payment,
  paymentOf,
} from '#core/journal.ts';
import type { LeaseRecord } from '#core/lease.ts';
import {
  chargeKeyOf,
  type Notification,
  paymentProcessed,
  refundSettled,
} from '#core/notifications.ts';
import type { QueuedPayment } from '#core/ports.ts';
import type { Refund } from '#core/refund.ts';
import { nextEntry, type RoutingEntry, type RoutingNote } from '#core/routing/routing-log.ts';
import { type Checks, createChecks, type Told } from '#sim/checkers/create-checks.ts';
import type { PlannedFault, RegionName } from '#sim/faults/fault-spec.ts';
import { fastHash } from '#sim/kernel/fast-hash.ts';
import { WORLD_EPOCH_MS } from '#sim/kernel/world.ts';
import { Ledger, type Meaning, type Operation } from '#sim/ledger.ts';
import { peerOf, type Topology } from '#sim/plan.ts';
import type { Ring } from '#sim/services/alarms.ts';
import type { BankEntry } from '#sim/services/bank.ts';
import type { LogOperation } from '#sim/services/log-history.ts';
import type { NotificationEffect } from '#sim/services/transaction-topic.ts';
import type { System } from '#sim/system.ts';
import type { Violation } from '#sim/violation.ts';
import { FakeTable } from './fake-table.ts';

export const PRIMARY: RegionName = 'us-east-1';
export const SECONDARY: RegionName = 'us-east-2';

const HOME = { epoch: 0, mode: 'auto', active: [PRIMARY], drained: [] } as const;

export class FakeRun {
  readonly violations: Violation[] = [];
  readonly ledger = new Ledger();
  readonly books: BankEntry[] = [];
  readonly effects = new Map<string, NotificationEffect>();
  readonly entries: RoutingEntry[] = [];
  readonly operations: LogOperation[] = [];
  readonly rings: Ring[] = [];
  readonly deadLetters: (QueuedPayment | null)[] = [];
  readonly journals: FakeTable<Journal>;
  readonly payments: FakeTable<Payment>;
  readonly checks: Checks;
  readonly system: System;
  readonly #world = { nowMs: 0 };
  readonly #control: { lease: LeaseRecord | null } & Pick<FakeRun, 'entries' | 'operations'>;

  constructor(topology: Partial<Topology> = {}, faults: readonly PlannedFault[] = []) {
    const consistency = topology.consistency ?? 'strong';
    this.journals = new FakeTable(consistency === 'strong');
    this.payments = new FakeTable(consistency === 'strong');
    const plan = {
      topology: {
        ...{ consistency, policy: 'active-passive', failback: 'manual', gateway: 'bank' },
        ...topology,
      },
      timings: { probeIntervalMs: 10_000, silenceMs: 30_000, cooldownMs: 60_000, soakMs: 40_000 },
      ...{ faults, safetyMs: 100_000, crashAt: [] },
    };
    this.#control = { lease: null, entries: this.entries, operations: this.operations };
    this.system = {
      ...{ plan, world: this.#world, control: this.#control, alarms: { rings: this.rings } },
      payments: { journals: this.journals, payments: this.payments },
      ...{ bank: { books: this.books }, topic: { effects: this.effects }, ledger: this.ledger },
      regions: {
        [PRIMARY]: { queue: { deadLetters: this.deadLetters } },
        [SECONDARY]: { queue: { deadLetters: [] } },
      },
      violations: this.violations,
      violate: (invariant: number, message: string) => {
        this.violations.push({ invariant, message, atMs: this.nowMs });
      },
    } as unknown as System;
    this.checks = createChecks(() => this.system);
  }

  get nowMs(): number {
    return this.#world.nowMs;
  }

  set nowMs(nowMs: number) {
    this.#world.nowMs = nowMs;
  }

  /** Judges the end, and returns all broken invariants, each once. */
  settle(people?: readonly Told[]): readonly number[] {
    this.checks.settled(people);
    return this.broken();
  }

  broken(): readonly number[] {
    return [...new Set(this.violations.map(({ invariant }) => invariant))].sort((a, b) => a - b);
  }

  put(journal: Journal, region = PRIMARY): Journal {
    const { transactionId } = journal;
    const before = this.journals.peek(region, transactionId);
    this.journals.set(region, transactionId, journal);
    this.checks.onJournal(region, transactionId, before, journal);
    return journal;
  }

  record(payment: Payment, region = PRIMARY): void {
    const key = `${payment.transactionId}/${payment.timestampEpochSeconds}`;
    const before = this.payments.peek(region, key);
    this.payments.set(region, key, payment);
    this.checks.onPayment(region, key, before, payment);
  }

  move(entry: Omit<BankEntry, 'atMs'>): void {
    const entered = { ...entry, atMs: this.nowMs };
    this.books.push(entered);
    this.checks.onBankEntry(entered);
  }

  publish({ id, subject, body }: Notification): void {
    this.effects.set(id, {
      ...{ id, subject, body: JSON.stringify(body), deliveries: 1, others: [] },
    });
  }

  /** What the other replica lacks or has otherwise, as `region` has it. */
  replicate(region = PRIMARY): void {
    const peer = peerOf(region);
    this.journals.each(region, (value, key) => this.journals.overwrite(peer, key, value));
    this.payments.each(region, (value, key) => this.payments.overwrite(peer, key, value));
  }

  operation(kind: Operation['kind'], about: Partial<Operation> & Pick<Operation, 'transactionId'>) {
    const operation = this.ledger.begin({
      ...{ kind, meaning: null, refund: null, client: 'c', calledAtMs: this.nowMs },
      ...about,
    });
    this.nowMs += 10;
    return operation;
  }

  /** `code` of an error, or null. */
  answer(operation: Operation, status: number, body = '', code: string | null = null): void {
    const sentAtMs = this.nowMs;
    this.nowMs += 10;
    operation.answers.push({
      ...{ region: PRIMARY, sentAtMs, atMs: this.nowMs },
      response: { status, code, body, retryAfterMs: null },
      journalThen: this.journals.peek(PRIMARY, operation.transactionId) ?? null,
    });
  }

  /** A payment that went as it should, of which `wrong` went otherwise. */
  pay(wrong: Partial<Steps> = {}, meaning = MEANING): { journal: Journal; operation: Operation } {
    const operation = this.operation('process', { transactionId: meaning.transactionId, meaning });
    const steps = { ...STEPS, ...wrong };
    const fingerprint = fastHash(canonicalRequest(meaning));
    const accepted = { atEpochMs: WORLD_EPOCH_MS + this.nowMs, region: PRIMARY };
    const open = openJournal(meaning, fingerprint, accepted);
    steps.accept(this, open);
    steps.charge(this, open);
    steps.record(this, open);
    steps.publish(this, open);
    const journal = { ...open, status: 'PROCESSED', dueAtEpochMs: null } as const;
    steps.settle(this, journal);
    steps.answer(this, operation, journal);
    return { journal, operation };
  }

  /** A refund of `amountMinor` of a paid payment that went as it should. */
  refund(journal: Journal, amountMinor: bigint, wrong: Partial<RefundSteps> = {}): Journal {
    const { transactionId, request } = journal;
    const steps = { ...REFUND_STEPS, ...wrong };
    const operation = this.operation('refund', {
      ...{ transactionId, refund: { refundId: 'r1', amountMinor } },
    });
    const accepted: Refund = {
      ...{ refundId: 'r1', amountMinor, isRemainder: false, status: 'ACCEPTED' },
      ...{ refundEpochSeconds: 1_700_000_100, region: PRIMARY, declineReason: null },
    };
    const reserved = { ...journal, refunds: [accepted], refundsRevision: 1, dueAtEpochMs: 1 };
    this.put(reserved);
    const key = `${encodeURIComponent(transactionId)}/refunds/r1`;
    const chargeKey = encodeURIComponent(transactionId);
    const money = { customerId: null, amountMinor, currency: request.currency };
    steps.give(this, { kind: 'refund', key, chargeKey, ...money, region: PRIMARY });
    const refund = { ...accepted, status: 'REFUNDED' } as const;
    steps.publish(this, refundSettled(reserved, refund));
    const settled = { ...reserved, refunds: [refund], refundsRevision: 2, dueAtEpochMs: null };
    this.put(settled);
    const unfinished = null;
    const outcome = { kind: 'settled', journal: settled, refund, replayed: false, unfinished };
    this.answer(operation, 200, bodyTextOf(answerOfRefund(outcome as never), ''));
    return settled;
  }

  append(note: Partial<RoutingNote> & Pick<RoutingNote, 'active'>): RoutingEntry {
    const newest = this.entries.at(-1) ?? null;
    const entry = nextEntry(
      newest,
      HOME,
      {
        ...{ entryId: `e${this.entries.length + 1}`, atEpochMs: WORLD_EPOCH_MS + this.nowMs },
        ...{
          actor: `orchestrator:${SECONDARY}`,
          change: 'failover',
          reason: 'why',
          evidence: evidenceOf(note.actor ?? ''),
        },
        ...{ mode: newest?.mode ?? 'auto', drained: newest?.drained ?? [], ...note },
      },
      fastHash,
    );
    this.appendAsItIs(entry);
    return entry;
  }

  appendAsItIs(entry: RoutingEntry): void {
    this.entries.push(entry);
    this.checks.onAppend(entry, SECONDARY);
  }

  hold(lease: Partial<LeaseRecord>): void {
    const before = this.#control.lease;
    const after = {
      ...{ holder: PRIMARY, epoch: 1, renewals: 0, handingTo: null, routingEpoch: null },
      ...before,
      ...lease,
    };
    this.#control.lease = after;
    this.checks.onLease(before, after, PRIMARY);
  }
}

/** What the orchestrator `actor` writes down when it has good reason to fail over, with parts that are otherwise. */
export function evidenceOf(
  actor: string,
  ofPeer: Readonly<Record<string, unknown>> = {},
  ofOwn: Readonly<Record<string, unknown>> = {},
): string {
  const own = actor.endsWith(PRIMARY) ? PRIMARY : SECONDARY;
  const probes = ['served in 9 ms', 'unreachable', 'unreachable', 'unreachable'];
  const lost = { verdict: 'lost', alarm: 'unknown', silentForMs: 30_000, probes };
  const healthy = { verdict: 'healthy', alarm: 'clear', silentForMs: 0, probes: [] };
  return JSON.stringify({
    [own]: { ...healthy, ...ofOwn },
    [peerOf(own)]: { ...lost, ...ofPeer },
  });
}

export const MEANING: Meaning = {
  ...{ transactionId: 'a/1 é', customerId: 'c "q"', amountMinor: 1_050n, currency: 'USD' },
};

type Step = (run: FakeRun, journal: Journal) => void;

export interface Steps {
  readonly accept: Step;
  readonly charge: Step;
  readonly record: Step;
  readonly publish: Step;
  readonly settle: Step;
  readonly answer: (run: FakeRun, operation: Operation, journal: Journal) => void;
}

export interface RefundSteps {
  readonly give: (run: FakeRun, entry: Omit<BankEntry, 'atMs'>) => void;
  readonly publish: (run: FakeRun, notification: Notification) => void;
}

export const NOTHING = (): void => undefined;

/** The try was sent, and nobody heard of it again. */
export const UNHEARD: Steps['answer'] = (_run, operation) => {
  operation.silent.push({ region: PRIMARY, sentAtMs: operation.calledAtMs });
};

export function chargeOf({ transactionId, request }: Journal): Omit<BankEntry, 'atMs'> {
  const key = chargeKeyOf(transactionId, fastHash);
  const { customerId, amountMinor, currency } = request;
  const money = { customerId, amountMinor, currency };
  return { kind: 'charge', key, chargeKey: key, ...money, region: PRIMARY };
}

export function answerTo(journal: Journal): string {
  const payment = paymentOf(journal);
  const outcome = { kind: 'processed', payment, recorded: true, unfinished: null, replayed: false };
  return bodyTextOf(answerOfProcess(outcome as never), '');
}

export const STEPS: Steps = {
  accept: (run, journal) => void run.put(journal),
  charge: (run, journal) => run.move(chargeOf(journal)),
  record: (run, journal) => run.record(paymentOf(journal)),
  publish: (run, journal) => run.publish(paymentProcessed(journal)),
  settle: (run, journal) => void run.put(journal),
  answer: (run, operation, journal) => run.answer(operation, 200, answerTo(journal)),
};

const REFUND_STEPS: RefundSteps = {
  give: (run, entry) => run.move(entry),
  publish: (run, notification) => run.publish(notification),
};
