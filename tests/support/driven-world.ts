/** A world that runs by itself beside a test: whatever the test awaits comes to its end. */

import { afterEach } from 'vitest';
import { neutralConditions } from '#sim/conditions.ts';
import { Coverage } from '#sim/faults/coverage.ts';
import { Network } from '#sim/kernel/network.ts';
import { type SimHost, World } from '#sim/kernel/world.ts';

/** Runs a world to its end, a turn of the event loop for each step. */
export const TEST_HOST: SimHost = {
  drive: (step) =>
    new Promise((resolve, reject) => {
      const turn = (): void => {
        try {
          if (step()) setImmediate(turn);
          else resolve();
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      setImmediate(turn);
    }),
};

const running = new Set<{ isOver: boolean }>();
afterEach(() => {
  for (const one of running) one.isOver = true;
  running.clear();
});

/** As `TEST_HOST`, and it goes on when the world has nothing to do, until the test is over. */
function patientHost(): SimHost {
  const state = { isOver: false };
  running.add(state);
  return {
    drive: (step) =>
      new Promise((resolve) => {
        const turn = (): void => {
          if (state.isOver) return resolve();
          step();
          setImmediate(turn);
        };
        setImmediate(turn);
      }),
  };
}

/** Everything that a service needs, with no fault in force. */
export function createWires(seed = 1) {
  const world = new World({ seed, keepTrace: true, eventsMax: 1_000_000 });
  const coverage = new Coverage();
  const network = new Network(world, coverage);
  return { world, network, coverage, conditions: neutralConditions() };
}

/** The same, and it runs. */
export function createDrivenWires(seed = 1): ReturnType<typeof createWires> {
  const wires = createWires(seed);
  void wires.world.run(patientHost());
  return wires;
}
