import { describe, expect, it } from 'vitest';
import { createDrillTarget, verbArguments } from '#cli/drill-target.ts';
import { createProgram } from '#cli/program.ts';
import { plain } from '#cli/terminal.ts';
import type { TwinClient } from '#cli/twin-client.ts';
import { SCENARIO_NAMES } from '#ops/drill/scenarios/scenarios.ts';
import { regionStatus, twinStatus } from '../twin/control/twin-status-fixture.ts';

function program(said: string[] = []) {
  return createProgram({
    directory: '/nowhere',
    paint: plain,
    writeOut: (text) => said.push(text),
    writeError: () => undefined,
    setExitCode: () => undefined,
  });
}

const client: TwinClient = {
  status: async () => twinStatus(),
  inject: () => Promise.reject(new Error('not asked for')),
  heal: async () => ({ healed: [], restarted: [] }),
};

describe('holdfast drill', () => {
  it.each([
    [['drill', 'earthquake'], 'Allowed choices are region-loss'],
    [['drill', 'region-loss', '--rate', '2'], 'whole number from 3 to 500'],
    [['drill', 'region-loss', '--profile', 'slow'], 'Allowed choices are'],
    [['drill', 'region-loss', '--objectives', 'none.json'], "none.json can't be read (ENOENT)"],
    [
      ['drill', 'region-loss', '--own', '--twin', 'http://127.0.0.1:1'],
      '--own and --twin exclude each other',
    ],
    [['drill'], 'name a scenario'],
    [['drill', 'region-loss', '--script', 'one.json'], 'one of the two'],
    [['drill', '--script', 'none.json'], "none.json can't be read (ENOENT)"],
    [['drill', '--script', 'none.json', '--rate', '9'], '--rate is for scenarios'],
    [['drill', '--script', 'none.json', '--profile', 'aws'], 'leave out --profile aws'],
  ])('rejects %j', async (args, text) => {
    await expect(program().parseAsync(args, { from: 'user' })).rejects.toMatchObject({
      message: expect.stringContaining(text) as string,
    });
  });

  it('lists every scenario in its help', async () => {
    const said: string[] = [];
    await program(said)
      .parseAsync(['drill', '--help'], { from: 'user' })
      .catch(() => undefined);
    for (const name of SCENARIO_NAMES) expect(said.join('')).toContain(`  ${name}`);
  });
});

describe('createDrillTarget', () => {
  it('takes addresses and names from the status', () => {
    const { facts } = createDrillTarget(client, twinStatus(), true);
    const { addresses, routing } = twinStatus();
    expect(facts).toMatchObject({ apiUrls: addresses.regions, awsEndpoint: addresses.aws });
    expect(`${facts.dns.address}:${facts.dns.port}`).toBe(addresses.dns);
    expect(facts.apiName).toBe(routing.name);
    expect(facts.isOwn).toBe(true);
  });

  it('lists the faults of every place in words', async () => {
    const fault = { id: 'fault-1', sinceEpochMs: 0, kind: 'isolate' } as const;
    const status = twinStatus({
      regions: [regionStatus('us-east-1'), regionStatus('us-east-2')],
      witness: {
        name: 'us-west-2',
        condition: 'isolated',
        faults: [{ ...fault, region: 'us-west-2' }],
      },
    });
    const target = createDrillTarget({ ...client, status: async () => status }, status, false);
    expect((await target.snapshot()).faults).toEqual(['us-west-2: isolate']);
  });

  it('rejects a twin with one Region', () => {
    const status = twinStatus({ regions: [regionStatus('us-east-1')] });
    expect(() => createDrillTarget(client, status, false)).toThrow('two Regions');
  });
});

describe('verbArguments', () => {
  it('are what an operator would type', () => {
    const control = 'http://127.0.0.1:8084';
    expect(verbArguments({ verb: 'failover', to: 'us-east-2' }, control).slice(1)).toEqual([
      ...['failover', '--to', 'us-east-2', '--reason', 'drill', '--json', '--twin', control],
    ]);
    expect(verbArguments({ verb: 'failback' }, control).slice(1)).toEqual([
      ...['failback', '--reason', 'drill', '--json', '--twin', control],
    ]);
  });
});
