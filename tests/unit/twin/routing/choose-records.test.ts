import { describe, expect, test } from 'vitest';
import { type Candidate, chooseRecord, eligibleRecords } from '#twin/routing/choose-records.ts';

const failover = (role: 'PRIMARY' | 'SECONDARY', healthCheckId: string | null): Candidate => ({
  routing: { kind: 'failover', role },
  healthCheckId,
});
const weighted = (weight: number, healthCheckId: string | null): Candidate => ({
  routing: { kind: 'weighted', weight },
  healthCheckId,
});

/** Healthy: the checks named. Answers as `checkId:share`. */
function eligible(records: readonly Candidate[], healthy: string): string {
  return eligibleRecords(records, (id) => healthy.includes(id))
    .map(({ record, share }) => `${record.healthCheckId}:${share}`)
    .join(' ');
}

describe('failover', () => {
  // The order of the records in the templates says nothing.
  const pair = [failover('SECONDARY', 'b'), failover('PRIMARY', 'a')];
  test.each([
    { healthy: 'ab', answer: 'a:1' },
    { healthy: 'a', answer: 'a:1' },
    { healthy: 'b', answer: 'b:1' },
    { healthy: '', answer: 'a:1' },
  ])('answers $answer while "$healthy" are healthy', ({ healthy, answer }) => {
    expect(eligible(pair, healthy)).toBe(answer);
  });

  test('takes a record without a check for healthy', () => {
    expect(eligible([failover('PRIMARY', 'a'), failover('SECONDARY', null)], '')).toBe('null:1');
    expect(eligible([failover('PRIMARY', null), failover('SECONDARY', 'b')], 'b')).toBe('null:1');
  });
});

describe('weighted', () => {
  test.each([
    { weights: [50, 50], healthy: 'ab', answer: 'a:0.5 b:0.5' },
    { weights: [75, 25], healthy: 'ab', answer: 'a:0.75 b:0.25' },
    { weights: [75, 25], healthy: 'b', answer: 'b:1' },
    { weights: [75, 25], healthy: '', answer: 'a:0.75 b:0.25' },
    { weights: [100, 0], healthy: 'ab', answer: 'a:1' },
    { weights: [100, 0], healthy: 'b', answer: 'b:1' },
    { weights: [0, 0], healthy: 'ab', answer: 'a:0.5 b:0.5' },
    { weights: [100, 0], healthy: '', answer: 'a:1' },
  ])('$weights with "$healthy" healthy: $answer', ({ weights, healthy, answer }) => {
    const [a = 0, b = 0] = weights;
    expect(eligible([weighted(a, 'a'), weighted(b, 'b')], healthy)).toBe(answer);
  });

  test.each([
    { drawn: 0, chosen: 'a' },
    { drawn: 0.74, chosen: 'a' },
    { drawn: 0.76, chosen: 'b' },
    { drawn: 0.999, chosen: 'b' },
  ])('draws $chosen at $drawn', ({ drawn, chosen }) => {
    const records = [weighted(75, 'a'), weighted(25, 'b')];
    const found = chooseRecord(
      records,
      () => true,
      () => drawn,
    );
    expect(found?.healthCheckId).toBe(chosen);
  });
});

test('chooses nothing of nothing', () => {
  expect(
    chooseRecord(
      [],
      () => true,
      () => 0,
    ),
  ).toBeNull();
});
