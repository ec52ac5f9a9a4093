/** Whatever the writers, the lags and the cuts: healed replicas are alike, and the last writer has won. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryEngine } from '../memory-engine.ts';
import { TestNetwork } from '../test-network.ts';
import { EAST_1, EAST_2, eventualTableOver, WITNESS as WEST, write } from '../test-table.ts';

const REGIONS = [EAST_1, EAST_2, WEST] as const;
const KEYS = ['x', 'y'] as const;
/** Longer than any lag that is drawn. */
const ALL_LAGS_MS = 10_000;

const region = fc.constantFrom(...REGIONS);
const writing = fc.record({
  region,
  key: fc.constantFrom('x', ...KEYS),
  kind: fc.constantFrom('PutItem', 'PutItem', 'UpdateItem', 'create', 'DeleteItem'),
});
const happening = fc.oneof(
  fc.record({
    region,
    condition: fc.constantFrom('up', 'up', 'isolated', 'killed'),
  }),
  fc.record({ from: region, to: region }),
  fc.record({ region, lagMs: fc.constantFrom(null, 1, 500, 5_000) }),
  fc.record({ passMs: fc.constantFrom(1, 100, 700, -300) }),
);
const world = fc.record({
  scheduler: fc.scheduler(),
  clients: fc.array(fc.array(writing, { minLength: 1, maxLength: 5 }), {
    minLength: 2,
    maxLength: 5,
  }),
  happenings: fc.array(happening, { minLength: 2, maxLength: 12 }),
});

type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

async function run({ scheduler, clients, happenings }: World) {
  const network = new TestNetwork();
  /** Value of each item in the order in which the engines took the writers' changes of it. */
  const changes = new Map<string, (string | null)[]>(KEYS.map((key) => [key, []]));
  const engines = Object.fromEntries(
    REGIONS.map((name) => [
      name,
      new MemoryEngine({
        pause: (moment, call) => scheduler.schedule(Promise.resolve(), `${name} ${call} ${moment}`),
      }),
    ]),
  );
  const { table, passMs, timers } = eventualTableOver(engines, network);
  let values = 0;

  async function perform({ region: where, key, kind }: World['clients'][number][number]) {
    const value = `v${values++}`;
    const operation = kind === 'create' ? 'PutItem' : kind;
    const answer = await write(table, where, operation, key, requestOf(kind, key, value));
    // The version is given in the turn in which the engine's answer is taken: answers come in its order.
    if (answer.status === 200) changes.get(key)?.push(kind === 'DeleteItem' ? null : value);
  }

  const work = clients.map(async (script) => {
    for (const step of script) {
      await scheduler.schedule(Promise.resolve(), 'next write');
      await perform(step);
    }
  });
  const breaking = (async () => {
    for (const one of happenings) {
      await scheduler.schedule(Promise.resolve(), JSON.stringify(one));
      if ('passMs' in one) passMs(one.passMs);
      else if ('lagMs' in one) network.lag(one.region, one.lagMs);
      else if ('from' in one) network.cut(one.from, one.to);
      else network.set(one.region, one.condition);
    }
  })();
  await scheduler.waitFor(Promise.all([...work, breaking]));

  network.heal();
  while (timers.delaysMs.length > 0) passMs(ALL_LAGS_MS);
  await scheduler.waitIdle();
  return { table, engines, changes };
}

function requestOf(kind: string, key: string, value: string): Record<string, unknown> {
  if (kind === 'DeleteItem') return {};
  if (kind === 'UpdateItem') {
    return {
      UpdateExpression: 'SET v = :v',
      ExpressionAttributeValues: { ':v': { S: value } },
    };
  }
  return {
    Item: { p: { S: key }, v: { S: value } },
    ...(kind === 'create' ? { ConditionExpression: 'attribute_not_exists(p)' } : {}),
  };
}

describe('an eventually consistent table under faults', () => {
  it('ends with equal replicas that have the last write of each item', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (drawn) => {
        const { table, engines, changes } = await run(drawn);
        for (const [key, written] of changes) {
          const last = written.at(-1) ?? null;
          for (const name of REGIONS) {
            const value = engines[name]?.items.get(key)?.['v']?.['S'] ?? null;
            expect({ key, name, value, written }).toEqual({ key, name, value: last, written });
          }
        }
        expect(table.itemsUnderWay).toBe(0);
      }),
      { numRuns: 1_000 },
    );
  });
});
