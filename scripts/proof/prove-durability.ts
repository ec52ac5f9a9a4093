/**
 * The durability proof: payments are accepted in both Regions, one of them is lost while work is under
 * way and stays lost, and every acknowledged payment must end PROCESSED in the other, once.
 */

import { setTimeout as wait } from 'node:timers/promises';
import {
  DEFAULT_SUFFIX,
  PRIMARY_REGION,
  resourceNames,
  SECONDARY_REGION,
} from '#contract/names.ts';
import type { ReferenceGateway } from '#gateway/reference-gateway.ts';
import { acceptPayments } from './accept-payments.ts';
import { judge, type Verdict } from './judge.ts';
import { collectNotifications } from './notification-collector.ts';
import { planPayments } from './planned-payments.ts';
import { readSurvivingState, type SurvivingState } from './surviving-state.ts';

/** A twin that was just started, with its default suffix and the profile `fast`. */
export interface ProvenTwin {
  readonly addresses: {
    readonly regions: Readonly<Record<string, string>>;
    readonly aws: string;
    readonly control: string;
  };
}

export interface ProofOptions {
  readonly payments: number;
  /** The gateway that the twin was started with; null: the one that only records. */
  readonly gateway: Pick<ReferenceGateway, 'ledger'> | null;
  /** How long after the kill everything must be finished. Milliseconds. */
  readonly finishWithinMs: number;
  readonly onProgress: (text: string) => void;
}

export interface Proof extends Verdict {
  readonly payments: number;
  readonly acknowledgedBy: Readonly<Record<string, number>>;
  /** Clients that had to ask more than once. */
  readonly retried: number;
  /** Payments that the lost Region had taken on and not finished when it was gone. */
  readonly leftOpen: number;
  /** From the kill until nothing was open, as seen from outside; null: something still is. */
  readonly finishedAfterMs: number | null;
}

const LOST = PRIMARY_REGION;
const SURVIVOR = SECONDARY_REGION;
const CONCURRENCY = 8;
/** Shares of the payments: when the Region stops working its queue off, and when it is gone. */
const STALL_AT = 0.25;
const KILL_AT = 0.5;
const LOOK_EVERY_MS = 500;

/** Runs the proof once. Rejects when the twin itself fails; a broken promise is in the result. */
export async function proveDurability(twin: ProvenTwin, options: ProofOptions): Promise<Proof> {
  const { addresses } = twin;
  const { onProgress } = options;
  const collector = await collectNotifications({
    endpoint: addresses.aws,
    region: SURVIVOR,
    topicName: resourceNames(DEFAULT_SUFFIX).transactionTopic,
    topicRegions: [LOST, SURVIVOR],
  });
  const state = readSurvivingState(addresses.aws, SURVIVOR, DEFAULT_SUFFIX);
  try {
    const payments = planPayments(options.payments, `proof-${Date.now().toString(36)}`);
    let stalling: Promise<void> | null = null;
    let killing: Promise<Killed> | null = null;
    const acceptance = await acceptPayments({
      payments,
      apis: [LOST, SURVIVOR].map((region) => ({ region, url: addresses.regions[region] ?? '' })),
      concurrency: CONCURRENCY,
      onAcknowledged: (count) => {
        onProgress(`${count} of ${payments.length} acknowledged`);
        if (count >= payments.length * STALL_AT) stalling ??= handled(stall(addresses.control));
        if (count >= payments.length * KILL_AT) {
          killing ??= handled(kill(addresses.control, state));
        }
      },
    });
    await (stalling as Promise<void> | null);
    const killed = await (killing as Promise<Killed> | null);
    if (killed === null) throw new Error('too few were acknowledged to kill a Region');
    const finishedAfterMs = await untilFinished(state, killed.atEpochMs, options);
    const notifications = await collector.finish();
    const verdict = judge({
      acceptance,
      items: await state.items(),
      notifications,
      openLeft: await state.countOpen(),
      deadLetters: await state.countDeadLetters(),
      charges: options.gateway?.ledger.view().charges ?? null,
    });
    const { acknowledged } = acceptance;
    const by = (region: string): number =>
      acknowledged.filter((one) => one.region === region).length;
    return {
      payments: payments.length,
      acknowledgedBy: { [LOST]: by(LOST), [SURVIVOR]: by(SURVIVOR) },
      retried: acknowledged.filter(({ requests }) => requests > 1).length,
      leftOpen: killed.leftOpen,
      finishedAfterMs,
      ...verdict,
    };
  } finally {
    state.close();
  }
}

interface Killed {
  readonly atEpochMs: number;
  readonly leftOpen: number;
}

/** It is awaited when the last payment is accepted; until then nobody would take its fault. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Lets a backlog grow, so that the kill is sure to leave work behind, however fast the machine. */
function stall(control: string): Promise<void> {
  return inject(control, { kind: 'errors', service: 'sqs', operation: 'ReceiveMessage', rate: 1 });
}

/** Kills the Region for good, and counts what it left behind. */
async function kill(control: string, state: SurvivingState): Promise<Killed> {
  await inject(control, { kind: 'kill' });
  const atEpochMs = Date.now();
  const items = await state.items();
  const left = items.filter(({ region, open }) => region === LOST && open !== null);
  return { atEpochMs, leftOpen: left.length };
}

async function inject(control: string, fault: Readonly<Record<string, unknown>>): Promise<void> {
  const response = await fetch(`${control}/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ region: LOST, ...fault }),
  });
  if (response.status !== 201) throw new Error(`fault in ${LOST}: ${await response.text()}`);
}

/** Milliseconds from the kill until nothing was open; null when time ran out first. */
async function untilFinished(
  state: SurvivingState,
  killedAtEpochMs: number,
  { finishWithinMs, onProgress }: ProofOptions,
): Promise<number | null> {
  for (;;) {
    const open = await state.countOpen();
    const elapsedMs = Date.now() - killedAtEpochMs;
    if (open === 0) return elapsedMs;
    if (elapsedMs > finishWithinMs) return null;
    onProgress(`${open} open, ${Math.round(elapsedMs / 1000)} s after the kill`);
    await wait(LOOK_EVERY_MS);
  }
}
