import { describe, expect, it } from 'vitest';
import { phaseCount } from '#sim/faults/coverage.ts';
import { REGIONS, type RegionName } from '#sim/faults/fault-spec.ts';
import type { ApiRequest, ApiResponse } from '#sim/http.ts';
import { Dns } from '#sim/services/dns.ts';
import type { System } from '#sim/system.ts';
import { createDrivenWires } from '../../../support/driven-world.ts';

const [EAST_1, EAST_2] = REGIONS;
const INTERVAL_MS = 10_000;
const TTL_MS = 20_000;
/** Three checks in a row, the first one up to an interval away, and the last one's limits. */
const TURNED_MS = 3 * INTERVAL_MS + 7_000;

/** Two Regions that answer what `status` says, at once; null: never. */
function open(policy: 'active-passive' | 'active-active' = 'active-passive') {
  const wires = createDrivenWires();
  const status: Record<RegionName, number | null> = { [EAST_1]: 200, [EAST_2]: 200 };
  const asked: { region: RegionName; route: string; atMs: number }[] = [];
  const regionOf = (region: RegionName) => ({
    receive: (request: ApiRequest, reply: (response: ApiResponse) => void) => {
      asked.push({ region, route: request.route, atMs: wires.world.nowMs });
      const now = status[region];
      if (now !== null) reply({ status: now, code: null, body: '', retryAfterMs: null });
    },
  });
  const system = {
    ...{ ...wires, wires, plan: { topology: { policy }, timings: timings() } },
    regions: { [EAST_1]: regionOf(EAST_1), [EAST_2]: regionOf(EAST_2) },
  };
  const dns = new Dns(system as unknown as System);
  const changes: string[] = [];
  dns.onChange((region, isHealthy) =>
    changes.push(`${region} ${isHealthy ? 'healthy' : 'unhealthy'}`),
  );
  const turn = async (region: RegionName, to: number | null): Promise<void> => {
    status[region] = to;
    await wires.world.sleep(TURNED_MS);
  };
  return { ...wires, dns, asked, changes, status, turn };
}

function timings() {
  return { healthIntervalMs: INTERVAL_MS, dnsTtlMs: TTL_MS };
}

describe('Dns', () => {
  it('asks the primary whether traffic is here and the standby whether it is well, from start to stop', async () => {
    const { dns, asked, world } = open();
    await world.sleep(60_000);
    expect(asked).toEqual([]);
    dns.start();
    await world.sleep(60_000);
    for (const region of REGIONS) {
      const times = asked.filter((one) => one.region === region).map(({ atMs }) => atMs);
      expect(times).toHaveLength(6);
    }
    const asks = new Set(asked.map(({ region, route }) => `${region} ${route}`));
    expect(asks).toEqual(new Set(['us-east-1 traffic', 'us-east-2 health']));
    dns.stop();
    await world.sleep(60_000);
    expect(asked).toHaveLength(12);
  });

  it('believes the contrary after three checks in a row, and says so once', async () => {
    const { dns, changes, status, world, turn } = open();
    dns.start();
    await turn(EAST_1, 200);
    for (const says of [503, 503, 200, 503, 503, 200]) {
      status[EAST_1] = says;
      await world.sleep(INTERVAL_MS);
    }
    await turn(EAST_1, 200);
    expect(changes).toEqual([]);
    await turn(EAST_1, 503);
    await turn(EAST_1, 503);
    expect(changes).toEqual([`${EAST_1} unhealthy`]);
    expect(dns.isHealthy(EAST_1)).toBe(false);
    await turn(EAST_1, 200);
    expect(changes).toEqual([`${EAST_1} unhealthy`, `${EAST_1} healthy`]);
  });

  it('takes a Region that does not answer, or answers after its limits, for unhealthy', async () => {
    const { dns, network, turn } = open();
    dns.start();
    await turn(EAST_1, null);
    expect(dns.isHealthy(EAST_1)).toBe(false);
    network.link(EAST_2, 'world').baseMs = 6_100;
    await turn(EAST_2, 200);
    expect(dns.isHealthy(EAST_2)).toBe(false);
  });

  it('counts checks that flap as failed, whatever the Region said', async () => {
    const { dns, conditions, coverage, turn } = open();
    dns.start();
    conditions.regions[EAST_1].checkFlap = 1;
    await turn(EAST_1, 503);
    expect(phaseCount(coverage.counts, 'F21', 'health')).toBe(0);
    await turn(EAST_1, 200);
    expect(dns.isHealthy(EAST_1)).toBe(false);
    expect(phaseCount(coverage.counts, 'F21', 'health')).toBeGreaterThan(2);
  });

  it.each([
    [200, 200, EAST_1],
    [503, 200, EAST_2],
    [200, 503, EAST_1],
    [503, 503, EAST_1],
  ])('answers active-passive, where they say %i and %i: %s', async (one, two, answer) => {
    const { dns, turn } = open();
    dns.start();
    await turn(EAST_1, one);
    await turn(EAST_2, two);
    expect(dns.answer()).toBe(answer);
  });

  it.each([
    [200, 200, [EAST_1, EAST_2]],
    [503, 200, [EAST_2]],
    [200, 503, [EAST_1]],
    [503, 503, [EAST_1, EAST_2]],
  ])('answers active-active, where they say %i and %i: %j', async (one, two, answers) => {
    const { dns, turn } = open('active-active');
    dns.start();
    await turn(EAST_1, one);
    await turn(EAST_2, two);
    const seen = new Set(Array.from({ length: 50 }, () => dns.answer()));
    expect([...seen].toSorted()).toEqual(answers);
  });
});

