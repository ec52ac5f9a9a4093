/**
 * The books of the reference gateway, in memory: what happened to each idempotency key, once and for all.
 */

import type { GatewayResult } from '#contract/gateway.ts';

export type Movement = 'charge' | 'refund';

export interface MovementRequest {
  readonly amountMinor: bigint;
  readonly currency: string;
  /** A charge's customer, or the key of the charge that a refund gives back. */
  readonly subject: string;
}

/** What a request with a key meets. */
export type Beginning =
  /** The first one: `settle` or `abandon` it. */
  | { readonly kind: 'begun' }
  | Finding
  /** The key came with another body before. */
  | { readonly kind: 'other-body' };

/** What a look-up meets. */
export type Finding =
  | { readonly kind: 'under-way' }
  /** `request`: what the key came with. */
  | {
      readonly kind: 'settled';
      readonly result: GatewayResult;
      readonly request: MovementRequest;
    };

/** One line of `GET /control/ledger`. */
export interface LedgerEntry {
  readonly key: string;
  readonly id: string;
  readonly amount_minor: string;
  readonly currency: string;
  readonly status: GatewayResult['status'];
  readonly decline_code?: string;
  /** Of a refund. */
  readonly charge_key?: string;
  /** Requests to move this money that reached the books; above 1: somebody repeated them. */
  readonly count_of_requests: number;
}

export interface LedgerTotals {
  readonly charges_succeeded: number;
  readonly charges_declined: number;
  readonly refunds_succeeded: number;
  readonly refunds_declined: number;
  /** Minor units by currency, decimal text. */
  readonly charged_minor: Readonly<Record<string, string>>;
  readonly refunded_minor: Readonly<Record<string, string>>;
}

export interface LedgerView {
  readonly charges: readonly LedgerEntry[];
  readonly refunds: readonly LedgerEntry[];
  readonly totals: LedgerTotals;
}

export interface Ledger {
  begin(what: Movement, key: string, request: MovementRequest): Beginning;
  /** Lets what was begun take effect. `declineCode`: the bank's; the ledger's own rules come first. */
  settle(what: Movement, key: string, declineCode: string | null): GatewayResult;
  /** Forgets what was begun: it has no effect. */
  abandon(what: Movement, key: string): void;
  /** Null: nothing is known of the key. */
  find(what: Movement, key: string): Finding | null;
  /** What took effect, oldest first. */
  view(): LedgerView;
}

interface Entry {
  readonly request: MovementRequest;
  requests: number;
  result: GatewayResult | null;
}

/** `newId`: a reference never given before. */
export function createLedger(newId: (what: Movement) => string): Ledger {
  const books = { charge: new Map<string, Entry>(), refund: new Map<string, Entry>() };

  /** Why the books themselves refuse a refund, or null. */
  const refundFault = ({ subject, amountMinor, currency }: MovementRequest): string | null => {
    const charge = books.charge.get(subject);
    if (charge?.result?.status !== 'succeeded') return 'no_such_charge';
    if (charge.request.currency !== currency) return 'currency_mismatch';
    const givenBack = [...books.refund.values()]
      .filter(({ request, result }) => request.subject === subject && isDone(result))
      .reduce((sum, { request }) => sum + request.amountMinor, 0n);
    return givenBack + amountMinor > charge.request.amountMinor ? 'exceeds_charge' : null;
  };

  return {
    begin: (what, key, request) => {
      const entry = books[what].get(key);
      if (entry === undefined) {
        books[what].set(key, { request, requests: 1, result: null });
        return { kind: 'begun' };
      }
      if (!isSame(entry.request, request)) return { kind: 'other-body' };
      entry.requests += 1;
      return stateOf(entry);
    },
    settle: (what, key, declineCode) => {
      const entry = books[what].get(key);
      if (entry === undefined || entry.result !== null) throw new Error(`${what} not under way`);
      const code = (what === 'refund' ? refundFault(entry.request) : null) ?? declineCode;
      const id = newId(what);
      entry.result =
        code === null
          ? { id, status: 'succeeded' }
          : { id, status: 'declined', decline_code: code };
      return entry.result;
    },
    abandon: (what, key) => {
      if (books[what].get(key)?.result === null) books[what].delete(key);
    },
    find: (what, key) => {
      const entry = books[what].get(key);
      return entry === undefined ? null : stateOf(entry);
    },
    view: () => ({
      charges: linesOf('charge', books.charge),
      refunds: linesOf('refund', books.refund),
      totals: totalsOf(books),
    }),
  };
}

function isSame(one: MovementRequest, other: MovementRequest): boolean {
  return (
    one.amountMinor === other.amountMinor &&
    one.currency === other.currency &&
    one.subject === other.subject
  );
}

function stateOf({ request, result }: Entry): Finding {
  return result === null ? { kind: 'under-way' } : { kind: 'settled', result, request };
}

function isDone(result: GatewayResult | null): boolean {
  return result?.status === 'succeeded';
}

function linesOf(what: Movement, book: ReadonlyMap<string, Entry>): readonly LedgerEntry[] {
  return [...book].flatMap(([key, { request, requests, result }]) =>
    result === null
      ? []
      : [
          {
            key,
            ...result,
            amount_minor: String(request.amountMinor),
            currency: request.currency,
            ...(what === 'refund' ? { charge_key: request.subject } : {}),
            count_of_requests: requests,
          },
        ],
  );
}

function totalsOf({ charge, refund }: Record<Movement, ReadonlyMap<string, Entry>>): LedgerTotals {
  const charges = [...charge.values()];
  const refunds = [...refund.values()];
  const count = (entries: readonly Entry[], status: GatewayResult['status']): number =>
    entries.filter(({ result }) => result?.status === status).length;
  return {
    charges_succeeded: count(charges, 'succeeded'),
    charges_declined: count(charges, 'declined'),
    refunds_succeeded: count(refunds, 'succeeded'),
    refunds_declined: count(refunds, 'declined'),
    charged_minor: sumsOf(charges),
    refunded_minor: sumsOf(refunds),
  };
}

function sumsOf(entries: readonly Entry[]): Record<string, string> {
  const sums = new Map<string, bigint>();
  for (const { request, result } of entries) {
    if (!isDone(result)) continue;
    sums.set(request.currency, (sums.get(request.currency) ?? 0n) + request.amountMinor);
  }
  return Object.fromEntries([...sums].map(([currency, sum]) => [currency, String(sum)]));
}
