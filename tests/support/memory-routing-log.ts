/** The routing log and the heartbeats in memory, with the conditions that the adapters give DynamoDB. */

import { longerPeerHealth, type Presence, type PresenceStore } from '#core/routing/presence.ts';
import type { RoutingEntry, RoutingLog } from '#core/routing/routing-log.ts';

export interface MemoryRouting {
  readonly entries: RoutingEntry[];
  readonly presences: Map<string, Presence>;
}

export function createMemoryRouting(): MemoryRouting {
  return { entries: [], presences: new Map() };
}

export type RoutingCall = 'newest' | 'newestHere' | 'append' | 'all' | 'beat' | 'read';
/** Runs each call's effect: there it can be delayed, lost before or after. */
export type Around = <T>(call: RoutingCall, effect: () => T) => Promise<T>;

const directly: Around = async (_call, effect) => effect();

export function createMemoryRoutingLog(
  { entries }: MemoryRouting,
  around: Around = directly,
): RoutingLog {
  return {
    // Read from a table, no entry is the same object twice.
    newest: () => around('newest', () => structuredClone(entries.at(-1) ?? null)),
    newestHere: () => around('newestHere', () => structuredClone(entries.at(-1) ?? null)),
    append: (entry) =>
      around('append', () => {
        const there = entries.find(({ epoch }) => epoch === entry.epoch);
        if (there === undefined) {
          entries.push(entry);
          return { kind: 'appended' };
        }
        return there.entryId === entry.entryId
          ? { kind: 'appended' }
          : { kind: 'raced', by: there };
      }),
    all: () => around('all', () => structuredClone(entries)),
  };
}

export function createMemoryPresenceStore(
  { presences }: MemoryRouting,
  around: Around = directly,
): PresenceStore {
  return {
    beat: (presence) =>
      around('beat', () => {
        const before = presences.get(presence.region);
        const peerHealthy = longerPeerHealth(before?.peerHealthy ?? null, presence.peerHealthy);
        const stored = { ...presence, peerHealthy, beat: (before?.beat ?? 0) + 1 };
        presences.set(presence.region, stored);
        return stored;
      }),
    read: () => around('read', () => [...presences.values()]),
  };
}
