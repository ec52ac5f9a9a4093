/**
 * Small worlds for crashes by count: each shows one way through the protocol, a handful of payments, nothing drawn
 * but how long messages take.
 */

import { EVENTUAL, PLAIN_TIMINGS, PLAIN_WORKLOAD, STRONG } from '../plain-world.ts';
import type { HandmadePayment, SimPlan, Topology, WorkloadShape } from '../plan.ts';

export interface Scenario {
  /** kebab-case. */
  readonly name: string;
  readonly what: string;
  /** With `crashKinds`, and without any crash. */
  readonly plan: SimPlan;
}

/** When the first payment is sent: both Regions are up, and one of them has the lease. */
const AT_MS = 1_000;

/** In the order in which they are run. */
export const SCENARIOS: readonly Scenario[] = [
  payments('process', 'one payment by POST /process', [{ atMs: AT_MS, kind: 'process' }]),
  payments('accept', 'one payment by POST /payments, through the queue', [
    { atMs: AT_MS, kind: 'accept' },
  ]),
  payments(
    'decline',
    'one payment that the bank declines',
    [{ atMs: AT_MS, kind: 'process' }],
    STRONG,
    { declineShare: 1 },
  ),
  payments('refund', 'one payment, and a part of it given back', [
    { atMs: AT_MS, kind: 'process', refunds: [{ afterMs: 500, region: 'us-east-1' }] },
  ]),
  payments('repeat', 'a repeat in the other Region while the first is under way', [
    { atMs: AT_MS, kind: 'process', repeats: [{ afterMs: 40, region: 'us-east-2' }] },
  ]),
  payments(
    'repeat-eventual',
    'the same with the lease, over replicas that agree in the end',
    [{ atMs: AT_MS, kind: 'process', repeats: [{ afterMs: 40, region: 'us-east-2' }] }],
    EVENTUAL,
  ),
  failover('failover', 'the primary is isolated, and the orchestrator dies on the way', STRONG),
  failover('failover-eventual', 'the same with the lease taken over', EVENTUAL),
];

function payments(
  name: string,
  what: string,
  handmade: readonly HandmadePayment[],
  topology: Topology = STRONG,
  shape: Partial<WorkloadShape> = {},
): Scenario {
  const plan: SimPlan = {
    ...planOf(topology, handmade, shape),
    ...{ faults: [], safetyMs: 5_000, crashKinds: ['api', 'consume', 'sweep'] },
  };
  return { name, what, plan };
}

/** Payments go on through it, and one of them is under way when the Region is cut off. */
function failover(name: string, what: string, topology: Topology): Scenario {
  const handmade: readonly HandmadePayment[] = [
    { atMs: 4_000, kind: 'process' },
    { atMs: 4_970, kind: 'process' },
    { atMs: 4_980, kind: 'accept' },
    { atMs: 60_000, kind: 'process' },
  ];
  const plan: SimPlan = {
    ...planOf(topology, handmade, {}),
    // Long enough for a second try of an orchestrator that died: its schedule is a minute.
    faults: [{ id: 'F1', region: 'us-east-1', atMs: 5_000, forMs: 145_000 }],
    ...{ safetyMs: 150_000, crashKinds: ['orchestrate'] },
  };
  return { name, what, plan };
}

function planOf(
  topology: Topology,
  handmade: readonly HandmadePayment[],
  shape: Partial<WorkloadShape>,
): Omit<SimPlan, 'faults' | 'safetyMs'> {
  return {
    ...{ seed: 1, topology, timings: PLAIN_TIMINGS, handmade },
    workload: { ...PLAIN_WORKLOAD, payments: handmade.length, ...shape },
    ...{ failbackAtMs: null, crashAt: [] },
  };
}