describe('a resolver of Dns', () => {
  it('keeps an answer for its time to live and no longer', async () => {
    const { dns, coverage, world, turn } = open();
    dns.start();
    await turn(EAST_1, 200);
    const resolver = dns.createResolver('one');
    expect(resolver.resolve()).toBe(EAST_1);
    await world.sleep(TTL_MS - 1);
    expect(resolver.resolve()).toBe(EAST_1);
    await turn(EAST_1, 503);
    expect(resolver.resolve()).toBe(EAST_2);
    await turn(EAST_1, 200);
    const fresh = dns.createResolver('two');
    expect(fresh.resolve()).toBe(EAST_1);
    expect(phaseCount(coverage.counts, 'F19', 'dns')).toBe(0);
  });

  it('keeps it on while DNS is stale, which counts where the answer would be another', async () => {
    const { dns, conditions, coverage, world, turn } = open();
    dns.start();
    const resolver = dns.createResolver('one');
    expect(resolver.resolve()).toBe(EAST_1);
    conditions.dnsIsStale = true;
    await world.sleep(2 * TTL_MS);
    expect(resolver.resolve()).toBe(EAST_1);
    expect(phaseCount(coverage.counts, 'F19', 'dns')).toBe(0);
    await turn(EAST_1, 503);
    expect(resolver.resolve()).toBe(EAST_1);
    expect(phaseCount(coverage.counts, 'F19', 'dns')).toBe(1);
    conditions.dnsIsStale = false;
    expect(resolver.resolve()).toBe(EAST_2);
  });

  it('asks when it knows nothing, however stale DNS is', async () => {
    const { dns, conditions, turn } = open();
    dns.start();
    await turn(EAST_1, 503);
    conditions.dnsIsStale = true;
    expect(dns.createResolver('one').resolve()).toBe(EAST_2);
  });
});

describe('the control plane of Dns', () => {
  it('changes no record while it is down, and answers go on', () => {
    const { dns, conditions, coverage } = open();
    expect(dns.changeRecord()).toBe(true);
    conditions.controlPlaneIsDown = true;
    expect(dns.changeRecord()).toBe(false);
    expect(phaseCount(coverage.counts, 'F20', 'operate')).toBe(1);
    expect(dns.answer()).toBe(EAST_1);
  });

  it('is settled when a check of each Region from then on bears out what is believed', async () => {
    const { dns, status, world } = open();
    dns.start();
    await world.sleep(TURNED_MS);
    expect(dns.isSettled(0)).toBe(true);
    expect(dns.isSettled(world.nowMs)).toBe(false);
    status[EAST_1] = 503;
    await world.sleep(INTERVAL_MS);
    expect(dns.isSettled(0)).toBe(false);
    const turned = world.nowMs + 2 * INTERVAL_MS;
    await world.sleep(3 * INTERVAL_MS);
    expect(dns.isHealthy(EAST_1)).toBe(false);
    expect(dns.isSettled(turned)).toBe(true);
  });

  it('is not waited for where checks flap all the while', async () => {
    const { dns, status, world, conditions } = open();
    dns.start();
    await world.sleep(TURNED_MS);
    status[EAST_1] = 503;
    await world.sleep(INTERVAL_MS);
    conditions.regions[EAST_1].checkFlap = 0.5;
    expect(dns.isSettled(0)).toBe(true);
  });
});
