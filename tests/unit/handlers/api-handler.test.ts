import { describe, expect, it } from 'vitest';
import { createTelemetry } from '#adapters/telemetry.ts';
import { ERRORS } from '#contract/errors.ts';
import { SCHEMAS } from '#contract/schemas.ts';
import { AppError } from '#core/app-error.ts';
import { InvariantError } from '#core/invariant.ts';
import { createApiHandler, type Route } from '#handlers/api-handler.ts';

const clock = { nowEpochMs: () => 0 };

function serve(route: Route) {
  const lines: string[] = [];
  const write = (line: string) => lines.push(line);
  const telemetry = createTelemetry({ service: 's', region: 'r', clock, write });
  return { handler: createApiHandler('test', route, { telemetry, clock }), lines };
}

const event = { requestContext: { requestId: 'req-1' } };

describe('createApiHandler', () => {
  it('answers 200 with the request id in a header and nothing of it in the body', async () => {
    const { handler } = serve(async () => ({ kind: 'ok', body: { a: 1 } }));
    const answer = await handler(event);
    expect(answer).toMatchObject({ statusCode: 200, body: '{"a":1}' });
    expect(answer.headers['x-request-id']).toBe('req-1');
  });

  it.each(Object.keys(ERRORS) as (keyof typeof ERRORS)[])(
    'answers %s as a problem',
    async (code) => {
      const { handler } = serve(async () => ({ kind: 'refused', fault: { code } }));
      const answer = await handler(event);
      const body = SCHEMAS.Problem.parse(JSON.parse(answer.body));
      expect(answer.statusCode).toBe(ERRORS[code].status);
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(body).toMatchObject({ error: ERRORS[code].error, code, request_id: 'req-1' });
      expect('retry-after' in answer.headers).toBe(ERRORS[code].retry !== 'never');
    },
  );

  it.each([
    ['a TypeError', new TypeError('arn:aws:dynamodb:secret'), 'internal_error', 500],
    ['a string', 'arn:aws:dynamodb:secret', 'internal_error', 500],
    ['an AppError', new AppError('outcome_unknown', 'put: secret'), 'outcome_unknown', 503],
    ['a broken invariant', new InvariantError('secret'), 'internal_error', 500],
  ])(
    'answers %s from the catalogue, with nothing internal',
    async (_name, thrown, code, status) => {
      const { handler } = serve(async () => {
        throw thrown;
      });
      const answer = await handler(event);
      expect(answer.statusCode).toBe(status);
      expect(JSON.parse(answer.body)).toMatchObject({ code, request_id: 'req-1' });
      expect(JSON.stringify(answer)).not.toMatch(/secret|arn:|at .*\.ts/);
    },
  );

  it('never logs the text of a foreign error', async () => {
    const { handler, lines } = serve(async () => {
      throw new Error('card 4111111111111111');
    });
    await handler(event);
    expect(lines.join('')).not.toContain('4111');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'ERROR', reason: 'Error' });
  });

  it('raises a metric for a broken invariant', async () => {
    const { handler, lines } = serve(async () => {
      throw new InvariantError('x');
    });
    await handler(event);
    expect(lines.join('')).toContain('"InvariantViolated":1');
  });

  it('takes the request id of Lambda when there is no API', async () => {
    const { handler } = serve(async () => ({ kind: 'ok', body: {} }));
    const answer = await handler({}, { awsRequestId: 'lambda-1' });
    expect(answer.headers['x-request-id']).toBe('lambda-1');
  });
});
