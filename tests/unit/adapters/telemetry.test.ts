import { describe, expect, it } from 'vitest';
import { createTelemetry } from '#adapters/telemetry.ts';

function telemetry() {
  const lines: string[] = [];
  const made = createTelemetry({
    service: 'process',
    region: 'us-east-1',
    clock: { nowEpochMs: () => 1_700_000_000_000 },
    write: (line) => lines.push(line),
  });
  return { ...made, lines };
}

describe('createTelemetry', () => {
  it('writes a metric as one EMF line, without dimensions', () => {
    const { metric, lines } = telemetry();
    metric('PaymentProcessed', 10.5, { currency: 'USD' });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.endsWith('}\n')).toBe(true);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      _aws: {
        Timestamp: 1_700_000_000_000,
        CloudWatchMetrics: [
          {
            Namespace: 'PaymentProcessing',
            Dimensions: [[]],
            Metrics: [{ Name: 'PaymentProcessed', Unit: 'None' }],
          },
        ],
      },
      currency: 'USD',
      service: 'process',
      PaymentProcessed: 10.5,
    });
  });

  it('writes a log entry as one JSON line', () => {
    const { log, lines } = telemetry();
    log('INFO', 'request', { request_id: 'r-1', status: 200 });
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'INFO',
      message: 'request',
      request_id: 'r-1',
      status: 200,
      timestamp: '2023-11-14T22:13:20.000Z',
      service: 'process',
      region: 'us-east-1',
    });
  });
});
