import { describe, expect, it } from 'vitest';
import {
  type Breaker,
  type BreakerEvent,
  beginTry,
  CLOSED,
  mayTry,
  noteTry,
} from '#sdk/breaker.ts';

const rules = { breakerFaults: 3, breakerCooldownMs: 10_000 };
const closed = (faults: number): Breaker => ({ kind: 'closed', faults });
const open = (openedAtMs: number): Breaker => ({ kind: 'open', openedAtMs });
const halfOpen: Breaker = { kind: 'half-open', openedAtMs: 0, trialUntilMs: 12_000 };

describe('noteTry', () => {
  const rows: readonly [Breaker, BreakerEvent, Breaker][] = [
    [CLOSED, 'served', closed(0)],
    [CLOSED, 'fault', closed(1)],
    [CLOSED, 'hung', open(11_000)],
    [closed(1), 'fault', closed(2)],
    [closed(2), 'fault', open(11_000)],
    [closed(2), 'served', closed(0)],
    [open(0), 'served', closed(0)],
    [open(0), 'fault', open(11_000)],
    [open(0), 'hung', open(11_000)],
    [halfOpen, 'served', closed(0)],
    [halfOpen, 'fault', open(11_000)],
    [halfOpen, 'hung', open(11_000)],
  ];

  it.each(rows)('%j, %s → %j', (before, event, after) => {
    expect(noteTry(before, event, rules, 11_000)).toEqual(after);
  });
});

describe('mayTry', () => {
  const rows: readonly [Breaker, number, boolean][] = [
    [closed(2), 0, true],
    [open(1_000), 10_999, false],
    [open(1_000), 11_000, true],
    [halfOpen, 11_999, false],
    [halfOpen, 12_000, true],
  ];

  it.each(rows)('%j at %i ms: %s', (breaker, nowMs, expected) => {
    expect(mayTry(breaker, rules, nowMs)).toBe(expected);
  });
});

describe('beginTry', () => {
  it('leaves a closed breaker as it is', () => {
    expect(beginTry(closed(2), 12_000)).toEqual(closed(2));
  });

  it('makes an open one half-open until the try ends', () => {
    expect(beginTry(open(0), 12_000)).toEqual(halfOpen);
  });
});
