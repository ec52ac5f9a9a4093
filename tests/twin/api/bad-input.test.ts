/** Bad input answers 4xx with a code, alike at /validate, /process and /payments, and nothing is stored. */

import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCHEMAS } from '#contract/schemas.ts';
import { BAD_REQUESTS } from '../../support/bad-requests.ts';
import { allItems } from '../../support/payments-table.ts';
import {
  type Answer,
  apiOf,
  call,
  EAST_1,
  EAST_2,
  newPayment,
  REGIONS,
  type RunningTwin,
  startTwinProcess,
} from '../../support/running-twin.ts';

let twin: RunningTwin;
beforeAll(async () => {
  twin = await startTwinProcess();
});
afterAll(async () => {
  await twin.stop();
});

async function everywhere(options: Parameters<typeof call>[1]): Promise<Answer> {
  const validated = await call(`${apiOf(twin, EAST_1)}/validate`, options);
  const processed = await call(`${apiOf(twin, EAST_2)}/process`, options);
  const withoutId = ({ text }: Answer) => text.replace(/"request_id":"[^"]*"/, '');
  expect([processed.status, withoutId(processed)]).toEqual([
    validated.status,
    withoutId(validated),
  ]);
  const accepted = await call(`${apiOf(twin, EAST_1)}/payments`, options);
  expect([accepted.status, withoutId(accepted)]).toEqual([validated.status, withoutId(validated)]);
  return processed;
}

/** A body as raw bytes, which no HTTP client of ours would send. Returns the status line's code. */
async function raw(path: string, body: Buffer): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(apiOf(twin, EAST_1));
  const socket = connect(Number(port), hostname);
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`,
  );
  socket.write(body);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return { status: Number(text.split(' ')[1]), text };
}

describe('bad input', () => {
  it.each(BAD_REQUESTS)('rejects $name with $code', async ({ body, code, contentType }) => {
    const headers = { 'content-type': contentType ?? 'application/json' };
    const answer = await everywhere({ method: 'POST', headers, body });
    const problem = SCHEMAS.Problem.parse(answer.json());
    expect(problem.code).toBe(code);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(problem.detail).toMatch(/\w/);
  });

  it.each([
    ['6 MB', 6 * 1024 * 1024],
    ['9 MB', 9 * 1024 * 1024],
    ['11 MB', 11 * 1024 * 1024],
  ])('rejects a body of %s', async (_name, size) => {
    const body = JSON.stringify(newPayment({ customer_id: 'x'.repeat(size) }));
    const answer = await everywhere({ body });
    expect([answer.status, answer.json()['code']]).toEqual([413, 'body_too_large']);
  });

  it.each([
    ['an invalid byte', [0xff]],
    ['an overlong encoding', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['NUL', [0x00]],
  ])('rejects %s in the id', async (_name, bytes) => {
    const [before = '', after = ''] = JSON.stringify(newPayment({ customer_id: '@' })).split('@');
    const body = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
    for (const path of ['/validate', '/process']) {
      const { status } = await raw(path, body);
      expect(status).toBe(400);
    }
  });

  it('leaves nothing in the table of either Region', async () => {
    for (const region of REGIONS) expect(await allItems(twin.dynamodb(region))).toEqual([]);
  });
});
