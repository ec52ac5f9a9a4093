/**
 * A DynamoDB global table with two replicas, as idealised as its documentation and as hostile as its faults.
 *
 * Strong (MRSC): one linearizable history; a Region serves while it reaches the other replica or the witness.
 * Eventual (MREC): each replica decides alone, writes reach the other later, and the last writer wins.
 * Source: DynamoDB developer guide, "How DynamoDB global tables work".
 */

import type { Conditions } from '../conditions.ts';
import type { FaultId, Phase } from '../faults/fault-ids.ts';
import { type Place, REGIONS, type RegionName, WITNESS } from '../faults/fault-spec.ts';
import { refuse, type Served, type Wires } from '../kernel/exchange.ts';
import type { Random } from '../kernel/random.ts';
import { peerOf } from '../plan.ts';

interface Stored<V> {
  value: V;
  /** When and where it was written last. */
  atMs: number;
  region: RegionName;
}

/** What a conditional write makes of an item: a new value or none, and what the caller is told. */
export interface Change<V, T> {
  /** Undefined: the condition did not hold, nothing is written. */
  readonly put: V | undefined;
  readonly answer: T;
}

/** Told of every write that takes effect, at the moment it does, in the Region that decided it. */
export type OnWrite<V> = (region: RegionName, key: string, before: V | undefined, after: V) => void;

export interface TableOptions<V> {
  readonly mode: 'strong' | 'eventual';
  readonly replicationLagMs: number;
  readonly onWrite: OnWrite<V>;
  /** Told when a replica has another value than before, by a write or by replication. */
  readonly onChange: (region: RegionName, key: string, value: V) => void;
}

/** How long a commit takes to reach the next Region and come back; drawn. Milliseconds. */
const COMMIT_MS = { base: 12, jitter: 10 };
/** How often an outbox that is stuck is tried again. */
const REPLICATE_AGAIN_MS = 1_000;

