import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LeaseRecord, LeaseStore } from '#core/lease.ts';
import type { Presence } from '#core/routing/presence.ts';
import { FIRST_PREVIOUS_HASH, type RoutingEntry } from '#core/routing/routing-log.ts';
import { phaseCount } from '#sim/faults/coverage.ts';
import { type ProcessKind, REGIONS, type RegionName, WITNESS } from '#sim/faults/fault-spec.ts';
import { SimProcess } from '#sim/kernel/sim-process.ts';
import { ControlTable } from '#sim/services/control-table.ts';
import { createDrivenWires } from '../../../support/driven-world.ts';
import { createMemoryLeaseStore, type MemoryLease } from '../../../support/memory-lease-store.ts';
import { deadline } from '../../../support/stored-journals.ts';

const [EAST_1, EAST_2] = REGIONS;

function open(seed?: number) {
  const wires = createDrivenWires(seed);
  const { world, conditions, network } = wires;
  const told: string[] = [];
  const table = new ControlTable(wires, conditions, {
    onAppend: ({ epoch, entryId }, region) => void told.push(`${region} ${epoch} ${entryId}`),
    onLease: (before, after, region) =>
      void told.push(`${region} ${before?.holder ?? 'nobody'} > ${after.holder}`),
  });
  const runner = (region: RegionName, kind: ProcessKind = 'orchestrate') =>
    new SimProcess(world, region, kind);
  return {
    ...{ wires, table, told, runner },
    here: table.logFor(runner(EAST_1)),
    there: table.logFor(runner(EAST_2)),
    /** Cuts a Region off from everywhere a quorum could be, or mends that. */
    cut(region: RegionName, by: 'F1' | null): void {
      for (const place of [EAST_1, EAST_2, WITNESS] as const) {
        if (place === region) continue;
        network.link(region, place).blockedBy = by;
        network.link(place, region).blockedBy = by;
      }
    },
  };
}

function entry(epoch: number, entryId: string): RoutingEntry {
  return {
    ...{ epoch, entryId, atEpochMs: 1, actor: 'test', change: 'failover', reason: 'test' },
    ...{ mode: 'auto', active: [EAST_2], drained: [], evidence: '{}' },
    ...{ previousHash: FIRST_PREVIOUS_HASH, moved: null },
  };
}

const APPENDED = { kind: 'appended' };

