/**
 * A DynamoDB global table with two replicas, as idealised as its documentation and as hostile as its faults.
 *
 * Strong (MRSC): one linearizable history; a Region serves while it reaches the other replica or the witness.
 * Eventual (MREC): each replica decides alone, writes reach the other later, and the last writer wins.
 * Source: DynamoDB developer guide, "How DynamoDB global tables work".
 */

import { type Conditions, USUAL_CONFLICT_MS } from '../conditions.ts';
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
  /** The version that it was decided on; null: there was none. */
  readonly parent: Stored<V> | null;
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
  /** Whether two versions that were written without knowledge of each other say the same. */
  readonly saysSame: (one: V, two: V) => boolean;
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
  /** Versions that gave way to one that was written without knowledge of them, and says something else. */
  readonly #overwritten = new Set<V>();
  readonly #flushing: Record<RegionName, boolean> = { 'us-east-1': false, 'us-east-2': false };
  /** Writes that have left a Region and not arrived. */
  readonly #inFlight: Record<RegionName, number> = { 'us-east-1': 0, 'us-east-2': 0 };

  constructor(wires: Wires, conditions: Conditions, options: TableOptions<V>) {
    this.#wires = wires;
    this.#conditions = conditions;
    this.#options = options;
    this.#random = wires.world.random('tables');
    const first = new Map<string, Stored<V>>();
    const second = options.mode === 'strong' ? first : new Map<string, Stored<V>>();
    this.#replicas = { 'us-east-1': first, 'us-east-2': second };
  }

  /** Puts an item that both replicas had before the run began. Nobody is told. */
  load(key: string, value: V): void {
    const atMs = this.#wires.world.nowMs;
    for (const region of REGIONS) {
      this.#replicas[region].set(key, { value, atMs, region, parent: null });
    }
  }

  /** The item as it is in a replica: for checkers, and within a service's own event. */
  peek(region: RegionName, key: string): V | undefined {
    return this.#replicas[region].get(key)?.value;
  }

  /** Shows everything in a replica, in the order of its first writes. */
  each(region: RegionName, visit: (value: V, key: string) => void): void {
    this.#replicas[region].forEach(({ value }, key) => visit(value, key));
  }

  /**
   * Shows every version that the replica of `region` knows nothing of: what the other one has and this one does not
   * build on, and what was overwritten unseen. Never any in strong mode.
   */
  lost(region: RegionName, visit: (value: V) => void): void {
    for (const value of this.#overwritten) visit(value);
    const mine = this.#replicas[region];
    this.#replicas[peerOf(region)].forEach((theirs, key) => {
      const own = mine.get(key);
      if (own === undefined || !this.#includes(own, theirs)) visit(theirs.value);
    });
  }

  /** Writes on their way from a Region to the other: 0 in strong mode. */
  backlog(region: RegionName): number {
    return this.#outbox[region].length + this.#inFlight[region];
  }

  /** A strong read of whatever `look` wants, or of the local replica in eventual mode. */
  serveRead<T>(
    region: RegionName,
    phase: Phase,
    look: (get: (key: string) => V | undefined) => T,
  ): Served<T> {
    const trouble = this.#throttled<T>(region, phase) ?? this.#cutOff<T>(region, phase);
    if (trouble !== null) return trouble;
    const replica = this.#replicas[region];
    const value = look((key) => replica.get(key)?.value);
    return { kind: 'ok', value, afterMs: this.#takesMs(region, phase) };
  }

  /** An eventually consistent read of whatever `look` wants: throttled like any, and answered without a quorum. */
  serveLocal<T>(region: RegionName, phase: Phase, usualMs: number, look: () => T): Served<T> {
    const throttled = this.#throttled<T>(region, phase);
    if (throttled !== null) return throttled;
    return { kind: 'ok', value: look(), afterMs: this.#slowed(usualMs, region, phase) };
  }

  /** One conditional write of one item. */
  serveWrite<T>(
    region: RegionName,
    phase: Phase,
    key: string,
    decide: (current: V | undefined) => Change<V, T>,
  ): Served<T> {
    const throttled = this.#throttled<T>(region, phase);
    if (throttled !== null) return throttled;
    const stored = this.#replicas[region].get(key);
    const cutOff = this.#cutOff<T>(region, phase);
    if (cutOff !== null) {
      // Where only the way back is closed, the other replica may have taken it.
      const mayTake = this.#reachesOut(region) && this.#random.chance(0.5);
      if (mayTake && !this.#isContested(region, stored, phase)) {
        const { put } = decide(stored?.value);
        if (put !== undefined) this.#put(region, key, stored, put);
      }
      return cutOff;
    }
    if (this.#isContested(region, stored, phase)) return refuse('F14', true);
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

  #throttled<T>(region: RegionName, phase: Phase): Served<T> | null {
    if (!this.#random.chance(this.#conditions.regions[region].throttle)) return null;
    this.#wires.coverage.hit('F15', phase);
    return refuse('F15');
  }

  /** Without the quorum a strong table does not answer, or with a fault of its own. */
  #cutOff<T>(region: RegionName, phase: Phase): Served<T> | null {
    if (this.#options.mode !== 'strong' || this.hasQuorum(region)) return null;
    this.#hitCuts(region, phase);
    return this.#random.chance(0.5) ? { kind: 'silent' } : { kind: 'failed' };
  }

  /** Whether what a Region sends still arrives at a second one. */
  #reachesOut(region: RegionName): boolean {
    const { network } = this.#wires;
    const others: readonly Place[] = [peerOf(region), WITNESS];
    return others.some((to) => network.link(region, to).blockedBy === null);
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
  #isContested(region: RegionName, stored: Stored<V> | undefined, phase: Phase): boolean {
    if (this.#options.mode !== 'strong' || stored === undefined) return false;
    const ageMs = this.#wires.world.nowMs - stored.atMs;
    if (stored.region === region || ageMs >= this.#conditions.conflictWindowMs) return false;
    if (ageMs >= USUAL_CONFLICT_MS) this.#wires.coverage.hit('F14', phase);
    return true;
  }

  #put(region: RegionName, key: string, stored: Stored<V> | undefined, value: V): void {
    const { nowMs } = this.#wires.world;
    const before = stored?.value;
    // A replica's own clock never gives a later write an earlier stamp.
    const atMs = stored === undefined ? nowMs : Math.max(nowMs, stored.atMs);
    const written: Stored<V> = { value, atMs, region, parent: stored ?? null };
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
    this.#inFlight[region] += batch.length;
    world.after(delayMs + slowReplicaMs, () => {
      this.#inFlight[region] -= batch.length;
      for (const { key, stored } of batch) this.#receive(peer, key, stored);
    });
  }

  /** The last writer wins, by time and then by the Region's name: the same in both replicas. */
  #receive(region: RegionName, key: string, stored: Stored<V>): void {
    const replica = this.#replicas[region];
    const mine = replica.get(key);
    if (mine !== undefined) {
      const isNewer = isLater(stored, mine);
      if (!this.#includes(stored, mine) && !this.#includes(mine, stored)) {
        this.#overwritten.add(isNewer ? mine.value : stored.value);
      }
      if (!isNewer) return;
    }
    replica.set(key, stored);
    this.#options.onChange(region, key, stored.value);
  }

  /** Whether a version was decided with knowledge of another, or says the same. */
  #includes(version: Stored<V>, other: Stored<V>): boolean {
    for (let at: Stored<V> | null = version; at !== null; at = at.parent) {
      if (at === other) return true;
    }
    return this.#options.saysSame(version.value, other.value);
  }

  #takesMs(region: RegionName, phase: Phase): number {
    const isStrong = this.#options.mode === 'strong';
    const commitMs = isStrong ? COMMIT_MS.base + this.#random.next() * COMMIT_MS.jitter : 3;
    return this.#slowed(commitMs, region, phase);
  }

  #slowed(usualMs: number, region: RegionName, phase: Phase): number {
    const { slowReplicaMs, greyFactor } = this.#conditions.regions[region];
    // A grey Region's health check stays green.
    const factor = phase === 'health' ? 1 : greyFactor;
    if (factor > 1) this.#wires.coverage.hit('F8', phase);
    if (slowReplicaMs > 0) this.#wires.coverage.hit('F12', phase);
    return Math.floor(usualMs * factor) + slowReplicaMs;
  }
}

function isLater<V>(one: Stored<V>, two: Stored<V>): boolean {
  if (one.atMs !== two.atMs) return one.atMs > two.atMs;
  return REGIONS.indexOf(one.region) > REGIONS.indexOf(two.region);
}
