/**
 * Which replica's engine serves now, and the pause between two of them.
 *
 * A new leader serves nothing before every write that began under the old one has settled:
 * otherwise a read could show a write that the next read, on the new leader, does not.
 */

export interface LeadershipOptions {
  readonly leader: string;
  /** Called before a new leader serves its first operation; keeps it for the next start. */
  readonly record: (leader: string) => void;
}

export class Leadership {
  readonly #record: (leader: string) => void;
  #leader: string;
  #next: string;
  #writesInFlight = 0;
  #waiting: (() => void)[] = [];

  constructor({ leader, record }: LeadershipOptions) {
    this.#leader = leader;
    this.#next = leader;
    this.#record = record;
  }

  /** The leader, or the one that will be it as soon as the writes in flight have settled. */
  get next(): string {
    return this.#next;
  }

  /** The leader for a read; waits while it changes. */
  async forRead(): Promise<string> {
    while (this.#next !== this.#leader) await this.#changed();
    return this.#leader;
  }

  /** The leader for a write, which holds it back from changing until `settled` is called. */
  async forWrite(): Promise<string> {
    while (this.#next !== this.#leader) await this.#changed();
    this.#writesInFlight++;
    return this.#leader;
  }

  /** A write is on every replica or in its pending log, or certainly did not happen. */
  settled(): void {
    this.#writesInFlight--;
    if (this.#writesInFlight === 0) this.#change();
  }

  moveTo(leader: string): void {
    this.#next = leader;
    if (this.#writesInFlight === 0 || leader === this.#leader) this.#change();
  }

  /** Resolves when no write is in flight. */
  async idle(): Promise<void> {
    while (this.#writesInFlight > 0) await this.#changed();
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #change(): void {
    if (this.#next !== this.#leader) {
      this.#record(this.#next);
      this.#leader = this.#next;
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }
}
