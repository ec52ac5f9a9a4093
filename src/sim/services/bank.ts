/**
 * The payment gateway: outside of every Region, idempotent by key, slow now and then, and its books are what
 * the checkers count money by.
 */

import { keyOfAnother } from '#core/found-by-key.ts';
import type {
  Charge,
  ChargeResult,
  Deadline,
  FoundCharge,
  FoundRefund,
  GatewayRefund,
  NothingFound,
  PaymentGateway,
  RefundResult,
} from '#core/ports.ts';
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
  /** Whose money it was; null of a refund, which goes where the charge came from. */
  readonly customerId: string | null;
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

/** What a key came with first, and what came of it for good. */
interface Kept<Asked, Result> {
  readonly asked: Asked;
  readonly result: Result;
}

const NOTHING: NothingFound = { kind: 'none' };
/** HTTP 422: the key came with another body before. Without effect, and no repeat helps. */
const MISMATCH = { kind: 'mismatch' } as const;
const LOOK_UP_MS = 5;

export class Bank {
  /** Told of each entry at the moment it is made. */
  readonly books: BankEntry[] = [];
  readonly #wires: Wires;
  readonly #conditions: Conditions;
  readonly #plan: SimPlan;
  readonly #random: Random;
  readonly #charges = new Map<string, Kept<Charge, ChargeResult>>();
  readonly #refunds = new Map<string, Kept<GatewayRefund, RefundResult>>();
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
      charge: async (asked, deadline) => {
        const { idempotencyKey: key, customerId, amountMinor, currency } = asked;
        const answer = await call('charge', key, 'charge', true, deadline, () =>
          this.#move(region, 'charge', this.#charges, asked, (): ChargeResult => {
            if (this.#random.chance(this.#plan.workload.declineShare)) {
              return { kind: 'declined', reason: 'insufficient_funds' };
            }
            const money = { customerId, amountMinor, currency };
            this.#enter({ kind: 'charge', key, chargeKey: key, ...money, region });
            return { kind: 'charged', chargeId: `ch_${key}` };
          }),
        );
        if (answer.kind === 'mismatch') throw keyOfAnother('charge');
        return answer;
      },
      findCharge: (key, deadline) =>
        call('findCharge', key, 'charge', false, deadline, () => this.#findCharge(key)),
      refund: async (asked, deadline) => {
        const { idempotencyKey: key, chargeKey, amountMinor, currency } = asked;
        const answer = await call('refund', key, 'refund-settle', true, deadline, () =>
          this.#move(region, 'refund-settle', this.#refunds, asked, (): RefundResult => {
            if (this.#random.chance(this.#plan.workload.declineShare / 2)) {
              return { kind: 'declined', reason: 'account_closed' };
            }
            const money = { customerId: null, amountMinor, currency };
            this.#enter({ kind: 'refund', key, chargeKey, ...money, region });
            return { kind: 'refunded' };
          }),
        );
        if (answer.kind === 'mismatch') throw keyOfAnother('refund');
        return answer;
      },
      findRefund: (key, deadline) =>
        call('findRefund', key, 'refund-settle', false, deadline, () => this.#findRefund(key)),
    };
  }

  /**
   * The first request of a key moves the money or declines; a repeat hears what came of it, and one with
   * another body is refused.
   */
  #move<Asked extends Charge | GatewayRefund, Result extends ChargeResult | RefundResult>(
    region: RegionName,
    phase: 'charge' | 'refund-settle',
    kept: Map<string, Kept<Asked, Result>>,
    asked: Asked,
    first: () => Result,
  ): Served<Result | typeof MISMATCH> {
    const { ambiguous, greyFactor } = this.#conditions.regions[region];
    const isDown = ambiguous > 0 && this.#wires.world.nowMs < this.#downUntilMs[region];
    const isUnheard = isDown || this.#random.chance(ambiguous);
    if (isUnheard) {
      this.#wires.coverage.hit('F13', phase);
      if (isDown) return { kind: 'failed' };
      if (this.#random.chance(LOST_SHARE)) return this.#goDown(region);
    }
    let known = kept.get(asked.idempotencyKey);
    if (known === undefined) {
      known = { asked, result: first() };
      kept.set(asked.idempotencyKey, known);
    }
    if (isUnheard) return { kind: 'silent' };
    if (greyFactor > 1) this.#wires.coverage.hit('F8', phase);
    const value = isSame(known.asked, asked) ? known.result : MISMATCH;
    return { kind: 'ok', value, afterMs: this.#thinksMs() * greyFactor };
  }

  #goDown(region: RegionName): Served<never> {
    this.#downUntilMs[region] = this.#wires.world.nowMs + this.#random.int(0, DOWN_MS_MAX);
    return { kind: 'failed' };
  }

  #findCharge(key: string): Served<FoundCharge | NothingFound> {
    const known = this.#charges.get(key);
    if (known?.result.kind !== 'charged') return found(known?.result ?? NOTHING);
    const { customerId, amountMinor, currency } = known.asked;
    return found({ ...known.result, customerId, amountMinor, currency });
  }

  #findRefund(key: string): Served<FoundRefund | NothingFound> {
    const known = this.#refunds.get(key);
    if (known?.result.kind !== 'refunded') return found(known?.result ?? NOTHING);
    const { amountMinor, chargeKey } = known.asked;
    return found({ ...known.result, amountMinor, chargeKey });
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

function found<T>(value: T): Served<T> {
  return { kind: 'ok', value, afterMs: LOOK_UP_MS };
}

function isSame<Asked extends object>(one: Asked, other: Asked): boolean {
  return (Object.keys(one) as (keyof Asked)[]).every((name) => one[name] === other[name]);
}
