/** The state of a twin as text for a terminal. */

import type { RegionStatus, ReplicaStatus, TwinStatus } from '#twin/control/twin-status.ts';
import { renderFault } from './render-fault.ts';
import { columns, type Paint, type Tone } from './terminal.ts';

/** Some fifteen lines, each within 80 columns for names of usual length. Pure. */
export function renderStatus(status: TwinStatus, paint: Paint): string {
  const { regions, tables, notRun, suffix, profile, pid, startedAt } = status;
  const lines = [
    `${paint('strong', 'Twin')} ${suffix}, routing ${profile}, process ${pid}, up since ${startedAt}`,
    '',
    paint('strong', 'Regions'),
    ...columns(regions.map((region) => regionRow(region, paint))),
  ];
  for (const { name, faults } of regions) {
    for (const fault of faults) {
      const since = new Date(fault.sinceEpochMs).toISOString();
      lines.push(`  ${paint('bad', 'fault')} ${name}: ${renderFault(fault)}, since ${since}`);
    }
  }
  if (status.witness !== null) {
    const { name, condition, faults } = status.witness;
    const tone: Tone = condition === 'up' ? 'good' : 'bad';
    lines.push('', `${paint('strong', 'Witness')} ${name}  ${paint(tone, condition)}`);
    for (const fault of faults) lines.push(`  ${paint('bad', 'fault')} ${renderFault(fault)}`);
  }
  lines.push('', paint('strong', 'Replication'));
  if (tables.length === 0) lines.push('  no tables');
  lines.push(
    ...columns(
      tables.map((replica) => [replica.table, replica.replica, replicaState(replica, paint)]),
    ),
  );
  lines.push(
    '',
    paint('strong', 'Addresses'),
    ...columns([
      ['both Regions', status.addresses.entry],
      ['console', status.addresses.control],
    ]),
  );
  if (notRun.length > 0) {
    const types = new Set(notRun.map(({ type }) => type));
    lines.push('', paint('faint', `${types.size} resource types are not run; --json names them.`));
  }
  return `${lines.join('\n')}\n`;
}

function replicaState(replica: ReplicaStatus, paint: Paint) {
  const { pendingItems, caughtUp, quorum, engine, lagMs } = replica;
  const lag = lagMs === undefined ? '' : `, ${lagMs} ms behind`;
  const states = [
    caughtUp ? paint('good', 'caught up') : paint('warn', `${pendingItems} to apply${lag}`),
  ];
  if (!quorum) states.push(paint('bad', 'no quorum'));
  if (engine !== 'ready') states.push(paint('bad', `engine ${engine}`));
  return states.join(', ');
}

function regionRow(region: RegionStatus, paint: Paint): string[] {
  const { name, condition, health, active, pid } = region;
  const conditionTone: Tone = condition === 'up' ? 'good' : 'bad';
  const healthTone: Tone = health.status === 'healthy' ? 'good' : 'bad';
  return [
    name,
    paint(conditionTone, condition),
    paint(healthTone, health.status),
    active ? paint('strong', 'active') : 'standby',
    pid === null ? 'no process' : `process ${pid}`,
    paint('faint', health.lastCheck?.detail ?? 'not checked yet'),
  ];
}
