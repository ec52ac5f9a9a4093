/** Everything that a seed draws before its world begins: plain data, so that it can be shown, shrunk and replayed. */

import type { PlannedFault, ProcessKind, RegionName } from './faults/fault-spec.ts';

export interface Topology {
  /** MRSC or MREC for the payments table; the control table is always strong. */
  readonly consistency: 'strong' | 'eventual';
  readonly policy: 'active-passive' | 'active-active';
  readonly failback: 'manual' | 'automatic';
  /** `recording`: the default gateway, which moves no money; what the table records is the whole effect. */
  readonly gateway: 'bank' | 'recording';
}

/** Milliseconds, all of them. */
export interface Timings {
  readonly probeIntervalMs: number;
  readonly silenceMs: number;
  readonly cooldownMs: number;
  readonly soakMs: number;
  readonly dnsTtlMs: number;
  /** Between two asks of Route 53's checkers; three failures in a row make it unhealthy. */
  readonly healthIntervalMs: number;
  /** How far the open-index and an eventually consistent read may be behind. */
  readonly indexLagMs: number;
  /** MREC: usual time of a write on its way to the other replica. */
  readonly replicationLagMs: number;
  /** Between two sweeps of a Region. */
  readonly sweepIntervalMs: number;
  readonly visibilityTimeoutMs: number;
  /** How long what an alarm counts is added up. @default 10 s, as CloudWatch has it here */
  readonly alarmPeriodMs?: number;
}

/** Shares are of the payments, 0 to 1. */
export interface WorkloadShape {
  /** Payments with ids of their own; at least 40 of them are to be acknowledged. */
  readonly payments: number;
  /** From the first to the last, milliseconds. */
  readonly spreadMs: number;
  /** Sent to POST /payments instead of POST /process. */
  readonly acceptShare: number;
  /** Sent again with the same meaning in another spelling. */
  readonly repeatShare: number;
  /** Sent again with another body under the same id. */
  readonly conflictShare: number;
  readonly refundShare: number;
  readonly readShare: number;
  /** By clients that wait minutes before they try again, in the other Region. */
  readonly slowShare: number;
  /** By clients that follow DNS instead of the SDK's policy. */
  readonly dnsShare: number;
  /** Several at the same moment. */
  readonly burst: number;
  /** Of the cards that the bank declines. */
  readonly declineShare: number;
}

/** A payment that nobody drew: 10.50 USD, sent by a client with the SDK. Milliseconds. */
export interface HandmadePayment {
  readonly atMs: number;
  readonly kind: 'process' | 'accept';
  /** Its id again, so long after it was sent, by somebody who prefers `region`. */
  readonly repeats?: readonly HandmadeRepeat[];
  /** So long after it is known to be processed. */
  readonly refunds?: readonly HandmadeRefund[];
}

export interface HandmadeVisit {
  readonly afterMs: number;
  readonly region: RegionName;
}

export interface HandmadeRepeat extends HandmadeVisit {
  /** @default the payment's, c1 */
  readonly customerId?: string;
  /** US cents. @default the payment's, so that it is the same request */
  readonly amountMinor?: number;
}

/** Some of a payment asked back. */
export interface HandmadeRefund extends HandmadeVisit {
  /** @default r1, r2 and so on, in their order */
  readonly refundId?: string;
  /** US cents. @default 100 */
  readonly amountMinor?: number;
}

/**
 * What a person takes into their own hands for a while, and gives back: manual mode, or a Region drained. Two drains at
 * once ask for the last Region too, which must not be had.
 */
export type PlannedOrder = {
  readonly atMs: number;
  /** Whatever else goes on: its end is said until it is so. */
  readonly forMs: number;
} & ({ readonly verb: 'manual' } | { readonly verb: 'drain'; readonly region: RegionName });

/**
 * Which of a function's idle execution environments its next invocation meets: the one that was used last, as it is
 * mostly seen to be, the one that has been idle for longest, any of them or a new one, or always a new one. AWS says
 * only that nobody may rely on meeting one again. Source: AWS Lambda developer guide, "Understanding the Lambda execution
 * environment lifecycle".
 */
export const PLACEMENTS = ['latest', 'oldest', 'any', 'new'] as const;
export type Placement = (typeof PLACEMENTS)[number];

export interface SimPlan {
  readonly seed: number;
  readonly topology: Topology;
  readonly timings: Timings;
  readonly workload: WorkloadShape;
  readonly faults: readonly PlannedFault[];
  /** The end of the safety phase: what is to be healed is healed then; the rest is permanent. */
  readonly safetyMs: number;
  /** Where an operator brings traffic back in the end; null: nobody does. */
  readonly failbackAtMs: number | null;
  /** Of the orchestrators' invocations. @default latest */
  readonly placement?: Placement;
  /**
   * How long ago both Regions' heartbeats had been written last when the run began, milliseconds: for so long no
   * orchestrator had run. @default 0
   */
  readonly heartbeatAgeMs?: number;
  /** @default none */
  readonly orders?: readonly PlannedOrder[];
  /** Crash exactly at these step boundaries, counted from 1 over all processes; empty: nowhere by count. */
  readonly crashAt: readonly number[];
  /** The processes whose boundaries are counted. @default all of them */
  readonly crashKinds?: readonly ProcessKind[];
  /** Instead of payments that the workload's shape has drawn: what a plan made by hand is about. */
  readonly handmade?: readonly HandmadePayment[];
}

/** The Region that a Region's traffic would move to. */
export function peerOf(region: RegionName): RegionName {
  return region === 'us-east-1' ? 'us-east-2' : 'us-east-1';
}
