import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createHealthChecker, type HealthTarget } from '#twin/routing/health-checker.ts';
import type { CheckResult, Probe } from '#twin/routing/probe-endpoint.ts';
import { ROUTING_PROFILES } from '#twin/routing/routing-profile.ts';
import { healthCheck } from './routed-regions.ts';

const passed = { passed: true, detail: 'HTTP 200' } as const;
const failed = { passed: false, detail: 'HTTP 503' } as const;
const ONE_CHECKER = { ...ROUTING_PROFILES.fast, checkersPerCheck: 1 };
const one = { check: healthCheck({ id: 'one' }), locate: () => ({ url: 'http://127.0.0.1:1/' }) };
const two = { check: healthCheck({ id: 'two' }), locate: () => ({ url: 'http://127.0.0.1:2/' }) };

function setUp(probe: Probe, profile = ONE_CHECKER, targets: HealthTarget[] = [one, two]) {
  const changes: string[] = [];
  const before: (string | undefined)[] = [];
  const intervals: { ms: number; callback: () => void; stopped: boolean }[] = [];
  const checker = createHealthChecker({
    targets,
    profile,
    probe,
    nowEpochMs: () => 1_700_000_000_000,
    every(ms, callback) {
      const interval = { ms, callback, stopped: false };
      intervals.push(interval);
      return () => {
        interval.stopped = true;
      };
    },
    beforeChange: () => before.push(checker.healthOf('one')?.status),
    onChange: (id, status) => changes.push(`${id} ${status}`),
  });
  const tick = async (times: number) => {
    for (let count = 0; count < times; count += 1) await checker.tick();
  };
  return {
    checker,
    changes,
    before,
    intervals,
    tick,
    status: () => checker.healthOf('one')?.status,
  };
}

describe('one checker', () => {
  test('turns one check unhealthy after three failures and leaves the other alone', async () => {
    const { checker, changes, before, tick } = setUp(async (url) =>
      url.includes(':1/') ? failed : passed,
    );
    await tick(2);
    expect(changes).toEqual([]);
    await tick(1);
    expect(changes).toEqual(['one unhealthy']);
    expect(before).toEqual(['healthy']);
    expect(checker.healthOf('one')).toEqual({
      status: 'unhealthy',
      checkers: [
        {
          status: 'unhealthy',
          contraryChecks: 0,
          lastCheck: { ...failed, atEpochMs: 1_700_000_000_000 },
        },
      ],
    });
    expect(checker.healthOf('two')?.status).toBe('healthy');
  });

  test('turns healthy again after three checks that pass', async () => {
    let result: CheckResult = failed;
    const { changes, tick } = setUp(async () => result);
    await tick(3);
    result = passed;
    await tick(3);
    expect(changes.filter((change) => change.startsWith('one'))).toEqual([
      'one unhealthy',
      'one healthy',
    ]);
  });

  test('that hangs asks again once its request ends, and delays no other check', async () => {
    const asked: string[] = [];
    const hung = Promise.withResolvers<CheckResult>();
    const { checker } = setUp((url) => {
      asked.push(url);
      const first = asked.filter((each) => each === url).length === 1;
      return url.includes(':1/') && first ? hung.promise : Promise.resolve(failed);
    });
    const times = (part: string) => asked.filter((url) => url.includes(part)).length;
    const first = checker.tick();
    await setImmediate();
    await checker.tick();
    await checker.tick();
    expect([times(':1/'), times(':2/')]).toEqual([1, 3]);
    expect(checker.healthOf('two')?.status).toBe('unhealthy');
    hung.resolve(failed);
    await first;
    expect([times(':1/'), times(':2/')]).toEqual([2, 3]);
    expect(checker.healthOf('one')?.checkers[0]?.contraryChecks).toBe(2);
  });

  test('fails while the name leads nowhere, with the reason', async () => {
    const lost = { check: healthCheck({ id: 'one' }), locate: () => ({ failure: 'nowhere' }) };
    const { checker, tick } = setUp(async () => passed, ONE_CHECKER, [lost]);
    await tick(1);
    expect(checker.healthOf('one')?.checkers[0]?.lastCheck?.detail).toBe('nowhere');
  });

  test('goes by the threshold of its check', async () => {
    const hasty = { ...one, check: healthCheck({ id: 'one', failureThreshold: 1 }) };
    const { tick, status } = setUp(async () => failed, ONE_CHECKER, [hasty]);
    await tick(1);
    expect(status()).toBe('unhealthy');
  });
});

