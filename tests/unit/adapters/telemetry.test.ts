import { describe, expect, it } from 'vitest';
import { createTelemetry } from '#adapters/telemetry.ts';

function telemetry(write?: (line: string) => void) {
  const lines: string[] = [];
  const made = createTelemetry({
    service: 'process',
    region: 'us-east-1',
    clock: { nowEpochMs: () => 1_700_000_000_000 },
    write: write ?? ((line) => lines.push(line)),
  });
  return { ...made, lines };
}

describe('createTelemetry', () => {
  it('writes a metric as one EMF line, without dimensions', () => {
    const { metric, lines } = telemetry();
    metric('PaymentProcessed', 10.5, { properties: { currency: 'USD' } });
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

  it('makes a metric of its own of each value of a dimension, and none without', () => {
    const { metric, lines } = telemetry();
    metric('FailoverTriggered', 1, {
      dimensions: { AlarmName: 'payment-region-impaired-dev' },
      properties: { epoch: '7' },
    });
    expect(lines).toEqual([
      '{"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"PaymentProcessing",' +
        '"Dimensions":[["AlarmName"]],"Metrics":[{"Name":"FailoverTriggered","Unit":"Count"}]}]},' +
        '"epoch":"7","AlarmName":"payment-region-impaired-dev","service":"process",' +
        '"FailoverTriggered":1}\n',
    ]);
  });

  it('writes several metrics in one line, and has those of high resolution stored by the second', () => {
    const { metrics, lines } = telemetry();
    metrics({ PaymentRequests: 1, PaymentFaults: 0, PaymentLatency: 12, OpenPayments: 3 });
    expect(lines).toEqual([
      '{"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"PaymentProcessing",' +
        '"Dimensions":[[]],"Metrics":[' +
        '{"Name":"PaymentRequests","Unit":"Count","StorageResolution":1},' +
        '{"Name":"PaymentFaults","Unit":"Count","StorageResolution":1},' +
        '{"Name":"PaymentLatency","Unit":"Milliseconds","StorageResolution":1},' +
        '{"Name":"OpenPayments","Unit":"Count"}]}]},"service":"process",' +
        '"PaymentRequests":1,"PaymentFaults":0,"PaymentLatency":12,"OpenPayments":3}\n',
    ]);
  });

  it('loses a line that cannot be written, and nothing else', () => {
    const { log, metric, metrics } = telemetry(() => {
      throw new Error('EPIPE');
    });
    expect(() => metric('PaymentProcessed', 1)).not.toThrow();
    expect(() => metrics({ PaymentRequests: 1 })).not.toThrow();
    expect(() => log('INFO', 'request')).not.toThrow();
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
