/**
 * One round of an orchestrator: look, decide, append, and after a move do what must follow it.
 *
 * Any number of rounds at once, in both Regions, change nothing twice: a transition is one put-if-absent
 * of the epoch that the decision was made on. Source: docs/adr/0016-routing-log.md.
 */

import { AppError } from '../app-error.ts';
import type { Stopwatch } from '../lease.ts';
import type { Clock, Deadline, Hash } from '../ports.ts';
import {
  type Decision,
  decideTransition,
  type RoutingRules,
  type Situation,
} from './decide-transition.ts';
import type { AlarmHint, Observation, Observer } from './observer.ts';
import {
  firstState,
  nextEntry,
  type RoutingEntry,
  type RoutingLog,
  type RoutingState,
  stateAfter,
} from './routing-log.ts';

export interface OrchestratorOptions {
  readonly own: string;
  readonly peer: string;
  /** Both, the primary first. */
  readonly regions: readonly string[];
  readonly rules: RoutingRules;
}

export interface OrchestratorPorts {
  readonly observer: Observer;
  readonly log: RoutingLog;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly hash: Hash;
  /** A text that nobody else makes. */
  readonly newId: () => string;
  /** What must follow, in this order. Each may take its time and reject with `AppError`. */
  readonly steps: readonly FollowUp[];
}

/** A step after traffic was moved onto the own Region. */
export interface FollowUp {
  readonly name: string;
  /** Resolves with what it did, one line for people. Safe to repeat. */
  readonly run: (epoch: number) => Promise<string>;
}

export interface StepReport {
  readonly name: string;
  /** Milliseconds. */
  readonly tookMs: number;
  readonly outcome: 'done' | 'failed';
  readonly detail: string;
}

export type RoundReport =
  | {
      readonly kind: 'waited';
      readonly because: Extract<Decision, { kind: 'wait' }>['because'];
      readonly state: RoutingState;
      readonly seen: Observation;
    }
  /** The log can't be read or written: everything stays as it is. */
  | { readonly kind: 'blind'; readonly because: AppError; readonly seen: Observation }
  /** Somebody else's transition came first. */
  | { readonly kind: 'raced'; readonly by: RoutingEntry; readonly seen: Observation }
  | {
      readonly kind: 'moved';
      readonly entry: RoutingEntry;
      readonly from: readonly string[];
      readonly decision: Extract<Decision, { kind: 'move' }>;
      readonly seen: Observation;
      readonly steps: readonly StepReport[];
    };

export interface Orchestrator {
  /** `trigger`: what woke it, for the log. Throws what is no `AppError` of a port. */
  round(deadline: Deadline, trigger: string, hint: AlarmHint | null): Promise<RoundReport>;
}

export function createOrchestrator(
  options: OrchestratorOptions,
  ports: OrchestratorPorts,
): Orchestrator {
  const { own, rules } = options;
  const { clock, stopwatch, log } = ports;
  const first = firstState(rules.policy, options.regions);
  /** When this process first saw the newest epoch: the cooldown must end even if a clock stands wrong. */
  let epochSeen = { epoch: -1, atMs: 0 };

  const sinceTransition = (newest: RoutingEntry | null): number | null => {
    const epoch = newest?.epoch ?? 0;
    if (epochSeen.epoch !== epoch) epochSeen = { epoch, atMs: stopwatch.elapsedMs() };
    if (newest === null || !MOVES_TRAFFIC.has(newest.change)) return null;
    const byStopwatch = stopwatch.elapsedMs() - epochSeen.atMs;
    return Math.max(byStopwatch, clock.nowEpochMs() - newest.atEpochMs);
  };

  const situationOf = (newest: RoutingEntry | null, seen: Observation): Situation => ({
    own,
    peer: options.peer,
    ownVerdict: seen.own.verdict,
    peerVerdict: seen.peer.verdict,
    ownHealthyForMs: seen.ownHealthyForMs,
    sinceTransitionMs: sinceTransition(newest),
    ownWasLeft: newest !== null && !newest.active.includes(own),
  });

  return {
    async round(deadline, trigger, hint) {
      const seen = await ports.observer.look(deadline, hint);
      try {
        const newest = await log.newest(deadline);
        const state = stateAfter(newest, first);
        const decision = decideTransition(state, situationOf(newest, seen), rules);
        if (decision.kind === 'wait') {
          return { kind: 'waited', because: decision.because, state, seen };
        }
        const entry = nextEntry(
          newest,
          {
            entryId: ports.newId(),
            atEpochMs: clock.nowEpochMs(),
            actor: `orchestrator:${own}`,
            change: decision.change,
            reason: reasonOf(decision, options.peer, own),
            mode: state.mode,
            active: decision.active,
            drained: state.drained,
            evidence: JSON.stringify({ trigger, ...evidenceOf(seen) }),
          },
          ports.hash,
        );
        const append = await log.append(entry, deadline);
        if (append.kind === 'raced') return { kind: 'raced', by: append.by, seen };
        const steps = await followUp(entry.epoch, ports);
        return { kind: 'moved', entry, from: state.active, decision, seen, steps };
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        return { kind: 'blind', because: error, seen };
      }
    },
  };
}

const MOVES_TRAFFIC: ReadonlySet<string> = new Set(['failover', 'failback', 'drain']);

/** One step that fails does not keep the next from its work: traffic is here already. */
async function followUp(
  epoch: number,
  { steps, stopwatch }: OrchestratorPorts,
): Promise<readonly StepReport[]> {
  const reports: StepReport[] = [];
  for (const { name, run } of steps) {
    const startedAtMs = stopwatch.elapsedMs();
    const took = () => Math.round(stopwatch.elapsedMs() - startedAtMs);
    try {
      const detail = await run(epoch);
      reports.push({ name, tookMs: took(), outcome: 'done', detail });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      reports.push({ name, tookMs: took(), outcome: 'failed', detail: error.message });
    }
  }
  return reports;
}

function reasonOf(
  { change, because }: Extract<Decision, { kind: 'move' }>,
  peer: string,
  own: string,
): string {
  if (change === 'failback') return `${own} has been healthy for the soak time`;
  return because === 'peer-lost' ? `${peer} serves nobody` : `${peer} answers too badly`;
}

/** Evidence as the log keeps it: small, and without anything that identifies a payment. Pure. */
export function evidenceOf(seen: Observation): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    [seen.own, seen.peer].map(({ region, verdict, probes, alarm }) => [
      region,
      {
        verdict,
        alarm,
        silentForMs: roundedOrNull(probes.at(-1)?.silentForMs ?? null),
        probes: probes.map(probeText),
      },
    ]),
  );
}

function probeText(probe: Observation['own']['probes'][number]): string {
  return probe.kind === 'unreachable'
    ? probe.kind
    : `${probe.kind} in ${Math.round(probe.latencyMs)} ms`;
}

function roundedOrNull(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
