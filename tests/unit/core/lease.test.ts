import { describe, expect, it } from 'vitest';
import { createStopwatch } from '#adapters/system.ts';
import { AppError } from '#core/app-error.ts';
import {
  createLease,
  LEASE_HELD_MS,
  LEASE_WAIT_MS,
  type LeaseStore,
  takeOverLease,
} from '#core/lease.ts';
import {
  createMemoryLeaseStore,
  type LeaseCall,
  type MemoryLease,
} from '../../support/memory-lease-store.ts';
import { createVirtualTime } from '../../support/virtual-time.ts';

const EAST = 'us-east-1';
const WEST = 'us-east-2';
const never = { atEpochMs: Number.MAX_SAFE_INTEGER };

/** A lease item, a control table that can be cut off, and the view of one Region's process. */
function leaseWorld(holder: string | null = EAST) {
  const memory: MemoryLease = {
    record:
      holder === null
        ? null
        : { holder, epoch: 1, renewals: 0, handingTo: null, routingEpoch: null },
  };
  const time = { nowMs: 0, wallMs: 0 };
  const calls: LeaseCall[] = [];
  let isGone = false;
  const store = createMemoryLeaseStore(memory, async (call, effect) => {
    calls.push(call);
    if (isGone) throw new AppError('unavailable', 'no control table');
    return effect();
  });
  const lease = (region: string) =>
    createLease({
      store,
      region,
      mayCreate: region === EAST,
      clock: { nowEpochMs: () => time.wallMs },
      stopwatch: createStopwatch(
        () => time.wallMs,
        () => time.nowMs,
      ),
    });
  return {
    memory,
    time,
    calls,
    store,
    lease,
    pass(ms: number) {
      time.nowMs += ms;
      time.wallMs += ms;
    },
    cutOff() {
      isGone = true;
    },
  };
}

const refused = { code: 'region_not_active' };

