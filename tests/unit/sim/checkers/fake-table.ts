import type { RegionName } from '#sim/faults/fault-spec.ts';

/** A table's two replicas. */
export class FakeTable<V> {
  readonly #replicas: Record<RegionName, Map<string, V>>;

  constructor(isStrong: boolean) {
    const first = new Map<string, V>();
    const second = isStrong ? first : new Map<string, V>();
    this.#replicas = { 'us-east-1': first, 'us-east-2': second };
  }

  peek(region: RegionName, key: string): V | undefined {
    return this.#replicas[region].get(key);
  }

  each(region: RegionName, visit: (value: V, key: string) => void): void {
    for (const [key, value] of this.#replicas[region]) visit(value, key);
  }

  set(region: RegionName, key: string, value: V): void {
    this.#replicas[region].set(key, value);
  }

  delete(region: RegionName, key: string): void {
    this.#replicas[region].delete(key);
  }
}
