/** A network whose Regions a test cuts off and brings back. */

import type { RegionCondition, ReplicationNetwork } from '#twin/faults/fault.ts';

export class TestNetwork implements ReplicationNetwork {
  readonly #conditions = new Map<string, RegionCondition>();
  readonly #listeners = new Set<() => void>();
  /** One-way cuts, `from>to`. */
  readonly #cuts = new Set<string>();
  readonly #lagsMs = new Map<string, number>();

  reaches(from: string, to: string): boolean {
    if (from === to) return true;
    const bothUp = this.conditionOf(from) === 'up' && this.conditionOf(to) === 'up';
    return bothUp && !this.#cuts.has(`${from}>${to}`);
  }

  conditionOf(region: string): RegionCondition {
    return this.#conditions.get(region) ?? 'up';
  }

  lagMsOutOf(region: string): number | null {
    return this.#lagsMs.get(region) ?? null;
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

  mend(from: string, to: string): void {
    this.#cuts.delete(`${from}>${to}`);
    this.#changed();
  }

  /** `null`: as usual. */
  lag(from: string, lagMs: number | null): void {
    if (lagMs === null) this.#lagsMs.delete(from);
    else this.#lagsMs.set(from, lagMs);
    this.#changed();
  }

  heal(): void {
    this.#lagsMs.clear();
    this.#conditions.clear();
    this.#cuts.clear();
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
