/** Everything that a drill left behind: what a report is made of. */

import type { RoutingEntry } from '#core/routing/routing-log.ts';
import type { DrillEvent } from './drill-event.ts';
import type { TargetFacts } from './drill-target.ts';
import type { DrillObjectives } from './objectives.ts';
import type { Observation, TimelineEntry } from './observation.ts';
import type { Pace } from './pace.ts';
import type { Scenario } from './scenarios/scenario.ts';
import type { Verification } from './verify.ts';

export interface DrillRecord {
  readonly scenario: Scenario;
  readonly facts: TargetFacts;
  readonly objectives: DrillObjectives;
  /** With the rate that was asked for. */
  readonly pace: Pace;
  readonly impairedAlarm: string;
  readonly startedAtEpochMs: number;
  /** When the first fault, or the operator's verb, struck. */
  readonly strikeAtEpochMs: number;
  /** When every fault had ended for good; null: there was none. */
  readonly healedAtEpochMs: number | null;
  /** When the load ended. */
  readonly endedAtEpochMs: number;
  readonly events: readonly DrillEvent[];
  readonly observations: readonly Observation[];
  /** From the strike until the load ended, oldest first. */
  readonly entries: readonly RoutingEntry[];
  /** What the drill itself did. */
  readonly deeds: readonly TimelineEntry[];
  /** Conditions that did not come true in time. */
  readonly unmet: readonly string[];
  readonly verification: Verification;
}
