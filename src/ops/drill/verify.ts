/** After a drill: what every payment came to, and whether the books are whole. */

import { sha256Hex } from '#adapters/system.ts';
import { chainFault, type RoutingEntry } from '#core/routing/routing-log.ts';
import { reasonOf } from '../ops-error.ts';
import type { DrillCheck } from './analysis/judge-drill.ts';
import {
  type Acknowledged,
  judgePayments,
  missingIn,
  type ReplicaContent,
  type RpoEntry,
  type RpoLists,
} from './analysis/judge-payments.ts';
import type { DrillWorld } from './drill-world.ts';
import type { DrillPayment } from './load/send-payment.ts';
import type { AcknowledgedPayment } from './load/start-load.ts';

export interface Verification {
  readonly rpo: RpoLists;
  readonly checks: readonly DrillCheck[];
  /** What became of payments that no client had an answer for. */
  readonly inDoubt: { readonly payments: number; readonly settled: number };
}

export interface VerifyRequest {
  readonly prefix: string;
  readonly acknowledged: readonly AcknowledgedPayment[];
  readonly sent: readonly DrillPayment[];
  readonly entries: readonly RoutingEntry[];
  readonly settleWithinMs: number;
}

/** Acknowledged payments that are asked for again in every Region. */
const REPEATS = 20;
const REPEATED_AT_ONCE = 4;
const POLL_MS = 1_000;
const REPLICATED_WITHIN_MS = 15_000;
/** Code of the API; source: src/contract/errors.ts. */
const TURNED_AWAY = 'region_not_active';

/**
 * Repeats what no client had an answer for, waits until no payment is open, and looks at every payment in
 * every replica. `acknowledged` and `sent`: of the whole drill. Rejects where a replica can't be read.
 */
export async function verify(request: VerifyRequest, world: DrillWorld): Promise<Verification> {
  const { prefix, acknowledged, sent } = request;
  // The first look, before anything is helped along: what is missing now came late.
  const early = missingIn(acknowledgedIn(acknowledged), await world.contents(prefix));
  const settled = await settleDoubts(acknowledged, sent, world);
  const all = [...acknowledged, ...settled.acknowledged];
  const open = await waitUntilNothingIsOpen(request.settleWithinMs, world);
  const replicas = await replicatedContents(prefix, acknowledgedIn(all), world);
  const ids = new Set(sent.map(({ transactionId }) => transactionId));
  const rpo = judgePayments(acknowledgedIn(all), ids, replicas, early);
  const repeats = await repeatSome(all, world);
  return {
    rpo: { ...rpo, conflicting: [...rpo.conflicting, ...repeats] },
    inDoubt: { payments: settled.payments, settled: settled.acknowledged.length },
    checks: [
      {
        name: 'payments in doubt',
        holds: settled.acknowledged.length === settled.payments,
        detail: `${settled.acknowledged.length} of ${settled.payments} settled by a repeat`,
      },
      open,
      await checkBooks(world),
      {
        name: 'repeats',
        holds: repeats.length === 0,
        detail: `${Math.min(REPEATS, all.length)} acknowledged payments asked for again in each Region: ${
          repeats.length === 0 ? 'the same bytes' : `${repeats.length} answers differ`
        }`,
      },
      checkChain(request.entries),
    ],
  };
}

function acknowledgedIn(payments: readonly AcknowledgedPayment[]) {
  return payments.map(({ payment, timestampEpochSeconds }) => ({
    transactionId: payment.transactionId,
    timestampEpochSeconds,
  }));
}

/** A client in doubt repeats the same request: that tells it what became of the payment. */
async function settleDoubts(
  acknowledged: readonly AcknowledgedPayment[],
  sent: readonly DrillPayment[],
  world: DrillWorld,
): Promise<{ readonly payments: number; readonly acknowledged: readonly AcknowledgedPayment[] }> {
  const known = new Set(acknowledged.map(({ payment }) => payment.transactionId));
  const doubtful = sent.filter(({ transactionId }) => !known.has(transactionId));
  const settled: AcknowledgedPayment[] = [];
  await inTurns(doubtful, async (payment) => {
    for (const address of addresses(world)) {
      const { outcome, timestampEpochSeconds, text } = await world.post(address, payment);
      if (outcome !== 'ok' || timestampEpochSeconds === null) continue;
      settled.push({ payment, timestampEpochSeconds, text });
      return;
    }
  });
  return { payments: doubtful.length, acknowledged: settled };
}

