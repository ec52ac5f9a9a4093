import { describe, expect, it } from 'vitest';
import { REGIONS } from '#sim/faults/fault-spec.ts';
import type { PlannedOrder } from '#sim/plan.ts';
import { KNOWN_MS, kindsOf, openOperators } from './operators-world.ts';

const [EAST_1, EAST_2] = REGIONS;

async function carriedOut(
  orders: readonly PlannedOrder[],
  during: (world: ReturnType<typeof openOperators>) => void = () => undefined,
) {
  const world = openOperators({}, { orders });
  world.operators.start();
  during(world);
  await world.run(KNOWN_MS + 200_000);
  const entries = world.system.control.entries.map(
    ({ change, mode, drained }) => `${change} ${mode} [${drained.join()}]`,
  );
  return { world, entries };
}

describe('an order', () => {
  const times = { atMs: KNOWN_MS, forMs: 60_000 };

  it('puts automation off for a while', async () => {
    const { world, entries } = await carriedOut([{ ...times, verb: 'manual' }]);
    expect(entries).toEqual(['mode manual []', 'mode auto []']);
    const called = world.operators.outcomes.map(({ calledAtMs }) => calledAtMs);
    expect(called).toEqual([KNOWN_MS, KNOWN_MS + 60_000]);
    expect(world.operators.isDone).toBe(true);
  });

  it('drains a Region for a while', async () => {
    const { entries } = await carriedOut([{ ...times, verb: 'drain', region: EAST_1 }]);
    expect(entries).toEqual([`drain auto [${EAST_1}]`, 'undrain auto []']);
  });

  it('is not carried out for the last Region', async () => {
    const last = { atMs: KNOWN_MS + 20_000, forMs: 20_000, verb: 'drain', region: EAST_1 } as const;
    const first = { ...times, verb: 'drain', region: EAST_2 } as const;
    const { world, entries } = await carriedOut([first, last]);
    expect(entries).toEqual([`drain auto [${EAST_2}]`, 'undrain auto []']);
    expect(kindsOf(world)).toEqual(['appended', 'mistaken', 'already', 'appended']);
  });

  it('is taken back as soon as somebody answers', async () => {
    const { world, entries } = await carriedOut([{ ...times, verb: 'manual' }], (open) => {
      const cut = (isCut: boolean) => () => {
        for (const region of REGIONS) open.isolate(region, isCut);
      };
      open.at(KNOWN_MS + 50_000, cut(true));
      open.at(KNOWN_MS + 100_000, () => expect(open.operators.isDone).toBe(false));
      open.at(KNOWN_MS + 110_000, cut(false));
    });
    expect(entries).toEqual(['mode manual []', 'mode auto []']);
    expect(kindsOf(world)).toContain('fault');
    expect(world.operators.isDone).toBe(true);
  });
});
