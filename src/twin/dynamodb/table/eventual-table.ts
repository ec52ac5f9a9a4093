/**
 * One global table with multi-Region eventual consistency: every replica takes writes by itself, and
 * the last writer of an item wins.
 *
 * A write runs on its Region's own engine and is acknowledged when that one has it; it travels to the
 * other replicas afterwards. What has not got out of a Region that is lost arrives when it is back.
 * Source: docs/adr/0011-mrec-in-the-twin.md.
 */

import type { ReplicationNetwork } from '../../faults/fault.ts';
import type { GlobalTableModel } from '../../region-model.ts';
import type { EngineAnswer, StorageEngine } from '../engine/storage-engine.ts';
import { asWireFault, internalServerFault, WireFault } from '../wire-fault.ts';
import { applyImage } from './apply-image.ts';
import type { GlobalTable } from './global-table.ts';
import { INTERNAL, ItemLocks } from './item-locks.ts';
import { ItemVersions } from './item-versions.ts';
import { type ItemWrite, writeOnLeader } from './leader-write.ts';
import type { ItemImage } from './pending-log.ts';
import type { ReplicaStatus, TableStatus } from './replica.ts';
import type { Later } from './replica-catch-up.ts';
import { type ReplicatedWrite, ReplicationLink } from './replication-link.ts';
import { readBack } from './settle-write.ts';
import { VersionClock } from './write-version.ts';

export interface EventualTableOptions {
  readonly model: GlobalTableModel;
  /** In the model's order. */
  readonly replicas: readonly { readonly region: string; readonly engine: StorageEngine }[];
  readonly network: ReplicationNetwork;
  readonly clock: { nowEpochMs(): number };
  readonly report: (message: string) => void;
  /** @default a timer that does not keep the process alive. */
  readonly later?: Later;
}

interface Replica {
  readonly region: string;
  readonly engine: StorageEngine;
  readonly locks: ItemLocks;
}

export class EventualTable implements GlobalTable {
  readonly model: GlobalTableModel;
  readonly #replicas: readonly Replica[];
  readonly #clock: { nowEpochMs(): number };
  readonly #report: (message: string) => void;
  readonly #versionClock: VersionClock;
  readonly #versions = new ItemVersions();
  /** By the Region that they lead out of. */
  readonly #links: ReadonlyMap<string, readonly ReplicationLink[]>;
  readonly #stopListening: readonly (() => void)[];
  readonly #inFlight = new Set<Promise<unknown>>();
  #stopped = false;
  #hasUnsettledWrites = false;

