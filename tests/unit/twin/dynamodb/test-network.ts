/** A network whose Regions a test cuts off and brings back. */

import type { Network, RegionCondition } from '#twin/faults/fault.ts';

export class TestNetwork implements Network {
  readonly #conditions = new Map<string, RegionCondition>();
  readonly #listeners = new Set<() => void>();
  /** One-way cuts, `from>to`. */
  readonly #cuts = new Set<string>();

  reaches(from: string, to: string): boolean {
    if (from === to) return true;
    const bothUp = this.conditionOf(from) === 'up' && this.conditionOf(to) === 'up';
    return bothUp && !this.#cuts.has(`${from}>${to}`);
  }

  conditionOf(region: string): RegionCondition {
    return this.#conditions.get(region) ?? 'up';
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(region: string, condition: RegionCondition): void {
    this.#conditions.set(region, condition);
    this.#changed();
  }

  cut(from: string, to: string): void {
    this.#cuts.add(`${from}>${to}`);
    this.#changed();
  }

  heal(): void {
    this.#conditions.clear();
    this.#cuts.clear();
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