describe('several checkers', () => {
  test('take turns, each with a count of its own', async () => {
    const { checker, tick, status } = setUp(async () => failed, ROUTING_PROFILES.fast);
    await tick(7);
    expect(checker.healthOf('one')?.checkers.map((each) => each.status)).toEqual([
      'unhealthy',
      'healthy',
      'healthy',
    ]);
    expect(status()).toBe('healthy');
    await tick(2);
    expect(status()).toBe('unhealthy');
  });

  // Of eight, one is 12.5 % and two are 25 %.
  test.each([
    { passing: 1, expected: 'unhealthy' },
    { passing: 2, expected: 'healthy' },
  ])('make the check $expected when $passing of 8 pass', async ({ passing, expected }) => {
    let asked = 0;
    const { tick, status } = setUp(
      async () => {
        const turn = asked % 8;
        asked += 1;
        return turn < passing ? passed : failed;
      },
      ROUTING_PROFILES.aws,
      [one],
    );
    await tick(24);
    expect(status()).toBe(expected);
  });

  test('are not kept from asking by one that hangs', async () => {
    let asked = 0;
    const { checker, tick } = setUp(
      () => {
        asked += 1;
        return asked === 1 ? new Promise<CheckResult>(() => {}) : Promise.resolve(passed);
      },
      ROUTING_PROFILES.fast,
      [one],
    );
    void checker.tick();
    await tick(2);
    const seen = checker.healthOf('one')?.checkers.map(({ lastCheck }) => lastCheck?.detail);
    expect(seen).toEqual([undefined, 'HTTP 200', 'HTTP 200']);
  });

  test('are spread over the interval of their check, in each profile', () => {
    const slow = { ...two, check: healthCheck({ id: 'two', requestIntervalSeconds: 30 }) };
    const msOf = (profile: typeof ONE_CHECKER) => {
      const { checker, intervals } = setUp(async () => passed, profile, [one, slow]);
      checker.start();
      checker.stop();
      return intervals.map(({ ms }) => Math.round(ms));
    };
    expect(msOf(ROUTING_PROFILES.aws)).toEqual([1_250, 3_750]);
    expect(msOf(ROUTING_PROFILES.fast)).toEqual([333, 1_000]);
  });
});

test('an inverted check says the opposite of its checkers', async () => {
  const inverted = { ...one, check: healthCheck({ id: 'one', inverted: true }) };
  const { tick, status } = setUp(async () => failed, ONE_CHECKER, [inverted]);
  expect(status()).toBe('unhealthy');
  await tick(3);
  expect(status()).toBe('healthy');
});

test('a disabled check is healthy and asks nothing', async () => {
  const disabled = { ...one, check: healthCheck({ id: 'one', disabled: true }) };
  const { checker, intervals, tick } = setUp(async () => failed, ONE_CHECKER, [disabled]);
  checker.start();
  await tick(3);
  expect(intervals).toEqual([]);
  expect(checker.healthOf('one')).toEqual({ status: 'healthy', checkers: [] });
});

test('asks at once and then at each interval, until stopped', async () => {
  const asked: string[] = [];
  const { checker, intervals } = setUp(async (url) => {
    asked.push(url);
    return passed;
  });
  checker.start();
  checker.start();
  expect(intervals.map(({ ms }) => ms)).toEqual([1_000, 1_000]);
  expect(asked).toHaveLength(2);
  await setImmediate();
  intervals[0]?.callback();
  expect(asked).toHaveLength(3);
  checker.stop();
  expect(intervals.map(({ stopped }) => stopped)).toEqual([true, true]);
});

test('ignores the result of a request that was in flight when it stopped', async () => {
  const { checker } = setUp(
    (_url, _limits, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(failed))),
  );
  const checks = checker.tick();
  checker.stop();
  await checks;
  expect(checker.healthOf('one')?.checkers[0]?.lastCheck).toBeNull();
});

test('knows nothing of a check that it does not run', () => {
  const { checker } = setUp(async () => passed);
  expect(checker.healthOf('three')).toBeNull();
});
