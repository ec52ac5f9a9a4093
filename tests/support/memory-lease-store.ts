/** The lease's item in memory, with the conditions that the adapter gives DynamoDB. */

import type { LeaseRecord, LeaseStore, LeaseTarget } from '#core/lease.ts';

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
        memory.record = {
          ...{ holder: region, epoch: 1, renewals: 0 },
          ...{ handingTo: null, routingEpoch: null },
        };
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
        if (now?.holder !== holder || now.epoch !== epoch || !mayMove(now, to)) return 'raced';
        const routingEpoch = to.routingEpoch ?? now.routingEpoch;
        memory.record = { ...now, handingTo: to.region, routingEpoch };
        return 'handing-over';
      }),
    follow: ({ holder, epoch }, to) =>
      around('follow', () => {
        const now = memory.record;
        if (now?.holder !== holder || now.epoch !== epoch || now.handingTo !== null) return 'raced';
        if (!mayMove(now, to)) return 'raced';
        memory.record = { ...now, routingEpoch: to.routingEpoch };
        return memory.record;
      }),
    take: ({ epoch, renewals }, to) =>
      around('take', () => {
        const now = memory.record;
        if (now?.epoch !== epoch || now.renewals !== renewals || !mayMove(now, to)) return 'raced';
        const routingEpoch = to.routingEpoch ?? now.routingEpoch;
        memory.record = {
          ...{ holder: to.region, epoch: epoch + 1, renewals: 0 },
          ...{ handingTo: null, routingEpoch },
        };
        return memory.record;
      }),
  };
}

/** Whether the lease was moved for no newer epoch than this. */
function mayMove({ routingEpoch }: LeaseRecord, to: LeaseTarget): boolean {
  return to.routingEpoch === null || routingEpoch === null || routingEpoch <= to.routingEpoch;
}
