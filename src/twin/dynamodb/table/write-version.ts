/**
 * The internal timestamps by which the last writer of an item wins.
 *
 * One clock stamps the writes of every Region of a table, and never goes back: of two versions one is
 * the later, and whoever writes after having seen a version has a later one.
 */

export interface WriteVersion {
  /** Milliseconds; ahead of the clock that was passed in where that one went back. */
  readonly epochMs: number;
  /** Counts the writes within one `epochMs`. */
  readonly counter: number;
}

export class VersionClock {
  readonly #clock: { nowEpochMs(): number };
  #last: WriteVersion = { epochMs: 0, counter: 0 };

  constructor(clock: { nowEpochMs(): number }) {
    this.#clock = clock;
  }

  /** A version later than all that were given before. */
  next(): WriteVersion {
    const epochMs = Math.max(this.#clock.nowEpochMs(), this.#last.epochMs);
    const counter = epochMs === this.#last.epochMs ? this.#last.counter + 1 : 0;
    this.#last = { epochMs, counter };
    return this.#last;
  }
}

export function isLater(a: WriteVersion, b: WriteVersion): boolean {
  return a.epochMs === b.epochMs ? a.counter > b.counter : a.epochMs > b.epochMs;
}
