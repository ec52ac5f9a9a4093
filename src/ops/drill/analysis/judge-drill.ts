/** Whether a drill reached what it had to. */

import { CLIENT_NAMES, type ClientKind } from '../drill-event.ts';
import type { DrillObjectives } from '../objectives.ts';
import type { Bounds, Scenario } from '../scenarios/scenario.ts';
import type { RpoLists } from './judge-payments.ts';
import type { DrillClocks } from './stages.ts';

export interface JudgedObjective {
  readonly name: string;
  /** In words: the bound. */
  readonly objective: string;
  /** In words: what came of it. */
  readonly measured: string;
  readonly met: boolean;
}

/** Something that has to be true after every drill. */
export interface DrillCheck {
  readonly name: string;
  readonly holds: boolean;
  readonly detail: string;
}

export interface DrillFindings {
  readonly clocks: DrillClocks;
  readonly rpo: RpoLists;
  /** Transitions from the strike on, by what they change. */
  readonly transitions: Readonly<Record<'failover' | 'failback', number>>;
  readonly failures: Readonly<Record<ClientKind, number>>;
  /** Conditions that did not come true in time, in words. */
  readonly unmet: readonly string[];
  readonly checks: readonly DrillCheck[];
}

/** Every objective of the scenario with what came of it. Pure. */
export function judgeDrill(
  scenario: Scenario,
  objectives: DrillObjectives,
  findings: DrillFindings,
): readonly JudgedObjective[] {
  const { clocks, rpo, transitions, failures, unmet, checks } = findings;
  const boundOf = { dns: objectives.rtoDnsMs, retrying: objectives.rtoRetryingMs };
  const hurt = rpo.lost.length + rpo.duplicated.length + rpo.conflicting.length;
  const failing = checks.filter(({ holds }) => !holds);
  return [
    ...scenario.judged.map((kind) => {
      const measured = clocks.clients[kind];
      return {
        name: `RTO, ${CLIENT_NAMES[kind]}`,
        objective: `at most ${secondsText(boundOf[kind])}`,
        measured: measured === null ? 'not over when the drill was' : secondsText(measured),
        met: measured !== null && measured <= boundOf[kind],
      };
    }),
    ...scenario.unharmed.map((kind) => ({
      name: `Unharmed, ${CLIENT_NAMES[kind]}`,
      objective: 'no failure',
      measured: countText(failures[kind], 'failure'),
      met: failures[kind] === 0,
    })),
    {
      name: 'RPO',
      objective: `at most ${countText(objectives.rpoPayments, 'payment')}`,
      measured: `${rpo.lost.length} lost, ${rpo.duplicated.length} duplicated, ${rpo.conflicting.length} in conflict`,
      met: hurt <= objectives.rpoPayments,
    },
    ...(['failover', 'failback'] as const).map((change) => ({
      name: `Transitions, ${change}`,
      objective: boundsText(scenario.transitions[change]),
      measured: String(transitions[change]),
      met: isWithin(transitions[change], scenario.transitions[change]),
    })),
    {
      name: 'Course of the drill',
      objective: 'every step in its time',
      measured: unmet.length === 0 ? 'every step in its time' : unmet.join('; '),
      met: unmet.length === 0,
    },
    {
      name: 'Checks afterwards',
      objective: 'all hold',
      measured:
        failing.length === 0
          ? `all ${checks.length} hold`
          : failing.map(({ name, detail }) => `${name}: ${detail}`).join('; '),
      met: failing.length === 0,
    },
  ];
}

/** `1.25 s`, `12.5 s`, `90 s`. Pure. */
export function secondsText(ms: number): string {
  if (ms % 1_000 === 0) return `${ms / 1_000} s`;
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

/** `1 payment`, `3 payments`. Pure. */
function countText(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function isWithin(count: number, { min, max }: Bounds): boolean {
  return count >= min && count <= max;
}

function boundsText({ min, max }: Bounds): string {
  return min === max ? `exactly ${min}` : `at least ${min}, at most ${max}`;
}
