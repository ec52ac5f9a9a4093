/** How many payments are accepted for later, and how fast they are carried to their end. */

import { drive } from './load.ts';
import { invokeSweeper } from './open-payments.ts';
import { percentile } from './statistics.ts';
import type { BenchTwin } from './twin.ts';

export interface AcceptFigures {
  readonly acceptedPerSecond: readonly number[];
  readonly p99Ms: readonly number[];
  /** All accepted payments over the time from the first request to the last that was finished. */
  readonly finishedPerSecond: number;
  readonly payments: number;
}

const CONNECTIONS = 32;
const POLL_MS = 500;

/** Throws when a payment is not answered 202. */
export async function benchAccept(
  of: BenchTwin,
  options: {
    readonly rounds: number;
    readonly roundMs: number;
    readonly progress: (text: string) => void;
  },
): Promise<AcceptFigures> {
  const { rounds, roundMs, progress } = options;
  const acceptedPerSecond: number[] = [];
  const p99Ms: number[] = [];
  let payments = 0;
  const startedAt = performance.now();
  for (let round = 1; round <= rounds; round += 1) {
    progress(`POST /payments, round ${round} of ${rounds}`);
    const result = await drive({
      url: of.addresses.entry,
      path: '/payments',
      connections: CONNECTIONS,
      until: (_sent, elapsedMs) => elapsedMs > roundMs,
    });
    if (result.failures > 0) throw new Error(`${result.failures} payments were not answered 202`);
    payments += result.payments;
    acceptedPerSecond.push(result.payments / result.seconds);
    p99Ms.push(percentile(result.latenciesMs, 0.99));
  }
  for (;;) {
    // The sweeper counts what is open; it takes up what is due, as it would unasked.
    const { backlog } = await invokeSweeper(of, 'us-east-2');
    if (backlog?.open === 0) break;
    progress(`finishing: ${backlog?.open ?? '?'} of ${payments} open`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  return { acceptedPerSecond, p99Ms, payments, finishedPerSecond: payments / seconds };
}
