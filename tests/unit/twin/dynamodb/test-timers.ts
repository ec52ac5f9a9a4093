/** Timers that run when a test says so. */

import type { Later } from '#twin/dynamodb/table/replica-catch-up.ts';

export class TestTimers {
  #set: { readonly delayMs: number; readonly run: () => void }[] = [];

  readonly later: Later = (delayMs, run) => {
    const timer = { delayMs, run };
    this.#set.push(timer);
    return () => {
      this.#set = this.#set.filter((candidate) => candidate !== timer);
    };
  };

  /** Delays of the timers that are set, in milliseconds. */
  get delaysMs(): readonly number[] {
    return this.#set.map(({ delayMs }) => delayMs);
  }

  /** Runs every timer that is set now. */
  elapse(): void {
    const due = this.#set;
    this.#set = [];
    for (const { run } of due) run();
  }
}
