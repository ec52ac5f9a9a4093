/**
 * Runs a fault script on a target: payments flow while its faults begin and end at their times, and what came of it
 * is said in the words that the simulator has for the same script.
 */

import type { OutcomeClass } from '#contract/outcome-class.ts';
import type { RoutingEntry } from '#core/routing/routing-log.ts';
import { interruptible, operate } from '../drill/course.ts';
import type { ClientKind } from '../drill/drill-event.ts';
import type { DrillFault } from '../drill/drill-target.ts';
import type { DrillWorld } from '../drill/drill-world.ts';
import { paymentNumber } from '../drill/load/send-payment.ts';
import { type RunningLoad, startLoad } from '../drill/load/start-load.ts';
import type { Pace } from '../drill/pace.ts';
import { untilReady, wake } from '../drill/run-drill.ts';
import { type Verification, verify } from '../drill/verify.ts';
import { OpsError, reasonOf } from '../ops-error.ts';
import { awaitRest } from './await-rest.ts';

/** One fault of the script, as the target takes it. */
export interface ScriptFault {
  /** For people: `F1 Region isolated`. */
  readonly title: string;
  /** Put in force together. */
  readonly requests: readonly DrillFault[];
  /** After the first payment, milliseconds. */
  readonly atMs: number;
  readonly forMs: number;
}

export interface ScriptRequest {
  /** Sent evenly over `spreadMs`, from the beginning on. */
  readonly payments: number;
  readonly spreadMs: number;
  readonly faults: readonly ScriptFault[];
}

export interface ScriptWorld extends DrillWorld {
  /** Puts a fault in force; resolves with how to end that one alone. */
  begin(fault: DrillFault): Promise<() => Promise<void>>;
}

export interface ScriptRun {
  readonly outcome: OutcomeClass;
  readonly acknowledged: number;
  /** What the routing log gained. */
  readonly entries: readonly RoutingEntry[];
  /** What else should have been and was not, one line each. */
  readonly unmet: readonly string[];
  readonly verification: Verification;
}

/** Every other payment comes by DNS, as in the simulator: these are the ones that stay where it hurts. */
const TURNS: readonly ClientKind[] = ['retrying', 'dns'];
/** A new payment that fails is tried so often in all before service counts as gone. */
const BACK_TRIES = 10;
/** Where tables are eventually consistent, the lease follows the traffic some 12 s later. */
const BACK_AGAIN_MS = 2_000;

/**
 * Runs it once the target is ready, and leaves no fault in force. A target that others use gets its traffic back.
 *
 * Rejects with `OpsError`: refused by the preflight; fault when it was interrupted by `signal`, or when the target
 * can't be driven. An outcome of any class is no rejection.
 */
export async function runScript(
  request: ScriptRequest,
  pace: Pace,
  world: ScriptWorld,
  onPhase: (text: string) => void,
  signal: AbortSignal,
): Promise<ScriptRun> {
  const ready = { pace, scenario: null };
  const baseline = await untilReady(ready, movedByOneAlarm(world), signal, onPhase);
  const id = world.newId();
  await interruptible(wake(`warm-${id}`, world), signal);
  const prefix = `script-${id}`;
  try {
    const load = await follow(request, prefix, world, onPhase, signal);
    onPhase('waiting until everything is at rest');
    const restless = await interruptible(awaitRest(world, pace), signal);
    onPhase('looking at every payment');
    const judged = await interruptible(judge(prefix, load, pace, world), signal);
    const entries = (await world.allEntries()).filter(({ epoch }) => epoch > baseline.epoch);
    const moved = entries.some((entry) => entry.moved?.epoch === entry.epoch);
    const { lost, duplicated, conflicting } = judged.verification.rpo;
    const outcome = {
      moved,
      lost: payments(lost),
      duplicated: payments(duplicated),
      conflicting: payments(conflicting),
      back: judged.back,
      open: judged.open,
    };
    const failed = judged.verification.checks.filter(({ holds }) => !holds);
    const unmet = [
      ...restless.map((what) => `not at rest: ${what}`),
      ...failed.map(({ name, detail }) => `${name}: ${detail}`),
      ...(await putBack(entries, pace, world, onPhase, signal)),
    ];
    const { verification } = judged;
    return { outcome, acknowledged: load.acknowledged().length, entries, unmet, verification };
  } catch (error) {
    onPhase('healing every fault');
    await healOrSay(world, error);
    throw error;
  }
}

