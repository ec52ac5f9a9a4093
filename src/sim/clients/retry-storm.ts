/** F26: clients that send everything several times, and what failed at once to the other Region. */

import { REGIONS, type RegionName } from '../faults/fault-spec.ts';
import { peerOf } from '../plan.ts';
import type { System } from '../system.ts';
import { type ClientCall, OneTryClient } from './client-call.ts';
import { type Errands, ONCE } from './errands.ts';

/** How long the sender of a copy waits for its answer. */
const TIMEOUT_MS = 10_000;

export class RetryStorm {
  /** How often each payment is sent; below two: no storm. */
  copies = 0;
  readonly #system: System;
  readonly #errands: Errands;
  readonly #senders: Readonly<Record<RegionName, OneTryClient>>;

  constructor(system: System, errands: Errands) {
    this.#system = system;
    this.#errands = errands;
    const [first, second] = REGIONS;
    this.#senders = {
      [first]: new OneTryClient(system, `storm-${first}`, first, TIMEOUT_MS),
      [second]: new OneTryClient(system, `storm-${second}`, second, TIMEOUT_MS),
    } as Record<RegionName, OneTryClient>;
  }

  /** A client is about to send `call`: so are others, to one Region after the other. */
  multiply(call: ClientCall): void {
    for (let copy = 1; copy < this.copies; copy += 1) {
      this.#send(call, REGIONS[copy % REGIONS.length] as RegionName);
    }
  }

  /**
   * A try in `region` brought nothing. A copy that fails is not copied: a storm, not an explosion. Reads are left
   * out: a repeated one changes nothing.
   */
  repeatElsewhere(call: ClientCall, region: RegionName): void {
    if (this.copies > 1 && call.kind !== 'read') this.#send(call, peerOf(region));
  }

  #send(call: ClientCall, region: RegionName): void {
    this.#system.coverage.hit('F26', 'request');
    this.#errands.run(call, [this.#senders[region]], ONCE);
  }
}
