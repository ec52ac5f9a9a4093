/** A drill as data: what is broken, what is waited for, and what must come of it. */

import type { ClientKind } from '../drill-event.ts';
import type { DrillFault } from '../drill-target.ts';

/** Places by what they are for: which Region is which is the target's to say. */
export type Place = 'primary' | 'secondary';

export type FaultScript = Omit<DrillFault, 'region' | 'peer'> & {
  readonly in: Place;
  /** `partition`. */
  readonly from?: Place;
};

export type Condition =
  /** The routing log sends traffic to the secondary alone. */
  | 'moved'
  /** DNS answers with the secondary. */
  | 'dns-moved'
  /** DNS answers with the primary, and the routing log sends traffic there. */
  | 'returned'
  /** The clients that the scenario judges had nothing but successes for a while. */
  | 'stable'
  /** Every Region is up and serves, and no alarm says that one is impaired. */
  | 'healthy';

export type DrillStep =
  | { readonly do: 'inject'; readonly fault: FaultScript }
  | { readonly do: 'heal' }
  | { readonly do: 'verb'; readonly verb: 'failover' | 'failback' }
  | { readonly do: 'await'; readonly until: Condition }
  /** Lets traffic flow. The length is one of the profile's: see `pace.ts`. */
  | { readonly do: 'hold'; readonly what: 'stay' | 'beat' };

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

export interface Scenario {
  readonly name: string;
  /** A line for lists. */
  readonly title: string;
  /** What happens and what should come of it, for a reader of the report. */
  readonly description: string;
  /** The first `inject` or `verb` is the strike: everything is measured from it. */
  readonly steps: readonly DrillStep[];
  /** Transitions in the routing log, by what they change, from the strike on. */
  readonly transitions: { readonly failover: Bounds; readonly failback: Bounds };
  /** Client kinds whose outage has an objective here. */
  readonly judged: readonly Exclude<ClientKind, 'pinned'>[];
  /** Client kinds that must not have one failure. */
  readonly unharmed: readonly ClientKind[];
}

/** Faults that make a Region unreachable: it counts as lost, not as impaired. */
const LOSES: ReadonlySet<DrillFault['kind']> = new Set(['kill', 'isolate']);

/**
 * Whether automation has to move traffic off a Region that still answers. It does not while that Region's
 * impairment may be the episode that traffic has just left. Source: docs/adr/0017-failover-decision.md. Pure.
 */
export function reliesOnImpairment({
  steps,
  transitions,
}: Pick<Scenario, 'steps' | 'transitions'>): boolean {
  const isByHand = steps[0]?.do === 'verb';
  const loses = steps.some((step) => step.do === 'inject' && LOSES.has(step.fault.kind));
  return transitions.failover.min > 0 && !isByHand && !loses;
}

export const exactly = (count: number): Bounds => ({ min: count, max: count });
export const atMost = (count: number): Bounds => ({ min: 0, max: count });
