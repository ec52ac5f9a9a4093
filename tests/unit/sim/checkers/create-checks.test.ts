import { describe, expect, it } from 'vitest';
import { FakeRun, MEANING, PRIMARY, SECONDARY } from './fake-run.ts';

describe('a run in which all is well', () => {
  it('breaks nothing', () => {
    const run = new FakeRun();
    const { journal } = run.pay();
    run.refund(journal, 50n);
    run.pay({}, { ...MEANING, transactionId: 'x'.repeat(200) + 'é'.repeat(30), currency: 'JPY' });
    run.pay({}, { ...MEANING, transactionId: 't3', currency: 'BHD', amountMinor: 5n });
    expect(run.settle()).toEqual([]);
  });

  it('breaks nothing with a gateway that only records', () => {
    const run = new FakeRun({ gateway: 'recording' });
    const { journal } = run.pay({ charge: () => undefined });
    run.refund(journal, 50n, { give: () => undefined });
    expect(run.settle()).toEqual([]);
  });

  it('breaks nothing with eventual tables', () => {
    const run = new FakeRun({ consistency: 'eventual' });
    run.hold({});
    run.pay();
    run.replicate();
    expect(run.settle()).toEqual([]);
  });
});

describe('what people were told', () => {
  it('has a plan that was stale take effect', () => {
    const run = new FakeRun();
    run.append({ active: [SECONDARY], actor: 'ann' });
    const entry = run.append({ active: [PRIMARY], actor: 'bob' });
    const outcome = { kind: 'appended', entry, from: [SECONDARY] } as const;
    expect(run.settle([{ outcome, plannedEpoch: 1 }])).toEqual([]);
    expect(run.settle([{ outcome, plannedEpoch: 0 }])).toEqual([8]);
  });

  it('has an entry that is not in the log', () => {
    const run = new FakeRun();
    const entry = { ...run.append({ active: [SECONDARY], actor: 'ann' }), entryId: 'lost' };
    const outcome = { kind: 'appended', entry, from: [PRIMARY] } as const;
    expect(run.settle([{ outcome, plannedEpoch: 0 }])).toEqual([15]);
  });

  it('has a move of an orchestrator that is not in the log', () => {
    const run = new FakeRun();
    run.append({ active: [SECONDARY], actor: 'ann' });
    run.checks.settled([], [{ epoch: 1, entryId: 'e1' }]);
    expect(run.broken()).toEqual([]);
    run.checks.settled([], [{ epoch: 1, entryId: 'lost' }]);
    expect(run.broken()).toEqual([15]);
  });
});
