/** As much of the simulated system as clients touch: a network, a ledger, DNS, and Regions that a test scripts. */

import { parsePaymentRequest } from '#core/payment-request.ts';
import type { ClientParts } from '#sim/clients/client-call.ts';
import type { RegionName } from '#sim/faults/fault-spec.ts';
import type { ApiRequest, ApiResponse } from '#sim/http.ts';
import { Ledger, type Meaning } from '#sim/ledger.ts';
import type { Topology, WorkloadShape } from '#sim/plan.ts';
import type { System } from '#sim/system.ts';
import { createWires, TEST_HOST } from '../../../support/driven-world.ts';

/** What a Region says to a request; null: nothing, ever. */
export type Script = (
  region: RegionName,
  request: ApiRequest,
) => { readonly afterMs: number; readonly response: ApiResponse } | null;

export interface Arrival {
  readonly atMs: number;
  readonly region: RegionName;
  readonly request: ApiRequest;
}

export const SHAPE: WorkloadShape = {
  ...{ payments: 50, spreadMs: 60_000, acceptShare: 0, repeatShare: 0, conflictShare: 0 },
  ...{ refundShare: 0, readShare: 0, slowShare: 0, dnsShare: 0, burst: 1, declineShare: 0 },
};

export const MEANING: Meaning = {
  ...{ transactionId: 't1', customerId: 'c1', amountMinor: 1_000n, currency: 'USD' },
};

export function createFakeSystem(options: {
  readonly script: Script;
  readonly seed?: number;
  readonly shape?: Partial<WorkloadShape>;
  readonly policy?: Topology['policy'];
  /** What the name stands for at the moment. */
  readonly dns?: (nowMs: number) => RegionName;
}) {
  const { seed = 1, script, policy = 'active-passive' } = options;
  const wires = createWires(seed);
  const { world } = wires;
  const arrivals: Arrival[] = [];
  const region = (name: RegionName) => ({
    receive: (request: ApiRequest, reply: (response: ApiResponse) => void): void => {
      arrivals.push({ atMs: world.nowMs, region: name, request });
      const said = script(name, request);
      if (said !== null) world.after(said.afterMs, () => reply(said.response));
    },
  });
  const system = {
    ...wires,
    ledger: new Ledger(),
    payments: { journals: { peek: () => undefined } },
    plan: { workload: { ...SHAPE, ...options.shape }, topology: { policy } },
    dns: {
      createResolver: () => ({ resolve: () => options.dns?.(world.nowMs) ?? 'us-east-1' }),
    },
    regions: { 'us-east-1': region('us-east-1'), 'us-east-2': region('us-east-2') },
  } as unknown as System;
  const parts: ClientParts = {
    ...{ system, random: world.random('clients') },
    onFailedTry: () => undefined,
  };
  return { system, parts, world, arrivals, run: () => world.run(TEST_HOST) };
}

export function respond(status: number, code: string | null = null, body = ''): ApiResponse {
  return { status, code, body, retryAfterMs: null };
}

/** After a few milliseconds. */
export function soon(response: ApiResponse): ReturnType<Script> {
  return { afterMs: 10, response };
}

/** An API that works: one payment for each id, whatever the Region. */
export function workingApi(): Script {
  const known = new Map<string, string>();
  return (_region, { route, transactionId, body }) => {
    if (route === 'refund') return soon(respond(200, null, '{"message":"Refund processed"}'));
    if (route === 'read') {
      if (!known.has(transactionId)) return soon(respond(404, 'payment_not_found'));
      return soon(respond(200, null, '{"status":"PROCESSED"}'));
    }
    const parsed = parsePaymentRequest(body);
    if (parsed.kind === 'invalid') return soon(respond(400, parsed.fault.code));
    const { transactionId: id, customerId, amountMinor, currency } = parsed.request;
    const meaning = JSON.stringify([customerId, `${amountMinor}`, currency]);
    if ((known.get(id) ?? meaning) !== meaning) return soon(respond(409, 'transaction_conflict'));
    known.set(id, meaning);
    return soon(respond(route === 'accept' ? 202 : 200, null, '{"message":"done"}'));
  };
}
