/** Everything that clients do in a run: payments, their repeats, conflicts, reads and refunds. */

import { REGIONS } from '../faults/fault-spec.ts';
import type { Random } from '../kernel/random.ts';
import type { Operation } from '../ledger.ts';
import type { System } from '../system.ts';
import {
  type CallEnd,
  type Caller,
  type ClientCall,
  type ClientParts,
  paymentCall,
  readCall,
} from './client-call.ts';
import { ClientPool, inOrder, type Sender } from './client-pool.ts';
import { DnsClient } from './dns-client.ts';
import { drawPayments, type PlannedPayment } from './draw-payments.ts';
import { Errands, ONCE } from './errands.ts';
import { handmadePayments } from './handmade-payments.ts';
import { RetryStorm } from './retry-storm.ts';
import { RetryingClient } from './retrying-client.ts';
import { spellPlainly } from './spelling.ts';

/** When somebody whose payment was accepted looks what became of it, after the answer. */
const LOOKS_MS = [5_000, 20_000, 60_000] as const;
/** What a new payment may take when everything is well again. */
const PROBE_MS_MAX = 60_000;

/** What became of a payment that was made to see whether service is back. */
export interface ProbeOutcome {
  readonly client: 'sdk' | 'dns';
  /** Answered with 200 or 402, and in time. */
  readonly ok: boolean;
  readonly tookMs: number;
}

export class Workload {
  readonly #system: System;
  /** What happens on the way; what people do is drawn from a stream of its own. */
  readonly #random: Random;
  readonly #parts: ClientParts;
  readonly #pool: ClientPool;
  readonly #errands: Errands;
  readonly #storm: RetryStorm;
  readonly #plan: Random;
  #probes = 0;

  constructor(system: System) {
    this.#system = system;
    this.#random = system.world.random('clients');
    this.#plan = system.world.random('workload');
    this.#errands = new Errands(system, this.#random);
    this.#storm = new RetryStorm(system, this.#errands);
    this.#parts = {
      ...{ system, random: this.#random },
      onFailedTry: (call, region) => this.#storm.repeatElsewhere(call, region),
    };
    this.#pool = new ClientPool(this.#parts, system.plan.topology, this.#plan);
  }

  /** Plans everything. Effects: events from now on. */
  start(): void {
    const { workload, handmade } = this.#system.plan;
    const payments =
      handmade === undefined ? drawPayments(workload, this.#plan) : handmadePayments(handmade);
    for (const payment of payments) this.#arrange(payment);
  }

  /** Nobody is trying any more, and nothing is planned. */
  get isDone(): boolean {
    return this.#errands.isDone;
  }

  /** transaction_ids that a client was told of as taken (200 or 202), each once; probes are not counted. */
  get acknowledged(): number {
    return this.#errands.acknowledged;
  }

  /**
   * F26: from now on each payment is sent `copies` times at once, to both Regions, and each try that fails is
   * repeated at once in the other one. Below two: the storm is over.
   */
  storm(copies: number): void {
    this.#storm.copies = copies;
  }

  /** Two new payments by two new clients, one with the SDK and one with DNS. `done` is called once. */
  probe(done: (outcomes: readonly ProbeOutcome[]) => void): void {
    const outcomes: ProbeOutcome[] = [];
    this.#probes += 1;
    const name = `probe-${this.#probes}`;
    const clients = [
      ['sdk', new RetryingClient(this.#parts, `${name}-sdk`, inOrder(REGIONS[0]))],
      ['dns', new DnsClient(this.#parts, `${name}-dns`)],
    ] as const satisfies readonly (readonly [string, Caller])[];
    for (const [client, caller] of clients) {
      caller.call(probeCall(caller.name), ({ operation }) => {
        const tookMs = this.#system.world.nowMs - operation.calledAtMs;
        const ok = isServed(operation) && tookMs <= PROBE_MS_MAX;
        outcomes.push({ client, ok, tookMs });
        if (outcomes.length === clients.length) done(outcomes);
      });
    }
  }

  #arrange(payment: PlannedPayment): void {
    const { atMs, call, others, reads } = payment;
    const { transactionId } = call.request;
    this.#errands.later(atMs, () => this.#pay(payment));
    for (const other of others) {
      this.#errands.later(atMs + other.afterMs, () => this.#visit(other.region, other.call));
    }
    for (const { afterMs, region } of reads) {
      this.#errands.later(atMs + afterMs, () => {
        this.#errands.run(readCall(transactionId), this.#pool.visitor(region).callers, ONCE);
      });
    }
  }

  #pay(payment: PlannedPayment): void {
    const { call, client, number, afterAnswer } = payment;
    const sender = this.#pool.sender(client, number);
    this.#storm.multiply(call);
    this.#send(sender, call, (end) => {
      if (afterAnswer !== null) {
        const { afterMs, region } = afterAnswer;
        this.#errands.later(afterMs, () => this.#visit(region, afterAnswer.call));
      }
      const status = end.operation.final?.response.status;
      if (status === 202) this.#look(payment, sender, 0);
      // Somebody may ask for money that was never taken: that is refused.
      else if (status === 200 || status === 402) this.#refund(payment);
    });
  }

  /** Reads an accepted payment, three times at most, until it is settled. */
  #look(payment: PlannedPayment, sender: Sender, looks: number): void {
    const atMs = LOOKS_MS[looks];
    if (atMs === undefined) return;
    const { transactionId } = payment.call.request;
    this.#errands.later(atMs - (LOOKS_MS[looks - 1] ?? 0), () => {
      this.#errands.run(readCall(transactionId), sender.callers, ONCE, ({ operation }) => {
        const body = operation.final?.response.body ?? '';
        if (body.includes('"status":"PROCESSED"')) this.#refund(payment);
        else if (!body.includes('"status":"DECLINED"')) this.#look(payment, sender, looks + 1);
      });
    });
  }

  #refund({ refunds }: PlannedPayment): void {
    for (const { afterMs, region, call } of refunds) {
      this.#errands.later(afterMs, () => this.#visit(region, call));
    }
  }

  #visit(region: (typeof REGIONS)[number], call: ClientCall): void {
    this.#send(this.#pool.visitor(region), call);
  }

  #send({ callers, patience }: Sender, call: ClientCall, done?: (end: CallEnd) => void): void {
    this.#errands.run(call, callers, patience, done);
  }
}

/** A payment of one dollar under an id of its own. */
function probeCall(transactionId: string): ClientCall {
  const meaning = { transactionId, customerId: 'probe', amountMinor: 100n, currency: 'USD' };
  return paymentCall('process', meaning, spellPlainly(meaning));
}

function isServed({ final }: Operation): boolean {
  return final?.response.status === 200 || final?.response.status === 402;
}
