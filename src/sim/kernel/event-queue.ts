/** What is to happen, by time; what was planned first comes first among equals. */

/** Something planned. Cancelled by setting `run` to null. */
export interface Planned {
  readonly atMs: number;
  readonly order: number;
  run: (() => void) | null;
}

/** A binary heap. */
export class EventQueue {
  readonly #heap: Planned[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  plan(atMs: number, run: () => void): Planned {
    const event: Planned = { atMs, order: this.#order, run };
    this.#order += 1;
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Planned;
      if (!isEarlier(event, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
    return event;
  }

  /** The next one, without taking it. */
  peek(): Planned | undefined {
    return this.#heap[0];
  }

  take(): Planned | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    const { length } = heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      const right = child + 1;
      if (right < length && isEarlier(heap[right] as Planned, heap[child] as Planned))
        child = right;
      const below = heap[child] as Planned;
      if (!isEarlier(below, last)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isEarlier(one: Planned, two: Planned): boolean {
  return one.atMs < two.atMs || (one.atMs === two.atMs && one.order < two.order);
}
