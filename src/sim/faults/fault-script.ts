/**
 * Fault scripts: what goes wrong and what is to come of it, as a text that the simulator and the twin both run.
 *
 * The format is JSON; docs and examples: scripts/fault-scripts.
 */

import { textHash } from '../kernel/random.ts';
import type { SimPlan, Timings } from '../plan.ts';
import { FaultScriptError, Members } from './fault-script-members.ts';
import type { PlannedFault } from './fault-spec.ts';
import { readFault } from './read-fault.ts';

/** What a script expects of the class of outcome: of its six parts four, the same in every run, whatever its timing. */
export interface ExpectedOutcome {
  /** Whether traffic leaves the Region that it began in. */
  readonly moved: boolean;
  /** Payments that were acknowledged and are nowhere. */
  readonly lost: number;
  /** Payments charged more than once. */
  readonly duplicated: number;
  /** Whether new payments succeed in the end. */
  readonly back: boolean;
}

export interface FaultScript {
  /** kebab-case, as its file is called. */
  readonly name: string;
  readonly about: string;
  readonly consistency: 'strong' | 'eventual';
  readonly faults: readonly PlannedFault[];
  readonly payments: number;
  readonly expect: ExpectedOutcome;
}

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
/** More would be a load test. */
const PAYMENTS_MAX = 500;
/** What is never healed is given the time to be seen. Milliseconds. */
const LASTING_MS = 60_000;
/**
 * A world begins with nothing, and a script with a system that has been running: by now both orchestrators have
 * had a minute's tick and have seen each other's heartbeat. Milliseconds.
 */
const LEAD_IN_MS = 15_000;
/** How long payments go on when the last fault is over. Milliseconds. */
const AFTERWARDS_MS = 1_000;
/** As in the twin. Source: src/ops/fault-script/run-script.ts, `TURNS`. */
const DNS_SHARE = 0.5;

/**
 * Those of a twin with the profile `fast`, so that the same seconds mean the same in both. Sources:
 * src/cli/prepare-assembly.ts for the orchestrator, src/twin/routing/routing-profile.ts for DNS, checks, schedules
 * and alarms (both twelve times as fast as the minute and the 10 s of a deployment), src/infra/messaging.ts.
 */
const TWIN_TIMINGS: Timings = {
  ...{ probeIntervalMs: 1_000, silenceMs: 10_000, cooldownMs: 30_000, soakMs: 15_000 },
  ...{ dnsTtlMs: 2_000, healthIntervalMs: 1_000, indexLagMs: 0, replicationLagMs: 100 },
  ...{ sweepIntervalMs: 5_000, alarmPeriodMs: 833, visibilityTimeoutMs: 300_000 },
};

/** Reads a script. Throws `FaultScriptError`, which names the place in the text and the mend. Pure. */
export function parseFaultScript(text: string): FaultScript {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new FaultScriptError(`The script is no JSON (${detail}): mend it there.`, { cause });
  }
  const script = new Members(value, 'the script', [
    ...['name', 'about', 'consistency', 'faults', 'payments', 'expect'],
  ]);
  const name = script.text('name');
  if (!NAME.test(name)) {
    throw new FaultScriptError(
      `name "${name}": use lowercase words with hyphens, like region-cut.`,
    );
  }
  const faults = script.list('faults').map((fault, at) => readFault(fault, `faults[${at}]`));
  if (faults.length === 0) throw new FaultScriptError('faults: put at least one in.');
  const expected = new Members(script.value('expect'), 'expect', [
    ...['moved', 'lost', 'duplicated', 'back'],
  ]);
  return {
    name,
    about: script.text('about'),
    consistency: script.choice('consistency', ['strong', 'eventual']),
    faults,
    payments: script.whole('payments', 1, PAYMENTS_MAX),
    expect: {
      moved: expected.flag('moved'),
      lost: expected.whole('lost', 0, PAYMENTS_MAX),
      duplicated: expected.whole('duplicated', 0, PAYMENTS_MAX),
      back: expected.flag('back'),
    },
  };
}

/** From the first payment to the last, milliseconds. Pure. */
export function spreadMsOf(script: Pick<FaultScript, 'faults'>): number {
  return healedAtMs(script) + AFTERWARDS_MS;
}

/**
 * The plan that runs a script: nothing in it is drawn but what the world draws from the script's name, and the
 * workload is plain, with every kind of request. Payments come as often as the script has them, from before its
 * beginning on. Pure.
 */
export function planOf(script: FaultScript): SimPlan {
  const spreadMs = spreadMsOf(script);
  return {
    seed: textHash(script.name) >>> 0,
    topology: {
      ...{ consistency: script.consistency, policy: 'active-passive' },
      ...{ failback: 'manual', gateway: 'bank' },
    },
    timings: TWIN_TIMINGS,
    workload: {
      payments: Math.round((script.payments * (LEAD_IN_MS + spreadMs)) / spreadMs),
      spreadMs: LEAD_IN_MS + spreadMs,
      ...{ acceptShare: 0.2, repeatShare: 0.2, conflictShare: 0.05, refundShare: 0.1 },
      ...{ readShare: 0.1, slowShare: 0.05, dnsShare: DNS_SHARE, burst: 1, declineShare: 0.05 },
    },
    faults: script.faults.map((fault) => ({ ...fault, atMs: LEAD_IN_MS + fault.atMs })),
    safetyMs: LEAD_IN_MS + healedAtMs(script),
    failbackAtMs: null,
    crashAt: [],
  };
}

/** When the last fault is over, or has lasted long enough. */
function healedAtMs({ faults }: Pick<FaultScript, 'faults'>): number {
  return Math.max(...faults.map(({ atMs, forMs }) => atMs + (forMs ?? LASTING_MS)));
}
