import { describe, expect, it } from 'vitest';

import type { ExecutionEnvironment } from '#twin/region/lambda/execution-environment.ts';
import { createFunctionRuntime, restartDelayMs } from '#twin/region/lambda/function-runtime.ts';
import { EVENT_LIMIT_BYTES } from '#twin/region/lambda/invocation.ts';

interface FakeEnvironment {
  readonly load: () => void;
  readonly failToLoad: (reason: string) => void;
  readonly end: () => void;
  isTerminated: boolean;
}

function setUp(more: { readonly idleMs?: number; readonly reservedConcurrency?: number } = {}) {
  const environments: FakeEnvironment[] = [];
  const scheduled: { callback: () => void; delayMs: number; isCancelled: boolean }[] = [];
  const runtime = createFunctionRuntime({
    ...more,
    startEnvironment(onEnd): ExecutionEnvironment {
      const number = environments.length + 1;
      const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
      ready.catch(() => undefined);
      const fake: FakeEnvironment = {
        load: resolve,
        failToLoad(reason) {
          reject(new Error(reason));
          onEnd();
        },
        end: onEnd,
        isTerminated: false,
      };
      environments.push(fake);
      return {
        ready,
        invoke: () => Promise.resolve({ kind: 'answered', payload: `"environment ${number}"` }),
        terminate() {
          fake.isTerminated = true;
          return Promise.resolve();
        },
      };
    },
    schedule(callback, delayMs) {
      const entry = { callback, delayMs, isCancelled: false };
      scheduled.push(entry);
      return () => {
        entry.isCancelled = true;
      };
    },
  });
  return { runtime, environments, scheduled };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('createFunctionRuntime', () => {
  it('invokes in one environment, started once', async () => {
    const { runtime, environments } = setUp();
    const started = runtime.start();
    environments[0]?.load();
    await started;
    for (const id of ['1', '2']) {
      expect(await runtime.invoke('{}', id)).toEqual({
        kind: 'answered',
        payload: '"environment 1"',
      });
    }
    expect(environments).toHaveLength(1);
  });

  it('starts an environment at the first invocation when it was not started before', async () => {
    const { runtime, environments } = setUp();
    expect(environments).toHaveLength(0);
    const invocations = [runtime.invoke('{}', '1'), runtime.invoke('{}', '2')];
    environments[0]?.load();
    expect(await Promise.all(invocations)).toMatchObject([
      { payload: '"environment 1"' },
      { payload: '"environment 1"' },
    ]);
    expect(environments).toHaveLength(1);
  });

  it('starts nothing for an invocation that comes after the stop', async () => {
    const { runtime, environments } = setUp();
    await runtime.stop();
    expect(await runtime.invoke('{}', '1')).toMatchObject({ kind: 'crashed' });
    expect(environments).toHaveLength(0);
  });

  it('rejects the start with the reason of the first environment, and does not try again', async () => {
    const { runtime, environments, scheduled } = setUp();
    const started = runtime.start();
    environments[0]?.failToLoad('no such module');
    await expect(started).rejects.toThrow('no such module');
    expect(environments).toHaveLength(1);
    expect(scheduled).toEqual([]);
  });

  it('replaces an environment that served and ended, at once; invocations wait for it', async () => {
    const { runtime, environments, scheduled } = setUp();
    const started = runtime.start();
    environments[0]?.load();
    await started;
    await runtime.invoke('{}', '1');
    environments[0]?.end();
    const invocation = runtime.invoke('{}', '2');
    environments[1]?.load();
    expect(await invocation).toMatchObject({ payload: '"environment 2"' });
    expect(scheduled).toEqual([]);
  });

  it('pauses longer after each environment that can not load, and answers why', async () => {
    const { runtime, environments, scheduled } = setUp();
    const started = runtime.start();
    environments[0]?.load();
    await started;
    await runtime.invoke('{}', '1');
    environments[0]?.end();
    environments[1]?.failToLoad('it throws');
    await settled();
    expect(await runtime.invoke('{}', '2')).toEqual({ kind: 'crashed', reason: 'it throws' });
    scheduled[0]?.callback();
    environments[2]?.failToLoad('it throws again');
    await settled();
    expect(scheduled.map(({ delayMs }) => delayMs)).toEqual([100, 200]);
    scheduled[1]?.callback();
    environments[3]?.load();
    expect(await runtime.invoke('{}', '3')).toMatchObject({ payload: '"environment 4"' });
  });

  it('pauses before it replaces an environment that ended unused', async () => {
    const { runtime, environments, scheduled } = setUp();
    const started = runtime.start();
    environments[0]?.load();
    await started;
    environments[0]?.end();
    expect(environments).toHaveLength(1);
    expect(scheduled).toHaveLength(1);
  });

  it('starts nothing after it was stopped', async () => {
    const { runtime, environments, scheduled } = setUp();
    const started = runtime.start();
    environments[0]?.load();
    await started;
    environments[0]?.end();
    await runtime.stop();
    expect(scheduled[0]?.isCancelled).toBe(true);
    expect(environments).toHaveLength(1);
  });

  it('rejects an event over the limit, in bytes', async () => {
    const { runtime, environments } = setUp();
    const started = runtime.start();
    environments[0]?.load();
    await started;
    const characters = EVENT_LIMIT_BYTES / 2;
    expect(await runtime.invoke('é'.repeat(characters), '1')).toMatchObject({ kind: 'answered' });
    expect(await runtime.invoke('é'.repeat(characters + 1), '2')).toEqual({
      kind: 'request-too-large',
      sizeBytes: EVENT_LIMIT_BYTES + 2,
    });
  });
});

describe('restartDelayMs', () => {
  it('doubles from 0.1 s up to 10 s', () => {
    expect([1, 2, 3, 7, 8, 1_000].map(restartDelayMs)).toEqual([
      100, 200, 400, 6_400, 10_000, 10_000,
    ]);
  });
});

describe('an idle environment', () => {
  /** A runtime whose first environment serves, with the idle time as the last thing scheduled. */
  async function started() {
    const world = setUp({ idleMs: 60_000 });
    const start = world.runtime.start();
    world.environments[0]?.load();
    await start;
    return world;
  }

  it('is ended after its time, and the next invocation starts another', async () => {
    const { runtime, environments, scheduled } = await started();
    await runtime.invoke('{}', '1');
    const idle = scheduled.at(-1);
    expect(idle).toMatchObject({ delayMs: 60_000, isCancelled: false });
    idle?.callback();
    expect(environments[0]?.isTerminated).toBe(true);
    environments[0]?.end();
    expect(environments).toHaveLength(1);
    const invocation = runtime.invoke('{}', '2');
    expect(environments).toHaveLength(2);
    environments[1]?.load();
    expect(await invocation).toEqual({ kind: 'answered', payload: '"environment 2"' });
  });

  it('is one that has been idle since its last invocation', async () => {
    const { runtime, environments, scheduled } = await started();
    const sinceStart = scheduled.at(-1);
    await runtime.invoke('{}', '1');
    expect(sinceStart?.isCancelled).toBe(true);
    expect(scheduled.at(-1)).not.toBe(sinceStart);
    expect(environments[0]?.isTerminated).toBe(false);
  });

  it('is left alone while it is at work', async () => {
    const { runtime, environments, scheduled } = await started();
    const sinceStart = scheduled.at(-1);
    const invocation = runtime.invoke('{}', '1');
    sinceStart?.callback();
    expect(environments[0]?.isTerminated).toBe(false);
    await invocation;
  });

  it('is watched no longer once the runtime has stopped', async () => {
    const { runtime, scheduled } = await started();
    await runtime.stop();
    expect(scheduled.at(-1)?.isCancelled).toBe(true);
  });
});

describe('reserved concurrency', () => {
  const throttled = { kind: 'throttled', reservedConcurrency: 2 };

  it('is all that runs at a time, cold starts included; what ends makes room', async () => {
    const { runtime, environments } = setUp({ reservedConcurrency: 2 });
    const running = [runtime.invoke('{}', '1'), runtime.invoke('{}', '2')];
    expect(await runtime.invoke('{}', '3')).toEqual(throttled);
    environments[0]?.load();
    expect(await Promise.all(running)).toMatchObject([{ kind: 'answered' }, { kind: 'answered' }]);
    expect(await runtime.invoke('{}', '4')).toMatchObject({ kind: 'answered' });
  });

  it('is given back by what crashes', async () => {
    const { runtime, environments } = setUp({ reservedConcurrency: 2 });
    const running = [runtime.invoke('{}', '1'), runtime.invoke('{}', '2')];
    environments[0]?.failToLoad('no such module');
    expect(await Promise.all(running)).toMatchObject([{ kind: 'crashed' }, { kind: 'crashed' }]);
    expect(await runtime.invoke('{}', '3')).toMatchObject({ kind: 'crashed' });
  });

  it('of none lets nothing through, and starts nothing', async () => {
    const { runtime, environments } = setUp({ reservedConcurrency: 0 });
    expect(await runtime.invoke('{}', '1')).toMatchObject({ kind: 'throttled' });
    expect(environments).toHaveLength(0);
  });
});
