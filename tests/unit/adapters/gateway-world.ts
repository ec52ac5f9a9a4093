/** The HTTP adapter on a clock that only its own waits move, against any server. */

import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { SecretSource } from '#adapters/gateway-secret.ts';
import { createHttpGateway, type HttpGatewayOptions } from '#adapters/http-gateway.ts';
import type { PaymentGateway } from '#core/ports.ts';

export const SECRET = 'sk_test_51';

export const charge = (key: string, customerId = 'c-1', amountMinor = 1_050n) => ({
  idempotencyKey: key,
  customerId,
  amountMinor,
  currency: 'USD',
});

export const refund = (key: string, chargeKey: string, amountMinor = 50n) => ({
  idempotencyKey: key,
  chargeKey,
  amountMinor,
  currency: 'USD',
});

export interface GatewayWorld {
  readonly gateway: PaymentGateway;
  readonly sleeps: readonly number[];
  /** Called with each wait, before time moves on. */
  onSleep: (ms: number) => void | Promise<void>;
  nowEpochMs(): number;
}

export const deadline = { atEpochMs: 10_000 };

/** `given` replaces single options. */
export function gatewayWorld(
  baseUrl: string,
  given: Partial<HttpGatewayOptions> = {},
): GatewayWorld {
  let now = 0;
  const sleeps: number[] = [];
  const gateway = createHttpGateway({
    baseUrl,
    secret: fixedSecret(),
    attemptTimeoutMs: 5_000,
    clock: { nowEpochMs: () => now },
    random: () => 0.5,
    sleep: async (ms) => {
      sleeps.push(ms);
      await world.onSleep(ms);
      now += ms;
    },
    ...given,
  });
  const world: GatewayWorld = { gateway, sleeps, onSleep: () => {}, nowEpochMs: () => now };
  return world;
}

export function fixedSecret(secret = SECRET): SecretSource {
  return { read: async () => secret, invalidate: () => {} };
}

export interface RawServer {
  readonly url: string;
  /** `GET /charges?key=k` and so on, in order of arrival. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** A server that answers as `listener` says, with whatever it can misuse. */
export async function rawServer(listener: RequestListener): Promise<RawServer> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    listener(request, response);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
