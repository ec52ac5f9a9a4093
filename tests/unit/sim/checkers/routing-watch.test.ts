import { describe, expect, it } from 'vitest';
import { FakeRun, PRIMARY, SECONDARY } from './fake-run.ts';

describe('the routing log', () => {
  it('takes a chain of moves', () => {
    const run = new FakeRun();
    run.append({ active: [SECONDARY] });
    run.append({ active: [PRIMARY] });
    expect(run.broken()).toEqual([]);
  });

  it.each<[string, readonly string[]]>([
    ['two active Regions', [PRIMARY, SECONDARY]],
    ['none', []],
    ['one that there is not', ['eu-west-1']],
  ])('finds %s', (_name, active) => {
    const run = new FakeRun();
    run.append({ active });
    expect(run.broken()).toEqual([6]);
  });

  it('takes two in active-active, and finds a drained one', () => {
    const run = new FakeRun({ policy: 'active-active' });
    run.append({ active: [PRIMARY, SECONDARY] });
    expect(run.broken()).toEqual([]);
    run.append({ active: [PRIMARY, SECONDARY], drained: [SECONDARY] });
    expect(run.broken()).toEqual([6]);
  });

  it('finds an epoch that comes again, and one that is left out', () => {
    const run = new FakeRun();
    const entry = run.append({ active: [SECONDARY] });
    run.appendAsItIs({ ...entry, entryId: 'again' });
    run.appendAsItIs({ ...entry, epoch: 3 });
    expect(run.violations.filter(({ invariant }) => invariant === 7)).toHaveLength(2);
  });

  it('finds an entry that was decided on another than the one before it', () => {
    const run = new FakeRun();
    const entry = run.append({ active: [SECONDARY] });
    run.appendAsItIs({ ...entry, epoch: 2 });
    expect(run.broken()).toEqual([8]);
  });
});

describe('the lease', () => {
  it('moves after it was waited out', () => {
    const run = new FakeRun();
    run.hold({});
    run.hold({ renewals: 1 });
    run.nowMs += 12_000;
    run.hold({ holder: SECONDARY, epoch: 2, renewals: 0, routingEpoch: 1 });
    run.hold({ renewals: 1, routingEpoch: 2 });
    expect(run.broken()).toEqual([]);
  });

  it('finds one that is taken from a holder that may rely on it', () => {
    const run = new FakeRun();
    run.hold({});
    run.hold({ renewals: 1 });
    run.nowMs += 7_999;
    run.hold({ holder: SECONDARY, epoch: 2, renewals: 0 });
    expect(run.broken()).toEqual([8]);
  });

  it.each([1, null])('finds one that goes back from routing epoch 2 to %s', (routingEpoch) => {
    const run = new FakeRun();
    run.hold({ routingEpoch: 2 });
    run.hold({ routingEpoch });
    expect(run.broken()).toEqual([8]);
  });

  it('finds a change of the holder without an epoch', () => {
    const run = new FakeRun();
    run.hold({});
    run.hold({ epoch: 3 });
    expect(run.broken()).toEqual([8]);
  });
});
