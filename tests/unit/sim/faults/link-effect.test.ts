import { expect, it } from 'vitest';
import type { Fault, Place } from '#sim/faults/fault-spec.ts';
import { effectOf } from '#sim/faults/link-effect.ts';

const EAST = 'us-east-1';

it.each<
  [string, Fault, readonly (readonly [Place, Place])[], readonly (readonly [Place, Place])[]]
>([
  [
    'F1 cuts a Region off from everything else',
    { id: 'F1', region: EAST },
    [
      ['client', EAST],
      [EAST, 'client'],
      [EAST, 'us-east-2'],
      ['us-west-2', EAST],
      [EAST, 'bank'],
      ['world', EAST],
    ],
    [
      [EAST, EAST],
      ['client', 'us-east-2'],
      ['us-east-2', 'us-west-2'],
    ],
  ],
  [
    'F2 in: nothing arrives',
    { id: 'F2', region: EAST, direction: 'in' },
    [
      ['client', EAST],
      ['us-east-2', EAST],
    ],
    [
      [EAST, 'client'],
      [EAST, 'us-east-2'],
      [EAST, EAST],
    ],
  ],
  [
    'F2 out: nothing leaves',
    { id: 'F2', region: EAST, direction: 'out' },
    [
      [EAST, 'client'],
      [EAST, 'bank'],
    ],
    [
      ['client', EAST],
      [EAST, EAST],
    ],
  ],
  [
    'F3 cuts the witness off from one Region',
    { id: 'F3', region: EAST },
    [
      [EAST, 'us-west-2'],
      ['us-west-2', EAST],
    ],
    [
      ['us-east-2', 'us-west-2'],
      [EAST, 'us-east-2'],
    ],
  ],
  [
    'F4 cuts clients off from one Region, and nobody else',
    { id: 'F4', region: EAST },
    [
      ['client', EAST],
      [EAST, 'client'],
    ],
    [
      ['world', EAST],
      ['client', 'us-east-2'],
    ],
  ],
])('%s', (_name, fault, blocked, open) => {
  for (const [from, to] of blocked) expect(effectOf([fault], from, to).blockedBy).toBe(fault.id);
  for (const [from, to] of open) expect(effectOf([fault], from, to).blockedBy).toBeNull();
});

it('takes the worst of several, and the first that blocks', () => {
  const faults: readonly Fault[] = [
    { id: 'F5', probability: 0.1 },
    { id: 'F3', region: EAST },
    { id: 'F5', probability: 0.3 },
    { id: 'F1', region: EAST },
    { id: 'F6', probability: 0.2, extraMs: 900 },
    { id: 'F6', probability: 0.4, extraMs: 300 },
    { id: 'F7', probability: 0.5 },
  ];
  expect(effectOf(faults, EAST, 'us-west-2')).toEqual({
    blockedBy: 'F3',
    loss: 0.3,
    duplicate: 0.5,
    reorder: 0.4,
    reorderMs: 900,
  });
});

it('is nothing without faults', () => {
  const none = { blockedBy: null, loss: 0, duplicate: 0, reorder: 0, reorderMs: 0 };
  expect(effectOf([], 'client', EAST)).toEqual(none);
});
