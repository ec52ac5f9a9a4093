/** Finds where a service is by asking DNS for its SRV record, and remembers it for the TTL. */

import { Packet, UDPClient } from 'dns2';

export interface ServiceEndpoint {
  /** Target name of the SRV record, lower case, without the last dot. */
  readonly host: string;
  /** IPv4. */
  readonly address: string;
  readonly port: number;
}

export interface SrvResolver {
  /**
   * The endpoint, from the cache while its TTL lasts; otherwise one query, however many ask at once.
   * When DNS does not answer, the last endpoint known serves on (RFC 8767). Rejects when there is
   * none, with what was asked and of whom.
   */
  resolve(): Promise<ServiceEndpoint>;
  /** The endpoint while its TTL lasts, else null: spares a busy caller the promise. */
  cached(): ServiceEndpoint | null;
}

export interface SrvResolverOptions {
  /** `_http._tcp.<host>` */
  readonly name: string;
  readonly server: { readonly address: string; readonly port: number };
  /** Monotonic milliseconds. @default performance.now */
  readonly nowMs?: () => number;
  /** Sends one query. @default UDP to `server`, two attempts of a second each */
  readonly query?: (name: string) => Promise<Packet>;
}

const QUERY_TIMEOUT_MS = 1_000;
const QUERY_ATTEMPTS = 2;
/** How long an expired answer serves before DNS is asked again, after it did not answer. */
const STALE_RETRY_MS = 1_000;

interface CacheEntry {
  readonly endpoint: ServiceEndpoint;
  readonly expiresAtMs: number;
}

export function createSrvResolver(options: SrvResolverOptions): SrvResolver {
  const { name, server, nowMs = () => performance.now() } = options;
  const query = options.query ?? udpQuery(server);
  let entry: CacheEntry | null = null;
  let inFlight: Promise<ServiceEndpoint> | null = null;

  const cached = (): ServiceEndpoint | null =>
    entry !== null && nowMs() < entry.expiresAtMs ? entry.endpoint : null;

  const refresh = async (): Promise<ServiceEndpoint> => {
    try {
      const { endpoint, ttlSeconds } = readEndpoint(await query(name));
      entry = { endpoint, expiresAtMs: nowMs() + ttlSeconds * 1_000 };
      return endpoint;
    } catch (cause) {
      if (entry === null) {
        const message = `${name} could not be resolved at ${server.address}:${server.port}`;
        throw new Error(message, { cause });
      }
      entry = { endpoint: entry.endpoint, expiresAtMs: nowMs() + STALE_RETRY_MS };
      return entry.endpoint;
    } finally {
      inFlight = null;
    }
  };

  return {
    cached,
    async resolve() {
      const known = cached();
      if (known !== null) return known;
      inFlight ??= refresh();
      return inFlight;
    },
  };
}

/** The SRV record, its target's address from the same answer, and the shorter of their TTLs. */
function readEndpoint(packet: Packet): { endpoint: ServiceEndpoint; ttlSeconds: number } {
  if (packet.header.rcode !== Packet.RCODE.NOERROR) {
    throw new Error(`DNS answered with RCODE ${packet.header.rcode}`);
  }
  const srv = packet.answers.find(({ type }) => type === Packet.TYPE.SRV);
  const host = srv?.target?.toLowerCase().replace(/\.$/, '');
  const a = [...packet.answers, ...packet.additionals].find(
    (record) => record.type === Packet.TYPE.A && record.name.toLowerCase() === host,
  );
  if (srv?.port === undefined || host === undefined || a?.address === undefined) {
    throw new Error('DNS answered without an SRV record and its address');
  }
  return {
    endpoint: { host, address: a.address, port: srv.port },
    ttlSeconds: Math.min(srv.ttl, a.ttl),
  };
}

function udpQuery(server: { address: string; port: number }): (name: string) => Promise<Packet> {
  const ask = UDPClient({ dns: server.address, port: server.port, timeout: QUERY_TIMEOUT_MS });
  return async (name) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await ask(name, 'SRV');
      } catch (error) {
        // A datagram may be lost even on loopback when its buffers are full.
        if (attempt === QUERY_ATTEMPTS) throw error;
      }
    }
  };
}
