import { describe, expect, it } from 'vitest';
import { createEmfReader } from '#twin/cloudwatch/emf-reader.ts';

function read(...writes: readonly string[]) {
  const observed: unknown[] = [];
  const reader = createEmfReader(
    ({ namespace, metricName, dimensionSets, highResolution }, value, atEpochMs) =>
      observed.push([namespace, metricName, dimensionSets, highResolution, value, atEpochMs]),
  );
  for (const text of writes) reader.write(text);
  return observed;
}

function line(metadata: object, members: object = {}): string {
  return `${JSON.stringify({ _aws: metadata, ...members })}\n`;
}

const AT = 1_700_000_000_123;
const directive = (more: object = {}) => ({
  Namespace: 'App',
  Dimensions: [[]],
  Metrics: [{ Name: 'Paid' }],
  ...more,
});
const PAID = line({ Timestamp: AT, CloudWatchMetrics: [directive()] }, { Paid: 5 });

describe('createEmfReader', () => {
  it('finds metrics among other lines', () => {
    const found = [['App', 'Paid', [{}], false, 5, AT]];
    expect(read('{"message":"hello"}\n', PAID, 'text\n')).toEqual(found);
    expect(read(`first\n${PAID}last\n`)).toEqual(found);
  });

  it('puts a line together that is written in parts', () => {
    const half = Math.floor(PAID.length / 2);
    expect(read(PAID.slice(0, half), PAID.slice(half))).toHaveLength(1);
    expect(read(PAID.slice(0, 3), PAID.slice(3), PAID)).toHaveLength(2);
  });

  it('reads several values, directives, dimension sets and the resolution', () => {
    const text = line(
      {
        Timestamp: AT,
        CloudWatchMetrics: [
          directive({
            Dimensions: [['Region'], ['Region', 'Route']],
            Metrics: [{ Name: 'Ms', Unit: 'Milliseconds', StorageResolution: 1 }],
          }),
          directive(),
        ],
      },
      { Region: 'r', Route: '/', Ms: [1, 2.5], Paid: 0 },
    );
    const sets = [{ Region: 'r' }, { Region: 'r', Route: '/' }];
    expect(read(text)).toEqual([
      ['App', 'Ms', sets, true, 1, AT],
      ['App', 'Ms', sets, true, 2.5, AT],
      ['App', 'Paid', [{}], false, 0, AT],
    ]);
  });

  it.each([
    ['broken JSON', '{"_aws":\n'],
    ['a list', '["_aws"]\n'],
    ['no timestamp', line({ CloudWatchMetrics: [directive()] }, { Paid: 1 })],
    ['no directives', line({ Timestamp: AT }, { Paid: 1 })],
    ['no namespace', line({ Timestamp: AT, CloudWatchMetrics: [{ Metrics: [] }] }, { Paid: 1 })],
    ['no value', line({ Timestamp: AT, CloudWatchMetrics: [directive()] })],
    [
      'a value that is no number',
      line({ Timestamp: AT, CloudWatchMetrics: [directive()] }, { Paid: '1' }),
    ],
    [
      'a dimension without a text',
      line(
        { Timestamp: AT, CloudWatchMetrics: [directive({ Dimensions: [['Gone']] })] },
        { Paid: 1 },
      ),
    ],
  ])('leaves out %s', (_what, text) => {
    expect(read(text)).toEqual([]);
    expect(read(text, PAID)).toHaveLength(1);
  });
});
