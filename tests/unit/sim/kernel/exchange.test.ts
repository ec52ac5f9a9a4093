import { describe, expect, it } from 'vitest';
import { callService, type Served, type ServiceCall } from '#sim/kernel/exchange.ts';
import { SimProcess } from '#sim/kernel/sim-process.ts';
import { WORLD_EPOCH_MS } from '#sim/kernel/world.ts';
import { createWires, TEST_HOST } from '../../../support/driven-world.ts';

/** A process that calls a service once, and what came of it when the world is over. */
async function callOnce(
  setUp: (parts: ReturnType<typeof createWires> & { readonly caller: SimProcess }) => void,
  serve: () => Served<string>,
  isWrite = true,
) {
  const wires = createWires();
  const caller = new SimProcess(wires.world, 'us-east-1', 'api');
  const call: ServiceCall<string> = {
    ...{ what: 'put', about: 't1', phase: 'accept', to: 'us-east-1' as const, isWrite },
    serve,
  };
  const came: unknown[] = [];
  setUp({ ...wires, caller });
  wires.world.after(0, () =>
    caller.invoke(
      () => callService(wires, caller, call, { atEpochMs: WORLD_EPOCH_MS + 5_000 }),
      (value) => came.push(value),
      (error) => came.push((error as { code: string }).code),
    ),
  );
  await wires.world.run(TEST_HOST);
  return { came, ...wires, caller };
}

const works = (): Served<string> => ({ kind: 'ok', value: 'done', afterMs: 2 });

describe('callService', () => {
  it('brings the answer, in two events', async () => {
    const { came, world } = await callOnce(() => undefined, works);
    expect(came).toEqual(['done']);
    expect(world.happened).toBe(3);
  });

  it('tries again after a refusal, and nothing is unknown', async () => {
    let served = 0;
    const refused = await callOnce(
      () => undefined,
      () => {
        served += 1;
        return { kind: 'refused', by: 'F15', isContention: false };
      },
    );
    expect(refused.came).toEqual(['unavailable']);
    expect(served).toBe(5);
  });

  it('says unknown of a write that was never answered, and unavailable of such a read', async () => {
    const silent = (): Served<string> => ({ kind: 'silent' });
    expect((await callOnce(() => undefined, silent)).came).toEqual(['outcome_unknown']);
    expect((await callOnce(() => undefined, silent, false)).came).toEqual(['unavailable']);
  });

  it('begins nothing after the deadline', async () => {
    const arrivedAtMs: number[] = [];
    let time = { nowMs: 0 };
    const { came, world } = await callOnce(
      (parts) => {
        time = parts.world;
        parts.network.link('us-east-1', 'us-east-1').baseMs = 1_400;
      },
      () => {
        arrivedAtMs.push(time.nowMs);
        return { kind: 'failed' };
      },
    );
    expect(came).toEqual(['outcome_unknown']);
    expect(arrivedAtMs.length).toBeGreaterThan(2);
    // Begun before 5 s, on the way for 1.4 s and the link's jitter.
    for (const atMs of arrivedAtMs) expect(atMs).toBeLessThan(5_000 + 1_400 + 10);
    expect(world.nowMs).toBeLessThan(7_000);
  });

  it('serves a repeat of the network, whose answer nobody hears', async () => {
    let served = 0;
    const { came } = await callOnce(
      ({ network }) => {
        network.link('us-east-1', 'us-east-1').duplicate = 1;
      },
      () => {
        served += 1;
        return works();
      },
    );
    expect(came).toEqual(['done']);
    expect(served).toBe(2);
  });

  it('never answers a process that died, before the effect or after it', async () => {
    for (const boundary of ['before', 'after'] as const) {
      let served = 0;
      const { came, caller } = await callOnce(
        (parts) => {
          parts.caller.crashRule = (_own, at) => at === boundary;
        },
        () => {
          served += 1;
          return works();
        },
      );
      expect(came).toEqual([]);
      expect(served).toBe(boundary === 'before' ? 0 : 1);
      expect(caller.isUp).toBe(false);
    }
  });

  it('keeps what arrives at a paused process until it is resumed', async () => {
    const { came, world } = await callOnce(({ world: time, caller }) => {
      time.after(1, () => caller.pause());
      time.after(60_000, () => caller.resume());
    }, works);
    expect(came).toEqual(['done']);
    expect(world.nowMs).toBe(60_000);
  });

  it('drops what was held for a life that is over', async () => {
    const { came } = await callOnce(({ world: time, caller }) => {
      time.after(1, () => caller.pause());
      time.after(10_000, () => caller.crash('test'));
      time.after(20_000, () => caller.restart());
    }, works);
    expect(came).toEqual([]);
  });
});
