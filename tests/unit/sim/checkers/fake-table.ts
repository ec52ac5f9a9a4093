import type { RegionName } from '#sim/faults/fault-spec.ts';

/** A table's two replicas. */
export class FakeTable<V> {
  readonly #overwritten: V[] = [];
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

  /** It knows nothing of who built on what: another value is one that nobody knew. */
  lost(region: RegionName, visit: (value: V) => void): void {
    for (const value of this.#overwritten) visit(value);
    const peer = region === 'us-east-1' ? 'us-east-2' : 'us-east-1';
    for (const [key, value] of this.#replicas[peer]) {
      if (this.#replicas[region].get(key) !== value) visit(value);
    }
  }

  /** A write of the other Region's arrives, and is the last one. */
  overwrite(region: RegionName, key: string, value: V): void {
    const known = this.#replicas[region].get(key);
    if (known !== undefined && known !== value) this.#overwritten.push(known);
    this.set(region, key, value);
  }

  set(region: RegionName, key: string, value: V): void {
    this.#replicas[region].set(key, value);
  }

  delete(region: RegionName, key: string): void {
    this.#replicas[region].delete(key);
  }
}
