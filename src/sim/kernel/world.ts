/**
 * Virtual time: events in their order, and nothing in between.
 *
 * Code that awaits is real code. An event settles promises; whoever awaited them runs on until everybody awaits
 * something again, and only then does the next event happen. So a run is a function of its seed.
 */

import { EventQueue, type Planned } from './event-queue.ts';
import { createRandom, type Random } from './random.ts';
import { type Lane, Trace } from './trace.ts';

/** What the simulator needs from where it runs. */
export interface SimHost {
  /**
   * Calls `step` until it returns false, each time with all promise reactions of the last call done: a new turn
   * of the host's event loop for each.
   */
  drive(step: () => boolean): Promise<void>;
}

/** The wall clock when a world begins, epoch milliseconds: 2023-11-14T22:13:20Z. */
export const WORLD_EPOCH_MS = 1_700_000_000_000;

/** Thrown out of `World.run` when a run does not come to an end: a loop that no time passes in. */
export class RunawayError extends Error {
  override readonly name = 'RunawayError';
}

export class World {
  readonly seed: number;
  readonly trace: Trace;
  /** Virtual milliseconds since the world began, whole. */
  nowMs = 0;
  /** Events so far. */
  happened = 0;
  readonly #queue = new EventQueue();
  readonly #streams = new Map<string, Random>();
  readonly #eventsMax: number;
  #woken = false;
  #stopped = false;
  #broken: unknown = null;

  constructor(options: {
    readonly seed: number;
    readonly keepTrace: boolean;
    readonly eventsMax: number;
  }) {
    this.seed = options.seed;
    this.trace = new Trace(options.keepTrace);
    this.#eventsMax = options.eventsMax;
  }

  /** The random stream of a subsystem. */
  random(name: string): Random {
    const known = this.#streams.get(name);
    if (known !== undefined) return known;
    const stream = createRandom(this.seed, name);
    this.#streams.set(name, stream);
    return stream;
  }

  /** Plans `run` for later; at least 0 ms. Fractions are cut off. */
  after(delayMs: number, run: () => void): Planned {
    return this.#queue.plan(this.nowMs + Math.max(0, Math.floor(delayMs)), run);
  }

  /** Has promise reactions run before the next event. For whoever settles a promise or calls async code. */
  wake(): void {
    this.#woken = true;
  }

  /** Resolves after `ms`. Nobody's process: for the world's own actors, who can't crash. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, () => {
        this.#woken = true;
        resolve();
      });
    });
  }

  note(from: Lane, to: Lane, what: string, about = '', outcome = ''): void {
    this.trace.note(this.nowMs, from, to, what, about, outcome);
  }

  /** Ends the run after this event. */
  stop(): void {
    this.#stopped = true;
  }

  /** Ends the run with an error: something that must never happen did, in the simulator or in a core's invariant. */
  fail(error: unknown): void {
    this.#broken ??= error;
    this.#stopped = true;
  }

  /** Runs until `stop`, or until nothing is planned. Throws what `fail` was given, and `RunawayError`. */
  async run(host: SimHost): Promise<void> {
    await host.drive(() => this.#step());
    if (this.#broken !== null) throw this.#broken;
  }

  /** Events up to one that woke somebody; false: it is over. */
  #step(): boolean {
    this.#woken = false;
    do {
      if (this.#stopped) return false;
      const event = this.#queue.take();
      if (event === undefined) return false;
      const { run } = event;
      if (run === null) continue;
      this.nowMs = event.atMs;
      this.happened += 1;
      if (this.happened > this.#eventsMax) {
        this.fail(new RunawayError(`more than ${this.#eventsMax} events at ${this.nowMs} ms`));
        return false;
      }
      try {
        run();
      } catch (error) {
        this.fail(error);
        return false;
      }
    } while (!this.#woken);
    return true;
  }
}
