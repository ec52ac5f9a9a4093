/** Reads a plan that a person may have edited, member by member, and says what to mend where one is wrong. */

import { FaultScriptError, Members } from '#sim/faults/fault-script-members.ts';
import { PROCESS_KINDS, REGIONS } from '#sim/faults/fault-spec.ts';
import { readFault } from '#sim/faults/read-fault.ts';
import {
  type HandmadePayment,
  type HandmadeRefund,
  type HandmadeRepeat,
  PLACEMENTS,
  type PlannedOrder,
  type SimPlan,
  type Timings,
  type Topology,
  type WorkloadShape,
} from '#sim/plan.ts';

/** A day: no run lasts for so long. Milliseconds. */
const MS_MAX = 86_400_000;
const CENTS_MAX = 1_000_000;
/** More would be a load test. */
const PAYMENTS_MAX = 10_000;
const COUNT_MAX = Number.MAX_SAFE_INTEGER;

const PLAN = [
  ...['seed', 'topology', 'timings', 'workload', 'faults', 'safetyMs', 'failbackAtMs'],
  ...['placement', 'heartbeatAgeMs', 'orders', 'crashAt', 'crashKinds', 'handmade'],
];
const INTERVALS = [
  ...(['probeIntervalMs', 'silenceMs', 'cooldownMs', 'soakMs', 'dnsTtlMs'] as const),
  ...(['healthIntervalMs', 'sweepIntervalMs', 'visibilityTimeoutMs'] as const),
] as const;
/** Nothing at all is a lag as well. */
const LAGS = ['indexLagMs', 'replicationLagMs'] as const;
const SHARES = [
  ...(['acceptShare', 'repeatShare', 'conflictShare', 'refundShare'] as const),
  ...(['readShare', 'slowShare', 'dnsShare', 'declineShare'] as const),
] as const;

/** Throws `FaultScriptError` that names the place, the value and the mend. Pure. */
export function readPlan(value: unknown): SimPlan {
  const plan = new Members(value, 'plan', PLAN);
  return {
    seed: plan.whole('seed', 0, COUNT_MAX),
    topology: readTopology(plan.value('topology')),
    timings: readTimings(plan.value('timings')),
    workload: readWorkload(plan.value('workload')),
    faults: plan.list('faults').map((fault, at) => readFault(fault, `faults[${at}]`)),
    safetyMs: plan.whole('safetyMs', 0, MS_MAX),
    failbackAtMs: plan.wholeOrNull('failbackAtMs', 0, MS_MAX),
    ...(has(value, 'placement') && { placement: plan.choice('placement', PLACEMENTS) }),
    ...(has(value, 'heartbeatAgeMs') && {
      heartbeatAgeMs: plan.whole('heartbeatAgeMs', 0, MS_MAX),
    }),
    ...(has(value, 'orders') && { orders: plan.list('orders').map(readOrder) }),
    crashAt: plan.list('crashAt').map(readBoundary),
    ...(has(value, 'crashKinds') && { crashKinds: plan.list('crashKinds').map(readKind) }),
    ...(has(value, 'handmade') && { handmade: plan.list('handmade').map(readHandmade) }),
  };
}

function readTopology(value: unknown): Topology {
  const topology = new Members(value, 'topology', ['consistency', 'policy', 'failback', 'gateway']);
  return {
    consistency: topology.choice('consistency', ['strong', 'eventual']),
    policy: topology.choice('policy', ['active-passive', 'active-active']),
    failback: topology.choice('failback', ['manual', 'automatic']),
    gateway: topology.choice('gateway', ['bank', 'recording']),
  };
}

function readTimings(value: unknown): Timings {
  const timings = new Members(value, 'timings', [...INTERVALS, ...LAGS, 'alarmPeriodMs']);
  return {
    ...byName(INTERVALS, (name) => timings.whole(name, 1, MS_MAX)),
    ...byName(LAGS, (name) => timings.whole(name, 0, MS_MAX)),
    ...(has(value, 'alarmPeriodMs') && {
      alarmPeriodMs: timings.whole('alarmPeriodMs', 1, MS_MAX),
    }),
  };
}

