/** The faults of the board as the tables meet them. */

import { describe, expect, it } from 'vitest';
import { createFaultBoard } from '#twin/faults/fault-board.ts';
import { MemoryEngine } from '../memory-engine.ts';
import {
  EAST_1,
  EAST_2,
  eventualRead,
  eventualTableOver,
  put,
  tableOver,
  WITNESS,
} from '../test-table.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

function world() {
  const faults = createFaultBoard({
    regions: [EAST_1, EAST_2],
    witness: WITNESS,
    laggingRegions: [EAST_1, EAST_2],
    clock: { nowEpochMs: () => 0 },
    random: Math.random,
  });
  const engines = { [EAST_1]: new MemoryEngine(), [EAST_2]: new MemoryEngine() };
  return { faults, engines };
}

describe('a paused Region', () => {
  it('is without a quorum for a strongly consistent table, and catches up when healed', async () => {
    const { faults, engines } = world();
    const { table } = tableOver(engines, faults.replication);
    faults.inject({ region: EAST_1, kind: 'pause' });
    await expect(put(table, EAST_1, 'a', '1')).rejects.toMatchObject({ status: 500 });
    expect((await put(table, EAST_2, 'a', '2')).status).toBe(200);
    expect(await eventualRead(table, EAST_1, 'a')).toBe(null);
    faults.heal(EAST_1);
    await settled();
    expect(await eventualRead(table, EAST_1, 'a')).toBe('2');
  });

  it('neither sends nor receives writes of an eventually consistent table, and takes its own', async () => {
    const { faults, engines } = world();
    const { table, passMs } = eventualTableOver(engines, faults.replication);
    faults.inject({ region: EAST_1, kind: 'pause' });
    await put(table, EAST_1, 'a', 'out');
    await put(table, EAST_2, 'b', 'in');
    passMs(100);
    await settled();
    expect(await eventualRead(table, EAST_2, 'a')).toBe(null);
    expect(await eventualRead(table, EAST_1, 'b')).toBe(null);
    faults.heal();
    await settled();
    expect(await eventualRead(table, EAST_2, 'a')).toBe('out');
    expect(await eventualRead(table, EAST_1, 'b')).toBe('in');
  });
});

it('a lag that is healed lets go of what is on its way', async () => {
  const { faults, engines } = world();
  const { table, passMs } = eventualTableOver(engines, faults.replication);
  faults.inject({ region: EAST_1, kind: 'lag', latencyMs: 60_000 });
  await put(table, EAST_1, 'a', '1');
  passMs(59_000);
  await settled();
  expect(await eventualRead(table, EAST_2, 'a')).toBe(null);
  faults.heal();
  await settled();
  expect(await eventualRead(table, EAST_2, 'a')).toBe('1');
});
