/** Ending one fault of a Region with a real process while others stand. */

import { afterEach, expect, it } from 'vitest';
import { FaultRequestError } from '#twin/faults/fault.ts';
import { createFaultBoard } from '#twin/faults/fault-board.ts';
import { createRegionFleet, type RegionFleet } from '#twin/supervisor/region-fleet.ts';
import { createFixture, type Fixture, REGION } from '../region/region-fixture.ts';

const OHIO = 'us-east-2';
const OK = "export const handler = async () => ({ statusCode: 200, body: 'ok' });";
const ARN = `arn:aws:lambda:${REGION}:123456789012:function:ok`;

let fixture: Fixture;
let fleet: RegionFleet;

afterEach(async () => {
  await fleet.stop();
  await fixture.dispose();
});

async function start() {
  fixture = createFixture({ ok: OK });
  const faults = createFaultBoard({
    regions: [REGION, OHIO],
    witness: null,
    clock: { nowEpochMs: () => 0 },
    random: () => 0,
  });
  fleet = createRegionFleet({
    configs: [fixture.config],
    faults,
    onSpawn: () => {},
    onExit: () => {},
    onDeath: () => {},
    onMetrics: () => {},
  });
  await fleet.start();
  return faults;
}

/** Null: no answer within the time, as of a process that stands still. */
function answer(): Promise<string | null> {
  return Promise.race([
    fleet.invoke(REGION, ARN, '{}', 'id').then(({ kind }) => kind),
    new Promise<null>((resolve) => setTimeout(resolve, 300, null)),
  ]);
}

it('restarts a killed Region, and leaves what else stands there', async () => {
  const faults = await start();
  const cut = await fleet.inject({ region: REGION, kind: 'isolate' });
  const frozen = await fleet.inject({ region: REGION, kind: 'freeze' });
  const killed = await fleet.inject({ region: REGION, kind: 'kill' });
  expect(fleet.pidOf(REGION)).toBeNull();

  expect(await fleet.heal(undefined, killed.id)).toEqual({ healed: [killed], restarted: [REGION] });
  expect(faults.conditionOf(REGION)).toBe('frozen');
  expect(await answer()).toBeNull();

  expect(await fleet.heal(REGION, frozen.id)).toEqual({ healed: [frozen], restarted: [] });
  expect(faults.conditionOf(REGION)).toBe('isolated');
  expect(await answer()).toBe('answered');
  expect(faults.active()).toEqual([cut]);
});

it('neither wakes nor restarts for a fault that did neither', async () => {
  const faults = await start();
  const slow = await fleet.inject({ region: REGION, kind: 'latency', latencyMs: 5 });
  const killed = await fleet.inject({ region: REGION, kind: 'kill' });
  expect(await fleet.heal(REGION, slow.id)).toEqual({ healed: [slow], restarted: [] });
  expect(faults.conditionOf(REGION)).toBe('killed');
  expect(fleet.pidOf(REGION)).toBeNull();
  await expect(fleet.heal(REGION, slow.id)).rejects.toThrow(FaultRequestError);
  await expect(fleet.heal(OHIO, killed.id)).rejects.toThrow(/a fault of us-east-1/);
});

it('heals once when it is asked twice at the same time', async () => {
  await start();
  const killed = await fleet.inject({ region: REGION, kind: 'kill' });
  const results = await Promise.all([fleet.heal(REGION, killed.id), fleet.heal(REGION, killed.id)]);
  expect(results).toEqual([
    { healed: [killed], restarted: [REGION] },
    { healed: [], restarted: [] },
  ]);
});
