import { describe, expect, test } from 'vitest';
import type { RegionStatus, TwinStatus } from '#twin/control/twin-status.ts';
import type { ActiveFault } from '#twin/faults/fault.ts';
import { regionStatus, twinStatus } from '../twin/control/twin-status-fixture.ts';

interface Toned {
  readonly text: string;
  readonly tone: string;
}

/** The page's module is plain JavaScript for browsers; these are the shapes that it states. */
const model = (await import(new URL('../../../src/console/model.js', import.meta.url).href)) as {
  describeFault(fault: object): string;
  describeHealth(health: RegionStatus['health']): Toned;
  describeRoute(status: TwinStatus): { title: string; detail: string };
  changesBetween(before: TwinStatus | null, after: TwinStatus): Toned[];
  paymentCommands(status: TwinStatus, id: string): { title: string; command: string }[];
  faultFromForm(region: string, values: Record<string, string>): object;
  duration(ms: number): string;
  notRunTypes(notRun: TwinStatus['notRun']): { type: string; count: number }[];
  counterTitle(name: string): string;
  describeReplica(replica: TwinStatus['tables'][number]): Toned;
  describeWitness(witness: TwinStatus['witness']): string;
};

const kill: ActiveFault = { id: 'f-1', region: 'us-east-1', kind: 'kill', sinceEpochMs: 1 };
const crash: ActiveFault = {
  ...{ id: 'f-0', region: 'us-east-1', kind: 'crash', sinceEpochMs: 1 },
  ...{ service: 'sns', operation: 'Publish', moment: 'before' },
};
const sick = { status: 'unhealthy', contraryChecks: 0, lastCheck: null } as const;

test.each([
  [{ kind: 'freeze' }, 'Freeze'],
  [{ kind: 'latency', latencyMs: 5, service: 'api' }, 'Latency 5 ms on the REST API'],
  [{ kind: 'errors', rate: 0.5 }, 'Errors 50% on every service'],
  [
    { kind: 'throttle', rate: 1, service: 'dynamodb', operation: 'PutItem' },
    'Throttle 100% on DynamoDB PutItem',
  ],
  [{ kind: 'pause' }, 'Pause of replication'],
  [{ kind: 'partition', direction: 'out', peer: 'b' }, 'Partition: nothing gets out to b'],
  [{ kind: 'partition', direction: 'in' }, 'Partition: nothing gets in'],
  [{ kind: 'stale-dns' }, 'Stale DNS answers'],
  [{ kind: 'lag', latencyMs: 5_000 }, 'Lag 5000 ms of replication'],
  [
    { kind: 'crash', service: 'dynamodb', operation: 'PutItem', moment: 'after', skip: 2 },
    'Crash after DynamoDB PutItem, 2 to skip',
  ],
])('describes the fault %o', (fault, text) => {
  expect(model.describeFault(fault)).toBe(text);
});

test('warns of a health check that is about to turn', () => {
  const lastCheck = { passed: false, detail: 'HTTP 503', atEpochMs: 1 } as const;
  expect(model.describeHealth({ status: 'healthy', contraryChecks: 2, lastCheck })).toEqual({
    text: 'Healthy, 2 in a row failed: HTTP 503',
    tone: 'warn',
  });
});

test('says where the traffic goes, and when nobody can take it', () => {
  expect(model.describeRoute(twinStatus()).title).toBe('Traffic goes to us-east-1');
  const regions = [
    regionStatus('us-east-1', { health: sick }),
    regionStatus('us-east-2', { health: sick }),
  ];
  expect(model.describeRoute(twinStatus({ regions })).title).toBe(
    'No Region is healthy; traffic goes to us-east-1',
  );
});

describe('changesBetween', () => {
  const killed = [
    regionStatus('us-east-1', { condition: 'killed', faults: [kill] }),
    regionStatus('us-east-2'),
  ];
  const moved = [
    regionStatus('us-east-1', { condition: 'killed', faults: [kill], health: sick, active: false }),
    regionStatus('us-east-2', { active: true }),
  ];

  test.each([
    { what: 'the first status', before: null, after: twinStatus(), texts: [] },
    { what: 'no change', before: twinStatus(), after: twinStatus(), texts: [] },
    {
      what: 'a fault, once, though the condition changes with it',
      before: twinStatus(),
      after: twinStatus({ regions: killed }),
      texts: ['us-east-1: Kill injected'],
    },
    {
      what: 'a failover, cause first',
      before: twinStatus({ regions: killed }),
      after: twinStatus({ regions: moved }),
      texts: ['us-east-1: health check turned unhealthy', 'Traffic moved to us-east-2'],
    },
    {
      what: 'the way back',
      before: twinStatus({ regions: moved }),
      after: twinStatus(),
      texts: [
        'us-east-1: Kill healed',
        'us-east-1: health check turned healthy',
        'Traffic moved to us-east-1',
      ],
    },
    {
      what: 'a crash that struck',
      before: twinStatus({
        regions: [regionStatus('us-east-1', { faults: [crash] }), regionStatus('us-east-2')],
      }),
      after: twinStatus({
        regions: [
          regionStatus('us-east-1', { condition: 'killed', faults: [kill] }),
          regionStatus('us-east-2'),
        ],
      }),
      texts: ['us-east-1: Crash before SNS Publish struck', 'us-east-1: Kill injected'],
    },
    {
      what: 'a process that died by itself',
      before: twinStatus(),
      after: twinStatus({
        regions: [regionStatus('us-east-1', { condition: 'dead' }), regionStatus('us-east-2')],
      }),
      texts: ['us-east-1: process died'],
    },
    {
      what: 'another twin on the same port',
      before: twinStatus({ regions: killed }),
      after: twinStatus({ pid: 100 }),
      texts: ['Another twin answers here now'],
    },
  ])('tells of $what', ({ before, after, texts }) => {
    expect(model.changesBetween(before, after).map(({ text }) => text)).toEqual(texts);
  });
});

