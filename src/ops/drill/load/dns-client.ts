/** The two kinds of clients that know the API by its name only. */

import type { ResolveApi, ResolvedApi } from './resolve-api.ts';
import { failed, type PostPayment, type SendPayment } from './send-payment.ts';

export interface DnsClientOptions {
  readonly resolve: ResolveApi;
  readonly post: PostPayment;
  /** Monotonic or epoch milliseconds. */
  readonly nowMs: () => number;
  /** Keeps its first answer for ever, whatever the TTL says. */
  readonly pinned: boolean;
}

/**
 * Creates one client with a cache of its own. It tries once, where DNS sent it. While DNS does not answer,
 * its last answer serves on, as resolvers do (RFC 8767).
 */
export function createDnsClient(options: DnsClientOptions): SendPayment {
  const { resolve, post, nowMs, pinned } = options;
  let known: { readonly api: ResolvedApi; readonly expiresAtMs: number } | null = null;
  let asking: Promise<ResolvedApi> | null = null;

  const ask = async (): Promise<ResolvedApi> => {
    try {
      const api = await resolve();
      known = { api, expiresAtMs: pinned ? Number.POSITIVE_INFINITY : nowMs() + api.ttlMs };
      return api;
    } catch (error) {
      if (known !== null) return known.api;
      throw error;
    } finally {
      asking = null;
    }
  };
  return async (payment) => {
    let api: ResolvedApi;
    try {
      if (known !== null && nowMs() < known.expiresAtMs) api = known.api;
      else api = await (asking ??= ask());
    } catch {
      return failed('dns');
    }
    return post(api, payment);
  };
}
