import { expect, it } from 'vitest';
import { routingHash } from '#core/routing/routing-log.ts';
import { entryHash } from '#sim/checkers/expected-texts.ts';
import { fastHash } from '#sim/kernel/fast-hash.ts';
import { FakeRun, PRIMARY, SECONDARY } from './fake-run.ts';

const PERSON = { actor: 'ann' };

it('takes every change that is what it says', () => {
  const run = new FakeRun();
  run.append({ ...PERSON, active: [SECONDARY], change: 'failover' });
  run.append({ ...PERSON, active: [SECONDARY], change: 'drain', drained: [PRIMARY] });
  run.append({ ...PERSON, active: [SECONDARY], change: 'mode', mode: 'manual' });
  run.append({ ...PERSON, active: [SECONDARY], change: 'undrain', drained: [] });
  const last = run.append({ ...PERSON, active: [PRIMARY], change: 'failback' });
  const { epoch, entryId } = last;
  const times = { calledAtMs: 1, answeredAtMs: 2 };
  run.operations.push({ kind: 'append', epoch, entryId, ...times, outcome: { kind: 'appended' } });
  run.operations.length = 0;
  expect(run.settle()).toEqual([]);
  expect(entryHash(last)).toBe(routingHash(last, fastHash));
});

it.each<[string, Parameters<FakeRun['append']>[0]]>([
  ['a failover that changes the mode', { active: [SECONDARY], mode: 'manual' }],
  ['a failover that drains', { active: [SECONDARY], drained: [PRIMARY] }],
  ['a failback that ends a drain', { active: [PRIMARY], change: 'failback', drained: [PRIMARY] }],
  ['a mode that moves traffic', { active: [SECONDARY], change: 'mode', mode: 'manual' }],
  ['an undrain that moves traffic', { active: [SECONDARY], change: 'undrain' }],
])('finds %s', (_name, note) => {
  const run = new FakeRun();
  run.append({ ...PERSON, ...note });
  expect(run.settle()).toContain(15);
});

it('finds an entry that was changed, left out, or written twice', () => {
  const damages: ((run: FakeRun) => void)[] = [
    ({ entries }) => entries.splice(0, 1),
    ({ entries }) => entries.splice(0, 1, { ...entries[0], reason: 'another' } as never),
    ({ entries }) => entries.splice(1, 1, { ...entries[1], entryId: entries[0]?.entryId } as never),
    ({ entries }) => entries.splice(1, 1, { ...entries[1], moved: null } as never),
  ];
  for (const damage of damages) {
    const run = new FakeRun();
    run.append({ ...PERSON, active: [SECONDARY] });
    run.append({ ...PERSON, active: [PRIMARY] });
    run.append({ ...PERSON, active: [SECONDARY] });
    damage(run);
    expect(run.settle()).toEqual([15]);
  }
});

it('finds an entry that its author was told of and that is not there', () => {
  const run = new FakeRun();
  const times = { calledAtMs: 1, answeredAtMs: 2 };
  const outcome = { kind: 'appended' } as const;
  run.operations.push({ kind: 'append', epoch: 1, entryId: 'e1', ...times, outcome });
  expect(run.settle()).toEqual([15]);
});
