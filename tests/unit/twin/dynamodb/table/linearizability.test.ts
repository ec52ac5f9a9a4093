/** Whatever the interleaving and the faults: every item has one history, and nothing is lost. */

import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkLinearizable,
  type RecordedOperation,
  type SequentialModel,
} from '#sim/checkers/linearizable.ts';
import { WireFault } from '#twin/dynamodb/wire-fault.ts';
import { MemoryEngine } from '../memory-engine.ts';
import { TestNetwork } from '../test-network.ts';
import { EAST_1, EAST_2, strongRead, tableOver, WITNESS, write } from '../test-table.ts';

type Input =
  | { readonly kind: 'read' }
  | { readonly kind: 'put' | 'create'; readonly value: string }
  | { readonly kind: 'swap'; readonly from: string; readonly value: string }
  | { readonly kind: 'delete' };
/** What a read saw, or whether a write's condition held. */
type Output = { readonly saw: string | null } | { readonly applied: boolean };
type Recorded = RecordedOperation<Input, Output>;

const register: SequentialModel<string | null, Input, Output> = {
  initial: null,
  step(state, input, output) {
    const next = performOn(state, input);
    return output === null || isDeepStrictEqual(next.output, output) ? [next.state] : [];
  },
  stateKey: String,
};

function performOn(state: string | null, input: Input): { state: string | null; output: Output } {
  switch (input.kind) {
    case 'read':
      return { state, output: { saw: state } };
    case 'put':
      return { state: input.value, output: { applied: true } };
    case 'create':
      return state === null
        ? { state: input.value, output: { applied: true } }
        : { state, output: { applied: false } };
    case 'swap':
      return state === input.from
        ? { state: input.value, output: { applied: true } }
        : { state, output: { applied: false } };
    case 'delete':
      return { state: null, output: { applied: true } };
  }
}

const REGIONS = [EAST_1, EAST_2, WITNESS] as const;
const KEYS = ['x', 'y'] as const;
/** Calls that lose their request or their answer, for each engine. */
const FAILURES_MAX = 3;

const operation = fc.record({
  region: fc.constantFrom(EAST_1, EAST_2),
  key: fc.constantFrom('x', ...KEYS),
  kind: fc.constantFrom('read', 'read', 'put', 'create', 'swap', 'delete'),
  /** For a swap: which of the values written so far it expects. */
  expects: fc.nat(5),
});
const condition = fc.record({
  region: fc.constantFrom(...REGIONS),
  condition: fc.constantFrom('up', 'up', 'isolated', 'killed'),
});
/** A link that loses what goes one way, until it is mended. */
const cut = fc.record({
  from: fc.constantFrom(...REGIONS),
  to: fc.constantFrom(...REGIONS),
  lost: fc.constantFrom(true, true, false),
});
const fault = fc.oneof(condition, cut);
const engineFailures = fc.uniqueArray(
  fc.record({ call: fc.integer({ min: 1, max: 30 }), loses: fc.constantFrom('request', 'answer') }),
  { maxLength: FAILURES_MAX, selector: ({ call }) => call },
);
const world = fc.record({
  scheduler: fc.scheduler(),
  clients: fc.array(fc.array(operation, { minLength: 1, maxLength: 5 }), {
    minLength: 2,
    maxLength: 5,
  }),
  faults: fc.array(fault, { minLength: 2, maxLength: 8 }),
  failures: fc.record({ [EAST_1]: engineFailures, [EAST_2]: engineFailures }),
});

type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

async function run({ scheduler, clients, faults, failures }: World) {
  const network = new TestNetwork();
  const engineIn = (region: keyof World['failures']) =>
    new MemoryEngine({
      pause: (moment, name) => scheduler.schedule(Promise.resolve(), `${region} ${name} ${moment}`),
      fails: (call) => failures[region].find((failure) => failure.call === call)?.loses ?? null,
    });
  const engines = { [EAST_1]: engineIn(EAST_1), [EAST_2]: engineIn(EAST_2) };
  const { table, pending } = tableOver(engines, network);
  const history = new Map<string, Recorded[]>(KEYS.map((key) => [key, []]));
  let time = 0;
  let values = 0;

  async function perform({ region, key, kind, expects }: (typeof clients)[number][number]) {
    const input = inputOf(kind, `v${values}`, `v${expects}`);
    if (kind !== 'read' && kind !== 'delete') values++;
    const calledAt = time++;
    let answer: Recorded['answer'] = null;
    try {
      const output = await performInput(table, region, key, input);
      answer = { output, at: time++ };
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
      // A conflict has no effect, and a read that fails tells nothing.
      if (error.status === 400 || input.kind === 'read') return;
    }
    history.get(key)?.push({ input, calledAt, answer });
  }

  const work = clients.map(async (script) => {
    for (const step of script) {
      await scheduler.schedule(Promise.resolve(), 'next operation');
      await perform(step);
    }
  });
  const breaking = (async () => {
    for (const next of faults) {
      await scheduler.schedule(Promise.resolve(), JSON.stringify(next));
      if ('condition' in next) network.set(next.region, next.condition);
      else if (next.lost) network.cut(next.from, next.to);
      else network.mend(next.from, next.to);
    }
  })();
  await scheduler.waitFor(Promise.all([...work, breaking]));

  network.heal();
  await scheduler.waitIdle();
  // A catching up that met a failing engine goes on with the engine's next start.
  for (let start = 0; start <= FAILURES_MAX; start++) {
    for (const engine of Object.values(engines)) engine.become('ready');
    await scheduler.waitIdle();
  }
  for (const key of KEYS) {
    const step = { region: EAST_2, key, kind: 'read', expects: 0 } as const;
    await scheduler.waitFor(perform(step));
  }
  return { history, engines, pending };
}

function inputOf(kind: string, value: string, from: string): Input {
  if (kind === 'swap') return { kind, from, value };
  if (kind === 'put' || kind === 'create') return { kind, value };
  return kind === 'delete' ? { kind } : { kind: 'read' };
}

async function performInput(
  table: Parameters<typeof write>[0],
  region: string,
  key: string,
  input: Input,
): Promise<Output> {
  if (input.kind === 'read') return { saw: await strongRead(table, region, key) };
  if (input.kind === 'delete') {
    return { applied: (await write(table, region, 'DeleteItem', key)).status === 200 };
  }
  if (input.kind === 'swap') {
    const answer = await write(table, region, 'UpdateItem', key, {
      UpdateExpression: 'SET v = :v',
      ConditionExpression: 'v = :old',
      ExpressionAttributeValues: { ':v': { S: input.value }, ':old': { S: input.from } },
    });
    return { applied: answer.status === 200 };
  }
  const answer = await write(table, region, 'PutItem', key, {
    Item: { p: { S: key }, v: { S: input.value } },
    ...(input.kind === 'create' ? { ConditionExpression: 'attribute_not_exists(p)' } : {}),
  });
  return { applied: answer.status === 200 };
}

describe('a strongly consistent table under faults', () => {
  it('has one linearizable history for each item, and replicas that end equal', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (drawn) => {
        const { history, engines, pending } = await run(drawn);
        for (const key of KEYS) {
          const operations = history.get(key) ?? [];
          // With the operations, so that a failure shows them.
          const { kind } = checkLinearizable(operations, register);
          expect({ operations, kind }).toEqual({ operations, kind: 'linearizable' });
        }
        expect(pending[EAST_1]?.size).toBe(0);
        expect(pending[EAST_2]?.size).toBe(0);
        expect(engines[EAST_2]?.items).toEqual(engines[EAST_1]?.items);
      }),
      { numRuns: 1_500 },
    );
  });
});
