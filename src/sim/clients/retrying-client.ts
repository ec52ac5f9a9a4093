/**
 * The SDK's client: its retry policy, the production code, on virtual time. The loop is that of
 * sdk/src/run-call.ts without an `await`, since nothing in it can be interrupted.
 */

import type { Made } from '#sdk/observation.ts';
import {
  type Breakers,
  type CallState,
  type Decision,
  decideNext,
  RETRY_DEFAULTS,
  type RetryPolicy,
  startCall,
} from '#sdk/retry-policy.ts';
import type { RegionName } from '../faults/fault-spec.ts';
import type { Operation } from '../ledger.ts';
import {
  beginCall,
  type CallEnd,
  type Caller,
  type ClientCall,
  type ClientParts,
  endCall,
  tryOnce,
} from './client-call.ts';

/** What the calls of one client share. */
interface Shared {
  readonly policy: RetryPolicy;
  readonly parts: ClientParts;
  readonly draw: () => number;
  breakers: Breakers;
}

export class RetryingClient implements Caller {
  readonly name: string;
  readonly #shared: Shared;

  /** `regions`: the one to prefer first. `limits`: instead of the SDK's defaults. */
  constructor(
    parts: ClientParts,
    name: string,
    regions: readonly RegionName[],
    limits: Partial<Omit<RetryPolicy, 'regions'>> = {},
  ) {
    this.name = name;
    this.#shared = {
      policy: { ...RETRY_DEFAULTS, ...limits, regions },
      ...{ parts, breakers: new Map() },
      draw: () => parts.random.next(),
    };
  }

  call(call: ClientCall, done: (end: CallEnd) => void): void {
    const operation = beginCall(this.#shared.parts.system, call, this.name);
    new RunningCall(this.#shared, call, operation, done).begin();
  }
}

class RunningCall {
  readonly #shared: Shared;
  readonly #call: ClientCall;
  readonly #operation: Operation;
  readonly #done: (end: CallEnd) => void;
  #state: CallState;

  constructor(
    shared: Shared,
    call: ClientCall,
    operation: Operation,
    done: (end: CallEnd) => void,
  ) {
    this.#shared = shared;
    this.#call = call;
    this.#operation = operation;
    this.#done = done;
    this.#state = startCall(shared.policy, operation.calledAtMs);
  }

  begin(): void {
    this.#follow(this.#decide({ kind: 'start' }));
  }

  #decide(observation: Made | { readonly kind: 'start' }): Decision {
    const { policy, breakers, parts, draw } = this.#shared;
    const state = { policy, breakers, call: this.#state };
    const decision = decideNext(state, observation, parts.system.world.nowMs, draw);
    this.#shared.breakers = decision.state.breakers;
    this.#state = decision.state.call;
    return decision;
  }

  #follow(decision: Decision): void {
    if (decision.kind !== 'try') return this.#end(decision.kind === 'answer');
    const region = decision.region as RegionName;
    const { afterMs, timeoutMs } = decision;
    if (afterMs === 0) return this.#try(region, timeoutMs);
    this.#shared.parts.system.world.after(afterMs, () => this.#try(region, timeoutMs));
  }

  #try(region: RegionName, timeoutMs: number): void {
    const { parts } = this.#shared;
    const { request } = this.#call;
    tryOnce(parts.system, this.#operation, { request, region, timeoutMs }, (observation) => {
      const decision = this.#decide(observation);
      if (decision.kind !== 'answer') parts.onFailedTry(this.#call, region);
      this.#follow(decision);
    });
  }

  #end(isFinal: boolean): void {
    const { mayHaveTakenEffect } = this.#state;
    endCall(this.#shared.parts.system, this.#operation, isFinal, mayHaveTakenEffect);
    this.#done({ operation: this.#operation, mayHaveTakenEffect });
  }
}
