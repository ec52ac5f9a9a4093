/** A client that knows one name and no Region: it resolves, tries, and tries again later. */

import { mayHaveTakenEffect } from '#sdk/observation.ts';
import type { Resolver } from '../services/dns.ts';
import {
  beginCall,
  type CallEnd,
  type Caller,
  type ClientCall,
  type ClientParts,
  endCall,
  isFinal,
  tryOnce,
} from './client-call.ts';

const TRIES_MAX = 10;
const TRY_TIMEOUT_MS = 10_000;
/** Doubled after each try up to the cap; the real wait is drawn between half of it and all of it. */
const WAIT_BASE_MS = 2_000;
const WAIT_CAP_MS = 30_000;

export class DnsClient implements Caller {
  readonly name: string;
  readonly #parts: ClientParts;
  readonly #resolver: Resolver;

  constructor(parts: ClientParts, name: string) {
    this.name = name;
    this.#parts = parts;
    this.#resolver = parts.system.dns.createResolver(name);
  }

  call(call: ClientCall, done: (end: CallEnd) => void): void {
    const { system, random } = this.#parts;
    const operation = beginCall(system, call, this.name);
    let tries = 0;
    let isUnknown = false;
    const end = (hasAnswer: boolean): void => {
      endCall(system, operation, hasAnswer, isUnknown);
      done({ operation, mayHaveTakenEffect: isUnknown });
    };
    const attempt = (): void => {
      const region = this.#resolver.resolve();
      const { request } = call;
      tries += 1;
      tryOnce(system, operation, { request, region, timeoutMs: TRY_TIMEOUT_MS }, (observation) => {
        if (isFinal(observation)) return end(true);
        isUnknown ||= mayHaveTakenEffect(observation);
        this.#parts.onFailedTry(call, region);
        if (tries >= TRIES_MAX) return end(false);
        const ceilingMs = Math.min(WAIT_CAP_MS, WAIT_BASE_MS * 2 ** (tries - 1));
        system.world.after(ceilingMs * (0.5 + random.next() / 2), attempt);
      });
    };
    attempt();
  }
}