test('the commands to try share one payment and go to the entry and the standby', () => {
  const commands = model.paymentCommands(twinStatus(), 't-1');
  expect(commands.map(({ title }) => title)).toEqual([
    'Wherever the traffic goes',
    'Directly at us-east-2',
    'Read it back',
  ]);
  expect(commands[0]?.command).toContain('curl -i http://127.0.0.1:8080/process');
  expect(commands[1]?.command).toContain('curl -i http://127.0.0.1:8082/process');
  expect(commands[2]?.command).toBe('curl -s http://127.0.0.1:8080/payments/t-1');
  const body = /-d '([^']*)'/.exec(commands[0]?.command ?? '')?.[1] ?? '';
  expect(JSON.parse(body)).toEqual({
    transaction_id: 't-1',
    customer_id: 'c1',
    amount: '10.50',
    currency: 'USD',
  });
});

test('the form asks for what its kind takes', () => {
  const shown = { service: '', operation: ' ', moment: 'after' };
  const values = { ...shown, latencyMs: '500', percent: '25' };
  expect(model.faultFromForm('us-east-1', { ...values, kind: 'latency' })).toEqual({
    region: 'us-east-1',
    kind: 'latency',
    latencyMs: 500,
  });
  const targeted = { ...values, kind: 'errors', service: 'dynamodb', operation: ' PutItem ' };
  expect(model.faultFromForm('us-east-1', targeted)).toEqual({
    region: 'us-east-1',
    kind: 'errors',
    service: 'dynamodb',
    operation: 'PutItem',
    rate: 0.25,
  });
  expect(model.faultFromForm('us-east-1', { ...targeted, kind: 'lag' })).toEqual({
    region: 'us-east-1',
    kind: 'lag',
    latencyMs: 500,
  });
  expect(model.faultFromForm('us-east-1', { ...targeted, kind: 'crash' })).toEqual({
    region: 'us-east-1',
    kind: 'crash',
    service: 'dynamodb',
    operation: 'PutItem',
    moment: 'after',
  });
});

test.each([
  [-5, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [7_500_000, '2 h 5 min'],
])('%d ms read as %s', (ms, text) => {
  expect(model.duration(ms)).toBe(text);
});

test('types that are not run are named once over both Regions', () => {
  const notRun = [
    { region: 'us-east-1', type: 'B', logicalIds: ['x'] },
    { region: 'us-east-2', type: 'B', logicalIds: ['x', 'y'] },
    { region: 'us-east-1', type: 'A', logicalIds: ['z'] },
  ];
  expect(model.notRunTypes(notRun)).toEqual([
    { type: 'A', count: 1 },
    { type: 'B', count: 3 },
  ]);
});

test.each([
  ['dnsQueries', 'DNS queries'],
  ['region_unreachable', 'Region unreachable'],
  ['requests', 'Requests'],
  ['us-east-1 dynamodb PutItem', 'us-east-1 dynamodb PutItem'],
])('the counter %s reads as %s', (name, title) => {
  expect(model.counterTitle(name)).toBe(title);
});

test.each([
  [{}, 'Nothing', 'good'],
  [{ caughtUp: false, pendingItems: 7 }, '7 items', 'warn'],
  [{ quorum: false }, 'Nothing, no quorum', 'warn'],
  [{ engine: 'lost' }, 'Nothing, engine lost', 'warn'],
] as const)('says of a replica with %j: %s', (changes, text, tone) => {
  const [replica] = twinStatus().tables;
  if (replica === undefined) throw new Error('the fixture has no replica');
  expect(model.describeReplica({ ...replica, ...changes })).toEqual({ text, tone });
});

test('says what the witness does', () => {
  const witness = { name: 'us-west-2', condition: 'up', faults: [] } as const;
  expect(model.describeWitness(null)).toBe('');
  expect(model.describeWitness(witness)).toBe('The witness, us-west-2, votes.');
  expect(model.describeWitness({ ...witness, condition: 'isolated' })).toBe(
    'The witness, us-west-2, is isolated.',
  );
});
