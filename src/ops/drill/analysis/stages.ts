/** The time from the strike to stable service, split by what it was spent on. */

import type { DrillMarks } from './marks.ts';

export const STAGES = ['detect', 'decide', 'shift', 'first success', 'stable'] as const;
export type StageName = (typeof STAGES)[number];

export interface Stage {
  readonly name: StageName;
  /** When it ended; null: it did not come to that. */
  readonly untilEpochMs: number | null;
  /** From the end of the stage before; 0 where it ended no later than that one. */
  readonly lengthMs: number | null;
}

/**
 * Splits it. Stages may overlap in life: Route 53 acts on its own checks, without waiting for the routing
 * log. Each stage counts only what it added to the ones before, so that the lengths sum up to the whole.
 * Pure.
 */
export function stagesOf(marks: DrillMarks): readonly Stage[] {
  const ends: readonly (readonly [StageName, number | null])[] = [
    ['detect', marks.detected],
    ['decide', marks.decided],
    ['shift', marks.shifted],
    ['first success', marks.firstSuccess],
    ['stable', marks.stable],
  ];
  let reached = marks.injected;
  return ends.map(([name, untilEpochMs]) => {
    if (untilEpochMs === null) return { name, untilEpochMs, lengthMs: null };
    const lengthMs = Math.max(0, untilEpochMs - reached);
    reached = Math.max(reached, untilEpochMs);
    return { name, untilEpochMs, lengthMs };
  });
}

/** RTO on three clocks, milliseconds; null: the clock never stopped. */
export interface DrillClocks {
  /** Longest outage, by client kind. */
  readonly clients: {
    readonly dns: number | null;
    readonly pinned: number | null;
    readonly retrying: number | null;
  };
  readonly injectionToStable: number | null;
  /** From the first sign to the moment when the log and DNS both send traffic elsewhere. */
  readonly orchestration: number | null;
}

/** The third clock. Pure. */
export function orchestrationMs({ detected, decided, shifted }: DrillMarks): number | null {
  if (detected === null || decided === null || shifted === null) return null;
  return Math.max(decided, shifted) - detected;
}
