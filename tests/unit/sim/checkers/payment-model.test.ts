import { describe, expect, it } from 'vitest';
import { checkPaymentHistory } from '#sim/checkers/payment-model.ts';
import {
  ABSENT,
  ACCEPT,
  accepted,
  declined,
  during,
  OPEN,
  OTHER,
  PROCESS,
  plain,
  processed,
  READ,
  type Recorded,
  rows,
  settled,
} from './payment-rows.ts';

describe('one payment', () => {
  it.each<[string, readonly Recorded[]]>([
    [
      'a payment from its charge to its repeat',
      rows([READ, ABSENT], [PROCESS, processed()], [READ, settled()], [PROCESS, processed()]),
    ],
    [
      'an acceptance that is carried on by itself, and repeated as it was',
      rows([ACCEPT, accepted()], [READ, OPEN], [READ, settled()], [ACCEPT, accepted()]),
    ],
    ['an acceptance that somebody waits for', rows([ACCEPT, accepted()], [PROCESS, processed()])],
    [
      'a payment that the bank declines, accepted or not',
      rows(
        [ACCEPT, accepted()],
        [PROCESS, declined()],
        [PROCESS, declined()],
        [ACCEPT, accepted()],
        [READ, settled(0n, 'DECLINED')],
      ),
    ],
    [
      'a payment that is seen while it is carried out',
      during([PROCESS, processed()], [READ, ABSENT], [READ, OPEN], [READ, settled()]),
    ],
    ['another request of its id', rows([PROCESS, processed()], [OTHER, plain('conflict')])],
    [
      'an unheard request that shows late',
      rows([PROCESS, null], [READ, ABSENT], [READ, OPEN], [OTHER, plain('conflict')]),
    ],
    [
      'an unheard request that never was',
      rows([PROCESS, null], [READ, ABSENT], [OTHER, processed()]),
    ],
  ])('may be %s', (_name, history) => {
    expect(checkPaymentHistory(history).kind).toBe('linearizable');
  });

  it.each<[string, readonly Recorded[]]>([
    ['lost once it is acknowledged', rows([PROCESS, processed()], [READ, ABSENT])],
    ['lost once it is accepted', rows([ACCEPT, accepted()], [READ, ABSENT])],
    ['open once it is answered', rows([PROCESS, processed()], [READ, OPEN])],
    [
      'open once it was seen settled',
      during([PROCESS, processed()], [READ, settled()], [READ, OPEN]),
    ],
    ['seen, and then absent', during([PROCESS, processed()], [READ, OPEN], [READ, ABSENT])],
    ['there before anybody asked for it', rows([READ, OPEN], [PROCESS, processed()])],
    ['answered in two ways', rows([PROCESS, processed()], [PROCESS, processed('q')])],
    ['accepted in two ways', rows([ACCEPT, accepted()], [ACCEPT, accepted('b')])],
    ['both charged and declined', rows([PROCESS, processed()], [PROCESS, declined()])],
    [
      'seen as charged, and declined',
      rows([ACCEPT, accepted()], [READ, settled()], [PROCESS, declined()]),
    ],
    ['declined, and seen as charged', rows([PROCESS, declined()], [READ, settled()])],
    ['two requests, one after the other', rows([PROCESS, processed()], [OTHER, processed()])],
    ['two requests at once', during([PROCESS, processed()], [OTHER, processed()])],
    ['a conflict with nothing', rows([OTHER, plain('conflict')])],
    ['a conflict with itself', rows([PROCESS, processed()], [PROCESS, plain('conflict')])],
    [
      'one request seen, and another one carried out',
      rows([PROCESS, null], [OTHER, plain('conflict')], [OTHER, processed()]),
    ],
    ['answered as nobody asked', rows([ACCEPT, processed()])],
  ])('is never %s', (_name, history) => {
    expect(checkPaymentHistory(history).kind).toBe('not-linearizable');
  });
});

it('names operations by their place in the history, those of two parts twice', () => {
  const history = rows([READ, null], [PROCESS, processed()], [READ, settled()], [READ, OPEN]);
  expect(checkPaymentHistory(history)).toEqual({ kind: 'not-linearizable', longest: [1, 1, 2] });
  expect(checkPaymentHistory(history.slice(0, 3))).toEqual({
    kind: 'linearizable',
    order: [1, 1, 2],
  });
});
