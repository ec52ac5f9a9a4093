import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createHealthChecker } from '#twin/routing/health-checker.ts';
import type { CheckResult, Probe } from '#twin/routing/probe-endpoint.ts';
import { ROUTING_PROFILES } from '#twin/routing/routing-profile.ts';

const targets = [
  { region: 'us-east-1', url: 'http://127.0.0.1:1/health' },
  { region: 'us-east-2', url: 'http://127.0.0.1:2/health' },
];
const passed = { passed: true, detail: 'HTTP 200' } as const;
const failed = { passed: false, detail: 'HTTP 503' } as const;

function setUp(probe: Probe) {
  const changes: string[] = [];
  const intervals: { ms: number; callback: () => void; stopped: boolean }[] = [];
  const checker = createHealthChecker({
    targets,
    profile: ROUTING_PROFILES.fast,
    probe,
    nowEpochMs: () => 1_700_000_000_000,
    every(ms, callback) {
      const interval = { ms, callback, stopped: false };
      intervals.push(interval);
      return () => {
        interval.stopped = true;
      };
    },
    onChange: (region, health) => changes.push(`${region} ${health.status}`),
  });
  return { checker, changes, intervals };
}

test('turns one Region unhealthy after three failures and leaves the other alone', async () => {
  const { checker, changes } = setUp(async (url) => (url.includes(':1/') ? failed : passed));
  await checker.tick();
  await checker.tick();
  expect(changes).toEqual([]);
  await checker.tick();
  expect(changes).toEqual(['us-east-1 unhealthy']);
  expect(checker.healthOf('us-east-1')).toEqual({
    status: 'unhealthy',
    contraryChecks: 0,
    lastCheck: { ...failed, atEpochMs: 1_700_000_000_000 },
  });
  expect(checker.healthOf('us-east-2').status).toBe('healthy');
});

test('turns a Region healthy again after three checks that pass', async () => {
  let result: CheckResult = failed;
  const { checker, changes } = setUp(async () => result);
  for (let check = 0; check < 3; check += 1) await checker.tick();
  result = passed;
  for (let check = 0; check < 3; check += 1) await checker.tick();
  expect(changes.filter((change) => change.startsWith('us-east-1'))).toEqual([
    'us-east-1 unhealthy',
    'us-east-1 healthy',
  ]);
});

test('a Region whose check hangs is checked again once it ends, and delays no other', async () => {
  const asked: string[] = [];
  const hung = Promise.withResolvers<CheckResult>();
  const { checker } = setUp((url) => {
    asked.push(url);
    const first = asked.filter((one) => one === url).length === 1;
    return url.includes(':1/') && first ? hung.promise : Promise.resolve(failed);
  });
  const times = (part: string) => asked.filter((url) => url.includes(part)).length;
  const first = checker.tick();
  await setImmediate();
  await checker.tick();
  await checker.tick();
  expect([times(':1/'), times(':2/')]).toEqual([1, 3]);
  expect(checker.healthOf('us-east-2').status).toBe('unhealthy');
  hung.resolve(failed);
  await first;
  expect([times(':1/'), times(':2/')]).toEqual([2, 3]);
  expect(checker.healthOf('us-east-1').contraryChecks).toBe(2);
});

test('checks at once and at each interval of the profile, until stopped', async () => {
  const asked: string[] = [];
  const { checker, intervals } = setUp(async (url) => {
    asked.push(url);
    return passed;
  });
  checker.start();
  checker.start();
  expect(intervals.map(({ ms }) => ms)).toEqual([1_000]);
  expect(asked).toHaveLength(2);
  await checker.tick();
  intervals[0]?.callback();
  expect(asked.length).toBeGreaterThanOrEqual(4);
  checker.stop();
  expect(intervals[0]?.stopped).toBe(true);
});

test('ignores the result of a check that was in flight when it stopped', async () => {
  const { checker } = setUp(
    (_url, _limits, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(failed))),
  );
  const checks = checker.tick();
  checker.stop();
  await checks;
  expect(checker.healthOf('us-east-1').lastCheck).toBeNull();
});

test('rejects a Region that it does not watch', () => {
  const { checker } = setUp(async () => passed);
  expect(() => checker.healthOf('eu-west-1')).toThrow('no health check watches eu-west-1');
});
