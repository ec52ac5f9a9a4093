/**
 * Two Regions and their orchestrators in memory. Tests set what each process sees and what its clock says; time
 * passes only between rounds.
 */

import { createStopwatch, sha256Hex } from '#adapters/system.ts';
import { AppError } from '#core/app-error.ts';
import type { RoutingRules } from '#core/routing/decide-transition.ts';
import type { AlarmEvidence, ProbeSample } from '#core/routing/judge-region.ts';
import { type AlarmHint, createObserver, type Observation } from '#core/routing/observer.ts';
import {
  createOrchestrator,
  type MoveReport,
  type RoundReport,
} from '#core/routing/orchestrate.ts';
import { firstState, nextEntry, type RoutingNote } from '#core/routing/routing-log.ts';
import {
  createMemoryPresenceStore,
  createMemoryRouting,
  createMemoryRoutingLog,
  type MemoryRouting,
  type RoutingCall,
} from '../../../support/memory-routing-log.ts';

export const EAST_1 = 'us-east-1';
export const EAST_2 = 'us-east-2';
export const REGIONS = [EAST_1, EAST_2];
export const INTERVAL_MS = 10_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

export const SERVED: ProbeSample = { kind: 'served', latencyMs: 20 };
export const REFUSED: ProbeSample = { kind: 'refused', latencyMs: 20 };
export const UNREACHABLE: ProbeSample = { kind: 'unreachable' };

/** As they are unless somebody configures them. */
export const RULES: RoutingRules = {
  ...{ policy: 'active-passive', failback: 'manual', primary: EAST_1 },
  ...{ cooldownMs: 300_000, soakMs: 1_800_000 },
};
const SILENCE_MS = 60_000;
const never = { atEpochMs: Number.MAX_SAFE_INTEGER };

/** What one process sees of the world. */
export interface View {
  readonly probes: Record<string, ProbeSample>;
  readonly alarms: Record<string, AlarmEvidence>;
  /** Calls of the control table that fail, before they have an effect or after it. */
  readonly broken: Map<RoutingCall, 'before' | 'after'>;
  /** How far its clock is ahead. */
  clockMs: number;
  /** What its steps throw, by name, and its `report`. */
  readonly throws: Map<string, Error>;
  /** What its steps wait for. */
  waits: Promise<void>;
}

export interface Process {
  readonly own: string;
  /** What the ids of its entries begin with. */
  readonly name: string;
  readonly view: View;
  /** Steps that were begun, `verify 1`. */
  readonly followed: string[];
  readonly reports: { readonly report: MoveReport; readonly trigger: string }[];
  round(hint?: AlarmHint | null): Promise<RoundReport>;
  /** Looks only, as near the end of a watch. */
  look(hint?: AlarmHint | null): Promise<Observation>;
  hear(hint: AlarmHint): void;
}

export interface FailoverWorld {
  readonly routing: MemoryRouting;
  readonly nowMs: () => number;
  /** Nobody does anything meanwhile. */
  pass(ms: number): void;
  /** A new process of a Region's orchestrator: without evidence. */
  start(own: string, clockMs?: number): Process;
  /** Rounds at the usual interval, of everybody at once; `before` each of them. */
  rounds(
    count: number,
    who: readonly Process[],
    before?: (count: number) => void,
  ): Promise<readonly RoundReport[]>;
  /** An operator's entry, as the command line makes it. */
  enter(note: Partial<RoutingNote>): void;
}

export function createFailoverWorld(rules: Partial<RoutingRules> = {}): FailoverWorld {
  const routing = createMemoryRouting();
  const first = firstState(RULES.policy, REGIONS);
  let now = 1_700_000_000_000;
  let ids = 0;
  let processes = 0;

  const start = (own: string, clockMs = 0): Process => {
    const name = `${own}/${(processes += 1)}`;
    const view: View = {
      probes: { [EAST_1]: SERVED, [EAST_2]: SERVED },
      alarms: { [EAST_1]: 'clear', [EAST_2]: 'clear' },
      broken: new Map(),
      clockMs,
      throws: new Map(),
      waits: Promise.resolve(),
    };
    const around = async <T>(call: RoutingCall, effect: () => T): Promise<T> => {
      const fault = view.broken.get(call);
      if (fault === 'before') throw new AppError('unavailable', `no ${call}`);
      const result = effect();
      if (fault === 'after') throw new AppError('outcome_unknown', `${call}: no answer`);
      return result;
    };
    const clock = { nowEpochMs: () => now + view.clockMs };
    const stopwatch = createStopwatch(clock.nowEpochMs, () => now);
    const followed: string[] = [];
    const reports: Process['reports'] = [];
    const step = (name: string) => ({
      name,
      run: async (epoch: number) => {
        followed.push(`${name} ${epoch}`);
        await view.waits;
        const thrown = view.throws.get(name);
        if (thrown !== undefined) throw thrown;
        return `${name} is done`;
      },
    });
    const peer = own === EAST_1 ? EAST_2 : EAST_1;
    const observer = createObserver(
      {
        ...{ own, peer, apiUrl: `https://${own}.example`, policy: RULES.policy },
        ...{ probeIntervalMs: INTERVAL_MS, silenceMs: SILENCE_MS },
      },
      {
        presence: createMemoryPresenceStore(routing, around),
        probe: async (url) => view.probes[new URL(url).hostname.split('.')[0] ?? ''] ?? UNREACHABLE,
        alarmOf: async (region) => view.alarms[region] ?? 'unknown',
        ...{ clock, stopwatch },
      },
    );
    const orchestrator = createOrchestrator(
      { own, peer, regions: REGIONS, rules: { ...RULES, ...rules } },
      {
        ...{ observer, clock, stopwatch, hash: sha256Hex },
        log: createMemoryRoutingLog(routing, around),
        newId: () => `${name} ${(ids += 1)}`,
        steps: [step('verify'), step('sweep')],
        report: async (report, trigger) => {
          const thrown = view.throws.get('report');
          if (thrown !== undefined) throw thrown;
          reports.push({ report, trigger });
        },
      },
    );
    return {
      ...{ own, name, view, followed, reports },
      round: (hint = null) =>
        orchestrator.round({ deadline: never, followUpDeadline: never, trigger: 'test', hint }),
      look: (hint = null) => observer.look(never, hint),
      hear: observer.hear,
    };
  };

  return {
    routing,
    nowMs: () => now,
    pass(ms) {
      now += ms;
    },
    start,
    async rounds(count, who, before = () => undefined) {
      let last: readonly RoundReport[] = [];
      for (let done = 0; done < count; done += 1) {
        before(done);
        last = await Promise.all(who.map((one) => one.round()));
        now += INTERVAL_MS;
      }
      return last;
    },
    enter(note) {
      const newest = routing.entries.at(-1) ?? null;
      const { mode, active, drained } = newest ?? first;
      const said: RoutingNote = {
        ...{ entryId: `ann ${(ids += 1)}`, atEpochMs: now, actor: 'ann', reason: 'by hand' },
        ...{ change: 'mode', evidence: '{}', mode, active, drained },
        ...note,
      };
      routing.entries.push(nextEntry(newest, first, said, sha256Hex));
    },
  };
}

/** So many rounds take that long. */
export function roundsOf(ms: number): number {
  return Math.ceil(ms / INTERVAL_MS);
}
