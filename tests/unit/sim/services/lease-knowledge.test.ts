import { expect, it } from 'vitest';
import { REGIONS, type RegionName } from '#sim/faults/fault-spec.ts';
import { SimProcess } from '#sim/kernel/sim-process.ts';
import { ControlTable } from '#sim/services/control-table.ts';
import { createDrivenWires } from '../../../support/driven-world.ts';
import { deadline } from '../../../support/stored-journals.ts';

const [EAST_1, EAST_2] = REGIONS;

function open() {
  const wires = createDrivenWires();
  const table = new ControlTable(wires, wires.conditions, {
    ...{ onAppend: () => undefined, onLease: () => undefined },
  });
  /** A process of payments, and whether a write that it begins now is one without the lease. */
  const holder = (region: RegionName) => {
    const runner = new SimProcess(wires.world, region, 'api');
    const told: string[] = [];
    runner.needsLease((what, about) => void told.push(`${what} ${about}`));
    const isUnfenced = (): boolean => {
      const before = told.length;
      runner.beginsWrite('charge', 't1');
      return told.length > before;
    };
    return { store: table.leaseFor(runner), isUnfenced };
  };
  return { world: wires.world, holder };
}

it('needs no lease unless it is told so', () => {
  const { world } = open();
  expect(() => new SimProcess(world, EAST_1, 'api').beginsWrite('charge', 't1')).not.toThrow();
});

it('has it for 8 s from before a renewal was asked for', async () => {
  const { world, holder } = open();
  const { store, isUnfenced } = holder(EAST_1);
  expect(isUnfenced()).toBe(true);
  await store.create(EAST_1, deadline);
  const askedAtMs = world.nowMs;
  await store.renew(EAST_1, deadline);
  expect(isUnfenced()).toBe(false);
  await world.sleep(askedAtMs + 7_999 - world.nowMs);
  expect(isUnfenced()).toBe(false);
  await world.sleep(1);
  expect(isUnfenced()).toBe(true);
});

it('has it no more once it has heard that another Region does', async () => {
  const { holder } = open();
  const first = holder(EAST_1);
  const second = holder(EAST_2);
  await first.store.create(EAST_1, deadline);
  await first.store.renew(EAST_1, deadline);
  const seen = await first.store.read(deadline);
  expect(seen).not.toBeNull();
  if (seen === null) return;
  await second.store.take(seen, { region: EAST_2, routingEpoch: null }, deadline);
  await second.store.renew(EAST_2, deadline);
  expect(second.isUnfenced()).toBe(false);
  // The primary has yet to ask whether there ever was a lease.
  expect(await first.store.renew(EAST_1, deadline)).toBe('not-held');
  expect(first.isUnfenced()).toBe(false);
  expect(await first.store.create(EAST_1, deadline)).toBe('exists');
  expect(first.isUnfenced()).toBe(true);
});
