import { describe, expect, it } from 'vitest';
import { EventQueue } from '#sim/kernel/event-queue.ts';
import { fastHash } from '#sim/kernel/fast-hash.ts';
import { createRandom } from '#sim/kernel/random.ts';
import { RunawayError, World } from '#sim/kernel/world.ts';
import { TEST_HOST } from '../../../support/driven-world.ts';

const options = { seed: 7, keepTrace: true, eventsMax: 1_000 };

describe('EventQueue', () => {
  it('gives events by time, and those of one time in the order of their planning', () => {
    const random = createRandom(1, 'test');
    const queue = new EventQueue();
    const planned = Array.from({ length: 500 }, (_unused, order) => ({
      atMs: random.int(0, 40),
      order,
    }));
    for (const { atMs } of planned) queue.plan(atMs, () => undefined);
    const taken: { atMs: number; order: number }[] = [];
    for (let event = queue.take(); event !== undefined; event = queue.take()) {
      taken.push({ atMs: event.atMs, order: event.order });
    }
    expect(taken).toEqual(planned.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order));
  });
});

describe('createRandom', () => {
  it('repeats itself for a seed and a name, and for nothing else', () => {
    const draws = (seed: number, name: string): number[] => {
      const random = createRandom(seed, name);
      return Array.from({ length: 20 }, () => random.next());
    };
    expect(draws(1, 'a')).toEqual(draws(1, 'a'));
    const others = [draws(1, 'a'), draws(2, 'a'), draws(1, 'b'), draws(2 ** 40 + 1, 'a')];
    expect(new Set(others.map((list) => list.join())).size).toBe(4);
  });

  it('draws evenly', () => {
    const random = createRandom(3, 'even');
    const counts = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for (let draw = 0; draw < 10_000; draw += 1) {
      const at = random.int(0, 9);
      counts[at] = (counts[at] ?? 0) + 1;
    }
    // Five standard deviations of a binomial with n = 10,000 and p = 0.1 are 150.
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
    expect(random.chance(0)).toBe(false);
  });
});

describe('fastHash', () => {
  it('gives 64 hex characters that differ where the texts do', () => {
    const texts = Array.from({ length: 5_000 }, (_unused, at) => `t${at % 71}-${at}`);
    const hashes = texts.map(fastHash);
    expect(new Set(hashes).size).toBe(texts.length);
    for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(fastHash('t1-1')).toBe(hashes[1]);
  });
});

describe('World', () => {
  it('runs awaiting code to its next await before the next event', async () => {
    const world = new World(options);
    const seen: string[] = [];
    const actor = async (name: string): Promise<void> => {
      await world.sleep(10);
      seen.push(`${name} at ${world.nowMs}`);
      await Promise.resolve();
      seen.push(`${name} goes on`);
      await world.sleep(5);
      seen.push(`${name} at ${world.nowMs}`);
    };
    world.after(0, () => {
      world.wake();
      void actor('one');
      void actor('two');
    });
    await world.run(TEST_HOST);
    expect(seen).toEqual([
      ...['one at 10', 'one goes on', 'two at 10', 'two goes on'],
      ...['one at 15', 'two at 15'],
    ]);
  });

  it('hashes what happened, and nothing but that', async () => {
    const run = async (seed: number, keepTrace: boolean, about: string): Promise<string> => {
      const world = new World({ ...options, seed, keepTrace });
      world.after(3, () => world.note('client', 'us-east-1', 'process', about, 'sent'));
      await world.run(TEST_HOST);
      return world.trace.hash;
    };
    const hash = await run(7, true, 't1');
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(await run(7, false, 't1')).toBe(hash);
    expect(await run(7, true, 't2')).not.toBe(hash);
  });

  it('passes on what an event throws, and ends', async () => {
    const world = new World(options);
    world.after(1, () => {
      throw new TypeError('broken');
    });
    world.after(2, () => expect.unreachable());
    await expect(world.run(TEST_HOST)).rejects.toThrow('broken');
  });

  it('ends a run that no time passes in', async () => {
    const world = new World(options);
    const again = (): void => void world.after(0, again);
    again();
    await expect(world.run(TEST_HOST)).rejects.toBeInstanceOf(RunawayError);
  });

  it('does not run what was cancelled', async () => {
    const world = new World(options);
    const planned = world.after(1, () => expect.unreachable());
    planned.run = null;
    await world.run(TEST_HOST);
    expect(world.nowMs).toBe(0);
  });
});
