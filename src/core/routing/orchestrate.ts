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
import { createPlaceWatch } from './place-watch.ts';
import {
  firstState,
  nextEntry,
  type RoutingEntry,
  type RoutingLog,
  type RoutingNote,
  type RoutingState,
  stateAfter,
} from './routing-log.ts';

interface OrchestratorOptions {
  readonly own: string;
  readonly peer: string;
  /** Both, the primary first. */
  readonly regions: readonly string[];
  readonly rules: RoutingRules;
}

interface OrchestratorPorts {
  readonly observer: Observer;
  readonly log: RoutingLog;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly hash: Hash;
  /** A text that nobody else makes. */
  readonly newId: () => string;
  /** What must follow, in this order. Each may take its time and reject with `AppError`. */
  readonly steps: readonly FollowUp[];
  /** Tells people. Rejects with `AppError` when it may not have reached them: it is told again later. */
  readonly report: (report: MoveReport, trigger: string, deadline: Deadline) => Promise<void>;
}

/** A step after traffic was moved onto the own Region. */
export interface FollowUp {
  readonly name: string;
  /** Resolves with what it did, one line for people. Safe to repeat. */
  readonly run: (epoch: number, deadline: Deadline) => Promise<string>;
}

interface StepReport {
  readonly name: string;
  /** Milliseconds. */
  readonly tookMs: number;
  readonly outcome: 'done' | 'failed';
  readonly detail: string;
}