describe('hold', () => {
  it('lets the holder write for as long as it may rely on its renewal', async () => {
    const { lease, calls } = leaseWorld();
    expect(await lease(EAST).hold(never)).toEqual({ atEpochMs: LEASE_HELD_MS });
    expect(calls).toEqual(['renew']);
  });

  it('never answers a later moment than it was asked for', async () => {
    const { lease } = leaseWorld();
    expect(await lease(EAST).hold({ atEpochMs: 3_000 })).toEqual({ atEpochMs: 3_000 });
  });

  it('renews before the lease lapses, not at each call', async () => {
    const world = leaseWorld();
    const lease = world.lease(EAST);
    const renewals: number[] = [];
    for (let second = 0; second <= 12; second += 1) {
      await lease.hold(never);
      renewals.push(world.memory.record?.renewals ?? 0);
      world.pass(1_000);
    }
    expect(renewals).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4]);
  });

  it('asks once for all who need it at the same moment', async () => {
    const { lease, calls } = leaseWorld();
    const east = lease(EAST);
    await Promise.all([east.hold(never), east.hold(never), east.hold(never)]);
    expect(calls).toEqual(['renew']);
  });

  it('goes on with what is left when the control table is gone, and then refuses', async () => {
    const world = leaseWorld();
    const lease = world.lease(EAST);
    await lease.hold(never);
    world.cutOff();
    world.pass(LEASE_HELD_MS - 1);
    expect(await lease.hold(never)).toEqual({ atEpochMs: LEASE_HELD_MS });
    world.pass(1);
    await expect(lease.hold(never)).rejects.toMatchObject(refused);
  });

  it('counts from before it asked: an answer that takes too long is none', async () => {
    const world = leaseWorld();
    const store = {
      ...world.store,
      renew: async (...args: Parameters<typeof world.store.renew>) => {
        const answer = await world.store.renew(...args);
        world.pass(LEASE_HELD_MS);
        return answer;
      },
    };
    const lease = createLease({
      store,
      region: EAST,
      mayCreate: false,
      clock: { nowEpochMs: () => world.time.wallMs },
      stopwatch: { elapsedMs: () => world.time.nowMs },
    });
    await expect(lease.hold(never)).rejects.toMatchObject(refused);
  });

  it('waits for no renewal that went to sleep with its process', async () => {
    const world = leaseWorld();
    const held: (() => void)[] = [];
    let isAsleep = false;
    const store = {
      ...world.store,
      renew: async (...args: Parameters<typeof world.store.renew>) => {
        const answer = await world.store.renew(...args);
        if (isAsleep) await new Promise<void>((resolve) => held.push(resolve));
        return answer;
      },
    };
    const lease = createLease({
      ...{ store, region: EAST, mayCreate: false },
      clock: { nowEpochMs: () => world.time.wallMs },
      stopwatch: { elapsedMs: () => world.time.nowMs },
    });
    await lease.hold(never);
    world.pass(4_000);
    isAsleep = true;
    // Begins a renewal for those who come next, and is answered without it.
    await lease.hold(never);
    isAsleep = false;
    world.pass(10_000);
    expect(await lease.hold(never)).toEqual({ atEpochMs: 14_000 + LEASE_HELD_MS });
    // Its answer is of long ago, and changes nothing.
    for (const wake of held) wake();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await lease.hold(never)).toEqual({ atEpochMs: 14_000 + LEASE_HELD_MS });
    expect(world.calls).toEqual(['renew', 'renew', 'renew']);
  });

  it("asks once more where another's renewal was given up before this one has to be", async () => {
    const world = leaseWorld();
    let calls = 0;
    const store = {
      ...world.store,
      renew: async (...args: Parameters<typeof world.store.renew>) => {
        calls += 1;
        if (calls > 1) return world.store.renew(...args);
        await Promise.resolve();
        throw new AppError('unavailable', 'its deadline is over');
      },
    };
    const lease = createLease({
      ...{ store, region: EAST, mayCreate: false },
      clock: { nowEpochMs: () => world.time.wallMs },
      stopwatch: { elapsedMs: () => world.time.nowMs },
    });
    const [short, ...longer] = await Promise.allSettled([
      lease.hold({ atEpochMs: 1 }),
      lease.hold(never),
      lease.hold(never),
    ]);
    expect(short).toMatchObject({ status: 'rejected', reason: refused });
    expect(longer.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect(calls).toBe(2);
  });

  it('refuses the other Region, and asks again a second later', async () => {
    const world = leaseWorld();
    const west = world.lease(WEST);
    await expect(west.hold(never)).rejects.toMatchObject(refused);
    await expect(west.hold(never)).rejects.toMatchObject(refused);
    expect(world.calls).toEqual(['renew']);
    world.memory.record = {
      holder: WEST,
      epoch: 2,
      renewals: 0,
      handingTo: null,
      routingEpoch: null,
    };
    world.pass(1_000);
    expect(await west.hold(never)).toEqual({ atEpochMs: 1_000 + LEASE_HELD_MS });
  });

  it('stops at once when it learns that another Region has the lease', async () => {
    const world = leaseWorld();
    const east = world.lease(EAST);
    await east.hold(never);
    world.memory.record = {
      holder: WEST,
      epoch: 2,
      renewals: 0,
      handingTo: null,
      routingEpoch: null,
    };
    world.pass(4_000);
    await east.hold(never).catch(() => undefined);
    await expect(east.hold(never)).rejects.toMatchObject(refused);
  });

  it('creates the first lease in one Region alone', async () => {
    const world = leaseWorld(null);
    await expect(world.lease(WEST).hold(never)).rejects.toMatchObject(refused);
    expect(world.memory.record).toBeNull();
    await world.lease(EAST).hold(never);
    expect(world.memory.record).toEqual({
      holder: EAST,
      epoch: 1,
      renewals: 1,
      handingTo: null,
      routingEpoch: null,
    });
  });

  it.each([
    ['back an hour', -3_600_000],
    ['forward an hour', 3_600_000],
    ['back a second', -1_000],
  ])('is not prolonged by a wall clock that is set %s', async (_name, jumpMs) => {
    const world = leaseWorld();
    const lease = world.lease(EAST);
    await lease.hold(never);
    world.cutOff();
    world.time.wallMs += jumpMs;
    const leftMs = await lease.hold(never).then(
      ({ atEpochMs }) => atEpochMs - world.time.wallMs,
      () => 0,
    );
    expect(leftMs).toBeLessThanOrEqual(LEASE_HELD_MS);
    world.pass(LEASE_HELD_MS);
    await expect(lease.hold(never)).rejects.toMatchObject(refused);
  });

  it('passes on what is no fault of the control table', async () => {
    const world = leaseWorld();
    const lease = createLease({
      store: { ...world.store, renew: () => Promise.reject(new TypeError('a bug')) },
      region: EAST,
      mayCreate: false,
      clock: { nowEpochMs: () => 0 },
      stopwatch: { elapsedMs: () => 0 },
    });
    await expect(lease.hold(never)).rejects.toBeInstanceOf(TypeError);
  });
});

