import { expect, it } from 'vitest';
import { REGIONS } from '#sim/faults/fault-spec.ts';
import { runSynthetic, type SyntheticAnswer } from '#sim/region/run-synthetic.ts';
import { createSmallSystem } from './small-system.ts';

const [EAST_1] = REGIONS;

/** Asks at once, twice if `again`; the answers and when they came. */
function open(again = false) {
  const small = createSmallSystem();
  const answers: { readonly answer: SyntheticAnswer | null; readonly atMs: number }[] = [];
  const { system } = small;
  const ask = (): void =>
    runSynthetic(system, EAST_1, 7, (answer) => answers.push({ answer, atMs: system.world.nowMs }));
  small.at(0, ask);
  if (again) small.at(10_000, ask);
  const { api } = system.regions[EAST_1].processes;
  return { ...small, answers, api };
}

it('makes the payment of an epoch once, and finds it made', async () => {
  const { system, answers, run } = open(true);
  await run(20_000);
  const processed = { processed: true, reason: null };
  expect(answers.map(({ answer }) => answer)).toEqual([processed, processed]);
  const made: string[] = [];
  system.payments.payments.each(EAST_1, (_payment, key) => made.push(key));
  expect(made).toHaveLength(1);
  // It is nobody's money, and nobody is told.
  expect(system.bank.books).toEqual([]);
  expect(system.topic.effects.size).toBe(0);
});

it('says why it was not made', async () => {
  const { answers, isolate, run } = open();
  isolate(EAST_1);
  await run(20_000);
  expect(answers).toEqual([
    {
      answer: { processed: false, reason: expect.stringMatching(/^outcome_unknown: /) as string },
      atMs: expect.any(Number) as number,
    },
  ]);
});

it('tells at once that no process is up, and that one died of it', async () => {
  const down = open();
  down.api.crash('for good');
  const dying = open();
  dying.api.crashRule = (_runner, _boundary, what) => what === 'recordPayment';
  await Promise.all([down.run(5_000), dying.run(5_000)]);
  for (const { answers } of [down, dying]) {
    expect(answers).toEqual([{ answer: null, atMs: expect.any(Number) as number }]);
    expect(answers[0]?.atMs).toBeLessThan(1_000);
  }
});

it('never answers where the message is lost', async () => {
  const { system, answers, run } = open();
  system.network.link(EAST_1, EAST_1).loss = 1;
  await run(20_000);
  expect(answers).toEqual([]);
});