/**
 * The target with that alarm alone on which traffic moves. Others ring for a minute in a twin that has just been
 * started, and change nothing in what a script comes to.
 */
function movedByOneAlarm(world: ScriptWorld): ScriptWorld {
  const ringingAlarms = async (region: string): Promise<readonly string[]> =>
    (await world.ringingAlarms(region)).filter((name) => name === world.impairedAlarm);
  return { ...world, ringingAlarms };
}

/** Resolves when every payment that was begun has ended, and every fault of the script too. */
async function follow(
  { payments: count, spreadMs, faults }: ScriptRequest,
  prefix: string,
  world: ScriptWorld,
  onPhase: (text: string) => void,
  signal: AbortSignal,
): Promise<RunningLoad> {
  const { clients, clock, sleep } = world;
  const startedAtEpochMs = clock.nowEpochMs();
  const giveUp = new AbortController();
  const over = AbortSignal.any([signal, giveUp.signal]);
  const until = (atMs: number): Promise<void> =>
    interruptible(sleep(startedAtEpochMs + atMs - clock.nowEpochMs()), over);
  const load = startLoad({
    ...{ prefix, clients, clock, sleep, turns: TURNS, paymentsMax: count },
    ratePerSecond: (count * 1_000) / spreadMs,
  });
  const run = async ({ title, requests, atMs, forMs }: ScriptFault): Promise<void> => {
    await until(atMs);
    onPhase(`begins: ${title}`);
    const ends: (() => Promise<void>)[] = [];
    for (const fault of requests) ends.push(await world.begin(fault));
    await until(atMs + forMs);
    onPhase(`ends: ${title}`);
    for (const end of ends) await end();
  };
  const running = faults.map(run);
  try {
    await Promise.all([...running, until(spreadMs)]);
  } finally {
    // One that fails must not leave others that begin later, when everything has been healed.
    giveUp.abort();
    await Promise.allSettled(running);
    await load.stop();
  }
  return load;
}

/** Looks at what the payments came to, and at what a new one comes to. */
async function judge(prefix: string, load: RunningLoad, pace: Pace, world: ScriptWorld) {
  // First of all: what is in doubt is settled by payments that go through.
  const back = await isBack(`new-${prefix}`, world);
  const entries = await world.allEntries();
  const verification = await verify(
    {
      ...{ prefix, entries, settleWithinMs: pace.settleWithinMs },
      ...{ acknowledged: load.acknowledged(), sent: load.sent() },
    },
    world,
  );
  const { open, parked } = await world.backlog();
  return { verification, back, open: open + parked };
}

/** Whether new payments go through, by the SDK and by DNS. */
async function isBack(prefix: string, { clients, sleep }: ScriptWorld): Promise<boolean> {
  const kinds = ['retrying', 'dns'] as const satisfies readonly ClientKind[];
  const served = kinds.map(async (kind, index) => {
    const [send] = clients[kind];
    for (let tries = 1; send !== undefined && tries <= BACK_TRIES; tries += 1) {
      if ((await send(paymentNumber(index, prefix))).outcome === 'ok') return true;
      await sleep(BACK_AGAIN_MS);
    }
    return false;
  });
  return (await Promise.all(served)).every(Boolean);
}

/** A payment that is wrong in both replicas is one payment. Pure. */
function payments(entries: readonly { readonly transactionId: string }[]): number {
  return new Set(entries.map(({ transactionId }) => transactionId)).size;
}

/** Returns what did not come true. */
async function putBack(
  entries: readonly RoutingEntry[],
  pace: Pace,
  world: ScriptWorld,
  onPhase: (text: string) => void,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { facts } = world.target;
  const newest = entries.at(-1);
  if (facts.isOwn || newest === undefined || newest.active[0] === facts.regions[0]) return [];
  onPhase('putting traffic back');
  const refusal = await operate({ verb: 'failback' }, { world, pace, signal });
  return refusal === null ? [] : [`failback was refused: ${refusal}`];
}

/** A fault that outlives its script is worse than a script without an end: its failure has the last word. */
async function healOrSay(world: ScriptWorld, cause: unknown): Promise<void> {
  try {
    await world.target.heal();
  } catch (error) {
    const why = reasonOf(error);
    throw new OpsError('fault', `faults may still be in force (${why}); run: holdfast heal`, cause);
  }
}
