/**
 * One global table with multi-Region strong consistency: one history, whatever the faults.
 *
 * Every write and strong read runs on the leader's engine. A write holds the item's lock from
 * before its condition is evaluated until every replica has the result, or has it in its pending
 * log; so nothing acknowledged is lost and nothing that was seen disappears.
 * Source: docs/adr/0006-twin-global-tables.md.
 */

import type { Network } from '../../faults/fault.ts';
import type { GlobalTableModel } from '../../region-model.ts';
import type { EngineAnswer } from '../engine/storage-engine.ts';
import {
  asWireFault,
  conflictFault,
  internalServerFault,
  quorumFault,
  WireFault,
} from '../wire-fault.ts';
import { applyImage } from './apply-image.ts';
import type { GlobalTable } from './global-table.ts';
import { INTERNAL, ItemLocks } from './item-locks.ts';
import { type ItemWrite, writeOnLeader } from './leader-write.ts';
import { Leadership } from './leadership.ts';
import { chooseLeader, majorityOf, nodesOf } from './majority.ts';
import type { ItemImage } from './pending-log.ts';
import type { Replica, TableStatus } from './replica.ts';
import { type Later, ReplicaCatchUp } from './replica-catch-up.ts';
import { settleWrite } from './settle-write.ts';

export interface ReplicatedTableOptions {
  readonly model: GlobalTableModel;
  /** In the model's order. */
  readonly replicas: readonly Replica[];
  readonly network: Network;
  /** The replica that led when the table was last in use. */
  readonly leader: string;
  /** Keeps a new leader before it serves. */
  readonly recordLeader: (leader: string) => void;
  readonly report: (message: string) => void;
  /** @default a timer that does not keep the process alive. */
  readonly later?: Later;
}

export class ReplicatedTable implements GlobalTable {
  readonly model: GlobalTableModel;
  readonly #replicas: readonly Replica[];
  readonly #network: Network;
  readonly #report: (message: string) => void;
  readonly #locks = new ItemLocks();
  readonly #leadership: Leadership;
  readonly #catchUps: ReadonlyMap<Replica, ReplicaCatchUp>;
  readonly #stopListening: readonly (() => void)[];
  #majority: ReadonlySet<string> = new Set();
  #stopped = false;
  #hasUnsettledWrites = false;

  constructor(options: ReplicatedTableOptions) {
    this.model = options.model;
    this.#replicas = options.replicas;
    this.#network = options.network;
    this.#report = options.report;
    this.#leadership = new Leadership({ leader: options.leader, record: options.recordLeader });
    this.#catchUps = new Map(
      options.replicas.map((replica) => [replica, this.#catchUpOf(replica, options.later)]),
    );
    const reconsider = () => this.#reconsider();
    this.#stopListening = [
      options.network.onChange(reconsider),
      ...options.replicas.map(({ engine }) => engine.onCondition(reconsider)),
    ];
    this.#reconsider();
  }

  /** Needs a quorum; a conflict is one with a write of another Region that is under way. */
  async write(write: ItemWrite): Promise<EngineAnswer> {
    this.#requireService(write.region);
    const lock = this.#locks.acquire(write.id, write.region);
    if (lock === 'conflict') throw conflictFault();
    if (lock !== 'taken') await lock;
    try {
      const leader = this.#replica(await this.#leadership.forWrite());
      try {
        return await this.#writeLocked(leader, write);
      } finally {
        this.#leadership.settled();
      }
    } finally {
      this.#locks.release(write.id);
    }
  }

  /** Needs a quorum. */
  async readStrong(
    region: string,
    operation: string,
    body: string,
    concerns: (id: string) => boolean,
  ): Promise<EngineAnswer> {
    this.#requireService(region);
    const leader = this.#replica(await this.#leadership.forRead());
    try {
      if (leader.pending.size > 0) await this.#bringUpToDate(leader, concerns);
      return await leader.engine.call(operation, body);
    } catch (error) {
      throw asWireFault(error);
    }
  }

  async readEventual(region: string, operation: string, body: string): Promise<EngineAnswer> {
    try {
      return await this.#replica(region).engine.call(operation, body);
    } catch (error) {
      throw asWireFault(error);
    }
  }

  hasReplicaIn(region: string): boolean {
    return this.#replicas.some((replica) => replica.region === region);
  }

  get hasUnsettledWrites(): boolean {
    return this.#hasUnsettledWrites;
  }