/** A transition of this orchestrator, with what followed. */
export interface MoveReport {
  /** `followed-up`: made earlier, and cut off before all that must follow was done. */
  readonly kind: 'moved' | 'followed-up';
  readonly entry: RoutingEntry;
  readonly seen: Observation;
  readonly steps: readonly StepReport[];
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
  | MoveReport;

/** What woke a round, and until when it may work. */
export interface RoundRequest {
  /** For looking, deciding and writing. */
  readonly deadline: Deadline;
  /** For what follows a move. */
  readonly followUpDeadline: Deadline;
  /** For the log: an alarm's name, `tick`. */
  readonly trigger: string;
  readonly hint: AlarmHint | null;
}

export interface Orchestrator {
  /** Throws what is no `AppError` of a port. */
  round(request: RoundRequest): Promise<RoundReport>;
}

/**
 * The longest that what follows a move can take: the length of an invocation (src/infra/failover-orchestrator.ts).
 * An alarm wakes another process than the one that watches, and until then it may be at it still.
 */
const FOLLOW_UP_MS_MAX = 60_000;

export function createOrchestrator(
  options: OrchestratorOptions,
  ports: OrchestratorPorts,
): Orchestrator {
  const { own, peer, rules } = options;
  const { clock, stopwatch, log, observer } = ports;
  const first = firstState(rules.policy, options.regions);
  const actor = `orchestrator:${own}`;
  const place = createPlaceWatch(stopwatch, clock);
  /** Epochs whose steps this process runs now. */
  const following = new Set<number>();
  /** Entries that this process wrote, or tried to: what follows them is its own to do. */
  const written = new Set<string>();
  /** Whose steps were run, and of which nobody has been told. */
  let untold: MoveReport | null = null;

  /** The longest that anybody can be sure of; null: nothing ever moved. */
  const sinceMove = (movedEpoch: number | null): number | null => {
    const sinceMs = place.sinceMoveMs();
    if (sinceMs === null || movedEpoch === null) return sinceMs;
    return Math.max(sinceMs, observer.sinceMoveMsMin(movedEpoch));
  };

  /**
   * Who sees an entry that was not there before waits for what its author may be doing, on its own stopwatch: another
   * process that has seen it for longer may have just begun to do it too.
   */
  const sinceAppend = ({ moved }: RoutingEntry): number | null =>
    place.isWitness() ? place.sinceMoveMs() : sinceMove(moved?.epoch ?? null);

  const situationOf = (newest: RoutingEntry | null, seen: Observation): Situation => {
    place.see(newest);
    const movedEpoch = newest?.moved?.epoch ?? null;
    const peerHealthyForMsMax = movedEpoch === null ? 0 : observer.peerHealthyForMsMax(movedEpoch);
    const sinceMoveMs = sinceMove(movedEpoch);
    const ownWasLeft = newest !== null && newest.moved !== null && !newest.active.includes(own);
    const healthyForMs = seen.ownHealthyForMs;
    const ownSoakedForMs =
      healthyForMs === null || !ownWasLeft || sinceMoveMs === null
        ? healthyForMs
        : Math.min(healthyForMs, sinceMoveMs);
    return {
      ...{ own, peer, ownSoakedForMs, sinceMoveMs, ownWasLeft },
      ownVerdict: seen.own.verdict,
      peerVerdict: seen.peer.verdict,
      peerWasHealthy: peerHealthyForMsMax >= rules.soakMs,
      ownWellSinceReturn:
        ownWasLeft && place.wasReturn() && (healthyForMs ?? -1) >= (sinceMoveMs ?? 0),
    };
  };

  const tell = async (...said: Parameters<OrchestratorPorts['report']>): Promise<boolean> => {
    try {
      await ports.report(...said);
      return true;
    } catch (error) {
      if (error instanceof AppError) return false;
      throw error;
    }
  };

  const follow = async (
    kind: MoveReport['kind'],
    entry: RoutingEntry,
    seen: Observation,
    { followUpDeadline, trigger }: RoundRequest,
  ): Promise<MoveReport> => {
    following.add(entry.epoch);
    try {
      // What was done and could not be told is not done again; what failed is.
      const before = untold?.entry.entryId === entry.entryId ? untold.steps : [];
      const isDone = before.length > 0 && before.every(({ outcome }) => outcome === 'done');
      const steps = isDone ? before : await runSteps(entry.epoch, followUpDeadline, ports);
      const report: MoveReport = { kind, entry, seen, steps };
      const isTold = await tell(report, trigger, followUpDeadline);
      untold = isTold ? null : report;
      if (isTold) observer.followed(entry.epoch);
      return report;
    } finally {
      following.delete(entry.epoch);
    }
  };

  const isUnfinished = (newest: RoutingEntry | null, seen: Observation): newest is RoutingEntry =>
    newest !== null &&
    newest.actor === actor &&
    seen.beaten &&
    newest.epoch > seen.followedEpoch &&
    !following.has(newest.epoch) &&
    (written.has(newest.entryId) || (sinceAppend(newest) ?? 0) >= FOLLOW_UP_MS_MAX);

  const decideAndWrite = async (
    request: RoundRequest,
    seen: Observation,
  ): Promise<RoundReport | { readonly kind: 'follow'; readonly entry: RoutingEntry }> => {
    const { deadline, trigger } = request;
    const newest = await log.newest(deadline);
    const state = stateAfter(newest, first);
    const decision = decideTransition(state, situationOf(newest, seen), rules);
    if (decision.kind === 'wait') {
      if (isUnfinished(newest, seen)) return { kind: 'follow', entry: newest };
      return { kind: 'waited', because: decision.because, state, seen };
    }
    const note: RoutingNote = {
      entryId: ports.newId(),
      atEpochMs: clock.nowEpochMs(),
      actor,
      change: decision.change,
      reason: reasonOf(decision, peer, own),
      mode: state.mode,
      active: decision.active,
      drained: state.drained,
      evidence: JSON.stringify({ trigger, ...evidenceOf(seen) }),
    };
    const entry = nextEntry(newest, first, note, ports.hash);
    written.add(entry.entryId);
    const append = await log.append(entry, deadline);
    if (append.kind === 'raced') return { kind: 'raced', by: append.by, seen };
    return { kind: 'moved', entry, seen, steps: [] };
  };

  return {
    async round(request) {
      const seen = await observer.look(request.deadline, request.hint);
      let outcome: Awaited<ReturnType<typeof decideAndWrite>>;
      try {
        outcome = await decideAndWrite(request, seen);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        return { kind: 'blind', because: error, seen };
      }
      if (outcome.kind === 'moved') return follow('moved', outcome.entry, seen, request);
      if (outcome.kind === 'follow') return follow('followed-up', outcome.entry, seen, request);
      return outcome;
    },
  };
}

/** One step that fails does not keep the next from its work: traffic is here already. */
async function runSteps(
  epoch: number,
  deadline: Deadline,
  { steps, stopwatch }: OrchestratorPorts,
): Promise<readonly StepReport[]> {
  const reports: StepReport[] = [];
  for (const { name, run } of steps) {
    const startedAtMs = stopwatch.elapsedMs();
    const took = () => Math.round(stopwatch.elapsedMs() - startedAtMs);
    try {
      const detail = await run(epoch, deadline);
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
