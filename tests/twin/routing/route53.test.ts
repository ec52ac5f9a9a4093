/** Health checks and records of the templates, as clients of DNS and of the entry see them. */

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { synthesizeTemplates } from '../../support/prepared-assembly.ts';
import {
  apiOf,
  call,
  EAST_1,
  EAST_2,
  type RunningTwin,
  startTwinProcess,
  until,
} from '../../support/running-twin.ts';
import { askTcp, askUdp, regionOf } from './ask-dns.ts';
import { emptyStacks, ORCHESTRATOR_STACKS, ROUTING_STACKS } from './routing-assembly.ts';

const NAME = 'api.holdfast.test';
const folder = mkdtempSync(join(tmpdir(), 'holdfast-routing-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function boot(assembly: string): Promise<RunningTwin> {
  return startTwinProcess({ args: ['--assembly', assembly, '--profile', 'fast'] });
}

function statusOf(twin: RunningTwin, region: string) {
  return async () => {
    const { regions, routing } = await twin.status();
    const check = routing.healthChecks.find(({ endpoint }) => endpoint.startsWith(`${region}.`));
    return { active: regions.find(({ name }) => name === region)?.active, check };
  };
}

const leadsTo = (twin: RunningTwin, region: string) =>
  until(`${NAME} leads to ${region}`, async () => (await regionOf(twin, NAME)) === region);

describe('failover records', () => {
  let twin: RunningTwin;
  beforeAll(async () => {
    const assembly = join(folder, 'failover');
    cpSync(inject('assembly'), assembly, { recursive: true });
    emptyStacks(assembly, ORCHESTRATOR_STACKS);
    twin = await boot(assembly);
  });
  afterEach(() => twin.heal());
  afterAll(async () => void (await twin.stop()));

  it('answer with the Regional name of the primary over UDP and over TCP', async () => {
    const [udp, tcp] = [await askUdp(twin, NAME, 'A'), await askTcp(twin, NAME, 'A')];
    expect(tcp.answers).toEqual(udp.answers);
    expect(udp.answers).toMatchObject([
      { name: NAME, type: 'CNAME', ttl: 2, data: expect.stringContaining(`api.${EAST_1}.amazon`) },
      { type: 'A', ttl: 2, data: '127.0.0.1' },
    ]);
    const [own] = (await askUdp(twin, `${EAST_2}.${NAME}`, 'A')).answers;
    expect(own?.data).toContain(`.execute-api.${EAST_2}.amazonaws.com`);
  });

  it('move to the other Region when the primary is killed, and come back when it is healed', async () => {
    const before = await statusOf(twin, EAST_1)();
    expect(before).toMatchObject({ active: true, check: { status: 'healthy' } });
    expect(before.check?.endpoint).toBe(`${EAST_1}.${NAME}/health/traffic`);

    await twin.fault(EAST_1, 'kill');
    await leadsTo(twin, EAST_2);
    const lost = await statusOf(twin, EAST_1)();
    expect(lost.active).toBe(false);
    expect(lost.check?.checkers.map(({ status }) => status)).toEqual(Array(3).fill('unhealthy'));
    expect(lost.check?.checkers[0]?.lastCheck?.detail).toBe('connection refused');
    await until('the entry follows', async () => {
      const answer = await call(`${apiOf(twin, 'entry')}/health`);
      return answer.status === 200 && answer.headers.get('x-holdfast-region') === EAST_2;
    });

    await twin.heal(EAST_1);
    await leadsTo(twin, EAST_1);
  });

  it('reach an isolated Region, which says by itself that it cannot serve', async () => {
    await twin.fault(EAST_1, 'isolate');
    await leadsTo(twin, EAST_2);
    const { check } = await statusOf(twin, EAST_1)();
    expect(check?.checkers[0]?.lastCheck?.detail).toBe('HTTP 503');
  });

  it('stay as they are while DNS is stale, and move when it no longer is', async () => {
    await leadsTo(twin, EAST_1);
    await twin.fault(EAST_2, 'stale-dns');
    await twin.fault(EAST_1, 'kill');
    await until('the checkers have noticed', async () => {
      const { check } = await statusOf(twin, EAST_1)();
      return check?.status === 'unhealthy';
    });
    expect(await regionOf(twin, NAME)).toBe(EAST_1);
    expect((await twin.status()).routing.stale).toBe(true);
    await twin.heal(EAST_2);
    expect(await regionOf(twin, NAME)).toBe(EAST_2);
    expect((await twin.status()).routing.stale).toBe(false);
  });
});

describe('weighted records', () => {
  let twin: RunningTwin;
  beforeAll(async () => {
    const assembly = join(folder, 'weighted');
    await synthesizeTemplates(assembly, { routing: 'active-active' });
    emptyStacks(assembly, ORCHESTRATOR_STACKS);
    twin = await boot(assembly);
  });
  afterAll(async () => void (await twin.stop()));

  it('lead to both Regions, and to the one that is left', async () => {
    const drawn = async () => {
      const regions = await Promise.all(Array.from({ length: 40 }, () => regionOf(twin, NAME)));
      return [...new Set(regions)].toSorted();
    };
    const { regions, routing } = await twin.status();
    expect(regions.map(({ active }) => active)).toEqual([true, true]);
    const record = routing.records.find(({ name }) => name === NAME);
    expect(record?.answers.map(({ share }) => share)).toEqual([0.5, 0.5]);
    // The odds that 40 draws miss one of two equal shares are below one in 10^11.
    expect(await drawn()).toEqual([EAST_1, EAST_2]);

    await twin.fault(EAST_1, 'kill');
    await until('us-east-1 takes none', async () => !(await statusOf(twin, EAST_1)()).active);
    expect(await drawn()).toEqual([EAST_2]);
  });
});

describe('templates without a domain', () => {
  let twin: RunningTwin;
  beforeAll(async () => {
    const assembly = join(folder, 'bare');
    cpSync(inject('assembly'), assembly, { recursive: true });
    emptyStacks(assembly, ORCHESTRATOR_STACKS);
    emptyStacks(assembly, ROUTING_STACKS);
    twin = await boot(assembly);
  });
  afterAll(async () => void (await twin.stop()));

  it("have the twin's own names, which follow /health", async () => {
    const { routing } = await twin.status();
    expect(routing.healthChecks.map(({ endpoint }) => endpoint)).toEqual([
      `${EAST_1}.${NAME}/health`,
      `${EAST_2}.${NAME}/health`,
    ]);
    expect(await regionOf(twin, NAME)).toBe(EAST_1);
    await twin.fault(EAST_1, 'kill');
    await leadsTo(twin, EAST_2);
  });
});
