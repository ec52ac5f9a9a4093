import { describe, expect, it } from 'vitest';
import type { DrillWorld } from '#ops/drill/drill-world.ts';
import { preflight } from '#ops/drill/preflight.ts';
import { scenarioNamed } from '#ops/drill/scenarios/scenarios.ts';
import { OpsError } from '#ops/ops-error.ts';
import { createFakeWorld, EAST_1, EAST_2, IMPAIRED, PACE } from './drill-world-fixture.ts';

const ready = createFakeWorld();

const LOSS = scenarioNamed('region-loss');
const GREY = scenarioNamed('grey-slow');

async function refusal(changes: Partial<DrillWorld>, scenario = LOSS): Promise<string> {
  const world = { ...ready, ...changes };
  const error = await preflight(world, PACE, scenario).catch((thrown: unknown) => thrown);
  if (!(error instanceof OpsError)) throw new Error('it was not refused');
  expect(error.kind).toBe('refused');
  return error.message;
}

/** Traffic was moved away, and by this 4 s into the test back. */
async function movedBy(change: 'failover' | 'failback') {
  const world = createFakeWorld();
  world.move('failover', EAST_2);
  await world.time.run(4_000);
  world.move(change, EAST_1);
  return world;
}

describe('preflight', () => {
  it('passes where all is well, and says at which epoch', async () => {
    expect(await preflight(ready, PACE, GREY)).toEqual({ epoch: 0 });
    const moved = createFakeWorld();
    moved.move('failover', EAST_2);
    moved.move('failback', EAST_1);
    await moved.time.run(PACE.cooldownMs);
    expect(await preflight(moved, PACE, LOSS)).toEqual({ epoch: 2 });
  });

  it('rejects a target with a fault in force, with the mend', async () => {
    const target = createFakeWorld().target;
    await target.inject({ region: EAST_1, kind: 'kill' });
    const message = await refusal({ target });
    expect(message).toContain('faults are in force (us-east-1: kill); end them: holdfast heal');
    expect(message).toContain('us-east-1 is killed');
  });

  it('rejects traffic that is elsewhere, a drained Region and automation that is off', async () => {
    const world = createFakeWorld();
    world.move('failover', EAST_2);
    const entry = world.entries[0];
    if (entry === undefined) throw new Error('no entry');
    const message = await refusal({
      newestEntry: async () => ({ ...entry, mode: 'manual', drained: [EAST_1] }),
    });
    expect(message).toContain('traffic goes to us-east-2, not to us-east-1 alone');
    expect(message).toContain('holdfast mode auto');
    expect(message).toContain('holdfast drain us-east-1 --end');
  });

  it('rejects a target whose automation rests after a move, and says for how long', async () => {
    const world = await movedBy('failback');
    await world.time.run(7_500);
    const { newestEntry, clock } = world;
    expect(await refusal({ newestEntry, clock })).toContain('wait 7 s');
  });

  it('rejects a scenario that relies on an impairment until the soak, and says for how long', async () => {
    const world = await movedBy('failover');
    await world.time.run(24_500);
    const message = await refusal(world, GREY);
    expect(message).toContain('60 s after that at the earliest; wait 40 s');
    // Losing a Region needs none, and a move that was none does not begin it anew.
    expect(await preflight(world, PACE, LOSS)).toEqual({ epoch: 2 });
    expect(await preflight(world, PACE, null)).toEqual({ epoch: 2 });
    world.move('mode', EAST_1);
    expect(await refusal(world, GREY)).toContain('wait 40 s');
    await world.time.run(64_000);
    expect(await preflight(world, PACE, GREY)).toEqual({ epoch: 3 });
  });

  it('asks for the cooldown alone right after a failback', async () => {
    const world = await movedBy('failback');
    await world.time.run(7_500);
    expect(await refusal(world, GREY)).toContain('automation rests after that; wait 7 s');
    await world.time.run(14_000);
    expect(await preflight(world, PACE, GREY)).toEqual({ epoch: 2 });
    // New processes can't tell from this entry what the move was.
    world.move('mode', EAST_1);
    expect(await refusal(world, GREY)).toContain('wait 50 s');
  });

  it.each<readonly [string, Partial<DrillWorld>, string]>([
    [
      'a Region that does not serve',
      { serves: async () => false },
      '/health of us-east-1 does not answer 200',
    ],
    [
      'DNS that answers otherwise',
      { resolve: async () => ({ region: EAST_2, url: '', ttlMs: 0 }) },
      'DNS answers with us-east-2',
    ],
    [
      'an alarm that rings',
      { ringingAlarms: async (region) => (region === EAST_2 ? [IMPAIRED] : []) },
      `in us-east-2 ${IMPAIRED} is in ALARM`,
    ],
    [
      'payments that are overdue',
      { backlog: async () => ({ open: 3, overdue: 2, parked: 0, oldestEpochSeconds: 1 }) },
      '2 open payments are overdue',
    ],
    [
      'payments that are parked',
      { backlog: async () => ({ open: 0, overdue: 0, parked: 1, oldestEpochSeconds: 1 }) },
      '1 payments are parked',
    ],
    [
      'a part that can’t be asked',
      { newestEntry: () => Promise.reject(new OpsError('fault', 'no Region answers')) },
      "the routing log can't be asked (no Region answers)",
    ],
  ])('rejects %s', async (_what, changes, text) => {
    expect(await refusal(changes)).toContain(text);
  });

  it('lists all that is wrong at once', async () => {
    const message = await refusal({
      serves: async () => false,
      backlog: async () => ({ open: 3, overdue: 2, parked: 0, oldestEpochSeconds: 1 }),
    });
    expect(message).toContain('us-east-2');
    expect(message).toContain('overdue');
  });
});
