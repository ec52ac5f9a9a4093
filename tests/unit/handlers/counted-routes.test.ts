/** Which routes are counted for the alarms that move traffic: those that make money move, and no others. */

import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { ApiEvent } from '#handlers/api-event.ts';

type Handler = (event: ApiEvent) => Promise<unknown>;

const lines: string[] = [];

beforeAll(() => {
  const environment = {
    AWS_REGION: 'us-east-1',
    PAYMENTS_TABLE: 'payments-test',
    PAYMENTS_CONTROL_TABLE: 'payments-control-test',
    PAYMENTS_CONSISTENCY: 'strong',
    PAYMENT_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/111111111111/payment-queue-test',
    TRANSACTION_TOPIC_ARN: 'arn:aws:sns:us-east-1:111111111111:transactions-test',
    // An address on which nothing listens: a bad request must be refused before any effect.
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
    lines.push(String(line));
    return true;
  });
});

/** The handlers read their environment when they are loaded. */
const HANDLERS: Readonly<Record<string, () => Promise<{ handler: unknown }>>> = {
  process: () => import('#handlers/process.ts'),
  accept: () => import('#handlers/accept.ts'),
  refund: () => import('#handlers/refund.ts'),
  validate: () => import('#handlers/validate.ts'),
};

describe('a bad request', () => {
  it.each([
    ['process', true],
    ['accept', true],
    ['refund', true],
    ['validate', false],
  ])('to %s is counted: %s, and never as a fault', async (name, counted) => {
    const handler = (await HANDLERS[name]?.())?.handler as Handler;
    lines.length = 0;
    const answer = await handler({ body: '{', requestContext: { requestId: 'r' } });
    expect(answer).toMatchObject({ statusCode: 400 });
    const emitted = lines.filter((line) => line.includes('"PaymentRequests"'));
    expect(emitted).toHaveLength(counted ? 1 : 0);
    if (counted) expect(emitted[0]).toContain('"PaymentFaults":0');
    expect(lines.join('')).not.toContain('"PaymentLatency"');
  });
});