function readWorkload(value: unknown): WorkloadShape {
  const workload = new Members(value, 'workload', [...SHARES, 'payments', 'spreadMs', 'burst']);
  return {
    payments: workload.whole('payments', 0, PAYMENTS_MAX),
    spreadMs: workload.whole('spreadMs', 0, MS_MAX),
    burst: workload.whole('burst', 1, PAYMENTS_MAX),
    ...byName(SHARES, (name) => readShare(workload.value(name), `workload.${name}`)),
  };
}

/** Unlike the share of a fault it may be nothing at all. */
function readShare(value: unknown, place: string): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  return refuse(place, value, 'use a share from 0 to 1');
}

function readOrder(value: unknown, at: number): PlannedOrder {
  const order = new Members(value, `orders[${at}]`, ['atMs', 'forMs', 'verb', 'region']);
  const times = { atMs: order.whole('atMs', 0, MS_MAX), forMs: order.whole('forMs', 0, MS_MAX) };
  const verb = order.choice('verb', ['manual', 'drain']);
  if (verb === 'drain') return { ...times, verb, region: order.choice('region', REGIONS) };
  if (!has(value, 'region')) return { ...times, verb };
  return refuse(`orders[${at}].region`, order.value('region'), 'leave it out of manual mode');
}

function readBoundary(value: unknown, at: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number;
  return refuse(`crashAt[${at}]`, value, 'use a whole number from 1');
}

function readKind(value: unknown, at: number): (typeof PROCESS_KINDS)[number] {
  const found = PROCESS_KINDS.find((kind) => kind === value);
  return found ?? refuse(`crashKinds[${at}]`, value, `use one of ${PROCESS_KINDS.join(', ')}`);
}

function readHandmade(value: unknown, at: number): HandmadePayment {
  const place = `handmade[${at}]`;
  const payment = new Members(value, place, ['atMs', 'kind', 'repeats', 'refunds']);
  const visits = <Visit>(name: string, read: (visit: unknown, place: string) => Visit): Visit[] =>
    payment.list(name).map((visit, index) => read(visit, `${place}.${name}[${index}]`));
  return {
    atMs: payment.whole('atMs', 0, MS_MAX),
    kind: payment.choice('kind', ['process', 'accept']),
    ...(has(value, 'repeats') && { repeats: visits('repeats', readRepeat) }),
    ...(has(value, 'refunds') && { refunds: visits('refunds', readRefund) }),
  };
}

function readRepeat(value: unknown, place: string): HandmadeRepeat {
  const repeat = new Members(value, place, ['afterMs', 'region', 'customerId', 'amountMinor']);
  return {
    afterMs: repeat.whole('afterMs', 0, MS_MAX),
    region: repeat.choice('region', REGIONS),
    ...(has(value, 'customerId') && { customerId: repeat.text('customerId') }),
    ...(has(value, 'amountMinor') && { amountMinor: repeat.whole('amountMinor', 1, CENTS_MAX) }),
  };
}

function readRefund(value: unknown, place: string): HandmadeRefund {
  const refund = new Members(value, place, ['afterMs', 'region', 'refundId', 'amountMinor']);
  return {
    afterMs: refund.whole('afterMs', 0, MS_MAX),
    region: refund.choice('region', REGIONS),
    ...(has(value, 'refundId') && { refundId: refund.text('refundId') }),
    ...(has(value, 'amountMinor') && { amountMinor: refund.whole('amountMinor', 1, CENTS_MAX) }),
  };
}

/** Whether an object has a member that it may be without. */
function has(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name);
}

function byName<Name extends string>(
  names: readonly Name[],
  read: (name: Name) => number,
): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, read(name)])) as Record<Name, number>;
}

function refuse(place: string, value: unknown, mend: string): never {
  throw new FaultScriptError(`${place} is ${JSON.stringify(value) ?? 'missing'}: ${mend}.`);
}
