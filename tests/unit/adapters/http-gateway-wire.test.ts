/** The gateway's connections: kept, and left in time. */

import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { AppError } from '#core/app-error.ts';
import { charge, deadline, gatewayWorld, type RawServer, rawServer } from './gateway-world.ts';

let server: RawServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

const DONE = JSON.stringify({ id: 'ch_1', status: 'succeeded' });

function charged(response: ServerResponse) {
  response.writeHead(200, { 'content-type': 'application/json' }).end(DONE);
}

it('uses connections again', async () => {
  const sockets = new Set<object>();
  server = await rawServer(({ socket }, response) => {
    sockets.add(socket);
    charged(response);
  });
  const { gateway } = gatewayWorld(server.url);
  for (let n = 0; n < 10; n += 1) await gateway.charge(charge(`k-${n}`), deadline);
  expect(server.requests).toHaveLength(10);
  // A second one may be opened while the first answer's end is still being read.
  expect(sockets.size).toBeLessThanOrEqual(3);
});

it('says who asks, and that it unpacks nothing', async () => {
  const said: IncomingHttpHeaders[] = [];
  server = await rawServer(({ headers }, response) => {
    said.push(headers);
    charged(response);
  });
  await gatewayWorld(server.url).gateway.charge(charge('k-1'), deadline);
  expect(said).toMatchObject([{ 'user-agent': 'holdfast', 'accept-encoding': 'identity' }]);
});

describe('a connection that was idle', () => {
  /** Idle for `idleMs` between two charges, while everything on the way forgets what was connected. */
  async function chargeTwice(idleMs: number) {
    const known = new Set<object>();
    const gone = new WeakSet<object>();
    let now = 0;
    server = await rawServer(({ socket }, response) => {
      known.add(socket);
      if (gone.has(socket)) socket.destroy();
      else charged(response);
    });
    const { gateway } = gatewayWorld(server.url, { clock: { nowEpochMs: () => now } });
    await Promise.all([
      gateway.charge(charge('k-1'), deadline),
      gateway.charge(charge('k-2'), deadline),
    ]);
    // The agent has its connections back after the answers are read.
    await setImmediate();
    now += idleMs;
    for (const socket of known) gone.add(socket);
    const before = known.size;
    const second = await gateway
      .charge(charge('k-3'), deadline)
      .catch((error: unknown) => (error as AppError).code);
    return { second, before, connections: known.size };
  }

  it.each([4_000, -4_000])(
    'for longer than is relied on, or a clock was set (%i ms): is left',
    async (ms) => {
      const { second, before, connections } = await chargeTwice(ms);
      expect(second).toEqual({ kind: 'charged', chargeId: 'ch_1' });
      expect([before, connections]).toEqual([2, 3]);
    },
  );

  it('for less: is used again, and what breaks then is unknown', async () => {
    const { second, connections } = await chargeTwice(3_999);
    expect(second).toBe('outcome_unknown');
    expect(connections).toBe(2);
  });

  it('is left alone while it carries a request', async () => {
    let now = 0;
    const waiting: ServerResponse[] = [];
    server = await rawServer((_request, response) => {
      waiting.push(response);
    });
    const { gateway } = gatewayWorld(server.url, { clock: { nowEpochMs: () => now } });
    const first = gateway.charge(charge('k-1'), deadline);
    await expect.poll(() => waiting.length).toBe(1);
    now += 4_000;
    const second = gateway.charge(charge('k-2'), deadline);
    await expect.poll(() => waiting.length).toBe(2);
    for (const response of waiting) charged(response);
    expect(await Promise.all([first, second])).toMatchObject([
      { chargeId: 'ch_1' },
      { chargeId: 'ch_1' },
    ]);
  });
});
