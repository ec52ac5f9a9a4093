/**
 * Drives payments in an open loop: they begin when they are due, whether or not earlier ones have been
 * answered. A closed loop would send less the worse it goes, and so measure an outage as a pause.
 */

import type { Clock } from '#core/ports.ts';
import { CLIENT_KINDS, type ClientKind, type DrillEvent } from '../drill-event.ts';
import { type DrillPayment, paymentNumber, type SendPayment } from './send-payment.ts';

export interface LoadOptions {
  /** All clients together. */
  readonly ratePerSecond: number;
  /** Of the transaction_ids; unlike that of any other run. */
  readonly prefix: string;
  /** At least one of each kind; they take turns. */
  readonly clients: Readonly<Record<ClientKind, readonly SendPayment[]>>;
  /** Whose turn it is, again and again. @default each kind once */
  readonly turns?: readonly ClientKind[];
  /** After so many no more begins. @default none ends it but `stop` */
  readonly paymentsMax?: number;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
}

export interface AcknowledgedPayment {
  readonly payment: DrillPayment;
  readonly timestampEpochSeconds: number;
  /** Text of the answer, where its client kept it. */
  readonly text: string | null;
}

export interface RunningLoad {
  /** Those that have ended, in the order of their ends. */
  events(): readonly DrillEvent[];
  acknowledged(): readonly AcknowledgedPayment[];
  /** Every payment that was begun. */
  sent(): readonly DrillPayment[];
  /** Begins no more; resolves when every one that was begun has ended. */
  stop(): Promise<void>;
}

/** Starts at once. */
export function startLoad(options: LoadOptions): RunningLoad {
  const { ratePerSecond, prefix, clients, clock, sleep } = options;
  const { turns = CLIENT_KINDS, paymentsMax = Number.POSITIVE_INFINITY } = options;
  const events: DrillEvent[] = [];
  const acknowledged: AcknowledgedPayment[] = [];
  const sent: DrillPayment[] = [];
  const inFlight = new Set<Promise<void>>();
  let stopped = false;

  const run = async (index: number): Promise<void> => {
    const { client, send } = clientFor(index, clients, turns);
    const payment = paymentNumber(index, prefix);
    sent.push(payment);
    const startedAtEpochMs = clock.nowEpochMs();
    const { timestampEpochSeconds, text, ...seen } = await send(payment);
    const { transactionId } = payment;
    const endedAtEpochMs = clock.nowEpochMs();
    events.push({ client, transactionId, startedAtEpochMs, endedAtEpochMs, ...seen });
    if (seen.outcome === 'ok' && timestampEpochSeconds !== null) {
      acknowledged.push({ payment, timestampEpochSeconds, text });
    }
  };
  const loop = async (): Promise<void> => {
    const startedAtEpochMs = clock.nowEpochMs();
    for (let index = 0; !stopped && index < paymentsMax; index += 1) {
      const dueAtEpochMs = startedAtEpochMs + (index * 1_000) / ratePerSecond;
      const waitMs = dueAtEpochMs - clock.nowEpochMs();
      if (waitMs > 0) await sleep(waitMs);
      if (stopped) break;
      const running: Promise<void> = run(index).finally(() => inFlight.delete(running));
      inFlight.add(running);
    }
  };
  const looping = loop();

  return {
    events: () => events,
    acknowledged: () => acknowledged,
    sent: () => sent,
    async stop() {
      stopped = true;
      await looping;
      await Promise.all(inFlight);
    },
  };
}

/** Kinds take turns, and so do the clients of a kind. Pure. */
function clientFor(
  index: number,
  clients: LoadOptions['clients'],
  turns: readonly ClientKind[],
): { readonly client: ClientKind; readonly send: SendPayment } {
  const client = turns[index % turns.length] ?? 'dns';
  const own = clients[client];
  const send = own[Math.floor(index / turns.length) % own.length];
  if (send === undefined) throw new Error(`no client of kind ${client}`);
  return { client, send };
}
