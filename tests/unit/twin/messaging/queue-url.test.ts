import { describe, expect, it } from 'vitest';
import { queueNameOf } from '#twin/messaging/queue-url.ts';

const PLACE = { region: 'us-east-1', accountId: '123456789012' };

describe('queueNameOf', () => {
  it.each([
    ['the twin by address', 'http://127.0.0.1:4566/123456789012/payment-queue-dev'],
    ['the twin by name', 'http://localhost:4566/123456789012/payment-queue-dev'],
    ['AWS', 'https://sqs.us-east-1.amazonaws.com/123456789012/payment-queue-dev'],
    ['AWS, older', 'https://us-east-1.queue.amazonaws.com/123456789012/payment-queue-dev'],
    ['AWS, oldest', 'https://queue.amazonaws.com/123456789012/payment-queue-dev'],
    ['no host', '/123456789012/payment-queue-dev'],
  ])('reads an address of %s', (_name, url) => {
    expect(queueNameOf(url, PLACE)).toBe('payment-queue-dev');
  });

  it('reads the name of a FIFO queue', () => {
    expect(queueNameOf('http://127.0.0.1/123456789012/q.fifo', PLACE)).toBe('q.fifo');
  });

  it.each([
    ['another Region', 'https://sqs.us-east-2.amazonaws.com/123456789012/payment-queue-dev'],
    ['another account', 'http://127.0.0.1:4566/210987654321/payment-queue-dev'],
    ['a bare name', 'payment-queue-dev'],
    ['an ARN', 'arn:aws:sqs:us-east-1:123456789012:payment-queue-dev'],
    ['a longer path', 'http://127.0.0.1:4566/123456789012/payment-queue-dev/more'],
  ])('rejects %s', (_name, url) => {
    expect(queueNameOf(url, PLACE)).toBeNull();
  });
});
