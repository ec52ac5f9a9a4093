import { expect, it } from 'vitest';
import { openWork } from '#sim/checkers/open-work.ts';
import { FakeRun, MEANING, NOTHING, PRIMARY, SECONDARY } from './fake-run.ts';

it('names what is open or parked, and nothing that is finished', () => {
  const run = new FakeRun();
  run.pay();
  expect(openWork(run.system)).toEqual([]);
  const { journal } = run.pay({ settle: NOTHING }, { ...MEANING, transactionId: 't2' });
  const parked = { atEpochMs: 1, reason: 'unavailable: x' };
  run.put({ ...journal, status: 'ACCEPTED', transactionId: 't3', parked, dueAtEpochMs: null });
  expect(openWork(run.system)).toEqual([
    't2 (ACCEPTED, open)',
    't3 (ACCEPTED, parked: unavailable: x)',
  ]);
});

it("looks at the lease holder's replica", () => {
  const run = new FakeRun({ consistency: 'eventual' });
  run.hold({ holder: SECONDARY });
  run.pay({ settle: NOTHING });
  expect(openWork(run.system)).toEqual([]);
  run.hold({ holder: PRIMARY, epoch: 2 });
  expect(openWork(run.system)).toHaveLength(1);
});
