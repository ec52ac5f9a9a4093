/** The report of a drill as data: what the JSON file has, and what the two others are drawn from. */

import type { RoutingEntry } from '#core/routing/routing-log.ts';
import { type DrillCheck, type JudgedObjective, judgeDrill } from '../analysis/judge-drill.ts';
import type { RpoLists } from '../analysis/judge-payments.ts';
import { type DrillMarks, findMarks } from '../analysis/marks.ts';
import { clientOutage } from '../analysis/outages.ts';
import { type DrillSeries, percentile, seriesOf } from '../analysis/series.ts';
import { type DrillClocks, orchestrationMs, type Stage, stagesOf } from '../analysis/stages.ts';
import { CLIENT_KINDS, type ClientKind, type DrillEvent, latencyMsOf } from '../drill-event.ts';
import type { DrillRecord } from '../drill-record.ts';
import type { DrillProfile } from '../drill-target.ts';
import { changesIn, type TimelineEntry } from '../observation.ts';
import { FAST_NOTES } from '../pace.ts';

const REPORT_FORMAT = 'holdfast-drill-1';

export interface DrillReport {
  readonly format: typeof REPORT_FORMAT;
  readonly scenario: {
    readonly name: string;
    readonly title: string;
    readonly description: string;
  };
  /** Every objective met. */
  readonly passed: boolean;
  readonly objectives: readonly JudgedObjective[];
  readonly clocks: DrillClocks;
  readonly stages: readonly Stage[];
  readonly marks: DrillMarks;
  readonly clients: Readonly<Record<ClientKind, ClientFigures>>;
  readonly rpo: RpoLists;
  readonly inDoubt: { readonly payments: number; readonly settled: number };
  readonly transitions: readonly ReportedTransition[];
  readonly checks: readonly DrillCheck[];
  /** What the drill did and what was seen to change, oldest first. */
  readonly timeline: readonly TimelineEntry[];
  readonly series: DrillSeries;
  readonly environment: ReportEnvironment;
  readonly events: readonly DrillEvent[];
}

/** From the strike on. */
export interface ClientFigures {
  readonly requests: number;
  readonly failures: number;
  /** Longest outage, milliseconds; null: not over when the drill was. */
  readonly outageMs: number | null;
  readonly outages: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly slowestMs: number;
  /** How often each fault was seen. */
  readonly faults: Readonly<Record<string, number>>;
}

export type ReportedTransition = Pick<
  RoutingEntry,
  'epoch' | 'change' | 'actor' | 'reason' | 'active' | 'atEpochMs' | 'evidence'
>;

export interface ReportEnvironment {
  readonly target: string;
  readonly ownTarget: boolean;
  readonly profile: DrillProfile;
  /** What the profile shortens against AWS. */
  readonly notes: readonly string[];
  /** The primary first. */
  readonly regions: readonly string[];
  readonly suffix: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly ratePerSecond: number;
  readonly quietMs: number;
  readonly observeEveryMs: number;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly requests: number;
}

/** Makes the report of a record. Pure. */
export function buildReport(record: DrillRecord): DrillReport {
  const { scenario, pace, facts, events, entries, verification } = record;
  const { strikeAtEpochMs, endedAtEpochMs, healedAtEpochMs } = record;
  const since = events.filter((event) => event.endedAtEpochMs >= strikeAtEpochMs);
  const clients = Object.fromEntries(
    CLIENT_KINDS.map((kind) => [kind, figuresOf(kind, since, pace.quietMs)]),
  ) as Record<ClientKind, ClientFigures>;
  const marks = findMarks({
    ...{ events, entries, healedAtEpochMs, endedAtEpochMs },
    observations: record.observations,
    injectedAtEpochMs: strikeAtEpochMs,
    judged: scenario.judged,
    quietMs: pace.quietMs,
    impairedAlarm: record.impairedAlarm,
  });
  const clocks: DrillClocks = {
    clients: {
      dns: clients.dns.outageMs,
      pinned: clients.pinned.outageMs,
      retrying: clients.retrying.outageMs,
    },
    injectionToStable: marks.stable === null ? null : marks.stable - marks.injected,
    orchestration: orchestrationMs(marks),
  };
  const objectives = judgeDrill(scenario, record.objectives, {
    clocks,
    rpo: verification.rpo,
    transitions: {
      failover: entries.filter(({ change }) => change === 'failover').length,
      failback: entries.filter(({ change }) => change === 'failback').length,
    },
    failures: {
      dns: clients.dns.failures,
      pinned: clients.pinned.failures,
      retrying: clients.retrying.failures,
    },
    unmet: record.unmet,
    checks: verification.checks,
  });
  const { name, title, description } = scenario;
  return {
    format: REPORT_FORMAT,
    scenario: { name, title, description },
    passed: objectives.every(({ met }) => met),
    ...{ objectives, clocks, marks, clients },
    stages: stagesOf(marks),
    rpo: verification.rpo,
    inDoubt: verification.inDoubt,
    transitions: entries.map(
      ({ epoch, change, actor, reason, active, atEpochMs, evidence }): ReportedTransition => {
        return { epoch, change, actor, reason, active, atEpochMs, evidence };
      },
    ),
    checks: verification.checks,
    timeline: [...record.deeds, ...changesIn(record.observations)].toSorted(
      (a, b) => a.atEpochMs - b.atEpochMs,
    ),
    series: seriesOf(events, facts.regions, strikeAtEpochMs),
    environment: environmentOf(record),
    events,
  };
}

function environmentOf({ facts, pace, events, ...record }: DrillRecord): ReportEnvironment {
  return {
    target: facts.name,
    ownTarget: facts.isOwn,
    profile: facts.profile,
    notes: facts.profile === 'fast' ? FAST_NOTES : [],
    regions: facts.regions,
    suffix: facts.suffix,
    versions: facts.versions,
    ratePerSecond: pace.ratePerSecond,
    quietMs: pace.quietMs,
    observeEveryMs: pace.observeEveryMs,
    startedAt: new Date(record.startedAtEpochMs).toISOString(),
    endedAt: new Date(record.endedAtEpochMs).toISOString(),
    requests: events.length,
  };
}

function figuresOf(
  kind: ClientKind,
  events: readonly DrillEvent[],
  quietMs: number,
): ClientFigures {
  const own = events.filter(({ client }) => client === kind);
  const failures = own.filter(({ outcome }) => outcome === 'failed');
  // The call of a retrying client is slow where it had to try elsewhere: that wait is its outage.
  const outage = clientOutage(own, { quietMs, slowCounts: kind === 'retrying' });
  const latencies = own.map(latencyMsOf).toSorted((a, b) => a - b);
  const faults: Record<string, number> = {};
  for (const { fault } of failures) {
    if (fault !== null) faults[fault] = (faults[fault] ?? 0) + 1;
  }
  return {
    requests: own.length,
    failures: failures.length,
    outageMs: outage.longestMs,
    outages: outage.outages.length,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    slowestMs: outage.slowestCallMs,
    faults,
  };
}
