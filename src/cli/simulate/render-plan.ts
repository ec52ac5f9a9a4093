/** What a seed has drawn, in words. Pure. */

import { FAULTS } from '#sim/faults/fault-ids.ts';
import type { Fault, PlannedFault } from '#sim/faults/fault-spec.ts';
import type { Placement, PlannedOrder, SimPlan } from '#sim/plan.ts';
import { columns, type Paint } from '../terminal.ts';
import { secondsText, shareText } from './words.ts';

/** More of them are a crowd. */
const HANDMADE_SHOWN = 6;
/** Which environment an orchestrator's invocation meets. */
const PLACEMENT_TEXT: Readonly<Record<Placement, string>> = {
  latest: 'the one that was used last',
  oldest: 'the one that has been idle for longest',
  any: 'any one, or a new one',
  new: 'a new one each time',
};

/** World, timings, workload and faults, some twenty lines. */
export function renderPlan(plan: SimPlan, paint: Paint): string {
  const { faults, safetyMs, failbackAtMs, placement, heartbeatAgeMs, orders = [], crashAt } = plan;
  const title = `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}`;
  return `${[
    paint('strong', 'World'),
    ...columns([
      ['kind', kindText(plan)],
      ['timings', timingsText(plan)],
      ['workload', workloadText(plan)],
      ['healed', `at ${secondsText(safetyMs)}, but for what is permanent`],
      ['brought back', failbackAtMs === null ? 'by nobody' : `at ${secondsText(failbackAtMs)}`],
      ...(placement === undefined ? [] : [['environments', PLACEMENT_TEXT[placement]]]),
      ...(heartbeatAgeMs === undefined
        ? []
        : [['orchestrators', `had not run for ${secondsText(heartbeatAgeMs)} when it began`]]),
      ...orders.map((order) => ['ordered', orderText(order)]),
      ...(crashAt.length === 0 ? [] : [['crashes', crashesText(plan)]]),
    ]),
    paint('strong', title),
    ...columns(faults.toSorted((one, two) => one.atMs - two.atMs).map((fault) => rowOf(fault))),
  ].join('\n')}\n`;
}

function orderText(order: PlannedOrder): string {
  const what = order.verb === 'manual' ? 'manual mode' : `${order.region} drained`;
  return `${what}, at ${secondsText(order.atMs)} for ${secondsText(order.forMs)}`;
}

function rowOf(fault: PlannedFault): readonly string[] {
  const from = secondsText(fault.atMs);
  const length = fault.forMs === null ? 'for good' : `for ${secondsText(fault.forMs)}`;
  return [`at ${from}`, length, faultText(fault)];
}

/** `F2 one-way partition: us-east-1, in`. */
export function faultText(fault: Fault): string {
  return [`${fault.id} ${FAULTS[fault.id]}`, detailOf(fault)].filter(Boolean).join(': ');
}

function detailOf(fault: Fault): string {
  switch (fault.id) {
    case 'F1':
    case 'F3':
    case 'F4':
      return fault.region;
    case 'F2':
      return `${fault.region}, nothing gets ${fault.direction}`;
    case 'F5':
    case 'F7':
    case 'F14':
    case 'F16':
    case 'F17':
      return shareText(fault.probability);
    case 'F6':
      return `${shareText(fault.probability)}, up to ${secondsText(fault.extraMs)} later`;
    case 'F8':
      return `${fault.region}, ${fault.factor} times as slow`;
    case 'F9':
      return `${fault.region}/${fault.process}, ${shareText(fault.probability)} of the steps`;
    case 'F10':
    case 'F11':
      return `${fault.region}/${fault.process}`;
    case 'F12':
      return `${fault.region}, ${secondsText(fault.extraMs)} more for each call`;
    case 'F13':
    case 'F15':
    case 'F21':
      return `${fault.region}, ${shareText(fault.probability)}`;
    case 'F18':
      return `${fault.region}, ${fault.count} of them`;
    case 'F19':
    case 'F20':
      return '';
    case 'F22':
      return `${fault.region}, ${secondsText(fault.skewMs)}`;
    case 'F23':
      return `to ${fault.to.join(' and to ')}`;
    case 'F24':
      return `${secondsText(fault.lateMs)} after it was made`;
    case 'F25':
      return fault.pauseReplication ? 'with replication paused' : '';
    case 'F26':
      return `${fault.copies} copies of each request`;
  }
}

function crashesText({ crashAt, crashKinds }: SimPlan): string {
  const of = crashKinds === undefined ? '' : ` of ${crashKinds.join(', ')}`;
  return `at step boundaries ${crashAt.join(', ')}${of}`;
}

function kindText({ topology }: SimPlan): string {
  const { consistency, policy, failback, gateway } = topology;
  const table = consistency === 'strong' ? 'strong (MRSC)' : 'eventual (MREC)';
  const money = gateway === 'bank' ? 'a bank behind it' : 'recording only';
  return `${table}, ${policy}, failback ${failback}, ${money}`;
}

function timingsText({ timings, topology }: SimPlan): string {
  const parts = [
    `probe every ${secondsText(timings.probeIntervalMs)}`,
    `silence ${secondsText(timings.silenceMs)}`,
    `cooldown ${secondsText(timings.cooldownMs)}`,
    `soak ${secondsText(timings.soakMs)}`,
    `DNS TTL ${secondsText(timings.dnsTtlMs)}`,
    `index ${secondsText(timings.indexLagMs)} behind`,
  ];
  if (topology.consistency === 'eventual') {
    parts.push(`replication ${secondsText(timings.replicationLagMs)}`);
  }
  return parts.join(', ');
}

function workloadText({ workload, handmade }: SimPlan): string {
  if (handmade !== undefined) return handmadeText(handmade, workload.declineShare);
  const shares = [
    ['accepted', workload.acceptShare],
    ['repeated', workload.repeatShare],
    ['in conflict', workload.conflictShare],
    ['refunded', workload.refundShare],
    ['read', workload.readShare],
    ['from slow clients', workload.slowShare],
    ['by DNS', workload.dnsShare],
    ['declined', workload.declineShare],
  ] as const;
  const burst = workload.burst > 1 ? `, up to ${workload.burst} at once` : '';
  const said = shares
    .filter(([, share]) => share > 0)
    .map(([name, share]) => `, ${shareText(share)} ${name}`);
  return `${workload.payments} payments over ${secondsText(workload.spreadMs)}${burst}${said.join('')}`;
}

/** `2 payments by hand: process at 1 s, accept at 4 s with 1 refund`. */
function handmadeText(handmade: NonNullable<SimPlan['handmade']>, declineShare: number): string {
  const counted = (count: number, what: string): readonly string[] =>
    count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}`];
  const shown = handmade.slice(0, HANDMADE_SHOWN).map(({ atMs, kind, repeats, refunds }) => {
    const more = [
      ...counted(repeats?.length ?? 0, 'repeat'),
      ...counted(refunds?.length ?? 0, 'refund'),
    ];
    return [`${kind} at ${secondsText(atMs)}`, ...more].join(' with ');
  });
  const rest = handmade.length > HANDMADE_SHOWN ? ', …' : '';
  const declined = declineShare > 0 ? `; ${shareText(declineShare)} declined` : '';
  const count = `${handmade.length} ${handmade.length === 1 ? 'payment' : 'payments'}`;
  return `${count} by hand: ${shown.join(', ')}${rest}${declined}`;
}
