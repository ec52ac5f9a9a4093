import { expect, it } from 'vitest';
import { checkLinearizable, type RecordedOperation } from '#sim/checkers/linearizable.ts';
import {
  type RoutingOperation,
  type RoutingOutput,
  routingModel,
} from '#sim/checkers/routing-model.ts';

type Recorded = RecordedOperation<RoutingOperation, RoutingOutput>;

const append = (epoch: number, entryId: string): RoutingOperation => ({
  kind: 'append',
  epoch,
  entryId,
});
const NEWEST: RoutingOperation = { kind: 'newest' };
const APPENDED: RoutingOutput = { kind: 'appended' };
const EMPTY: RoutingOutput = { kind: 'empty' };
const raced = (by: string): RoutingOutput => ({ kind: 'raced', by });
const entry = (epoch: number, entryId: string): RoutingOutput => ({
  kind: 'entry',
  epoch,
  entryId,
});

/** One after the other, in the order of the rows; `null`: nobody heard the answer. */
function rows(
  ...given: readonly (readonly [RoutingOperation, RoutingOutput | null])[]
): Recorded[] {
  return given.map(([input, output], index) => ({
    input,
    calledAt: 10 * index,
    answer: output === null ? null : { output, at: 10 * index + 5 },
  }));
}

const together = (history: readonly Recorded[]): Recorded[] =>
  history.map((operation) => ({
    ...operation,
    calledAt: 0,
    answer: operation.answer && { ...operation.answer, at: 100 },
  }));

it.each<[string, readonly Recorded[]]>([
  [
    'a log that grows by one',
    rows(
      [NEWEST, EMPTY],
      [append(1, 'x'), APPENDED],
      [NEWEST, entry(1, 'x')],
      [append(2, 'y'), APPENDED],
      [append(1, 'z'), raced('x')],
    ),
  ],
  [
    'two at once, one of which wins',
    together(rows([append(1, 'x'), raced('y')], [append(1, 'y'), APPENDED])),
  ],
  [
    'an entry that is appended again, even below the newest',
    rows([append(1, 'x'), null], [append(2, 'y'), APPENDED], [append(1, 'x'), APPENDED]),
  ],
  [
    'an unheard append that shows later',
    rows([append(1, 'x'), null], [NEWEST, EMPTY], [append(1, 'y'), raced('x')]),
  ],
  ['an unheard append that never was', rows([append(1, 'x'), null], [append(1, 'y'), APPENDED])],
])('explains %s', (_name, history) => {
  expect(checkLinearizable(history, routingModel).kind).toBe('linearizable');
});

it.each<[string, readonly Recorded[]]>([
  ['a stale read', rows([append(1, 'x'), APPENDED], [NEWEST, EMPTY])],
  [
    'a read of an entry that has a successor',
    rows([append(1, 'x'), APPENDED], [append(2, 'y'), APPENDED], [NEWEST, entry(1, 'x')]),
  ],
  [
    'two winners of an epoch',
    together(rows([append(1, 'x'), APPENDED], [append(1, 'y'), APPENDED])),
  ],
  ['an epoch left out', rows([append(1, 'x'), APPENDED], [append(3, 'y'), APPENDED])],
  ['an entry that nobody wrote', rows([append(1, 'x'), null], [NEWEST, entry(1, 'y')])],
  ['a race that the winner never ran', rows([append(1, 'x'), raced('y')])],
  [
    'a race won by another than the log says',
    rows([append(1, 'x'), APPENDED], [append(1, 'y'), raced('z')]),
  ],
  [
    'an unheard append that is seen and then beaten',
    rows([append(1, 'x'), null], [NEWEST, entry(1, 'x')], [append(1, 'y'), APPENDED]),
  ],
  [
    'two unheard appends of one epoch that both show',
    rows(
      [append(1, 'x'), null],
      [append(1, 'y'), null],
      [append(1, 'z'), raced('x')],
      [append(1, 'z'), raced('y')],
    ),
  ],
  [
    'an own entry that counts as lost',
    rows([append(1, 'x'), APPENDED], [append(1, 'x'), raced('x')]),
  ],
])('rejects %s', (_name, history) => {
  expect(checkLinearizable(history, routingModel).kind).toBe('not-linearizable');
});
