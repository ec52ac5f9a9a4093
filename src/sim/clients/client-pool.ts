/** The clients of a run: a few of each kind, each with what it remembers between its calls. */

import { RETRY_DEFAULTS } from '#sdk/retry-policy.ts';
import { REGIONS, type RegionName } from '../faults/fault-spec.ts';
import type { Random } from '../kernel/random.ts';
import type { Topology } from '../plan.ts';
import type { Caller, ClientParts } from './client-call.ts';
import { DnsClient } from './dns-client.ts';
import { PATIENT, type Patience, SLOW } from './errands.ts';
import { RetryingClient } from './retrying-client.ts';

export type ClientKind = 'sdk' | 'dns' | 'slow';

/** Of each kind. */
export const CLIENTS = 3;

/** Tries of a call, at least; some have the option's default. */
const SDK_TRIES_MIN = 3;

/** Who makes a call, in turn, and how often. */
export interface Sender {
  readonly callers: readonly Caller[];
  readonly patience: Patience;
}

export class ClientPool {
  readonly #senders: Readonly<Record<ClientKind, readonly Sender[]>>;
  readonly #visitors: ReadonlyMap<RegionName, Sender>;

  /** `random`: for what a client is like. */
  constructor(parts: ClientParts, topology: Topology, random: Random) {
    // One order in active-passive: the primary is what everybody prefers.
    const first = (): RegionName =>
      topology.policy === 'active-passive' ? REGIONS[0] : random.pick(REGIONS);
    const some = <T>(make: (number: number) => T): readonly T[] =>
      Array.from({ length: CLIENTS }, (_, index) => make(index + 1));
    this.#senders = {
      sdk: some((number) => {
        const limits = { maxTries: random.int(SDK_TRIES_MIN, RETRY_DEFAULTS.maxTries) };
        const client = new RetryingClient(parts, `sdk-${number}`, inOrder(first()), limits);
        return { callers: [client], patience: PATIENT };
      }),
      dns: some((number) => {
        const client = new DnsClient(parts, `dns-${number}`);
        return { callers: [client], patience: { ...SLOW, callsMax: 2 } };
      }),
      slow: some((number) => {
        const region = first();
        // Hardly a second try within the call: what became of it stays open until they come back.
        const limits = { maxTries: random.int(1, 2) };
        const callers = inOrder(region).map(
          (it) => new RetryingClient(parts, `slow-${number}`, inOrder(it), limits),
        );
        return { callers, patience: SLOW };
      }),
    };
    this.#visitors = new Map(
      REGIONS.map((region) => {
        const client = new RetryingClient(parts, `sdk-${region}`, inOrder(region));
        return [region, { callers: [client], patience: { ...PATIENT, callsMax: 3 } }];
      }),
    );
  }

  /** `number` from 0 on. */
  sender(kind: ClientKind, number: number): Sender {
    return this.#senders[kind][number % CLIENTS] as Sender;
  }

  /** Somebody with the SDK who prefers `region`, wherever traffic is. */
  visitor(region: RegionName): Sender {
    return this.#visitors.get(region) as Sender;
  }
}

/** Both Regions, `first` first. */
export function inOrder(first: RegionName): readonly RegionName[] {
  return first === REGIONS[0] ? REGIONS : [REGIONS[1], REGIONS[0]];
}
