import { describe, expect, it } from 'vitest';
import { createCallCounters } from '#twin/endpoint/call-counters.ts';

describe('createCallCounters', () => {
  it('counts by Region, service and operation, each outcome in its column', () => {
    const counters = createCallCounters();
    counters.count('us-east-1', 'sqs', 'SendMessage', 'answered');
    counters.count('us-east-1', 'sqs', 'SendMessage', 'error');
    counters.count('us-east-1', 'sqs', 'SendMessage', 'refused');
    counters.count('us-east-1', 'sqs', 'SendMessage', 'unanswered');
    counters.count('us-east-2', 'sqs', 'SendMessage', 'answered');
    const row = { service: 'sqs', operation: 'SendMessage' };
    expect(counters.list()).toEqual([
      { ...row, region: 'us-east-1', calls: 4, errors: 1, refused: 1 },
      { ...row, region: 'us-east-2', calls: 1, errors: 0, refused: 0 },
    ]);
  });

  it('gathers under `other` what clients invent beyond 500 operations', () => {
    const counters = createCallCounters();
    for (let index = 0; index < 700; index += 1) {
      counters.count('us-east-1', 'sqs', `Invented${index}`, 'answered');
    }
    const rows = counters.list();
    expect(rows).toHaveLength(501);
    expect(rows.find((row) => row.operation === 'other')?.calls).toBe(200);
  });
});
