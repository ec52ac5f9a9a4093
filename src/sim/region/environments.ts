/**
 * Execution environments of a function, each with what it remembers. One is busy with one invocation at a time, and
 * AWS does not say which of the idle ones the next invocation meets, or whether it meets a new one.
 */

import type { Random } from '../kernel/random.ts';
import type { Placement } from '../plan.ts';

/** Of the invocations that may meet any. */
const NEW_SHARE = 0.25;

export interface Environment<T> {
  readonly memory: T;
  isBusy: boolean;
}

export class Environments<T> {
  readonly #random: Random;
  readonly #placement: Placement;
  readonly #create: () => T;
  /** The one that was used last comes last. */
  #all: Environment<T>[] = [];

  /** `create` makes the memory of a new one. */
  constructor(random: Random, placement: Placement, create: () => T) {
    this.#random = random;
    this.#placement = placement;
    this.#create = create;
  }

  /** One for an invocation: busy until `isBusy` is set back. */
  take(): Environment<T> {
    const idle = this.#all.filter(({ isBusy }) => !isBusy);
    const taken = this.#place(idle) ?? { memory: this.#create(), isBusy: false };
    this.#all = [...this.#all.filter((one) => one !== taken), taken];
    taken.isBusy = true;
    return taken;
  }

  /** All of them are gone, with whatever they knew. */
  forget(): void {
    this.#all = [];
  }

  /** Undefined: a new one. */
  #place(idle: readonly Environment<T>[]): Environment<T> | undefined {
    switch (this.#placement) {
      case 'latest':
        return idle.at(-1);
      case 'oldest':
        return idle[0];
      case 'any':
        return idle.length === 0 || this.#random.chance(NEW_SHARE)
          ? undefined
          : this.#random.pick(idle);
      case 'new':
        return undefined;
    }
  }
}
