/** The lease follows the routing log: a process that was paused can't move it for an epoch that is over. */

import { describe, expect, it } from 'vitest';
import { LEASE_WAIT_MS, type LeaseStore, takeOverLease } from '#core/lease.ts';
import { createMemoryLeaseStore, type MemoryLease } from '../../support/memory-lease-store.ts';
import { createVirtualTime } from '../../support/virtual-time.ts';

const EAST = 'us-east-1';
const WEST = 'us-east-2';
const never = { atEpochMs: Number.MAX_SAFE_INTEGER };

/** Runs a takeover for WEST in virtual time, while `meanwhile` happens. */
async function takeOver(
  request: {
    readonly planned: boolean;
    readonly region?: string;
    readonly routingEpoch?: number;
  },
  memory: MemoryLease,
  meanwhile: (time: ReturnType<typeof createVirtualTime>) => Promise<unknown> = async () => {},
) {
  const time = createVirtualTime();
  const store = createMemoryLeaseStore(memory);
  const ports = { store, clock: { nowEpochMs: time.nowMs }, sleep: time.sleep };
  const end = takeOverLease({ region: WEST, routingEpoch: null, ...request }, ports, 1_000);
  const doing = meanwhile(time);
  await time.run();
  await doing;
  return { takeover: await end, tookMs: time.nowMs() };
}

const heldByEast = (): MemoryLease => ({
  record: { holder: EAST, epoch: 4, renewals: 9, handingTo: null, routingEpoch: null },
});
const taken = { holder: WEST, epoch: 5, renewals: 0, handingTo: null, routingEpoch: null };

describe('a lease that follows the routing log', () => {
  it('carries the epoch of the routing log that it was taken for', async () => {
    const memory = heldByEast();
    const { takeover } = await takeOver({ planned: true, routingEpoch: 3 }, memory);
    expect(takeover).toEqual({ kind: 'taken', lease: { ...taken, routingEpoch: 3 } });
    const byHand = await takeOver({ planned: true, region: EAST }, memory);
    expect(byHand.takeover).toMatchObject({ kind: 'taken', lease: { routingEpoch: 3 } });
  });

  it('leaves the lease alone that was moved for a newer epoch of the routing log', async () => {
    const memory = heldByEast();
    memory.record = { ...taken, routingEpoch: 3 };
    const before = memory.record;
    const late = await takeOver({ planned: true, region: EAST, routingEpoch: 2 }, memory);
    expect(late.takeover).toEqual({ kind: 'superseded', lease: before });
    expect(late.tookMs).toBe(0);
    expect(memory.record).toEqual(before);
    // Even where it holds it still: it was handed over for the newer one.
    memory.record = { ...before, holder: EAST, handingTo: WEST };
    const own = await takeOver({ planned: true, region: EAST, routingEpoch: 2 }, memory);
    expect(own.takeover.kind).toBe('superseded');
  });

  it('takes nothing back when it was paused while the lease was moved for a newer epoch', async () => {
    const memory = heldByEast();
    const paused = takeOver({ planned: true, routingEpoch: 1 }, memory, async (time) => {
      await time.sleep(LEASE_WAIT_MS - 1);
      const seen = memory.record;
      if (seen === null) throw new Error('there is a lease');
      await createMemoryLeaseStore(memory).handOver(seen, { region: EAST, routingEpoch: 2 }, never);
    });
    expect((await paused).takeover).toEqual({ kind: 'raced' });
    expect(memory.record).toMatchObject({ holder: EAST, handingTo: EAST, routingEpoch: 2 });
  });

  it('is kept from one that was paused, even where it never had to move for the newer epoch', async () => {
    const memory = heldByEast();
    const stayed = await takeOver({ planned: true, region: EAST, routingEpoch: 2 }, memory);
    expect(stayed).toMatchObject({ takeover: { kind: 'held-already' }, tookMs: 0 });
    expect(memory.record).toMatchObject({ holder: EAST, epoch: 4, renewals: 9, routingEpoch: 2 });
    const late = await takeOver({ planned: true, routingEpoch: 1 }, memory);
    expect(late.takeover.kind).toBe('superseded');
    expect(memory.record).toMatchObject({ holder: EAST, handingTo: null });
  });

  it('writes nothing where it is held for this epoch, or moved by hand', async () => {
    const memory = heldByEast();
    memory.record = { ...taken, routingEpoch: 3 };
    const before = memory.record;
    for (const request of [{ routingEpoch: 3 }, {}]) {
      const { takeover } = await takeOver({ planned: true, ...request }, memory);
      expect(takeover).toEqual({ kind: 'held-already', lease: before });
    }
    expect(memory.record).toBe(before);
  });

  it('is not kept for a newer epoch by one whose lease is being handed over', async () => {
    const memory = heldByEast();
    const inner = createMemoryLeaseStore(memory);
    const store: LeaseStore = {
      ...inner,
      async follow(seen, to, deadline) {
        await inner.handOver(seen, { region: WEST, routingEpoch: 3 }, deadline);
        return inner.follow(seen, to, deadline);
      },
    };
    const ports = { store, clock: { nowEpochMs: () => 0 }, sleep: async () => undefined };
    const request = { region: EAST, routingEpoch: 2, planned: true };
    expect(await takeOverLease(request, ports, 1_000)).toEqual({ kind: 'raced' });
    expect(memory.record).toMatchObject({ handingTo: WEST, routingEpoch: 3 });
  });

  it('hands nothing over when it was paused before it said so', async () => {
    const memory = heldByEast();
    const inner = createMemoryLeaseStore(memory);
    const store: LeaseStore = {
      ...inner,
      async handOver(seen, to, deadline) {
        // Meanwhile the lease went there and back, for newer epochs.
        memory.record = { ...taken, holder: EAST, epoch: 6, routingEpoch: 2 };
        return inner.handOver(seen, to, deadline);
      },
    };
    const ports = { store, clock: { nowEpochMs: () => 0 }, sleep: async () => undefined };
    const late = { region: WEST, routingEpoch: 1, planned: true };
    expect(await takeOverLease(late, ports, 1_000)).toMatchObject({ kind: 'superseded' });
    expect(memory.record).toMatchObject({ holder: EAST, handingTo: null });
  });
});