describe('takeOverLease', () => {
  /** Runs a takeover for WEST in virtual time, while `meanwhile` happens. */
  async function takeOver(
    request: { readonly planned: boolean; readonly region?: string },
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

  it('waits until a silent holder can no longer believe in its lease', async () => {
    const memory = heldByEast();
    const { takeover, tookMs } = await takeOver({ planned: false }, memory);
    expect(takeover).toEqual({ kind: 'taken', lease: taken });
    expect(memory.record).toEqual(taken);
    expect(tookMs).toBe(LEASE_WAIT_MS);
    expect(LEASE_WAIT_MS).toBeGreaterThan(LEASE_HELD_MS);
  });

  it('takes nothing from a holder that renews', async () => {
    const memory = heldByEast();
    const { takeover } = await takeOver({ planned: false }, memory, async (time) => {
      await time.sleep(LEASE_WAIT_MS - 1);
      await createMemoryLeaseStore(memory).renew(EAST, never);
    });
    expect(takeover).toMatchObject({ kind: 'alive', lease: { holder: EAST, renewals: 10 } });
    expect(memory.record).toMatchObject({ holder: EAST, epoch: 4 });
  });

  it('planned, stops the renewals of a holder that lives, and waits all the same', async () => {
    const memory = heldByEast();
    const answers: unknown[] = [];
    const { takeover, tookMs } = await takeOver({ planned: true }, memory, async (time) => {
      await time.sleep(1_000);
      answers.push(await createMemoryLeaseStore(memory).renew(EAST, never));
    });
    expect(answers).toEqual(['not-held']);
    expect(takeover).toEqual({ kind: 'taken', lease: taken });
    expect(tookMs).toBe(LEASE_WAIT_MS);
  });

  it('lets one of two takers have it', async () => {
    const memory = heldByEast();
    const { takeover } = await takeOver({ planned: false }, memory, async (time) => {
      await time.sleep(LEASE_WAIT_MS - 1);
      await createMemoryLeaseStore(memory).take(
        { holder: EAST, epoch: 4, renewals: 9, handingTo: null, routingEpoch: null },
        { region: 'eu-west-1', routingEpoch: null },
        never,
      );
    });
    expect(takeover).toEqual({ kind: 'raced' });
    expect(memory.record?.holder).toBe('eu-west-1');
  });

  /** Takes it for WEST; the answer is lost, the repeat refused, and what is there then is read as `read` has it. */
  async function takeWithoutAnswer(read: (last: LeaseStore['read']) => LeaseStore['read']) {
    const time = createVirtualTime();
    const store = createMemoryLeaseStore(heldByEast());
    let isTaken = false;
    const lossy: LeaseStore = {
      ...store,
      read: (deadline) => (isTaken ? read(store.read) : store.read)(deadline),
      take: async (...take) => {
        await store.take(...take);
        isTaken = true;
        return store.take(...take);
      },
    };
    const ports = { store: lossy, clock: { nowEpochMs: time.nowMs }, sleep: time.sleep };
    const request = { region: WEST, routingEpoch: null, planned: false };
    const end = takeOverLease(request, ports, 1_000);
    await time.run();
    return end;
  }

  it('knows its own take again whose answer was lost and whose repeat was refused', async () => {
    expect(await takeWithoutAnswer((last) => last)).toEqual({ kind: 'taken', lease: taken });
  });

  it('has raced where it can not read that', async () => {
    const gone = () => async () => Promise.reject(new AppError('unavailable', 'no table'));
    expect(await takeWithoutAnswer(gone)).toEqual({ kind: 'raced' });
  });

  it('has nothing to do where the Region holds it already', async () => {
    const memory = heldByEast();
    const { takeover, tookMs } = await takeOver({ planned: true, region: EAST }, memory);
    expect(takeover).toEqual({ kind: 'held-already', lease: memory.record });
    expect(tookMs).toBe(0);
  });

  it('takes back what it was about to hand over, without a gap in the wait', async () => {
    const memory: MemoryLease = {
      record: { holder: WEST, epoch: 4, renewals: 9, handingTo: EAST, routingEpoch: null },
    };
    const { takeover, tookMs } = await takeOver({ planned: false }, memory);
    expect(takeover).toEqual({ kind: 'taken', lease: taken });
    expect(tookMs).toBe(LEASE_WAIT_MS);
  });

  it('creates a lease that nobody has had', async () => {
    const memory: MemoryLease = { record: null };
    const { takeover } = await takeOver({ planned: false }, memory);
    expect(takeover).toEqual({ kind: 'taken', lease: { ...taken, epoch: 1 } });
    expect(memory.record).toEqual({ ...taken, epoch: 1 });
  });
});
