import { expect, test } from 'vitest';
import type { HealthStatus } from '#twin/routing/health-state.ts';
import { createHealthView } from '#twin/routing/health-view.ts';

function setUp() {
  let status: HealthStatus = 'healthy';
  let faults: string[] = [];
  const view = createHealthView({
    checkIds: ['check'],
    statusOf: (id) => (id === 'check' ? status : null),
    staleFaults: () => faults,
  });
  return {
    view,
    turn(to: HealthStatus) {
      view.beforeChange();
      status = to;
    },
    setFaults(...ids: string[]) {
      faults = ids;
    },
  };
}

test('follows the health checks while no fault stands', () => {
  const { view, turn } = setUp();
  expect([view.isHealthy('check'), view.isStale()]).toEqual([true, false]);
  turn('unhealthy');
  expect(view.isHealthy('check')).toBe(false);
});

test('keeps what stood when the fault began, until it ends', () => {
  const { view, turn, setFaults } = setUp();
  setFaults('fault-1');
  turn('unhealthy');
  expect([view.isHealthy('check'), view.isStale()]).toEqual([true, true]);
  setFaults();
  expect([view.isHealthy('check'), view.isStale()]).toEqual([false, false]);
});

test('keeps what stood when the first of two overlapping faults began', () => {
  const { view, turn, setFaults } = setUp();
  setFaults('fault-1');
  turn('unhealthy');
  setFaults('fault-1', 'fault-2');
  expect(view.isHealthy('check')).toBe(true);
  setFaults('fault-2');
  expect(view.isHealthy('check')).toBe(true);
});

test('a fault in the place of an ended one keeps what stood at its own beginning', () => {
  const { view, turn, setFaults } = setUp();
  setFaults('fault-1');
  turn('unhealthy');
  setFaults('fault-2');
  turn('healthy');
  expect(view.isHealthy('check')).toBe(false);
});

test('takes a check that nobody runs for healthy, stale or not', () => {
  const { view, setFaults } = setUp();
  expect(view.isHealthy('unknown')).toBe(true);
  setFaults('fault-1');
  expect(view.isHealthy('unknown')).toBe(true);
});
