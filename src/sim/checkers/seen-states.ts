/** Which states a search has been in after which operations: Lowe's cache. */

const BITS = 16;
const ALL = 0xffff;

/** Keeps the operations that are done as well, by rank. Exact: nothing hangs on a hash. */
export class SeenStates<State> {
  readonly #done: Uint16Array;
  readonly #keyOf: (state: State) => string | number;
  readonly #seen = new Set<string>();

  constructor(count: number, keyOf: (state: State) => string | number) {
    this.#done = new Uint16Array(Math.ceil(count / BITS));
    this.#keyOf = keyOf;
  }

  isDone(rank: number): boolean {
    return ((this.#word(rank) >> (rank % BITS)) & 1) === 1;
  }

  /** Counts `rank` as done, unless the search has been in `state` after the same operations. */
  enter(rank: number, state: State): boolean {
    this.#flip(rank);
    const key = this.#keyAfter(state);
    if (!this.#seen.has(key)) {
      this.#seen.add(key);
      return true;
    }
    this.#flip(rank);
    return false;
  }

  /** Undoes `enter`; that it was there stays known. */
  leave(rank: number): void {
    this.#flip(rank);
  }

  /** Operations are done nearly in order: the words between the full ones and the empty ones tell all. */
  #keyAfter(state: State): string {
    const done = this.#done;
    let from = 0;
    let to = done.length;
    while (from < to && done[from] === ALL) from += 1;
    while (to > from && done[to - 1] === 0) to -= 1;
    let key = `${from} ${to} `;
    for (let word = from; word < to; word += 1) key += String.fromCharCode(done[word] as number);
    return key + this.#keyOf(state);
  }

  #flip(rank: number): void {
    this.#done[Math.floor(rank / BITS)] = this.#word(rank) ^ (1 << (rank % BITS));
  }

  #word(rank: number): number {
    return this.#done[Math.floor(rank / BITS)] as number;
  }
}
