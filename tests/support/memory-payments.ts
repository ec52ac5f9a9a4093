/**
 * In-memory ports of one process over a world that it may share with others: table, gateway, topic and
 * queue outlive it. Any step can be broken, and the process can die in any.
 */

import { isDeepStrictEqual } from 'node:util';
import { sha256Hex } from '#adapters/system.ts';
import { keyOfAnother } from '#core/found-by-key.ts';
import type {
  Charge,
  ChargeResult,
  GatewayRefund,
  OpenPayments,
  PaymentGateway,
  PaymentPorts,
  PaymentQueue,
  PaymentReader,
  QueuedPayment,
  RefundResult,
} from '#core/ports.ts';
import { createSteps, type FateOf, type Step, type Steps } from './memory-steps.ts';
import {
  createMemoryOpenPayments,
  createMemoryReader,
  createMemoryStore,
  type MemoryTable,
} from './memory-table.ts';

export interface MemoryWorld {
  readonly table: MemoryTable;
  /** How often each key was charged. */
  readonly charges: Map<string, number>;
  /** What went back under each key; more than one entry: it went back more than once. */
  readonly refunds: Map<string, bigint[]>;
  /** Ids of notifications, in order, repeats included. */
  readonly published: string[];
  /** The transaction_ids of messages, in order. */
  readonly enqueued: QueuedPayment[];
  /** First request and result of each key: what a gateway with idempotency keys repeats. */
  readonly results: {
    readonly charges: Map<string, { readonly asked: Charge; readonly result: ChargeResult }>;
    readonly refunds: Map<string, { readonly asked: GatewayRefund; readonly result: RefundResult }>;
  };
}

export interface MemoryPayments extends PaymentPorts, MemoryWorld, Pick<Steps, 'arrive'> {
  readonly reader: PaymentReader;
  readonly open: OpenPayments;
  readonly queue: PaymentQueue;
  /** The result of `work`, or `crashed` when the process died in it. */
  untilCrash<T>(work: Promise<T>): Promise<T | 'crashed'>;
}

export interface MemoryOptions {
  readonly world?: MemoryWorld;
  readonly nowEpochMs?: () => number;
  /** Asked before each step. */
  readonly fateOf?: FateOf;
  /** Awaited before each step and before its answer. */
  readonly pauseAt?: (step: Step) => Promise<unknown>;
  /** What the gateway says to a new charge or refund; default: yes. */
  readonly refuseCharge?: string | null;
  readonly refuseRefund?: (amountMinor: bigint) => boolean;
  /** Default true. False: a gateway that charges at each request, though look-ups find it. */
  readonly gatewayKeepsKeys?: boolean;
}

export function createMemoryWorld(): MemoryWorld {
  return {
    table: { journals: new Map(), payments: new Map() },
    charges: new Map(),
    refunds: new Map(),
    published: [],
    enqueued: [],
    results: { charges: new Map(), refunds: new Map() },
  };
}

/** Creates the ports of one process over `world`, or over an empty one. */
export function createMemoryPayments(options: MemoryOptions = {}): MemoryPayments {
  const world = options.world ?? createMemoryWorld();
  const steps = createSteps(options.fateOf ?? (() => 'works'), options.pauseAt);
  return {
    ...world,
    store: createMemoryStore(world.table, steps),
    open: createMemoryOpenPayments(world.table, steps),
    reader: createMemoryReader(world.table),
    gateway: createMemoryGateway(world, steps, options),
    notifier: {
      publish: ({ id }) =>
        steps.run('publish', () => {
          world.published.push(id);
        }),
    },
    queue: {
      enqueue: (payment) =>
        steps.run('enqueue', () => {
          world.enqueued.push(payment);
        }),
    },
    clock: { nowEpochMs: options.nowEpochMs ?? (() => 1_700_000_000_000) },
    hash: sha256Hex,
    arrive: steps.arrive,
    untilCrash: (work) => Promise.race([work, steps.crashed]),
  };
}

function createMemoryGateway(
  { charges, refunds, results }: MemoryWorld,
  steps: Steps,
  { refuseCharge = null, refuseRefund = () => false, gatewayKeepsKeys = true }: MemoryOptions,
): PaymentGateway {
  return {
    charge: (asked) =>
      steps.run('charge', (): ChargeResult => {
        const { idempotencyKey: key } = asked;
        const known = results.charges.get(key);
        if (known !== undefined && gatewayKeepsKeys) {
          if (!isDeepStrictEqual(known.asked, asked)) throw keyOfAnother('charge');
          return known.result;
        }
        const result: ChargeResult =
          refuseCharge === null
            ? { kind: 'charged', chargeId: `ch_${key}` }
            : { kind: 'declined', reason: refuseCharge };
        results.charges.set(key, { asked, result });
        if (result.kind === 'charged') charges.set(key, (charges.get(key) ?? 0) + 1);
        return result;
      }),
    findCharge: (key) =>
      steps.run('find-charge', () => {
        const known = results.charges.get(key);
        if (known?.result.kind !== 'charged') return known?.result ?? { kind: 'none' };
        const { customerId, amountMinor, currency } = known.asked;
        return { ...known.result, customerId, amountMinor, currency };
      }),
    refund: (asked) =>
      steps.run('refund', (): RefundResult => {
        const { idempotencyKey: key, amountMinor } = asked;
        const known = results.refunds.get(key);
        if (known !== undefined && gatewayKeepsKeys) {
          if (!isDeepStrictEqual(known.asked, asked)) throw keyOfAnother('refund');
          return known.result;
        }
        const result: RefundResult = refuseRefund(amountMinor)
          ? { kind: 'declined', reason: 'not_refundable' }
          : { kind: 'refunded' };
        results.refunds.set(key, { asked, result });
        if (result.kind === 'refunded')
          refunds.set(key, [...(refunds.get(key) ?? []), amountMinor]);
        return result;
      }),
    findRefund: (key) =>
      steps.run('find-refund', () => {
        const known = results.refunds.get(key);
        if (known?.result.kind !== 'refunded') return known?.result ?? { kind: 'none' };
        const { amountMinor, chargeKey } = known.asked;
        return { ...known.result, amountMinor, chargeKey };
      }),
  };
}
