/** What one simulated run came to. */

import type { CoverageCounts } from './faults/coverage.ts';
import type { TraceEvent } from './kernel/trace.ts';
import type { SimPlan } from './plan.ts';
import type { Violation } from './violation.ts';

export interface SimResult {
  readonly seed: number;
  readonly plan: SimPlan;
  /** Over every event: equal for equal runs. 16 hex characters. */
  readonly hash: string;
  readonly events: number;
  readonly virtualMs: number;
  /** Payments that a client was told of as taken (200 or 202). */
  readonly acknowledged: number;
  /** Entries of the routing log that moved traffic. */
  readonly moves: number;
  /** Operations that a fault changed. */
  readonly faultHits: number;
  /** Whether it counts as a complete failover: 40 payments acknowledged, a fault met, healed, quiescent, checked. */
  readonly isComplete: boolean;
  readonly violations: readonly Violation[];
  readonly coverage: CoverageCounts;
  /** Step boundaries that a process could have died at, for the exhaustive modes. */
  readonly boundaries: number;
  /** Empty unless it was asked for. */
  readonly trace: readonly TraceEvent[];
}

/** Which worlds a seed may draw. `any`: all of them. */
export const SIM_MODES = ['any', 'strong', 'eventual', 'active-active', 'active-passive'] as const;
export type SimMode = (typeof SIM_MODES)[number];

export interface SimOptions {
  readonly mode?: SimMode;
  /** Keep the events, for people. Changes nothing else. */
  readonly keepTrace?: boolean;
}
