/** When an orchestrator looks, and how often: what woke it has only so much time. */

import type { Deadline } from '../ports.ts';
import type { AlarmHint, Observer } from './observer.ts';
import type { Orchestrator, RoundReport } from './orchestrate.ts';

interface WatchOptions {
  /** Between two rounds of a watch, milliseconds. */
  readonly probeIntervalMs: number;
  /** For looking, deciding and writing, milliseconds. */
  readonly roundMs: number;
}

interface WatchPorts {
  readonly orchestrator: Orchestrator;
  readonly observer: Pick<Observer, 'look'>;
  /** Has the lease follow the traffic after a round. Never rejects for a fault of a port. */
  readonly keepLease: (round: RoundReport, deadline: Deadline) => Promise<void>;
  readonly sleep: (ms: number) => Promise<void>;
  /** Told of each round once it has decided, before the lease is kept. */
  readonly onRound: (round: RoundReport) => void;
}

/** The time of what was woken: one invocation. */
export interface Invocation {
  /** Milliseconds until it is cut off. */
  leftMs(): number;
  /** `budgetMs` from now, and never past its end. */
  deadlineIn(budgetMs: number): Deadline;
}

export interface Watch {
  /**
   * Rounds at the probes' interval for as long as the invocation lasts. Near its end they only look and beat: a
   * move would be cut off, and a heartbeat that stopped early would be taken for a Region that did.
   * Returns the last round's report; null where a watch is going on already.
   */
  readonly watch: (invocation: Invocation) => Promise<RoundReport | null>;
  /**
   * Rounds until there is a verdict on both Regions, and the log can be read: close together where the alarm says that
   * a Region is impaired, for it has seen its part already; at the probes' interval for any other, which is a reason to
   * look and no evidence. A cold start has slow first answers, and has to learn where the other Region is. Returns the
   * last round's report.
   */
  readonly lookQuickly: (invocation: Invocation, alarm: AlarmTrigger) => Promise<RoundReport>;
}

interface AlarmTrigger {
  readonly alarmName: string;
  readonly hint: AlarmHint | null;
}

/** Between the rounds that the alarm of an impaired Region sets off. */
const QUICK_INTERVAL_MS = 1_000;
const QUICK_ROUNDS_MAX = 8;
/** What a round that moves traffic may take: the round, the lease's wait, a payment, a sweep, a report. */
const MOVE_NEEDS_MS = 28_000;
/** What a round that only looks may take. */
const BEAT_NEEDS_MS = 7_000;

/** Creates the watch of one process. Both verbs reject with what is no `AppError` of a port. */
export function createWatch(options: WatchOptions, ports: WatchPorts): Watch {
  const { probeIntervalMs, roundMs } = options;
  const { orchestrator, observer, sleep } = ports;
  /**
   * One watch for each process. Lambda gives each invocation one of its own; a twin whose schedules run
   * faster does not, and two watches there would only ask everything twice.
   */
  let isWatching = false;

  const round = async (
    invocation: Invocation,
    trigger: string,
    hint: AlarmHint | null,
  ): Promise<RoundReport> => {
    const report = await orchestrator.round({
      deadline: invocation.deadlineIn(roundMs),
      followUpDeadline: invocation.deadlineIn(Number.POSITIVE_INFINITY),
      trigger,
      hint,
    });
    ports.onRound(report);
    await ports.keepLease(report, invocation.deadlineIn(Number.POSITIVE_INFINITY));
    if (report.kind === 'moved' || report.kind === 'followed-up') {
      // The heartbeat says what is done: another process of the Region would else do it again.
      await observer.look(invocation.deadlineIn(roundMs), null);
    }
    return report;
  };

  return {
    async watch(invocation) {
      if (isWatching) return null;
      isWatching = true;
      try {
        let last: RoundReport | null = null;
        for (;;) {
          if (last === null || invocation.leftMs() > MOVE_NEEDS_MS) {
            last = await round(invocation, 'tick', null);
          } else {
            await observer.look(invocation.deadlineIn(roundMs), null);
          }
          if (invocation.leftMs() < probeIntervalMs + BEAT_NEEDS_MS) return last;
          await sleep(probeIntervalMs);
        }
      } finally {
        isWatching = false;
      }
    },

    async lookQuickly(invocation, { alarmName, hint }) {
      const intervalMs = hint?.impaired === true ? QUICK_INTERVAL_MS : probeIntervalMs;
      for (let count = 1; ; count += 1) {
        const last = await round(invocation, alarmName, hint);
        if (last.kind === 'waited' ? isSettled(last) : last.kind !== 'blind') return last;
        if (count === QUICK_ROUNDS_MAX || invocation.leftMs() < MOVE_NEEDS_MS) return last;
        await sleep(intervalMs);
      }
    },
  };
}

function isSettled({ seen }: Extract<RoundReport, { kind: 'waited' }>): boolean {
  return seen.own.verdict !== 'unsure' && seen.peer.verdict !== 'unsure';
}
