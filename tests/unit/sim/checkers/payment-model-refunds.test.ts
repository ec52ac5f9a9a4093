import { describe, expect, it } from 'vitest';
import { REFUNDS_MAX } from '#core/refund.ts';
import { checkPaymentHistory } from '#sim/checkers/payment-model.ts';
import {
  ACCEPT,
  accepted,
  declined,
  PROCESS,
  plain,
  processed,
  READ,
  type Recorded,
  type Row,
  refund,
  refundDeclined,
  refunded,
  rows,
  settled,
} from './payment-rows.ts';

const CHARGED: readonly Row[] = [[PROCESS, processed()]];
const MANY: readonly Row[] = Array.from({ length: REFUNDS_MAX }, (_, index) => [
  refund(`r-${index}`, 1n),
  refunded(),
]);

describe('its refunds', () => {
  it.each<[string, readonly Row[]]>([
    [
      'given once, however often they are asked for',
      [
        [refund('x', 400n), refunded()],
        [refund('x', 400n), refunded()],
        [READ, settled(400n)],
      ],
    ],
    [
      'seen later than they are answered, but then for good',
      [
        [refund('x', 400n), refunded()],
        [READ, settled()],
        [READ, settled(400n)],
      ],
    ],
    [
      'all that is left',
      [
        [refund('x', 400n), refunded()],
        [refund('y', null), refunded()],
        [READ, settled(1000n)],
      ],
    ],
    [
      'refused beyond what is left',
      [
        [refund('x', 400n), refunded()],
        [refund('y', 601n), plain('exceeds')],
      ],
    ],
    [
      'refused with nothing left',
      [
        [refund('x', null), refunded()],
        [refund('y', null), plain('exceeds')],
      ],
    ],
    [
      'free again once the bank has declined',
      [
        [refund('x', 1000n), refundDeclined()],
        [refund('y', 1000n), refunded()],
      ],
    ],
    [
      'free again though nobody heard that the bank declined',
      [
        [refund('x', 1000n), null],
        [refund('y', 1000n), plain('exceeds')],
        [refund('y', 1000n), refunded()],
        [refund('x', 1000n), refundDeclined()],
      ],
    ],
    [
      'all that is left once something was declined that nobody heard of',
      [
        [refund('x', 400n), null],
        [refund('y', null), refunded()],
        [READ, settled(1000n)],
      ],
    ],
    [
      'carried on unheard',
      [
        [refund('x', 400n), null],
        [READ, settled()],
        [READ, settled(400n)],
        [refund('x', 400n), refunded()],
      ],
    ],
    [
      'one of two that nobody heard of, and later the other',
      [
        [refund('x', 400n), null],
        [refund('y', 400n), null],
        [READ, settled(400n)],
        [refund('y', 400n), refunded()],
        [READ, settled(400n)],
        [READ, settled(800n)],
      ],
    ],
    [
      'told apart by their amounts',
      [
        [refund('x', 400n), refunded()],
        [refund('x', 401n), plain('refund-conflict')],
      ],
    ],
    [
      'told apart from all that is left',
      [
        [refund('x', null), refunded()],
        [refund('x', 1000n), plain('refund-conflict')],
      ],
    ],
    [
      'not too many',
      [...MANY, [refund('more', 1n), plain('too-many')], [refund('r-0', 1n), refunded()]],
    ],
    [
      'told to wait until the journal says that it is charged',
      [
        [refund('x', 1n), plain('still-open')],
        [refund('x', 1n), refunded()],
      ],
    ],
  ])('may be %s', (_name, after) => {
    expect(checkPaymentHistory(rows(...CHARGED, ...after)).kind).toBe('linearizable');
  });

  it.each<[string, readonly Recorded[]]>([
    ['without a payment', rows([refund('x', 1n), plain('no-payment')], [PROCESS, processed()])],
    ['of an open one', rows([ACCEPT, accepted()], [refund('x', 1n), plain('still-open')])],
    [
      'of a declined one',
      rows([ACCEPT, accepted()], [refund('x', 1n), plain('not-charged')], [PROCESS, declined()]),
    ],
  ])('are refused %s', (_name, history) => {
    expect(checkPaymentHistory(history).kind).toBe('linearizable');
  });

  it.each<[string, readonly Row[]]>([
    [
      'more than the charge',
      [
        [refund('x', 600n), refunded()],
        [refund('y', 401n), refunded()],
      ],
    ],
    [
      'more than the charge, by themselves',
      [
        [refund('x', 600n), null],
        [refund('y', 600n), null],
        [READ, settled(1200n)],
      ],
    ],
    [
      'gone once they were seen',
      [
        [refund('x', 400n), refunded()],
        [READ, settled(400n)],
        [READ, settled()],
      ],
    ],
    ['seen without being asked for', [[READ, settled(400n)]]],
    [
      'seen in part',
      [
        [refund('x', 400n), refunded()],
        [READ, settled(200n)],
      ],
    ],
    [
      'seen though they were declined',
      [
        [refund('x', 400n), refundDeclined()],
        [READ, settled(400n)],
      ],
    ],
    [
      'both given and declined',
      [
        [refund('x', 400n), refunded()],
        [refund('x', 400n), refundDeclined()],
      ],
    ],
    [
      'seen, and declined',
      [
        [refund('x', 400n), null],
        [READ, settled(400n)],
        [refund('x', 400n), refundDeclined()],
      ],
    ],
    [
      'answered in two ways',
      [
        [refund('x', 400n), refunded()],
        [refund('x', 400n), refunded('s')],
      ],
    ],
    [
      'given for another amount of their id',
      [
        [refund('x', 400n), refunded()],
        [refund('x', 300n), refunded('s')],
      ],
    ],
    [
      'refused though there is room',
      [
        [refund('x', 400n), refunded()],
        [refund('y', 600n), plain('exceeds')],
      ],
    ],
    ['in conflict with nothing', [[refund('x', 400n), plain('refund-conflict')]]],
    [
      'in conflict with themselves',
      [
        [refund('x', 400n), refunded()],
        [refund('x', 400n), plain('refund-conflict')],
      ],
    ],
    [
      'told to wait after others were given',
      [
        [refund('x', 400n), refunded()],
        [refund('y', 1n), plain('still-open')],
      ],
    ],
    ['told that there is no payment', [[refund('x', 1n), plain('no-payment')]]],
    ['told that it was not charged', [[refund('x', 1n), plain('not-charged')]]],
    ['too many before there are', [...MANY.slice(1), [refund('more', 1n), plain('too-many')]]],
    ['more than there may be', [...MANY, [refund('more', 1n), refunded()]]],
    [
      'free again while the money went back',
      [
        [refund('x', 1000n), refunded()],
        [refund('y', 1n), refunded()],
      ],
    ],
  ])('are never %s', (_name, after) => {
    expect(checkPaymentHistory(rows(...CHARGED, ...after)).kind).toBe('not-linearizable');
  });
});

it('are put in order with little search, though nobody heard of any', () => {
  const unheard = Array.from({ length: 8 }, (_, index): Row => [refund(`${index}`, 10n), null]);
  const impossible: Row = [READ, plain('absent')];
  const history = rows(...CHARGED, ...unheard, impossible);
  // 256 sets of them, and 9 steps from each; 109,601 sequences of them.
  expect(checkPaymentHistory(history, 2_500).kind).toBe('not-linearizable');
});
