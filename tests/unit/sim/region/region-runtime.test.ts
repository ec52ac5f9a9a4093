import { describe, expect, it } from 'vitest';
import { REGIONS } from '#sim/faults/fault-spec.ts';
import type { SimProcess } from '#sim/kernel/sim-process.ts';
import { createSmallSystem } from './small-system.ts';

const [EAST_1, EAST_2] = REGIONS;
const MINUTE_MS = 60_000;

/** Five payments at the beginning of each of two minutes; `spoil` gets the API's process before them. */
async function twoMinutes(spoil: (api: SimProcess) => void) {
  const small = createSmallSystem();
  const { system } = small;
  const statuses: number[] = [];
  const states: string[] = [];
  small.at(0, () => spoil(system.regions[EAST_1].processes.api));
  for (let minute = 0; minute < 2; minute += 1) {
    small.at(minute * MINUTE_MS + 1_000, () => {
      for (let count = 1; count <= 5; count += 1) {
        small.pay(EAST_1, `t${minute}-${count}`, ({ status }) => statuses.push(status));
      }
    });
  }
  for (const atMs of [2 * MINUTE_MS - 1_000, 2 * MINUTE_MS + 1_000]) {
    small.at(atMs, () => states.push(system.alarms.stateOf(EAST_1)));
  }
  small.at(2 * MINUTE_MS + 1_000, () => states.push(system.alarms.stateOf(EAST_2)));
  await small.run(2 * MINUTE_MS + 2_000);
  return { statuses, states };
}

describe('RegionRuntime', () => {
  it.each<[string, number, (api: SimProcess) => void]>([
    ['is down', 500, (api) => api.crash('test')],
    ['hangs', 504, (api) => api.pause()],
  ])('is impaired while its API %s', async (_how, status, spoil) => {
    const { statuses, states } = await twoMinutes(spoil);
    expect(statuses).toEqual(Array.from({ length: 10 }, () => status));
    expect(states).toEqual(['OK', 'ALARM', 'OK']);
  });

  it('answers as soon as its API goes on, and once', async () => {
    const small = createSmallSystem();
    const { api } = small.system.regions[EAST_1].processes;
    const statuses: number[] = [];
    small.at(0, () => api.pause());
    small.at(1_000, () => small.pay(EAST_1, 't1', ({ status }) => statuses.push(status)));
    small.at(20_000, () => api.resume());
    await small.run(MINUTE_MS);
    expect(statuses).toEqual([200]);
  });
});