  constructor(options: EventualTableOptions) {
    this.model = options.model;
    this.#clock = options.clock;
    this.#report = options.report;
    this.#versionClock = new VersionClock(options.clock);
    this.#replicas = options.replicas.map((one) => ({ ...one, locks: new ItemLocks() }));
    this.#links = new Map(
      this.#replicas.map((from) => [
        from.region,
        this.#replicas
          .filter((to) => to !== from)
          .map((to) => this.#linkBetween(from, to, options)),
      ]),
    );
    const reconsider = () => {
      for (const link of this.#allLinks()) link.reconsider();
    };
    this.#stopListening = [
      options.network.onChange(reconsider),
      ...this.#replicas.map(({ engine }) => engine.onCondition(reconsider)),
    ];
  }

  /** Its condition sees the Region's own replica, and nobody is told of a conflict. */
  async write(write: ItemWrite): Promise<EngineAnswer> {
    this.#requireService();
    const replica = this.#replica(write.region);
    const running = locked(replica, write.id, () => this.#writeLocked(replica, write));
    this.#inFlight.add(running);
    try {
      return await running;
    } finally {
      this.#inFlight.delete(running);
    }
  }

  /** Strong within the Region only: it sees every write that its own replica has. */
  async readStrong(region: string, operation: string, body: string): Promise<EngineAnswer> {
    this.#requireService();
    return this.readEventual(region, operation, body);
  }

  async readEventual(region: string, operation: string, body: string): Promise<EngineAnswer> {
    try {
      return await this.#replica(region).engine.call(operation, body);
    } catch (error) {
      throw asWireFault(error);
    }
  }

  hasReplicaIn(region: string): boolean {
    return this.#links.has(region);
  }

  get hasUnsettledWrites(): boolean {
    return this.#hasUnsettledWrites;
  }

  /** Items of which a write is under way between replicas. */
  get itemsUnderWay(): number {
    return this.#versions.size;
  }

  status(): TableStatus {
    return {
      table: this.model.name,
      leader: null,
      replicas: this.#replicas.map((replica) => this.#statusOf(replica)),
    };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const stop of this.#stopListening) stop();
    await Promise.allSettled(this.#inFlight);
    await Promise.all([...this.#allLinks()].map((link) => link.stop()));
  }

  async #writeLocked(replica: Replica, write: ItemWrite): Promise<EngineAnswer> {
    this.#requireService();
    if (write.signal.aborted) {
      throw internalServerFault(
        'The caller went away before the write began; nothing was written.',
      );
    }
    const { id, keyJson } = write;
    try {
      const outcome = await writeOnLeader(replica.engine, write);
      if (outcome.kind === 'refused') return outcome.answer;
      this.#send(replica, { id, keyJson, itemJson: outcome.itemJson });
      return outcome.answer;
    } catch (error) {
      if (!(error instanceof WireFault)) await this.#settleUnknown(replica, write);
      throw asWireFault(error);
    }
  }

  /** Stamped and queued in one turn, so that the order of versions is the order in the queues. */
  #send(from: Replica, image: ItemImage): void {
    const version = this.#versionClock.next();
    const links = this.#links.get(from.region) ?? [];
    for (const _link of links) this.#versions.begin(image.id);
    this.#versions.note(from.region, image.id, version);
    const sinceEpochMs = this.#clock.nowEpochMs();
    for (const link of links) link.send({ ...image, version, sinceEpochMs });
  }

  /**
   * Whatever the engine has after a call without an answer is sent as if it had been written: the
   * write left the item so, or might have. The caller holds the item's lock.
   */
  async #settleUnknown(replica: Replica, { id, keyJson }: ItemWrite): Promise<void> {
    const end = await readBack(replica.engine, this.model.name, keyJson);
    if (end.kind === 'read') return this.#send(replica, { id, keyJson, itemJson: end.itemJson });
    this.#hasUnsettledWrites = true;
    this.#report(
      `A write to ${this.model.name} had no answer, and the engine of ${replica.region} could not ` +
        `say whether it happened (${String(end.cause)}). The replicas may differ in that item ` +
        'until it is written again.',
    );
    return undefined;
  }

  #linkBetween(from: Replica, to: Replica, options: EventualTableOptions): ReplicationLink {
    const { network, clock, report, later } = options;
    return new ReplicationLink({
      tableName: this.model.name,
      ...{ from: from.region, to, network, clock, report },
      locked: (id, work) => locked(to, id, work),
      apply: (write) => this.#apply(to, write),
      onEnd: (id) => this.#versions.end(id),
      ...(later === undefined ? {} : { later }),
    });
  }

  /** The caller holds the item's lock in `to`. */
  async #apply(to: Replica, write: ReplicatedWrite): Promise<void> {
    if (this.#versions.isSuperseded(to.region, write.id, write.version)) return;
    await applyImage(to.engine, this.model.name, write);
    this.#versions.note(to.region, write.id, write.version);
  }

  #statusOf({ region, engine }: Replica): ReplicaStatus {
    const incoming = [...this.#allLinks()].filter(({ to }) => to === region);
    const pendingItems = new Set(incoming.flatMap((link) => [...link.pendingIds()])).size;
    const nowEpochMs = this.#clock.nowEpochMs();
    const lags = incoming.map(({ oldestEpochMs }) => nowEpochMs - (oldestEpochMs ?? nowEpochMs));
    return {
      region,
      pendingItems,
      caughtUp: pendingItems === 0,
      quorum: true,
      engine: engine.condition,
      lagMs: Math.max(0, ...lags),
    };
  }

  *#allLinks(): Generator<ReplicationLink> {
    for (const links of this.#links.values()) yield* links;
  }

  #requireService(): void {
    if (this.#stopped) throw internalServerFault('The twin is stopping.');
  }

  #replica(region: string): Replica {
    const replica = this.#replicas.find((candidate) => candidate.region === region);
    if (replica === undefined) throw new Error(`${this.model.name} has no replica in ${region}.`);
    return replica;
  }
}

/** Writers of one replica queue up for an item, replication among them; nobody is refused. */
async function locked<T>(
  { locks }: Pick<Replica, 'locks'>,
  id: string,
  work: () => Promise<T>,
): Promise<T> {
  const lock = locks.acquire(id, INTERNAL);
  if (lock instanceof Promise) await lock;
  try {
    return await work();
  } finally {
    locks.release(id);
  }
}
