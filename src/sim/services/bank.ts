/**
 * The payment gateway: outside of every Region, idempotent by key, slow now and then, and its books are what
 * the checkers count money by.
 */

import type { ChargeResult, Deadline, PaymentGateway, RefundResult } from '#core/ports.ts';
import { createRecordingGateway } from '#core/recording-gateway.ts';
import type { Conditions } from '../conditions.ts';
import type { RegionName } from '../faults/fault-spec.ts';
import { callService, type Served, type Wires } from '../kernel/exchange.ts';
import type { Random } from '../kernel/random.ts';
import type { SimProcess } from '../kernel/sim-process.ts';
import type { SimPlan } from '../plan.ts';

/** Money that moved, in the order in which it did. */
export interface BankEntry {
  readonly kind: 'charge' | 'refund';
  readonly key: string;
  /** Of a refund, the charge's key. */
  readonly chargeKey: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly region: string;
  readonly atMs: number;
}

/**
 * Of the requests without a result (F13), those that had no effect: something in front of the gateway failed at once,
 * and nobody is told what became of it behind.
 */
const LOST_SHARE = 0.5;
/** It fails for a while, so that quick attempts all meet it. Milliseconds. */
const DOWN_MS_MAX = 1_000;

type Result = ChargeResult | RefundResult;

export class Bank {
  /** Told of each entry at the moment it is made. */
  readonly books: BankEntry[] = [];
  readonly #wires: Wires;
  readonly #conditions: Conditions;
  readonly #plan: SimPlan;
  readonly #random: Random;
  readonly #results = new Map<string, Result>();
  readonly #onEntry: (entry: BankEntry) => void;
  readonly #downUntilMs: Record<RegionName, number> = { 'us-east-1': 0, 'us-east-2': 0 };

  constructor(
    wires: Wires,
    options: {
      readonly plan: SimPlan;
      readonly conditions: Conditions;
      readonly onEntry: (entry: BankEntry) => void;
    },
  ) {
    this.#wires = wires;
    this.#conditions = options.conditions;
    this.#plan = options.plan;
    this.#onEntry = options.onEntry;
    this.#random = wires.world.random('bank');
  }

  /** The port of one process. */
  portsFor(runner: SimProcess): PaymentGateway {
    if (this.#plan.topology.gateway === 'recording') return createRecordingGateway();
    const call = <T>(
      what: string,
      key: string,
      phase: 'charge' | 'refund-settle',
      isWrite: boolean,
      deadline: Deadline,
      serve: () => Served<T>,
    ): Promise<T> => {
      if (isWrite) runner.beginsWrite(what, key);
      const request = { what, about: key, phase, to: 'bank', isWrite, serve } as const;
      return callService(this.#wires, runner, request, deadline);
    };
    const { region } = runner;
    return {
      charge: ({ idempotencyKey: key, amountMinor, currency }, deadline) =>
        call('charge', key, 'charge', true, deadline, () =>
          this.#move(region, 'charge', key, (): ChargeResult => {
            if (this.#random.chance(this.#plan.workload.declineShare)) {
              return { kind: 'declined', reason: 'insufficient_funds' };
            }
            this.#enter({ kind: 'charge', key, chargeKey: key, amountMinor, currency, region });
            return { kind: 'charged', chargeId: `ch_${key}` };
          }),
        ),
      findCharge: (key, deadline) =>
        call('findCharge', key, 'charge', false, deadline, () => this.#find<ChargeResult>(key)),
      refund: ({ idempotencyKey: key, chargeKey, amountMinor, currency }, deadline) =>
        call('refund', key, 'refund-settle', true, deadline, () =>
          this.#move(region, 'refund-settle', key, (): RefundResult => {
            if (this.#random.chance(this.#plan.workload.declineShare / 2)) {
              return { kind: 'declined', reason: 'account_closed' };
            }
            this.#enter({ kind: 'refund', key, chargeKey, amountMinor, currency, region });
            return { kind: 'refunded' };
          }),
        ),
      findRefund: (key, deadline) =>
        call('findRefund', key, 'refund-settle', false, deadline, () =>
          this.#find<RefundResult>(key),
        ),
    };
  }

  /** The first request of a key moves the money or declines; a repeat hears what came of it. */
  #move<R extends Result>(
    region: RegionName,
    phase: 'charge' | 'refund-settle',
    key: string,
    first: () => R,
  ): Served<R> {
    const { ambiguous, greyFactor } = this.#conditions.regions[region];
    const isDown = ambiguous > 0 && this.#wires.world.nowMs < this.#downUntilMs[region];
    const isUnheard = isDown || this.#random.chance(ambiguous);
    if (isUnheard) {
      this.#wires.coverage.hit('F13', phase);
      if (isDown) return { kind: 'failed' };
      if (this.#random.chance(LOST_SHARE)) return this.#goDown(region);
    }
    let result = this.#results.get(key) as R | undefined;
    if (result === undefined) {
      result = first();
      this.#results.set(key, result);
    }
    if (isUnheard) return { kind: 'silent' };
    if (greyFactor > 1) this.#wires.coverage.hit('F8', phase);
    return { kind: 'ok', value: result, afterMs: this.#thinksMs() * greyFactor };
  }

  #goDown(region: RegionName): Served<never> {
    this.#downUntilMs[region] = this.#wires.world.nowMs + this.#random.int(0, DOWN_MS_MAX);
    return { kind: 'failed' };
  }

  #find<R extends Result>(key: string): Served<R | { readonly kind: 'none' }> {
    const known = this.#results.get(key) as R | undefined;
    return { kind: 'ok', value: known ?? { kind: 'none' }, afterMs: 5 };
  }

  #enter(entry: Omit<BankEntry, 'atMs'>): void {
    const entered = { ...entry, atMs: this.#wires.world.nowMs };
    this.books.push(entered);
    this.#onEntry(entered);
  }

  /** Mostly quick; one in fifty takes longer than a client waits. */
  #thinksMs(): number {
    return this.#random.chance(0.02) ? this.#random.int(500, 4_000) : this.#random.int(20, 120);
  }
}