describe('the routing log of ControlTable', () => {
  it('shows an entry in both Regions, and no entry is the same object twice', async () => {
    const { here, there, table, told } = open();
    const first = entry(1, 'a');
    expect(await here.newest(deadline)).toBeNull();
    expect(await here.append(first, deadline)).toEqual(APPENDED);
    const [one, two] = [await there.newest(deadline), await there.newest(deadline)];
    expect(one).toEqual(first);
    expect(one).not.toBe(two);
    expect(told).toEqual([`${EAST_1} 1 a`]);
    expect(table.entries).toEqual([first]);
  });

  it('gives an epoch to one of two Regions that want it at the same moment', async () => {
    const { here, there, table, wires } = open();
    const appends = await Promise.all([
      here.append(entry(1, 'a'), deadline),
      there.append(entry(1, 'b'), deadline),
    ]);
    const [winner] = table.entries;
    expect(table.entries).toHaveLength(1);
    expect(appends).toContainEqual(APPENDED);
    expect(appends).toContainEqual({ kind: 'raced', by: winner });
    // So near to each other they collide without any fault.
    expect(phaseCount(wires.coverage.counts, 'F14', 'route')).toBe(0);
  });

  it('counts a conflict as the fault of the window only where that made it', async () => {
    const { here, there, table, wires } = open();
    wires.conditions.conflictWindowMs = 3_000;
    expect(await here.append(entry(1, 'a'), deadline)).toEqual(APPENDED);
    await wires.world.sleep(500);
    const late = await there.append(entry(1, 'b'), deadline);
    expect(late).toEqual({ kind: 'raced', by: table.entries[0] });
    expect(phaseCount(wires.coverage.counts, 'F14', 'route')).toBeGreaterThan(0);
  });

  it('may take an append of a Region that hears no answers, and tells it nothing', async () => {
    let taken = 0;
    let untold = 0;
    for (let seed = 0; seed < 20; seed += 1) {
      const { here, table, wires } = open(seed);
      for (const place of [EAST_2, WITNESS] as const) {
        wires.network.link(place, EAST_1).blockedBy = 'F2';
      }
      const given = await here.append(entry(1, 'a'), deadline).catch((error: unknown) => error);
      if (given instanceof Error) untold += 1;
      taken += table.entries.length;
    }
    expect(untold).toBe(20);
    expect(taken).toBeGreaterThan(0);
  });

  it('counts an append whose answers were lost as appended when it is repeated', async () => {
    const { here, table, wires } = open();
    const own = wires.conditions.regions[EAST_1];
    own.ambiguous = 1;
    wires.world.after(100, () => {
      own.ambiguous = 0;
    });
    expect(await here.append(entry(1, 'a'), deadline)).toEqual(APPENDED);
    expect(table.entries).toHaveLength(1);
    expect(phaseCount(wires.coverage.counts, 'F13', 'route')).toBeGreaterThan(0);
  });

  it('gives all entries by epoch, and keeps them as they took effect', async () => {
    const { here, table } = open();
    await here.append(entry(2, 'b'), deadline);
    await here.append(entry(1, 'a'), deadline);
    expect((await here.all(deadline)).map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(table.entries.map(({ epoch }) => epoch)).toEqual([2, 1]);
    expect(await here.newest(deadline)).toMatchObject({ epoch: 2 });
  });

  it('shows a Region that is cut off what its replica had, and the newest once it is back', async () => {
    const { here, there, cut, wires } = open();
    await there.append(entry(1, 'a'), deadline);
    await wires.world.sleep(1_000);
    cut(EAST_1, 'F1');
    await there.append(entry(2, 'b'), deadline);
    await wires.world.sleep(60_000);
    expect(await here.newestHere(deadline)).toMatchObject({ epoch: 1 });
    await expect(here.newest(deadline)).rejects.toMatchObject({ code: 'unavailable' });
    cut(EAST_1, null);
    expect(await here.newestHere(deadline)).toMatchObject({ epoch: 1 });
    expect(await here.newest(deadline)).toMatchObject({ epoch: 2 });
    expect(await here.newestHere(deadline)).toMatchObject({ epoch: 2 });
  });

  it('brings an entry to the other replica a little later', async () => {
    const { here, there, wires } = open();
    wires.conditions.regions[EAST_2].slowReplicaMs = 1_000;
    await here.append(entry(1, 'a'), deadline);
    expect(await here.newestHere(deadline)).toMatchObject({ epoch: 1 });
    expect(await there.newestHere(deadline)).toBeNull();
    await wires.world.sleep(2_000);
    expect(await there.newestHere(deadline)).toMatchObject({ epoch: 1 });
  });

  it('is of another phase behind /health/traffic, which a grey Region answers in time', async () => {
    const { table, runner, wires } = open();
    wires.conditions.regions[EAST_1].greyFactor = 100;
    const { counts } = wires.coverage;
    const startedAtMs = wires.world.nowMs;
    await table.logFor(runner(EAST_1, 'health')).newestHere(deadline);
    expect(wires.world.nowMs - startedAtMs).toBeLessThan(20);
    expect(phaseCount(counts, 'F8', 'health')).toBe(0);
    await table.logFor(runner(EAST_1)).newestHere(deadline);
    expect(phaseCount(counts, 'F8', 'route')).toBe(1);
  });

  it('throttles a read of the local replica too', async () => {
    const { here, wires } = open();
    wires.conditions.regions[EAST_1].throttle = 1;
    await expect(here.newestHere(deadline)).rejects.toMatchObject({ code: 'unavailable' });
    expect(phaseCount(wires.coverage.counts, 'F15', 'route')).toBeGreaterThan(0);
  });

  it('keeps a history of strong calls, with what each was told', async () => {
    const { here, there, table, cut } = open();
    await here.newest(deadline);
    await here.append(entry(1, 'a'), deadline);
    await there.append(entry(1, 'b'), deadline);
    await there.newest(deadline);
    await there.newestHere(deadline);
    cut(EAST_1, 'F1');
    await expect(here.append(entry(2, 'c'), deadline)).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
    const told = table.operations.map(({ kind, epoch, entryId, outcome }) => [
      ...[kind, epoch, entryId, outcome],
    ]);
    expect(told).toEqual([
      ['newest', 0, '', { kind: 'empty' }],
      ['append', 1, 'a', APPENDED],
      ['append', 1, 'b', { kind: 'raced', by: 'a' }],
      ['newest', 0, '', { kind: 'entry', epoch: 1, entryId: 'a' }],
      ['append', 2, 'c', null],
    ]);
    const [first, second, , , last] = table.operations;
    expect(first?.answeredAtMs).toBeGreaterThan(first?.calledAtMs ?? 0);
    expect(second?.calledAtMs).toBeGreaterThanOrEqual(first?.answeredAtMs ?? Number.NaN);
    expect(last?.answeredAtMs).toBeNull();
  });

  it('leaves the call of a process that died without an answer, and its entry in the log', async () => {
    const { table, runner, wires } = open();
    const dying = runner(EAST_1);
    dying.crashRule = (_own, boundary, what) => boundary === 'after' && what === 'append';
    void table.logFor(dying).append(entry(1, 'a'), deadline);
    await wires.world.sleep(1_000);
    expect(table.entries).toHaveLength(1);
    expect(table.operations).toMatchObject([{ answeredAtMs: null, outcome: null }]);
  });
});

describe('the heartbeats of ControlTable', () => {
  const said: Omit<Presence, 'beat'> = {
    ...{ region: EAST_2, apiUrl: 'https://two.test', policy: 'active-passive', serving: true },
    ...{ healthySinceEpochMs: 1, atEpochMs: 2, followedEpoch: 0 },
    peerHealthy: null,
    peerSilence: null,
    peerHealthyNow: null,
    moveAge: null,
  };

  it('counts the beat that is stored, and shows each Region in its place', async () => {
    const { table, runner } = open();
    const there = table.presenceFor(runner(EAST_2));
    const here = table.presenceFor(runner(EAST_1));
    expect(await here.read(deadline)).toEqual([]);
    expect(await there.beat(said, deadline)).toEqual({ ...said, beat: 1 });
    expect(await there.beat(said, deadline)).toEqual({ ...said, beat: 2 });
    await here.beat({ ...said, region: EAST_1 }, deadline);
    expect((await here.read(deadline)).map(({ region, beat }) => [region, beat])).toEqual([
      [EAST_1, 1],
      [EAST_2, 2],
    ]);
  });

  it('has what was loaded, and counts on from there', async () => {
    const { table, runner } = open();
    table.loadPresence({ ...said, beat: 4 });
    const here = table.presenceFor(runner(EAST_1));
    expect(await here.read(deadline)).toEqual([{ ...said, beat: 4 }]);
    expect(await table.presenceFor(runner(EAST_2)).beat(said, deadline)).toMatchObject({ beat: 5 });
  });

  it('beats and is read through the quorum only', async () => {
    const { table, runner, cut } = open();
    const here = table.presenceFor(runner(EAST_1));
    cut(EAST_1, 'F1');
    await expect(here.beat(said, deadline)).rejects.toMatchObject({ code: 'outcome_unknown' });
    await expect(here.read(deadline)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

/** A call of the store; `seen` is that many records back. */
interface LeaseCall {
  readonly verb: keyof LeaseStore;
  readonly asker: RegionName;
  readonly region: RegionName;
  readonly routingEpoch: number | null;
  readonly seen: number;
}

const leaseCall = fc.record<LeaseCall>({
  verb: fc.constantFrom('read', 'create', 'renew', 'handOver', 'follow', 'take'),
  asker: fc.constantFrom(...REGIONS),
  region: fc.constantFrom(...REGIONS),
  routingEpoch: fc.option(fc.integer({ min: 1, max: 3 }), { nil: null }),
  seen: fc.nat({ max: 2 }),
});

function perform(store: LeaseStore, call: LeaseCall, seen: LeaseRecord): Promise<unknown> {
  const { region, routingEpoch } = call;
  switch (call.verb) {
    case 'read':
      return store.read(deadline);
    case 'create':
      return store.create(region, deadline);
    case 'renew':
      return store.renew(region, deadline);
    case 'handOver':
      return store.handOver(seen, { region, routingEpoch }, deadline);
    case 'follow':
      return store.follow(seen, { region, routingEpoch: routingEpoch ?? 1 }, deadline);
    case 'take':
      return store.take(seen, { region, routingEpoch }, deadline);
  }
}

describe('the lease of ControlTable', () => {
  it('decides as the store in memory does, call by call', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(leaseCall, { maxLength: 30 }), async (calls) => {
        const { table, runner, wires } = open();
        wires.conditions.conflictWindowMs = 0;
        const memory: MemoryLease = { record: null };
        const model = createMemoryLeaseStore(memory);
        const nobody = { holder: '', epoch: 0, renewals: 0, handingTo: null, routingEpoch: null };
        const records: LeaseRecord[] = [nobody];
        const creation: LeaseCall = {
          ...{ verb: 'create', asker: EAST_1, region: EAST_1, routingEpoch: null, seen: 0 },
        };
        for (const call of [creation, ...calls]) {
          const seen = records.at(-1 - call.seen) ?? nobody;
          const store = table.leaseFor(runner(call.asker));
          expect(await perform(store, call, seen)).toEqual(await perform(model, call, seen));
          expect(table.lease).toEqual(memory.record);
          if (memory.record !== null && memory.record !== records.at(-1)) {
            records.push(memory.record);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('tells of each change when it takes effect', async () => {
    const { table, runner, told } = open();
    const here = table.leaseFor(runner(EAST_1));
    expect(table.lease).toBeNull();
    await here.create(EAST_1, deadline);
    const seen = await here.read(deadline);
    if (seen === null) throw new Error('it was created');
    await table.leaseFor(runner(EAST_2)).take(seen, { region: EAST_2, routingEpoch: 1 }, deadline);
    await here.renew(EAST_1, deadline);
    expect(told).toEqual([`${EAST_1} nobody > ${EAST_1}`, `${EAST_2} ${EAST_1} > ${EAST_2}`]);
    expect(table.lease).toMatchObject({ holder: EAST_2, epoch: 2, routingEpoch: 1 });
  });

  it('can be asked for through the quorum only', async () => {
    const { table, runner, cut, wires } = open();
    const here = table.leaseFor(runner(EAST_1));
    await here.create(EAST_1, deadline);
    cut(EAST_1, 'F1');
    await expect(here.renew(EAST_1, deadline)).rejects.toMatchObject({ code: 'outcome_unknown' });
    expect(table.lease).toMatchObject({ renewals: 0 });
    expect(phaseCount(wires.coverage.counts, 'F1', 'lease')).toBeGreaterThan(0);
  });
});
