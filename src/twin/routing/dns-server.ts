/** A DNS server on loopback, UDP and TCP, that is the authority for the twin's zones. */

import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createTCPServer, createUDPServer, type Packet } from 'dns2';
import { answerQuery, type ZoneView } from './dns-zone.ts';

export interface DnsServerOptions {
  /** The same for UDP and TCP; 0 takes a free one. */
  readonly port: number;
  readonly zone: ZoneView;
}

export interface DnsServer {
  readonly port: number;
  /** Queries answered since the start. */
  queryCount(): number;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
/** Another process may hold, on TCP, the number that UDP was given. */
const FREE_PORT_ATTEMPTS = 5;
const TCP_CONNECTIONS_MAX = 64;

/**
 * Listens until `close`. Rejects, naming the port, when it can't listen. A message that makes no
 * sense is answered as DNS has it or dropped; nothing that a peer sends ends the server.
 */
export async function startDnsServer(options: DnsServerOptions): Promise<DnsServer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await listenOnce(options);
    } catch (cause) {
      if (options.port !== 0) {
        const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
        const message = `the DNS server cannot listen on ${HOST}:${options.port} (${code})`;
        throw new Error(message, { cause });
      }
      if (attempt === FREE_PORT_ATTEMPTS) throw cause;
    }
  }
}

async function listenOnce({ port: wantedPort, zone }: DnsServerOptions): Promise<DnsServer> {
  const udp = createUDPServer();
  const tcp = createTCPServer();
  const sockets = new Set<Socket>();
  let queries = 0;

  const answer = (request: Packet, send: (response: Packet) => Promise<unknown>): void => {
    const response = answerQuery(zone, request);
    if (response === null) return;
    queries += 1;
    // The asker may be gone by now; it will ask again if it is not.
    Promise.resolve(send(response)).catch(() => undefined);
  };
  udp.on('request', answer);
  tcp.on('request', answer);
  tcp.maxConnections = TCP_CONNECTIONS_MAX;
  tcp.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await Promise.all([closeQuietly(udp), closeQuietly(tcp)]);
  };

  try {
    udp.bind(wantedPort, HOST);
    await once(udp, 'listening');
    const { port } = udp.address();
    tcp.listen(port, HOST);
    await once(tcp, 'listening');
    // An error of one datagram (an ICMP refusal, say) is not one of the server.
    udp.on('error', () => undefined);
    tcp.on('error', () => undefined);
    return { port: (tcp.address() as AddressInfo).port, queryCount: () => queries, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Closing what never listened is an error to Node, and no concern of ours. */
function closeQuietly(server: { close(callback: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => {
    try {
      server.close(() => resolve());
    } catch {
      resolve();
    }
  });
}