async function waitUntilNothingIsOpen(withinMs: number, world: DrillWorld): Promise<DrillCheck> {
  const name = 'open payments';
  const endAtEpochMs = world.clock.nowEpochMs() + withinMs;
  for (;;) {
    const { open, parked } = await world.backlog();
    if (open === 0 && parked === 0) return { name, holds: true, detail: 'none is left' };
    if (world.clock.nowEpochMs() >= endAtEpochMs) {
      return { name, holds: false, detail: `${open} open and ${parked} parked are left` };
    }
    await world.sleep(POLL_MS);
  }
}

/**
 * What the replicas hold once they have every acknowledged payment, or when the time for that is over: a repeat has
 * just settled some, and where tables are eventually consistent they are still on their way.
 */
async function replicatedContents(
  prefix: string,
  acknowledged: readonly Acknowledged[],
  world: DrillWorld,
): Promise<readonly ReplicaContent[]> {
  const endAtEpochMs = world.clock.nowEpochMs() + REPLICATED_WITHIN_MS;
  for (;;) {
    const replicas = await world.contents(prefix);
    if (missingIn(acknowledged, replicas).size === 0) return replicas;
    if (world.clock.nowEpochMs() >= endAtEpochMs) return replicas;
    await world.sleep(POLL_MS);
  }
}

/** Asks for a sample again, in every Region: all answers must be the same bytes. */
async function repeatSome(
  acknowledged: readonly AcknowledgedPayment[],
  world: DrillWorld,
): Promise<readonly RpoEntry[]> {
  const differing: RpoEntry[] = [];
  await inTurns(sampleOf(acknowledged, REPEATS), async ({ payment, text }) => {
    const answers = new Set<string>(text === null ? [] : [text]);
    for (const address of addresses(world)) {
      const answer = await world.post(address, payment);
      // Eventually consistent tables: the Region without the lease gives no answer to compare.
      if (answer.fault === TURNED_AWAY) continue;
      answers.add(answer.outcome === 'ok' ? (answer.text ?? '') : `failed: ${answer.fault}`);
    }
    if (answers.size === 1) return;
    const { transactionId } = payment;
    differing.push({ transactionId, what: `repeats give ${answers.size} different answers` });
  });
  return differing;
}

async function checkBooks(world: DrillWorld): Promise<DrillCheck> {
  const name = 'reconcile';
  try {
    const { left, complete, transactions } = await world.reconcile();
    const detail = `${transactions} transactions, ${left} findings${complete ? '' : ', not all read'}`;
    return { name, holds: left === 0 && complete, detail };
  } catch (error) {
    return { name, holds: false, detail: reasonOf(error) };
  }
}

function checkChain(entries: readonly RoutingEntry[]): DrillCheck {
  const fault = chainFault(entries, sha256Hex);
  return {
    name: 'routing log',
    holds: fault === null,
    detail:
      fault === null
        ? `${entries.length} entries, the hash chain is whole`
        : `the hash chain is ${fault.kind === 'gap' ? 'missing' : 'broken at'} epoch ${fault.epoch}`,
  };
}

/** Spread evenly over the whole: before, while and after. Pure. */
function sampleOf<T>(all: readonly T[], count: number): readonly T[] {
  if (all.length <= count) return all;
  return Array.from(
    { length: count },
    (_unused, index) => all[Math.floor((index * all.length) / count)],
  ).filter((one) => one !== undefined);
}

/** Both Regions, the secondary first: it is the one that was never broken. */
function addresses({ target }: DrillWorld) {
  const { regions, apiUrls } = target.facts;
  return regions.toReversed().map((region) => ({ region, url: apiUrls[region] ?? '' }));
}

async function inTurns<T>(all: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await act(next);
  };
  await Promise.all(Array.from({ length: REPEATED_AT_ONCE }, worker));
}
