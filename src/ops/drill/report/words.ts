/** Figures of a report in words, the same in every form of it. Pure throughout. */

import { secondsText } from '../analysis/judge-drill.ts';
import type { RpoKind } from '../analysis/judge-payments.ts';
import type { DrillMarks } from '../analysis/marks.ts';
import type { StageName } from '../analysis/stages.ts';
import { CLIENT_KINDS, CLIENT_NAMES, type ClientKind } from '../drill-event.ts';
import type { DrillReport } from './drill-report.ts';

export const MARK_TEXTS: Readonly<Record<keyof DrillMarks, string>> = {
  injected: 'strike',
  firstFailure: 'first failure',
  detected: 'detected',
  decided: 'decided',
  shifted: 'shifted',
  firstSuccess: 'first success',
  stable: 'stable',
  healed: 'healed',
};

export const MARK_MEANINGS: Readonly<Record<keyof DrillMarks, string>> = {
  injected: 'the fault is in force, or the operator gave the order',
  firstFailure: 'the first client found that a payment failed',
  detected: 'the first health check, alarm or decision that showed it',
  decided: 'the routing log was given a new epoch',
  shifted: 'DNS answered with another Region',
  firstSuccess: 'a DNS client succeeded again after its first failure',
  stable: 'start of the first quiet time without a failure',
  healed: 'every fault had ended',
};

export const STAGE_MEANINGS: Readonly<Record<StageName, string>> = {
  detect: 'from the strike to the first sign of it',
  decide: 'until the routing log had a new epoch',
  shift: 'until DNS answered with another Region',
  'first success': 'until a DNS client succeeded again',
  stable: 'until everybody succeeded',
};

export const RPO_MEANINGS: Readonly<Record<RpoKind, string>> = {
  lost: 'acknowledged, and not in every replica as a finished payment',
  late: 'acknowledged, and in every replica only after a while',
  duplicated: 'took effect more than once',
  conflicting: 'replicas or answers tell different things of it',
};

const CLIENT_MEANINGS: Readonly<Record<ClientKind, string>> = {
  dns: 'asks DNS, keeps the answer for its TTL, tries once',
  pinned: 'asks DNS once and never again; it has no objective',
  retrying: 'the SDK, which knows both Regions and repeats the same id',
};

/** `2.5 s`, or what stands for none. */
export function lengthText(ms: number | null, none = 'not reached'): string {
  return ms === null ? none : secondsText(ms);
}

/** `24 ms`. */
export function millisecondsText(ms: number | null): string {
  return ms === null ? '–' : `${Math.round(ms)} ms`;
}

/** `+3.4 s`: a moment, counted from the strike. */
export function momentText(
  atEpochMs: number | null,
  { marks }: Pick<DrillReport, 'marks'>,
): string {
  if (atEpochMs === null) return 'not reached';
  const seconds = (atEpochMs - marks.injected) / 1_000;
  return `${seconds < 0 ? '−' : '+'}${Math.abs(seconds).toFixed(1)} s`;
}

/** The three clocks: name, figure and what it is. */
export function clockRows({ clocks, environment }: DrillReport): readonly (readonly string[])[] {
  return [
    ...CLIENT_KINDS.map((kind) => [
      `Outage, ${CLIENT_NAMES[kind]}`,
      lengthText(clocks.clients[kind], 'not over when the drill was'),
      CLIENT_MEANINGS[kind],
    ]),
    [
      'Strike to stable',
      lengthText(clocks.injectionToStable),
      `until ${environment.quietMs / 1_000} s without a failure began`,
    ],
    [
      'Orchestration',
      lengthText(clocks.orchestration),
      'from the first sign until log and DNS both sent traffic elsewhere',
    ],
  ];
}

/** What the drill ran on and with. */
export function environmentRows({ environment }: DrillReport): readonly (readonly string[])[] {
  const { regions, versions } = environment;
  return [
    ['Target', `${environment.target}${environment.ownTarget ? ', started for this drill' : ''}`],
    ['Profile', environment.profile],
    ['Regions', `${regions[0] ?? ''} (primary), ${regions[1] ?? ''} (secondary)`],
    ['Environment suffix', environment.suffix],
    ['Load', `${environment.ratePerSecond} payments/s, open loop, ${environment.requests} in all`],
    ['Stable means', `${environment.quietMs / 1_000} s without a failure`],
    ['Looked at the target', `every ${environment.observeEveryMs} ms`],
    ['From', environment.startedAt],
    ['To', environment.endedAt],
    [
      'Versions',
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
  ];
}

export function verdictText({ passed, objectives }: DrillReport): string {
  const missed = objectives.filter(({ met }) => !met).length;
  return passed
    ? `all ${objectives.length} objectives met`
    : `${missed} of ${objectives.length} objectives missed`;
}
