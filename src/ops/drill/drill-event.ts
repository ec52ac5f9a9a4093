/** One payment of a drill as its client saw it. */

export const CLIENT_KINDS = ['dns', 'pinned', 'retrying'] as const;
/**
 * `dns`: asks DNS and keeps the answer for its TTL; never tries elsewhere. `pinned`: asks DNS once and
 * never again, as long-lived processes do. `retrying`: the client of `sdk/`, which knows both Regions.
 */
export type ClientKind = (typeof CLIENT_KINDS)[number];

export const CLIENT_NAMES: Readonly<Record<ClientKind, string>> = {
  dns: 'DNS client',
  pinned: 'DNS client that ignores the TTL',
  retrying: 'retrying client (SDK)',
};

export interface DrillEvent {
  readonly client: ClientKind;
  readonly transactionId: string;
  readonly startedAtEpochMs: number;
  /** When the caller had its answer, or gave up. */
  readonly endedAtEpochMs: number;
  /** `ok`: acknowledged, so it must never be lost. */
  readonly outcome: 'ok' | 'failed';
  /** Of the answer; null: there was none. */
  readonly status: number | null;
  /** Why it failed, short: `timeout`, `ECONNREFUSED`, a code of the API; null where it did not. */
  readonly fault: string | null;
  /** That answered, or that was asked; null: no address was known. */
  readonly region: string | null;
}

export function latencyMsOf(event: DrillEvent): number {
  return event.endedAtEpochMs - event.startedAtEpochMs;
}
