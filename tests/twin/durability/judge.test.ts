/** The judge finds whatever could go wrong: a proof that can't fail would prove nothing. */

import { describe, expect, it } from 'vitest';
import { type Evidence, judge } from '../../../scripts/proof/judge.ts';

const payment = {
  transactionId: 't-1',
  customerId: 'c-1',
  amount: '10.50',
  amountMinor: 1_050n,
  currency: 'USD',
};
const journal = {
  transactionId: 't-1',
  timestampEpochSeconds: 0,
  status: 'PROCESSED',
  amount: '10.50',
  currency: 'USD',
  region: 'us-east-1',
  open: null,
};
const record = { ...journal, timestampEpochSeconds: 1_700_000_000 };
const notification = {
  id: 't-1#PROCESSED',
  transactionId: 't-1',
  amount: '10.50',
  currency: 'USD',
  status: 'PROCESSED',
  publishedIn: 'us-east-2',
};
const charge = {
  key: 't-1',
  id: 'ch_1',
  amount_minor: '1050',
  currency: 'USD',
  status: 'succeeded',
  count_of_requests: 1,
} as const;
const acknowledged = {
  payment,
  region: 'us-east-1',
  timestampEpochSeconds: 1_700_000_000,
  requests: 1,
};
const sound: Evidence = {
  acceptance: { acknowledged: [acknowledged], refused: [] },
  items: [journal, record],
  notifications: [notification],
  openLeft: 0,
  deadLetters: 0,
  charges: [charge],
};

const offendersOf = (change: Partial<Evidence>): readonly string[] =>
  judge({ ...sound, ...change }).offenders.map(({ what }) => what);

describe('the judge', () => {
  it('finds nothing where everything happened once', () => {
    expect(judge(sound)).toMatchObject({
      offenders: [],
      processed: 1,
      repeats: 0,
      chargesRepeated: 0,
    });
  });

  it('counts a repeated notification and a repeated request, and minds neither', () => {
    const verdict = judge({
      ...sound,
      notifications: [notification, notification],
      charges: [{ ...charge, count_of_requests: 3 }],
    });
    expect(verdict).toMatchObject({ offenders: [], repeats: 1, chargesRepeated: 2 });
  });

  it.each<[string, Partial<Evidence>, string]>([
    ['a lost payment', { items: [] }, '0 journals'],
    ['a lost payment item', { items: [journal] }, '0 payment items'],
    [
      'a second payment item',
      { items: [journal, record, { ...record, timestampEpochSeconds: 1_700_000_001 }] },
      '2 payment items',
    ],
    [
      'an unfinished payment',
      { items: [{ ...journal, status: 'ACCEPTED' }, record] },
      'its journal is ACCEPTED',
    ],
    [
      'work that is left',
      { items: [{ ...journal, open: 'parked' }, record] },
      'work is left: parked',
    ],
    [
      'another timestamp',
      { items: [journal, { ...record, timestampEpochSeconds: 1_700_000_009 }] },
      'acknowledged at 1700000000, not 1700000009',
    ],
    [
      'another amount',
      { items: [journal, { ...record, amount: '10.51' }] },
      'another amount: "10.51 USD"',
    ],
    [
      'a stranger',
      { items: [journal, record, { ...record, transactionId: 't-2' }] },
      'stored: unknown t-2',
    ],
    ['no notification', { notifications: [] }, '0 distinct notification ids'],
    [
      'two kinds of notification',
      { notifications: [notification, { ...notification, id: 't-1#DECLINED' }] },
      '2 distinct notification ids',
    ],
    [
      'a notification without an id',
      { notifications: [{ ...notification, id: '' }] },
      '1 distinct notification ids',
    ],
    ['no charge', { charges: [] }, '0 charges at the gateway'],
    [
      'a second charge',
      { charges: [charge, { ...charge, id: 'ch_2' }] },
      '2 charges at the gateway',
    ],
    ['a declined charge', { charges: [{ ...charge, status: 'declined' }] }, 'its charge declined'],
    [
      'a charge of another amount',
      { charges: [{ ...charge, amount_minor: '1051' }] },
      'charged in all {"USD":"1051"}',
    ],
    ['a charge of nobody', { charges: [charge, { ...charge, key: 'x' }] }, 'charged: unknown x'],
    ['open work', { openLeft: 2 }, '2 open or parked'],
    ['dead letters', { deadLetters: 1 }, '1 dead letters'],
    [
      'a payment that nobody took',
      { acceptance: { acknowledged: [acknowledged], refused: [{ payment, because: '400' }] } },
      'never acknowledged: 400',
    ],
  ])('finds %s', (_what, change, offender) => {
    expect(offendersOf(change)).toContain(offender);
  });
});