export class GlobalTable<V> {
  readonly #wires: Wires;
  readonly #conditions: Conditions;
  readonly #options: TableOptions<V>;
  readonly #random: Random;
  /** Strong mode has one map, and both names mean it. */
  readonly #replicas: Readonly<Record<RegionName, Map<string, Stored<V>>>>;
  readonly #outbox: Readonly<Record<RegionName, { key: string; stored: Stored<V> }[]>> = {
    'us-east-1': [],
    'us-east-2': [],
  };
  readonly #flushing: Record<RegionName, boolean> = { 'us-east-1': false, 'us-east-2': false };

  constructor(wires: Wires, conditions: Conditions, options: TableOptions<V>) {
    this.#wires = wires;
    this.#conditions = conditions;
    this.#options = options;
    this.#random = wires.world.random('tables');
    const first = new Map<string, Stored<V>>();
    const second = options.mode === 'strong' ? first : new Map<string, Stored<V>>();
    this.#replicas = { 'us-east-1': first, 'us-east-2': second };
  }

  /** The item as it is in a replica: for checkers, and within a service's own event. */
  peek(region: RegionName, key: string): V | undefined {
    return this.#replicas[region].get(key)?.value;
  }

  /** Shows everything in a replica, in the order of its first writes. */
  each(region: RegionName, visit: (value: V, key: string) => void): void {
    this.#replicas[region].forEach(({ value }, key) => visit(value, key));
  }

  /** Writes waiting to be replicated from a Region: 0 in strong mode. */
  backlog(region: RegionName): number {
    return this.#outbox[region].length;
  }

  /** A strong read of whatever `look` wants, or of the local replica in eventual mode. */
  serveRead<T>(
    region: RegionName,
    phase: Phase,
    look: (get: (key: string) => V | undefined) => T,
  ): Served<T> {
    const trouble = this.#trouble<T>(region, phase);
    if (trouble !== null) return trouble;
    const replica = this.#replicas[region];
    const value = look((key) => replica.get(key)?.value);
    return { kind: 'ok', value, afterMs: this.#takesMs(region, phase) };
  }

  /** One conditional write of one item. */
  serveWrite<T>(
    region: RegionName,
    phase: Phase,
    key: string,
    decide: (current: V | undefined) => Change<V, T>,
  ): Served<T> {
    const trouble = this.#trouble<T>(region, phase);
    if (trouble !== null) return trouble;
    const stored = this.#replicas[region].get(key);
    const contested = this.#isContested(region, stored);
    if (contested) {
      this.#wires.coverage.hit('F14', phase);
      return refuse('F14', true);
    }
    const { put, answer } = decide(stored?.value);
    if (put !== undefined) this.#put(region, key, stored, put);
    const { ambiguous } = this.#conditions.regions[region];
    if (this.#random.chance(ambiguous)) {
      this.#wires.coverage.hit('F13', phase);
      return this.#random.chance(0.5) ? { kind: 'silent' } : { kind: 'failed' };
    }
    return { kind: 'ok', value: answer, afterMs: this.#takesMs(region, phase) };
  }

  /** Whether a Region reaches a second one: else it can neither commit nor read strongly. */
  hasQuorum(region: RegionName): boolean {
    const { network } = this.#wires;
    return network.isOpen(region, peerOf(region)) || network.isOpen(region, WITNESS);
  }

  /** Throttling, and in strong mode the loss of the quorum. */
  #trouble<T>(region: RegionName, phase: Phase): Served<T> | null {
    const random = this.#random;
    if (random.chance(this.#conditions.regions[region].throttle)) {
      this.#wires.coverage.hit('F15', phase);
      return refuse('F15');
    }
    if (this.#options.mode === 'strong' && !this.hasQuorum(region)) {
      this.#hitCuts(region, phase);
      return random.chance(0.5) ? { kind: 'silent' } : { kind: 'failed' };
    }
    return null;
  }

  /** Both ways out are closed: what closes either has a part in it. */
  #hitCuts(region: RegionName, phase: Phase): void {
    const { coverage } = this.#wires;
    const first = this.#closedBy(region, peerOf(region));
    const second = this.#closedBy(region, WITNESS);
    if (first !== null) coverage.hit(first, phase);
    if (second !== null && second !== first) coverage.hit(second, phase);
  }

  #closedBy(region: RegionName, other: Place): FaultId | null {
    const { network } = this.#wires;
    return network.link(region, other).blockedBy ?? network.link(other, region).blockedBy;
  }

  /** Two Regions at one item at once: one of them is told to try again. */
  #isContested(region: RegionName, stored: Stored<V> | undefined): boolean {
    if (this.#options.mode !== 'strong' || stored === undefined) return false;
    const ageMs = this.#wires.world.nowMs - stored.atMs;
    return stored.region !== region && ageMs < this.#conditions.conflictWindowMs;
  }

  #put(region: RegionName, key: string, stored: Stored<V> | undefined, value: V): void {
    const { nowMs } = this.#wires.world;
    const before = stored?.value;
    // A replica's own clock never gives a later write an earlier stamp.
    const atMs = stored === undefined ? nowMs : Math.max(nowMs, stored.atMs);
    const written: Stored<V> = { value, atMs, region };
    this.#replicas[region].set(key, written);
    this.#options.onWrite(region, key, before, value);
    this.#options.onChange(region, key, value);
    if (this.#options.mode === 'strong') {
      this.#options.onChange(peerOf(region), key, value);
      return;
    }
    this.#outbox[region].push({ key, stored: written });
    this.#flushLater(region, this.#lagMs());
  }

  #lagMs(): number {
    const lagMs = this.#options.replicationLagMs;
    return Math.floor(lagMs / 2 + this.#random.next() * lagMs);
  }

  #flushLater(region: RegionName, delayMs: number): void {
    if (this.#flushing[region]) return;
    this.#flushing[region] = true;
    this.#wires.world.after(delayMs, () => {
      this.#flushing[region] = false;
      this.#flush(region);
    });
  }

  /** Replication loses nothing: what does not get through waits. */
  #flush(region: RegionName): void {
    const outbox = this.#outbox[region];
    if (outbox.length === 0) return;
    const { world, network, coverage } = this.#wires;
    const peer = peerOf(region);
    if (this.#conditions.replicationIsPaused) {
      coverage.hit('F25', 'replicate');
      this.#flushLater(region, REPLICATE_AGAIN_MS);
      return;
    }
    const delayMs = network.transit(region, peer, 'replicate', null);
    if (delayMs < 0) {
      this.#flushLater(region, REPLICATE_AGAIN_MS);
      return;
    }
    const batch = outbox.splice(0);
    world.note(region, peer, 'replicate', String(batch.length));
    const { slowReplicaMs } = this.#conditions.regions[peer];
    if (slowReplicaMs > 0) coverage.hit('F12', 'replicate');
    world.after(delayMs + slowReplicaMs, () => {
      for (const { key, stored } of batch) this.#receive(peer, key, stored);
    });
  }

  /** The last writer wins, by time and then by the Region's name: the same in both replicas. */
  #receive(region: RegionName, key: string, stored: Stored<V>): void {
    const replica = this.#replicas[region];
    const mine = replica.get(key);
    if (mine !== undefined && !isLater(stored, mine)) return;
    replica.set(key, stored);
    this.#options.onChange(region, key, stored.value);
  }

  #takesMs(region: RegionName, phase: Phase): number {
    const { slowReplicaMs, greyFactor } = this.#conditions.regions[region];
    const commitMs =
      this.#options.mode === 'strong' ? COMMIT_MS.base + this.#random.next() * COMMIT_MS.jitter : 3;
    // A grey Region's health check stays green.
    const factor = phase === 'health' ? 1 : greyFactor;
    if (factor > 1) this.#wires.coverage.hit('F8', phase);
    if (slowReplicaMs > 0) this.#wires.coverage.hit('F12', phase);
    return Math.floor(commitMs * factor) + slowReplicaMs;
  }
}

function isLater<V>(one: Stored<V>, two: Stored<V>): boolean {
  if (one.atMs !== two.atMs) return one.atMs > two.atMs;
  return REGIONS.indexOf(one.region) > REGIONS.indexOf(two.region);
}
