import { describe, expect, test } from 'vitest';
import { renderFault } from '#cli/render-fault.ts';
import { type ReadyDescription, renderReady } from '#cli/render-ready.ts';
import { renderStatus } from '#cli/render-status.ts';
import { columns, paintFor, plain } from '#cli/terminal.ts';
import { addressesOf, portsFrom } from '#twin/control/addresses.ts';
import { regionStatus, twinStatus } from '../twin/control/twin-status-fixture.ts';

describe('renderFault', () => {
  const region = 'us-east-1';
  test.each([
    [{ region, kind: 'kill' }, 'kill'],
    [{ region, kind: 'latency', latencyMs: 400 }, 'latency 400 ms on every service'],
    [{ region, kind: 'errors', rate: 0.125, service: 'sns' }, 'errors 12.5% on sns'],
    [
      { region, kind: 'throttle', rate: 1, service: 'dynamodb', operation: 'PutItem' },
      'throttle 100% on dynamodb PutItem',
    ],
    [{ region, kind: 'pause' }, 'pause of replication'],
    [{ region, kind: 'partition', direction: 'out' }, 'partition: nothing gets out'],
    [
      { region, kind: 'partition', direction: 'in', peer: 'us-west-2' },
      'partition: nothing gets in from us-west-2',
    ],
    [{ region, kind: 'stale-dns' }, 'stale DNS answers'],
    [{ region, kind: 'lag', latencyMs: 5_000 }, 'lag 5000 ms of replication'],
    [
      { region, kind: 'crash', service: 'dynamodb', operation: 'PutItem', moment: 'after' },
      'crash after dynamodb PutItem',
    ],
    [
      { region, kind: 'crash', service: 'sns', operation: 'Publish', moment: 'before', skip: 2 },
      'crash before sns Publish, 2 to skip',
    ],
  ] as const)('puts %o in words', (fault, text) => {
    expect(renderFault(fault)).toBe(text);
  });
});

describe('paintFor', () => {
  const terminal = { isTTY: true };
  const pipe = {};
  test.each([
    { stream: terminal, env: {}, coloured: true },
    { stream: terminal, env: { NO_COLOR: '1' }, coloured: false },
    { stream: terminal, env: { NO_COLOR: '' }, coloured: true },
    { stream: terminal, env: { TERM: 'dumb' }, coloured: false },
    { stream: terminal, env: { FORCE_COLOR: '0' }, coloured: false },
    { stream: pipe, env: {}, coloured: false },
    { stream: pipe, env: { FORCE_COLOR: '1' }, coloured: true },
  ])('colours: $coloured, for $stream with $env', ({ stream, env, coloured }) => {
    expect(paintFor(stream, env)('bad', 'x') !== 'x').toBe(coloured);
  });
});

test('columns line up whatever is coloured, without blanks at the ends', () => {
  const paint = paintFor({}, { FORCE_COLOR: '1' });
  const [first, second] = columns([
    [paint('good', 'a'), 'b', ''],
    ['long', 'c', 'd'],
  ]);
  expect(first).toBe(`  ${paint('good', 'a')}     b`);
  expect(second).toBe('  long  c  d');
});

describe('renderStatus', () => {
  test('shows Regions, faults, replication and what is not run', () => {
    const status = twinStatus({
      regions: [
        regionStatus('us-east-1', {
          condition: 'killed',
          pid: null,
          active: false,
          health: { status: 'unhealthy', contraryChecks: 0, lastCheck: null },
          faults: [{ id: 'f', region: 'us-east-1', kind: 'kill', sinceEpochMs: 1_767_225_600_000 }],
        }),
        regionStatus('us-east-2', { active: true }),
      ],
      tables: [
        {
          table: 'payments-dev',
          replica: 'us-east-1',
          pendingItems: 12,
          caughtUp: false,
          quorum: false,
          engine: 'lost',
        },
      ],
      witness: {
        name: 'us-west-2',
        condition: 'isolated',
        faults: [{ id: 'w', region: 'us-west-2', kind: 'isolate', sinceEpochMs: 0 }],
      },
      notRun: [{ region: 'us-east-1', type: 'AWS::Logs::LogGroup', logicalIds: ['A', 'B'] }],
    });
    expect(renderStatus(status, plain)).toBe(
      `Twin dev, routing fast, process 99, up since 2026-01-01T00:00:00.000Z

Regions
  us-east-1  killed  unhealthy  standby  no process    not checked yet
  us-east-2  up      healthy    active   process 4242  HTTP 200
  fault us-east-1: kill, since 2026-01-01T00:00:00.000Z

Witness us-west-2  isolated
  fault isolate

Replication
  payments-dev  us-east-1  12 to apply, no quorum, engine lost

Addresses
  both Regions  http://127.0.0.1:8080
  console       http://127.0.0.1:8084

1 resource types are not run; --json names them.
`,
    );
  });
});

test('renderStatus says how far an eventually consistent replica is behind', () => {
  const replica = {
    ...{ table: 'things', replica: 'us-east-2', quorum: true, engine: 'ready' },
    ...{ pendingItems: 3, caughtUp: false, lagMs: 450 },
  };
  const caughtUp = { ...replica, replica: 'us-east-1', pendingItems: 0, caughtUp: true, lagMs: 0 };
  const text = renderStatus(twinStatus({ tables: [replica, caughtUp] }), plain);
  expect(text).toContain('us-east-2  3 to apply, 450 ms behind\n');
  expect(text).toContain('us-east-1  caught up\n');
});

describe('renderReady', () => {
  const description: ReadyDescription = {
    suffix: 'dev',
    addresses: addressesOf(portsFrom(18_080, ['us-east-1', 'us-east-2'])),
    regions: ['us-east-1', 'us-east-2'],
    dataDirectory: null,
    paymentsTable: 'payments-dev',
    access: 'open',
    notRunTypes: Array.from({ length: 20 }, (_value, index) => `AWS::Service${index}::Resource`),
    startupMs: 3_456,
  };

  test('fits 80 columns', () => {
    const texts = (['open', 'iam'] as const).map((access) =>
      renderReady({ ...description, access }, plain),
    );
    for (const text of texts) {
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    }
  });

  test('names every address, a payment to try, the AWS CLI, and how to break and heal', () => {
    const text = renderReady(description, plain);
    expect(text).toContain('Ready in 3.5 s: us-east-1 and us-east-2, suffix dev');
    for (const port of [18_080, 18_081, 18_082, 18_083, 18_084, 18_085]) {
      expect(text).toContain(`127.0.0.1:${port}`);
    }
    expect(text).toContain('curl -i http://127.0.0.1:18080/process');
    expect(text).toContain('--endpoint-url http://127.0.0.1:18083');
    expect(text).toContain('npx holdfast fault us-east-1 kill');
    expect(text).toContain('npx holdfast heal us-east-1');
    expect(text).toContain('AWS::Service7::Resource');
  });

  test('says where the tables are kept, or that they are not', () => {
    expect(renderReady(description, plain)).toContain('--data DIR');
    const kept = renderReady({ ...description, dataDirectory: '/srv/tables' }, plain);
    expect(kept).toContain('Tables are kept in /srv/tables');
    expect(kept).not.toContain('--data DIR');
  });

  test('signs the example where the API asks for it', () => {
    expect(renderReady(description, plain)).not.toContain('--aws-sigv4');
    expect(renderReady({ ...description, access: 'iam' }, plain)).toContain('--aws-sigv4');
  });
});
