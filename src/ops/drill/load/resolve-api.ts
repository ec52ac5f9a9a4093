/** Asks DNS where the API is, as the clients of a drill and its observer do. */

import { Resolver } from 'node:dns/promises';
import type { TargetFacts } from '../drill-target.ts';

export interface ResolvedApi {
  readonly region: string;
  /** Base URL. */
  readonly url: string;
  /** How long the answer may be kept. */
  readonly ttlMs: number;
}

/** One question, never from a cache. Rejects when DNS does not answer, or with nowhere known. */
export type ResolveApi = () => Promise<ResolvedApi>;

const TIMEOUT_MS = 1_000;
const TRIES = 2;

/**
 * The SRV record says host and port; the TTL comes with the address records of the same name, since
 * node:dns gives none with SRV.
 */
export function createResolveApi(
  facts: Pick<TargetFacts, 'dns' | 'apiName' | 'apiUrls'>,
): ResolveApi {
  const { dns, apiName } = facts;
  return async () => {
    // Made anew: a resolver keeps a server that failed it at the end of its list.
    const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
    resolver.setServers([`${dns.address}:${dns.port}`]);
    const [services, addresses] = await Promise.all([
      resolver.resolveSrv(`_http._tcp.${apiName}`),
      resolver.resolve4(apiName, { ttl: true }),
    ]);
    const port = services[0]?.port;
    const found = Object.entries(facts.apiUrls).find(([, url]) => new URL(url).port === `${port}`);
    if (found === undefined) throw new Error(`DNS names port ${port}, where no Region is`);
    const ttlMs = Math.min(...addresses.map(({ ttl }) => ttl)) * 1_000;
    return { region: found[0], url: found[1], ttlMs: Number.isFinite(ttlMs) ? ttlMs : 0 };
  };
}
