import { describe, expect, it } from 'vitest';
import { chooseEvents, isAbout, transactionsIn } from '#cli/simulate/choose-events.ts';
import type { TraceEvent } from '#sim/kernel/trace.ts';

function event(what: string, about = '', more: Partial<TraceEvent> = {}): TraceEvent {
  return { atMs: 0, from: 'us-east-1', to: 'us-east-1', what, about, outcome: '', ...more };
}
const asked = (about: string): TraceEvent => event('process', about, { from: 'client' });

const usual = Array.from({ length: 10 }, () => event('health'));
const either = { about: null, all: false };

describe('chooseEvents', () => {
  it('shows a turn with what came just before and after', () => {
    const trace = [...usual, event('append', '1'), ...usual];
    expect(chooseEvents({ trace, violations: [] }, either)).toEqual([8, 9, 10, 11, 12]);
  });

  it('shows the transaction that a violation names', () => {
    const trace = [asked('t1'), asked('t12'), ...usual, event('charge', 't1')];
    const violations = [{ invariant: 2, message: 't1 was charged twice', atMs: 0 }];
    expect(chooseEvents({ trace, violations }, either)).toEqual([0, 12]);
  });

  it('shows one transaction, and faults beside it', () => {
    const trace = [asked('t1'), asked('t2'), ...usual, event('fault', 'F1'), event('charge', 't2')];
    const choice = { about: 't2', all: false };
    expect(chooseEvents({ trace, violations: [] }, choice)).toEqual([1, 12, 13]);
  });

  it('shows the first restarts of a loop alone', () => {
    const trace = Array.from({ length: 50 }, () => event('restart', 'us-east-1/api'));
    expect(chooseEvents({ trace, violations: [] }, either)).toEqual([0, 1, 2]);
  });

  it('shows everything', () => {
    const chosen = chooseEvents({ trace: usual, violations: [] }, { about: null, all: true });
    expect(chosen).toHaveLength(10);
  });
});

describe('isAbout', () => {
  it.each([
    ['t1', 't1', true],
    ['t1:PROCESSED', 't1', true],
    ['t1/r2', 't1', true],
    ['t12', 't1', false],
    ['a%2Fb:PROCESSED', 'a/b', true],
    ['us-east-1/api', 't1', false],
  ])('of %j and %j is %j', (about, id, expected) => {
    expect(isAbout({ about }, id)).toBe(expected);
  });
});

describe('transactionsIn', () => {
  it('are those that clients asked about, each once', () => {
    const trace = [asked('t2'), event('charge', 't9'), asked('t1'), asked('t2')];
    expect(transactionsIn(trace)).toEqual(['t2', 't1']);
  });
});
