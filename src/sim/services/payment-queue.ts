/**
 * SQS with its event source mapping, of one Region: at least once, in no order, to the consumer in batches, and
 * to the dead letters after three receives. It lives and dies with its Region.
 */

import { PAYMENT_QUEUE } from '#contract/names.ts';
import { consumePayments, type QueuedOutcome } from '#core/consume-payments.ts';
import type { PaymentPorts, PaymentQueue, QueuedPayment } from '#core/ports.ts';
import { retryDelaySecondsOf } from '#core/queue-retry.ts';
import { BUDGET_MS } from '#core/time-budgets.ts';
import type { Conditions } from '../conditions.ts';
import { callService, refuse, type Served, type Wires } from '../kernel/exchange.ts';
import type { Random } from '../kernel/random.ts';
import type { SimProcess } from '../kernel/sim-process.ts';
import type { SimPlan } from '../plan.ts';

const BATCH_MAX = 10;
/**
 * Deletions by a receipt that another one has replaced, which have their effect all the same. Source: Amazon SQS API
 * reference, DeleteMessage: "the message might not be deleted".
 */
const LATE_DELETES = 0.5;

interface Message {
  readonly id: number;
  /** Null: poison, no message of ours. */
  readonly payment: QueuedPayment | null;
  receives: number;
  /** Grows with each delivery, and when it is visible again: who holds an earlier one may be too late. */
  receipt: number;
  isGone: boolean;
}

export interface PaymentQueueOptions {
  readonly plan: SimPlan;
  readonly conditions: Conditions;
  readonly consumer: SimProcess;
  readonly ports: () => PaymentPorts;
}

export class RegionQueue {
  /** What was received three times in vain. */
  readonly deadLetters: (QueuedPayment | null)[] = [];
  readonly #wires: Wires;
  readonly #options: PaymentQueueOptions;
  readonly #random: Random;
  #visible: Message[] = [];
  /** Neither deleted nor a dead letter: visible, lent, or on their way. */
  #present = 0;
  #ids = 0;
  #isPolling = false;

  constructor(wires: Wires, options: PaymentQueueOptions) {
    this.#wires = wires;
    this.#options = options;
    this.#random = wires.world.random(`queue ${options.consumer.region}`);
  }

  /** Messages that may still be delivered. */
  get length(): number {
    return this.#present;
  }

  portsFor(runner: SimProcess): PaymentQueue {
    const { region } = runner;
    return {
      enqueue: (payment, deadline) =>
        callService(
          this.#wires,
          runner,
          {
            ...{ what: 'enqueue', about: payment.transactionId, phase: 'queue' as const },
            ...{ to: region, isWrite: true },
            serve: (): Served<void> => {
              const { throttle, ambiguous } = this.#options.conditions.regions[region];
              if (this.#random.chance(throttle)) {
                this.#wires.coverage.hit('F15', 'queue');
                return refuse('F15');
              }
              this.send(payment);
              if (this.#random.chance(ambiguous)) {
                this.#wires.coverage.hit('F13', 'queue');
                return { kind: 'silent' };
              }
              return { kind: 'ok', value: undefined, afterMs: 4 };
            },
          },
          deadline,
        ),
    };
  }

  /** Puts a message in; null: one that nobody can read. */
  send(payment: QueuedPayment | null): void {
    const message = { id: this.#ids, payment, receives: 0, receipt: 0, isGone: false };
    this.#ids += 1;
    this.#present += 1;
    this.#appear(message, 0);
    const { queueRepeat } = this.#options.conditions.regions[this.#options.consumer.region];
    if (this.#random.chance(queueRepeat)) {
      this.#wires.coverage.hit('F16', 'queue');
      this.#present += 1;
      this.#appear({ ...message, id: this.#ids }, this.#random.int(0, 20_000));
      this.#ids += 1;
    }
  }

  #appear(message: Message, delayMs: number): void {
    this.#wires.world.after(delayMs, () => {
      if (message.isGone) return;
      this.#visible.push(message);
      this.#pollSoon();
    });
  }

  #pollSoon(): void {
    if (this.#isPolling) return;
    this.#isPolling = true;
    this.#wires.world.after(this.#random.int(5, 60), () => {
      this.#isPolling = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    const { consumer } = this.#options;
    if (this.#visible.length === 0) return;
    if (!consumer.isUp) {
      consumer.missed('queue');
      // The mapping tries again until an environment starts.
      this.#isPolling = true;
      this.#wires.world.after(500, () => {
        this.#isPolling = false;
        this.#deliver();
      });
      return;
    }
    const batch = this.#visible.splice(0, BATCH_MAX);
    if (batch.length > 1 && this.#random.chance(0.3)) batch.reverse();
    for (const message of batch) this.#lend(message);
    const receipts = batch.map(({ receipt }) => receipt);
    const { life } = consumer;
    consumer.deliver(life, () => this.#consume(batch, receipts), 'queue');
    if (this.#visible.length > 0) this.#pollSoon();
  }

  /** Invisible for a while; back if nobody deletes it. */
  #lend(message: Message): void {
    message.receives += 1;
    message.receipt += 1;
    const { receipt } = message;
    const { conditions, plan, consumer } = this.#options;
    let forMs = plan.timings.visibilityTimeoutMs;
    if (this.#random.chance(conditions.regions[consumer.region].visibilityLoss)) {
      this.#wires.coverage.hit('F17', 'queue');
      forMs = this.#random.int(1, 30);
    }
    this.#return(message, receipt, forMs);
  }

  #return(message: Message, receipt: number, afterMs: number): void {
    this.#wires.world.after(afterMs, () => {
      if (message.isGone || message.receipt !== receipt) return;
      if (message.receives >= PAYMENT_QUEUE.receivesMax) {
        this.#remove(message);
        this.deadLetters.push(message.payment);
        return;
      }
      message.receipt += 1;
      this.#visible.push(message);
      this.#pollSoon();
    });
  }

  #remove(message: Message): void {
    if (message.isGone) return;
    message.isGone = true;
    this.#present -= 1;
  }

  /** What src/handlers/consume.ts does with a batch. */
  #consume(batch: readonly Message[], receipts: readonly number[]): void {
    const { consumer, ports } = this.#options;
    const { region } = consumer;
    const { world } = this.#wires;
    world.note(region, region, 'consume', String(batch.length));
    const deadline = { atEpochMs: consumer.clock.nowEpochMs() + BUDGET_MS.consume };
    const payments = batch.flatMap(({ payment }) => payment ?? []);
    if (payments.length < batch.length) this.#wires.coverage.hit('F18', 'queue');
    consumer.invoke(
      () => consumePayments(payments, { region, deadline, finishMs: BUDGET_MS.consume }, ports()),
      (outcomes) => {
        let ours = 0;
        for (const [index, message] of batch.entries()) {
          let outcome: QueuedOutcome | null = null;
          if (message.payment !== null) {
            outcome = outcomes[ours] ?? null;
            ours += 1;
          }
          const delaySeconds = retryDelaySecondsOf(outcome, message.receives);
          const isMine = message.receipt === receipts[index];
          if (delaySeconds === null) {
            if (isMine || this.#random.chance(LATE_DELETES)) this.#remove(message);
          } else if (isMine) this.#return(message, message.receipt, delaySeconds * 1_000);
        }
      },
      (error) => world.fail(error),
    );
  }
}
