import { beforeEach, describe, expect, it } from 'vitest';
import { Coverage, phaseCount } from '#sim/faults/coverage.ts';
import { PROCESS_KINDS, type ProcessKind, type RegionName } from '#sim/faults/fault-spec.ts';
import { type ProcessFault, ProcessFaults } from '#sim/faults/process-faults.ts';
import { SimProcess } from '#sim/kernel/sim-process.ts';
import { World } from '#sim/kernel/world.ts';

const EAST = 'us-east-1';
const PAUSE: ProcessFault = { id: 'F10', region: EAST, process: 'api' };
const LOOP: ProcessFault = { id: 'F11', region: EAST, process: 'api' };

let world: World;
let coverage: Coverage;
let processes: Record<RegionName, Record<ProcessKind, SimProcess>>;
let api: SimProcess;

beforeEach(() => {
  world = new World({ seed: 5, keepTrace: false, eventsMax: 10_000 });
  coverage = new Coverage();
  const made = (region: RegionName) =>
    Object.fromEntries(
      PROCESS_KINDS.map((kind) => [kind, new SimProcess(world, region, kind)]),
    ) as Record<ProcessKind, SimProcess>;
  processes = { 'us-east-1': made('us-east-1'), 'us-east-2': made('us-east-2') };
  api = processes[EAST].api;
});

const faultsWith = (crashAt: readonly number[] = []): ProcessFaults =>
  new ProcessFaults({ world, coverage, processes, crashAt });

/** Runs the world until a moment. */
async function until(atMs: number): Promise<void> {
  world.after(atMs - world.nowMs, () => world.stop());
  await world.run({
    drive: async (step) => {
      while (step()) await Promise.resolve();
    },
  });
}

describe('a crash', () => {
  it('comes at a boundary, is counted with its phase, and is followed by a restart', async () => {
    const faults = faultsWith();
    const fault = { id: 'F9', region: EAST, process: 'api', probability: 1 } as const;
    faults.begin(fault, [fault]);
    expect(processes[EAST].sweep.diesAt('before', 'claimJournal', 'sweep')).toBe(false);
    expect(api.diesAt('after', 'charge', 'charge')).toBe(true);
    expect(api.isUp).toBe(false);
    expect(phaseCount(coverage.counts, 'F9', 'charge')).toBe(1);
    await until(600);
    expect([api.isUp, api.life]).toEqual([true, 1]);
    expect(faults.boundaries).toBe(2);
  });

  it('is over with its fault', () => {
    const faults = faultsWith();
    const fault = { id: 'F9', region: EAST, process: 'api', probability: 1 } as const;
    faults.begin(fault, [fault]);
    faults.heal(fault, []);
    expect(api.diesAt('before', 'charge', 'charge')).toBe(false);
  });

  it('comes at counted boundaries over all processes', () => {
    const faults = faultsWith([2, 4]);
    const other = processes['us-east-2'].consume;
    const died = [api, other, api, api].map((one) => one.diesAt('before', 'charge', 'charge'));
    expect(died).toEqual([false, true, false, true]);
    expect(faults.boundaries).toBe(4);
  });

  it('comes at counted boundaries of the kinds that are counted', () => {
    const crashKinds = ['consume', 'sweep'] as const;
    const faults = new ProcessFaults({ world, coverage, processes, crashAt: [2], crashKinds });
    const { consume } = processes['us-east-2'];
    const asked = [consume, api, api, processes[EAST].sweep, api];
    const died = asked.map((one) => one.diesAt('before', 'charge', 'charge'));
    // The api is next in the line when two were counted: it is not one of them.
    expect(died).toEqual([false, false, false, true, false]);
    expect(faults.boundaries).toBe(2);
  });

  it('is met by what the dead life was waiting for', () => {
    const faults = faultsWith([1]);
    const { life } = api;
    expect(api.diesAt('before', 'charge', 'charge')).toBe(true);
    api.deliver(life, () => expect.unreachable(), 'record');
    expect(phaseCount(coverage.counts, 'F9', 'record')).toBe(1);
    expect(faults.boundaries).toBe(1);
  });
});

describe('a pause', () => {
  it('holds back what arrives until the last of its faults is healed', () => {
    const faults = faultsWith();
    faults.begin(PAUSE, [PAUSE]);
    faults.begin(PAUSE, [PAUSE, PAUSE]);
    // Now, or where it next asks for something.
    expect(api.diesAt('before', 'createJournal', 'accept')).toBe(false);
    const heard: string[] = [];
    api.deliver(api.life, () => heard.push('answer'), 'accept');
    faults.heal(PAUSE, [PAUSE]);
    expect(heard).toEqual([]);
    faults.heal(PAUSE, []);
    expect(heard).toEqual(['answer']);
    expect(phaseCount(coverage.counts, 'F10', 'accept')).toBe(1);
  });
});

describe('a pause in the middle', () => {
  it('begins at a step boundary in about half of the runs, and never after its end', () => {
    let atOnce = 0;
    for (let run = 0; run < 40; run += 1) {
      const one = new World({ seed: run, keepTrace: false, eventsMax: 10 });
      const runner = new SimProcess(one, EAST, 'api');
      const faults = new ProcessFaults({
        ...{ world: one, coverage, crashAt: [] },
        processes: { ...processes, [EAST]: { ...processes[EAST], api: runner } },
      });
      faults.begin(PAUSE, [PAUSE]);
      if (runner.isPaused) atOnce += 1;
      else if (run % 2 === 0) runner.diesAt('after', 'charge', 'charge');
      const isReached = runner.isPaused;
      faults.heal(PAUSE, []);
      runner.diesAt('before', 'recordPayment', 'record');
      expect(runner.isPaused).toBe(false);
      if (run % 2 === 0) expect(isReached).toBe(true);
    }
    expect(atOnce).toBeGreaterThan(10);
    expect(atOnce).toBeLessThan(30);
  });
});

describe('a restart loop', () => {
  it('kills each new life, and leaves a living process behind', async () => {
    const faults = faultsWith();
    faults.begin(LOOP, [LOOP]);
    expect(api.isUp).toBe(false);
    api.missed('request');
    let crashes = 0;
    world.after(20_000, () => {
      crashes = api.crashes;
      faults.heal(LOOP, []);
    });
    await until(22_000);
    // A life and the start after it take 70 to 700 ms.
    expect(crashes).toBeGreaterThan(25);
    expect(crashes).toBeLessThan(290);
    expect([api.crashes, api.isUp]).toEqual([crashes, true]);
    expect(phaseCount(coverage.counts, 'F11', 'request')).toBe(1);
  });
});

describe('a wrong clock', () => {
  it('is wrong in the whole Region, and met where its time is sent', () => {
    const faults = faultsWith();
    const fault = { id: 'F22', region: EAST, skewMs: -3_600_000 } as const;
    const right = processes['us-east-2'].api.clock.nowEpochMs();
    faults.begin(fault, [fault]);
    for (const kind of PROCESS_KINDS) {
      expect(processes[EAST][kind].clock.nowEpochMs()).toBe(right - 3_600_000);
    }
    expect(processes['us-east-2'].api.clock.nowEpochMs()).toBe(right);
    api.diesAt('before', 'createJournal', 'accept');
    api.diesAt('after', 'createJournal', 'accept');
    api.diesAt('before', 'readJournals', 'read');
    expect(phaseCount(coverage.counts, 'F22', 'accept')).toBe(1);
    expect(phaseCount(coverage.counts, 'F22', 'read')).toBe(0);
    faults.heal(fault, []);
    expect(api.clock.nowEpochMs()).toBe(right);
  });
});
