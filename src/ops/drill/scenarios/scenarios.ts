/** The scenarios. Source of the faults: docs/drills.md. */

import { OpsError } from '../../ops-error.ts';
import {
  atMost,
  type Condition,
  type DrillStep,
  exactly,
  type FaultScript,
  type Scenario,
} from './scenario.ts';

const inject = (fault: FaultScript): DrillStep => ({ do: 'inject', fault });
const until = (condition: Condition): DrillStep => ({ do: 'await', until: condition });
const HEAL: DrillStep = { do: 'heal' };
const STAY: DrillStep = { do: 'hold', what: 'stay' };
const BEAT: DrillStep = { do: 'hold', what: 'beat' };

/** One fault in the primary: traffic leaves once, and stays away when the fault is gone. */
const leavesOnce = (...faults: readonly FaultScript[]) =>
  ({
    steps: [
      ...faults.map(inject),
      until('moved'),
      until('dns-moved'),
      until('stable'),
      HEAL,
      until('healthy'),
      STAY,
    ],
    transitions: { failover: exactly(1), failback: exactly(0) },
    judged: ['dns', 'retrying'],
    unharmed: [],
  }) as const satisfies Partial<Scenario>;

/**
 * Far above what any call takes, so that payments run out of their time. `/health` only reads, and stays
 * green.
 */
const GREY_LATENCY_MS = 4_000;

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'region-loss',
    title: 'The primary Region is gone at once',
    description:
      "The primary's process is killed: connections are refused, its queue is out of reach. Traffic " +
      'has to move once, and has to stay where it went when the Region comes back.',
    ...leavesOnce({ in: 'primary', kind: 'kill' }),
  },
  {
    name: 'region-isolated',
    title: 'The primary Region reaches nobody, and clients still reach it',
    description:
      'The primary loses its links to the other Region and to the witness. Its API answers, but its ' +
      'tables have no quorum and refuse every write: a minority must not take payments.',
    ...leavesOnce({ in: 'primary', kind: 'isolate' }),
  },
  {
    name: 'grey-slow',
    title: 'Writes in the primary Region are too slow, and its health check is green',
    description:
      'PutItem and UpdateItem in the primary take seconds. The health check only reads and stays ' +
      'green, so health checks alone would never move traffic: alarms on what clients feel have to.',
    ...leavesOnce(
      {
        in: 'primary',
        kind: 'latency',
        service: 'dynamodb',
        operation: 'PutItem',
        latencyMs: GREY_LATENCY_MS,
      },
      {
        in: 'primary',
        kind: 'latency',
        service: 'dynamodb',
        operation: 'UpdateItem',
        latencyMs: GREY_LATENCY_MS,
      },
    ),
  },
  {
    name: 'grey-errors',
    title: 'Nine writes of ten fail in the primary Region, and its health check is green',
    description:
      'PutItem in the primary fails nine times of ten. Some payments still succeed and the health ' +
      'check stays green; the share of faults has to move traffic.',
    ...leavesOnce({
      in: 'primary',
      kind: 'errors',
      service: 'dynamodb',
      operation: 'PutItem',
      rate: 0.9,
    }),
  },
  {
    name: 'database-throttled',
    title: 'The primary Region’s table takes no writes',
    description:
      'Every PutItem in the primary is throttled, as when a table reaches a quota. The replica in the ' +
      'other Region has a quota of its own, so moving traffic helps.',
    ...leavesOnce({
      in: 'primary',
      kind: 'throttle',
      service: 'dynamodb',
      operation: 'PutItem',
      rate: 1,
    }),
  },
  {
    name: 'one-way-partition',
    title: 'Nothing gets from the primary Region to the other one; the way back is open',
    description:
      'Messages from the primary to the secondary are lost. Both still reach the witness, so the ' +
      'tables keep their quorum. Payments have to go on, and at most one transition may come of it.',
    steps: [
      inject({ in: 'primary', from: 'secondary', kind: 'partition', direction: 'out' }),
      STAY,
      STAY,
      until('stable'),
      HEAL,
      until('healthy'),
      STAY,
    ],
    transitions: { failover: atMost(1), failback: exactly(0) },
    judged: ['dns', 'retrying'],
    unharmed: [],
  },
  {
    name: 'flapping',
    title: 'The primary Region dies and comes back three times',
    description:
      'The primary is killed and started again, three times. Traffic has to leave once and must not ' +
      'follow the Region back and forth.',
    steps: [
      inject({ in: 'primary', kind: 'kill' }),
      until('moved'),
      until('dns-moved'),
      HEAL,
      BEAT,
      inject({ in: 'primary', kind: 'kill' }),
      BEAT,
      HEAL,
      BEAT,
      inject({ in: 'primary', kind: 'kill' }),
      BEAT,
      HEAL,
      until('healthy'),
      until('stable'),
      STAY,
    ],
    transitions: { failover: exactly(1), failback: exactly(0) },
    judged: ['dns', 'retrying'],
    unharmed: [],
  },
  {
    name: 'dns-stale',
    title: 'The primary Region is gone, and DNS keeps answering with it',
    description:
      'The primary is killed while resolvers keep the answers they had. DNS clients are out until it ' +
      'is healed, and no objective is set for them; clients that know both Regions must not notice.',
    steps: [
      inject({ in: 'primary', kind: 'stale-dns' }),
      inject({ in: 'primary', kind: 'kill' }),
      until('moved'),
      until('stable'),
      HEAL,
      until('healthy'),
      until('dns-moved'),
      STAY,
    ],
    transitions: { failover: exactly(1), failback: exactly(0) },
    judged: ['retrying'],
    unharmed: ['retrying'],
  },
  {
    name: 'operator-switchover',
    title: 'An operator moves traffic away from a healthy Region',
    description:
      'The verb `failover` under load, with both Regions well. The old Region goes on serving whoever ' +
      'still asks it, so nobody has to notice; retrying clients must not have one failure.',
    steps: [
      { do: 'verb', verb: 'failover' },
      until('moved'),
      until('dns-moved'),
      until('stable'),
      STAY,
    ],
    transitions: { failover: exactly(1), failback: exactly(0) },
    judged: ['dns', 'retrying'],
    unharmed: ['retrying'],
  },
  {
    name: 'failback-under-load',
    title: 'The primary Region is lost, comes back, and gets its traffic back under load',
    description:
      'After a Region loss that healed, an operator runs `failback` while payments flow. Exactly one ' +
      'transition each way, and nothing is lost on either.',
    steps: [
      inject({ in: 'primary', kind: 'kill' }),
      until('moved'),
      until('dns-moved'),
      until('stable'),
      HEAL,
      until('healthy'),
      { do: 'verb', verb: 'failback' },
      until('returned'),
      until('stable'),
      STAY,
    ],
    transitions: { failover: exactly(1), failback: exactly(1) },
    judged: ['dns', 'retrying'],
    unharmed: [],
  },
];

export const SCENARIO_NAMES: readonly string[] = SCENARIOS.map(({ name }) => name);

/** Throws `OpsError` (usage) that lists them. */
export function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found !== undefined) return found;
  throw new OpsError(
    'usage',
    `no scenario is called ${JSON.stringify(name)}; use one of ${SCENARIO_NAMES.join(', ')}`,
  );
}
