import { describe, expect, it } from 'vitest';
import { batchResult } from '#twin/events/batch-result.ts';
import type { InvocationOutcome } from '#twin/region/lambda/invocation.ts';

const IDS = ['a', 'b', 'c'];

function answered(payload: string): InvocationOutcome {
  return { kind: 'answered', payload };
}

function failed(payload: string): string[] {
  return [...batchResult(answered(payload), IDS, true).failed];
}

describe('an answer with partial failures', () => {
  it.each([
    ['null', []],
    ['{}', []],
    ['{"batchItemFailures":null}', []],
    ['{"batchItemFailures":[]}', []],
    ['{"batchItemFailures":[{"itemIdentifier":"b"}]}', ['b']],
    ['{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"b"}]}', ['b']],
    ['{"batchItemFailures":[{"itemIdentifier":""}]}', IDS],
    ['{"batchItemFailures":[{"itemIdentifier":null}]}', IDS],
    ['{"batchItemFailures":[{"id":"b"}]}', IDS],
    ['{"batchItemFailures":[null]}', IDS],
    ['{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"d"}]}', IDS],
    ['{"batchItemFailures":"b"}', IDS],
    ['"done"', IDS],
    ['[]', IDS],
    ['not json', IDS],
  ])('%s', (payload, expected) => {
    expect(failed(payload)).toEqual(expected);
  });

  it('says why all of it failed, and nothing when the function decided', () => {
    expect(batchResult(answered('"done"'), IDS, true).reason).toMatch(/no batch response/);
    expect(
      batchResult(answered('{"batchItemFailures":[{"itemIdentifier":"b"}]}'), IDS, true).reason,
    ).toBeNull();
  });
});

it('is a success whatever the answer, when failures are not reported', () => {
  const answer = answered('{"batchItemFailures":[{"itemIdentifier":"a"}]}');
  expect(batchResult(answer, IDS, false)).toEqual({ failed: new Set(), reason: null });
});

it.each<[InvocationOutcome, RegExp]>([
  [{ kind: 'function-error', errorType: 'TypeError', errorMessage: 'x' }, /TypeError: x/],
  [{ kind: 'timed-out', timeoutMs: 3_000 }, /timed out after 3 s/],
  [{ kind: 'crashed', reason: 'gone' }, /crashed: gone/],
  [{ kind: 'request-too-large', sizeBytes: 7 }, /7 bytes/],
  [{ kind: 'throttled', reservedConcurrency: 5 }, /throttled, all 5/],
])('fails the whole batch when the invocation fails: %j', (outcome, reason) => {
  for (const reports of [true, false]) {
    const result = batchResult(outcome, IDS, reports);
    expect([...result.failed]).toEqual(IDS);
    expect(result.reason).toMatch(reason);
  }
});
