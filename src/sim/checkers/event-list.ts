/** Calls and returns of the operations that are not in their place yet, by time. */

import { invariant } from '#core/invariant.ts';

interface Timed {
  readonly calledAt: number;
  readonly answer: { readonly at: number } | null;
}

const HEAD = 0;
const END = -1;

/**
 * A doubly linked list, so that an operation is taken out and put back in constant time. Operations go by
 * their rank: their place in `byCall`. What is put back must be what was taken out last.
 */
export class EventList {
  /** Of the call of rank r at 2r + 1, of its return at 2r + 2. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #returnsAt: Float64Array;

  /** `byCall`, `byReturn`: places in `history` of the answered operations, by time. */
  constructor(history: readonly Timed[], byCall: readonly number[], byReturn: readonly number[]) {
    const count = byCall.length;
    this.#next = new Int32Array(2 * count + 1);
    this.#previous = new Int32Array(2 * count + 1);
    this.#returnsAt = new Float64Array(count);
    const rankOf = new Int32Array(history.length);
    for (let rank = 0; rank < count; rank += 1) {
      const index = byCall[rank] as number;
      rankOf[index] = rank;
      this.#returnsAt[rank] = history[index]?.answer?.at ?? Number.POSITIVE_INFINITY;
    }
    let last = HEAD;
    let called = 0;
    const append = (event: number): void => {
      this.#next[last] = event;
      this.#previous[event] = last;
      last = event;
    };
    for (const index of byReturn) {
      const { answer } = history[index] as Timed;
      // A call at the moment of a return comes before it: the two are concurrent.
      while (called < count && isCalledBy(history[byCall[called] as number], answer)) {
        append(2 * called + 1);
        called += 1;
      }
      const rank = rankOf[index] as number;
      invariant(rank < called, 'an operation is called before it returns');
      append(2 * rank + 2);
    }
    this.#next[last] = END;
  }

  /**
   * The rank whose call comes after that of `rank`, or first of all for -1, before anything returns; -1:
   * none.
   */
  callAfter(rank: number): number {
    const event = this.#next[rank === -1 ? HEAD : 2 * rank + 1] as number;
    return (event & 1) === 1 && event !== END ? event >> 1 : -1;
  }

  /** When the first operation of the list returns; infinity: the list is empty. */
  firstReturnAt(): number {
    let event = this.#next[HEAD] as number;
    while (event !== END && (event & 1) === 1) event = this.#next[event] as number;
    return event === END ? Number.POSITIVE_INFINITY : (this.#returnsAt[(event >> 1) - 1] as number);
  }

  lift(rank: number): void {
    this.#unlink(2 * rank + 1);
    this.#unlink(2 * rank + 2);
  }

  /** Undoes `lift`. */
  unlift(rank: number): void {
    this.#relink(2 * rank + 2);
    this.#relink(2 * rank + 1);
  }

  #unlink(event: number): void {
    const next = this.#next[event] as number;
    const previous = this.#previous[event] as number;
    this.#next[previous] = next;
    if (next !== END) this.#previous[next] = previous;
  }

  /** A taken out event still knows its neighbours, which are neighbours again. */
  #relink(event: number): void {
    const next = this.#next[event] as number;
    this.#next[this.#previous[event] as number] = event;
    if (next !== END) this.#previous[next] = event;
  }
}

function isCalledBy(operation: Timed | undefined, answer: Timed['answer']): boolean {
  return operation !== undefined && answer !== null && operation.calledAt <= answer.at;
}
