/** The lease's item in memory, with the conditions that the adapter gives DynamoDB. */

import type { LeaseRecord, LeaseStore } from '#core/lease.ts';

export interface MemoryLease {
  record: LeaseRecord | null;
}

export type LeaseCall = keyof LeaseStore;

/** `around` runs each call's effect: there it can be delayed, lost before or after. */
export function createMemoryLeaseStore(
  memory: MemoryLease,
  around: <T>(call: LeaseCall, effect: () => T) => Promise<T> = async (_call, effect) => effect(),
): LeaseStore {
  return {
    read: () => around('read', () => memory.record),
    create: (region) =>
      around('create', () => {
        if (memory.record !== null) return 'exists';
        memory.record = { holder: region, epoch: 1, renewals: 0, handingTo: null };
        return 'created';
      }),
    renew: (region) =>
      around('renew', () => {
        const seen = memory.record;
        if (seen?.holder !== region || seen.handingTo !== null) return 'not-held';
        memory.record = { ...seen, renewals: seen.renewals + 1 };
        return memory.record;
      }),
    handOver: ({ holder, epoch }, to) =>
      around('handOver', () => {
        const now = memory.record;
        if (now?.holder !== holder || now.epoch !== epoch) return 'raced';
        memory.record = { ...now, handingTo: to };
        return 'handing-over';
      }),
    take: ({ epoch, renewals }, region) =>
      around('take', () => {
        const now = memory.record;
        if (now?.epoch !== epoch || now.renewals !== renewals) return 'raced';
        memory.record = { holder: region, epoch: epoch + 1, renewals: 0, handingTo: null };
        return memory.record;
      }),
  };
}
