/**
 * The routing log: append-only and hash-chained; its newest entry *is* where traffic goes.
 *
 * Source: docs/adr/0016-routing-log.md.
 */

import type { Deadline, Hash } from '../ports.ts';

export const ROUTING_MODES = ['auto', 'manual'] as const;
/** `manual`: nothing is moved by itself. */
export type RoutingMode = (typeof ROUTING_MODES)[number];

export const ROUTING_CHANGES = ['failover', 'failback', 'drain', 'undrain', 'mode'] as const;
export type RoutingChange = (typeof ROUTING_CHANGES)[number];

/** Where traffic goes. */
export interface RoutingState {
  /** Sequence of the entry that says so; 0: the log is empty, and the state is the configured one. */
  readonly epoch: number;
  readonly mode: RoutingMode;
  /** Regions that traffic is sent to, at least one: exactly one in active-passive. */
  readonly active: readonly string[];
  /** Regions that an operator took out of service: never a target of automation. */
  readonly drained: readonly string[];
  /** Epoch of the newest transition that changed where traffic goes; left out: there was none. */
  readonly movedEpoch?: number;
}

/** A transition as its author knows it; the log adds place and hash. */
export interface RoutingNote extends Omit<RoutingState, 'epoch' | 'movedEpoch'> {
  /** Unique: tells an append whose answer was lost from somebody else's. */
  readonly entryId: string;
  /** On the author's clock: for people, nothing is decided by it alone. */
  readonly atEpochMs: number;
  /** `orchestrator:<region>`, or who is logged in. */
  readonly actor: string;
  readonly change: RoutingChange;
  /** For people, one line. */
  readonly reason: string;
  /** JSON text of what the author saw. */
  readonly evidence: string;
}

export interface RoutingEntry extends RoutingNote {
  /** 1 upwards, without gaps. */
  readonly epoch: number;
  /** `routingHash` of the entry before; of the first one: `FIRST_PREVIOUS_HASH`. */
  readonly previousHash: string;
  /** The newest transition up to this one that changed where traffic goes; null: there was none. */
  readonly moved: { readonly epoch: number; readonly atEpochMs: number } | null;
}

/** One item for each entry, never changed. Linearizable over all Regions. */
export interface RoutingLog {
  /** The newest entry, read strongly; null: the log is empty. */
  newest(deadline: Deadline): Promise<RoutingEntry | null>;
  /** The newest entry that this Region's replica has: it needs no quorum, and may be an old one. */
  newestHere(deadline: Deadline): Promise<RoutingEntry | null>;
  /**
   * Puts the entry if its epoch has none. `raced`: somebody else's has it, and nothing was changed. An
   * entry of the same `entryId` that is there already counts as appended.
   */
  append(entry: RoutingEntry, deadline: Deadline): Promise<RoutingAppend>;
  /** Every entry, oldest first. */
  all(deadline: Deadline): Promise<readonly RoutingEntry[]>;
}

type RoutingAppend =
  | { readonly kind: 'appended' }
  | { readonly kind: 'raced'; readonly by: RoutingEntry };

export const FIRST_PREVIOUS_HASH = '0'.repeat(64);

/** SHA-256 of an entry's whole content. The leading word is its version. Pure. */
export function routingHash(entry: RoutingEntry, hash: Hash): string {
  return hash(
    JSON.stringify([
      'holdfast-routing-1',
      entry.epoch,
      entry.previousHash,
      entry.entryId,
      entry.atEpochMs,
      entry.actor,
      entry.change,
      entry.reason,
      entry.mode,
      entry.active,
      entry.drained,
      entry.evidence,
      entry.moved?.epoch ?? null,
      entry.moved?.atEpochMs ?? null,
    ]),
  );
}

/** The state before any entry: both Regions in active-active, else the primary. Pure. */
export function firstState(
  policy: 'active-passive' | 'active-active',
  regions: readonly string[],
): RoutingState {
  const active = policy === 'active-active' ? regions : regions.slice(0, 1);
  return { epoch: 0, mode: 'auto', active, drained: [] };
}

/** The state that the newest entry stands for. Pure. */
export function stateAfter(newest: RoutingEntry | null, first: RoutingState): RoutingState {
  if (newest === null) return first;
  const { epoch, mode, active, drained, moved } = newest;
  const movedEpoch = moved === null ? {} : { movedEpoch: moved.epoch };
  return { epoch, mode, active, drained, ...movedEpoch };
}

/** The entry that follows `newest`; `first`: the state while the log was empty. Pure. */
export function nextEntry(
  newest: RoutingEntry | null,
  first: RoutingState,
  note: RoutingNote,
  hash: Hash,
): RoutingEntry {
  const epoch = (newest?.epoch ?? 0) + 1;
  const before = stateAfter(newest, first).active;
  const moves = note.active.toSorted().join() !== before.toSorted().join();
  return {
    ...note,
    epoch,
    previousHash: newest === null ? FIRST_PREVIOUS_HASH : routingHash(newest, hash),
    moved: moves ? { epoch, atEpochMs: note.atEpochMs } : (newest?.moved ?? null),
  };
}

export type ChainFault =
  /** `epoch`: the one that was expected at this place. */
  | { readonly kind: 'gap'; readonly epoch: number }
  /** The entry does not carry the hash of the one before it: one of the two was changed. */
  | { readonly kind: 'broken'; readonly epoch: number };

/** The first thing that is wrong with the log, oldest entry first; null: it is whole. Pure. */
export function chainFault(entries: readonly RoutingEntry[], hash: Hash): ChainFault | null {
  let previousHash = FIRST_PREVIOUS_HASH;
  for (const [index, entry] of entries.entries()) {
    if (entry.epoch !== index + 1) return { kind: 'gap', epoch: index + 1 };
    if (entry.previousHash !== previousHash) return { kind: 'broken', epoch: entry.epoch };
    previousHash = routingHash(entry, hash);
  }
  return null;
}
