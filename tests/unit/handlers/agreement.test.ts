/** /validate and /process refuse the same requests, with the same answer, before any effect. */

import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { ApiAnswer, ApiEvent } from '#handlers/api-event.ts';
import { BAD_REQUESTS } from '../../support/bad-requests.ts';

type Handler = (event: ApiEvent) => Promise<ApiAnswer>;
let validate: Handler;
let process_: Handler;

beforeAll(async () => {
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('PAYMENTS_TABLE', 'payments-test');
  vi.stubEnv('PAYMENTS_CONSISTENCY', 'strong');
  vi.stubEnv('TRANSACTION_TOPIC_ARN', 'arn:aws:sns:us-east-1:111111111111:transactions-test');
  // An address on which nothing listens: an effect attempted by mistake fails the test.
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:9');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'x');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'x');
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  validate = (await import('#handlers/validate.ts')).handler;
  process_ = (await import('#handlers/process.ts')).handler;
});

describe('validate and process', () => {
  it.each(BAD_REQUESTS)('both reject $name with $code', async ({ body, code, contentType }) => {
    const event = {
      body,
      headers: { 'content-type': contentType ?? 'application/json' },
      requestContext: { requestId: 'r' },
    };
    const [first, second] = [await validate(event), await process_(event)];
    expect(JSON.parse(first.body)).toMatchObject({ code });
    expect(second).toEqual(first);
    expect(first.statusCode).toBeGreaterThanOrEqual(400);
    expect(first.statusCode).toBeLessThan(500);
  });
});
