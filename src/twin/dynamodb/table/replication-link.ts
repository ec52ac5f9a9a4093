/**
 * The writes on their way from one replica of an eventually consistent table to another.
 *
 * A write first takes the lag of its Region, then waits until the link and the other engine take it.
 * Writes of one item are never applied out of order; of those that wait, only the last is kept.
 */

import type { ReplicationNetwork } from '../../faults/fault.ts';
import type { StorageEngine } from '../engine/storage-engine.ts';
import type { ItemImage } from './pending-log.ts';
import { afterTimer, type Later, ReplicaCatchUp } from './replica-catch-up.ts';
import type { WriteVersion } from './write-version.ts';

/** One write as it travels: the whole item. */
export interface ReplicatedWrite extends ItemImage {
  readonly version: WriteVersion;
  /** When it was made; of the oldest one where several of an item have become one. */
  readonly sinceEpochMs: number;
}

export interface ReplicationLinkOptions {
  readonly tableName: string;
  readonly from: string;
  readonly to: { readonly region: string; readonly engine: StorageEngine };
  readonly network: ReplicationNetwork;
  readonly clock: { nowEpochMs(): number };
  /** @default a timer that does not keep the process alive. */
  readonly later?: Later;
  /** Runs `work` while it holds the item's lock at the receiving replica. */
  readonly locked: (id: string, work: () => Promise<void>) => Promise<void>;
  /** Makes it the state of the receiving replica, unless that one has a later version. */
  readonly apply: (write: ReplicatedWrite) => Promise<void>;
  /** Told once of every write that was sent, when it is no longer under way. */
  readonly onEnd: (id: string) => void;
  readonly report: (message: string) => void;
}

/** AWS promises no bound and says "usually within a second"; tables seen in use are faster. */
const LAG_MS = 100;

export class ReplicationLink {
  readonly #options: ReplicationLinkOptions;
  readonly #later: Later;
  /** In the order in which they were made. */
  readonly #travelling = new Set<ReplicatedWrite>();
  /** Their lag is over; by item. */
  readonly #arrived = new Map<string, ReplicatedWrite>();
  readonly #delivery: ReplicaCatchUp;
  #callOff: (() => void) | null = null;
  #stopped = false;

  constructor(options: ReplicationLinkOptions) {
    const { tableName, to, report } = options;
    this.#options = options;
    this.#later = options.later ?? afterTimer;
    this.#delivery = new ReplicaCatchUp({
      tableName,
      replica: { region: to.region, pending: this.#arrived },
      receives: () => this.#receives(),
      apply: (id) => options.locked(id, () => this.#deliver(id)),
      report,
      later: this.#later,
    });
  }

  get to(): string {
    return this.#options.to.region;
  }

  /** When the oldest write that has not been applied was made; null when there is none. */
  get oldestEpochMs(): number | null {
    const [oldest] = this.#arrived.size > 0 ? this.#arrived.values() : this.#travelling;
    return oldest?.sinceEpochMs ?? null;
  }

  /** Ids of the items with a write that has not been applied. */
  pendingIds(): ReadonlySet<string> {
    return new Set([...this.#arrived.keys(), ...[...this.#travelling].map(({ id }) => id)]);
  }

  send(write: ReplicatedWrite): void {
    this.#travelling.add(write);
    if (this.#callOff === null) this.#moveOn();
  }

  /** Looks again at the lag, the link and the engine: one of them has changed. */
  reconsider(): void {
    this.#moveOn();
    this.#delivery.startNow();
  }

  /** Delivers nothing more, and resolves when what is being delivered has been. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#callOff?.();
    this.#callOff = null;
    await this.#delivery.stop();
  }

  /** Takes in what has travelled for long enough, and comes back for the next one. */
  #moveOn(): void {
    this.#callOff?.();
    this.#callOff = null;
    if (this.#stopped) return;
    for (const write of this.#travelling) {
      const leftMs = this.#travelsForMs(write);
      if (leftMs > 0) {
        this.#callOff = this.#later(leftMs, () => this.#moveOn());
        break;
      }
      this.#travelling.delete(write);
      this.#arrive(write);
    }
    this.#delivery.start();
  }

  /** By the lag that is in force now, so that a change of it counts for what is on its way too. */
  #travelsForMs({ sinceEpochMs }: ReplicatedWrite): number {
    const { network, clock, from } = this.#options;
    const elapsedMs = clock.nowEpochMs() - sinceEpochMs;
    // The clock was set back: nobody could say how long it would take otherwise.
    if (elapsedMs < 0) return 0;
    return (network.lagMsOutOf(from) ?? LAG_MS) - elapsedMs;
  }

  #arrive(write: ReplicatedWrite): void {
    const { id } = write;
    const earlier = this.#arrived.get(id);
    if (earlier === undefined) {
      this.#arrived.set(id, write);
      return;
    }
    this.#arrived.set(id, { ...write, sinceEpochMs: earlier.sinceEpochMs });
    this.#options.onEnd(id);
  }

  /** The caller holds the item's lock. */
  async #deliver(id: string): Promise<void> {
    const write = this.#arrived.get(id);
    // The link may have been cut while this waited for the lock.
    if (write === undefined || !this.#receives()) return;
    await this.#options.apply(write);
    // Another one of the item may have arrived meanwhile, and is still to be applied.
    if (this.#arrived.get(id) !== write) return;
    this.#arrived.delete(id);
    this.#options.onEnd(id);
  }

  #receives(): boolean {
    const { network, from, to } = this.#options;
    return !this.#stopped && network.reaches(from, to.region) && to.engine.condition === 'ready';
  }
}