  status(): TableStatus {
    return {
      table: this.model.name,
      leader: this.#leadership.next,
      replicas: this.#replicas.map(({ region, pending, engine }) => ({
        region,
        pendingItems: pending.size,
        caughtUp: pending.size === 0,
        quorum: this.#majority.has(region),
        engine: engine.condition,
      })),
    };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const stop of this.#stopListening) stop();
    await this.#leadership.idle();
    await Promise.all([...this.#catchUps.values()].map((catchingUp) => catchingUp.stop()));
    for (const { pending } of this.#replicas) pending.close();
  }

  async #writeLocked(leader: Replica, write: ItemWrite): Promise<EngineAnswer> {
    // The links may have gone, or the caller, while this write waited for its turn.
    this.#requireService(write.region);
    try {
      await this.#applyPending(leader, write.id);
    } catch (error) {
      throw asWireFault(error);
    }
    if (write.signal.aborted) {
      throw internalServerFault(
        'The caller went away before the write began; nothing was written.',
      );
    }
    try {
      const outcome = await writeOnLeader(leader.engine, write);
      if (outcome.kind === 'refused') return outcome.answer;
      await this.#spread(leader, { ...identityOf(write), itemJson: outcome.itemJson });
      // A Region cut off meanwhile can't know that the others have it: unknown to its caller.
      this.#requireQuorum(write.region);
      return outcome.answer;
    } catch (error) {
      if (!(error instanceof WireFault)) await this.#settleUnknown(leader, write);
      throw asWireFault(error);
    }
  }

  /**
   * Brings the state after a write to the other replicas, or into their pending logs. The Region of
   * the leader may have lost its links since the write began: the write counts as having got out.
   */
  async #spread(leader: Replica, image: ItemImage): Promise<void> {
    const others = this.#replicas.filter((replica) => replica !== leader);
    const ends = await Promise.allSettled(others.map((other) => this.#deliver(other, image)));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  async #deliver(replica: Replica, image: ItemImage): Promise<void> {
    // No waiting between this question and the log: what is added after the Region was reached
    // again would be overlooked by the catching up.
    if (!this.#receives(replica)) {
      replica.pending.add(image);
      return;
    }
    try {
      await applyImage(replica.engine, this.model.name, image);
      replica.pending.remove(image.id);
    } catch {
      replica.pending.add(image);
    }
    if (replica.pending.size > 0) this.#catchUps.get(replica)?.start();
  }

  async #settleUnknown(leader: Replica, write: ItemWrite): Promise<void> {
    const end = await settleWrite({
      tableName: this.model.name,
      leader,
      others: this.#replicas.filter((replica) => replica !== leader),
      write,
      spread: (image) => this.#spread(leader, image),
    });
    if (end.kind === 'settled') return;
    this.#hasUnsettledWrites = true;
    this.#catchUps.get(leader)?.start();
    this.#report(
      `A write to ${this.model.name} had no answer, and the engine of ${leader.region} could not ` +
        `say whether it happened (${String(end.cause)}). It counts as not written; the replicas ` +
        'are compared at the next start.',
    );
  }

  /** Applies what the replica has missed of the items that a read concerns. */
  async #bringUpToDate(replica: Replica, concerns: (id: string) => boolean): Promise<void> {
    for (const { id } of replica.pending.values()) {
      if (concerns(id)) await this.#applyPendingLocking(replica, id);
    }
  }

  async #applyPendingLocking(replica: Replica, id: string): Promise<void> {
    const lock = this.#locks.acquire(id, INTERNAL);
    if (lock instanceof Promise) await lock;
    try {
      await this.#applyPending(replica, id);
    } finally {
      this.#locks.release(id);
    }
  }

  /** The caller holds the item's lock. */
  async #applyPending(replica: Replica, id: string): Promise<void> {
    const image = replica.pending.get(id);
    if (image === undefined) return;
    await applyImage(replica.engine, this.model.name, image);
    replica.pending.remove(id);
  }

  /** Looks again at who reaches whom, after a change of the network or of an engine. */
  #reconsider(): void {
    if (this.#stopped) return;
    this.#majority = majorityOf(nodesOf(this.model), this.#network);
    const candidates = this.#replicas.map(({ region, engine, pending }) => ({
      region,
      condition: engine.condition,
      pendingItems: pending.size,
    }));
    const leader = chooseLeader(this.#leadership.next, candidates, this.#majority);
    if (leader !== null) this.#leadership.moveTo(leader);
    for (const catchingUp of this.#catchUps.values()) catchingUp.startNow();
  }

  #catchUpOf(replica: Replica, later: Later | undefined): ReplicaCatchUp {
    return new ReplicaCatchUp({
      tableName: this.model.name,
      replica,
      receives: () => this.#receives(replica) && !this.#stopped,
      apply: (id) => this.#applyPendingLocking(replica, id),
      report: this.#report,
      ...(later === undefined ? {} : { later }),
    });
  }

  #receives({ region, engine }: Replica): boolean {
    return this.#majority.has(region) && engine.condition === 'ready';
  }

  #requireService(region: string): void {
    if (this.#stopped) throw internalServerFault('The twin is stopping.');
    this.#requireQuorum(region);
  }

  #requireQuorum(region: string): void {
    if (!this.#majority.has(region)) throw quorumFault(region);
  }

  #replica(region: string): Replica {
    const replica = this.#replicas.find((candidate) => candidate.region === region);
    if (replica === undefined) throw new Error(`${this.model.name} has no replica in ${region}.`);
    return replica;
  }
}

function identityOf({ id, keyJson }: ItemWrite): { id: string; keyJson: string } {
  return { id, keyJson };
}
