import { expect, it } from 'vitest';
import type { Charge, GatewayRefund } from '#core/ports.ts';
import { SimProcess } from '#sim/kernel/sim-process.ts';
import type { SimPlan } from '#sim/plan.ts';
import { Bank } from '#sim/services/bank.ts';
import { createDrivenWires } from '../../../support/driven-world.ts';

function open(ambiguous: number, declineShare = 0) {
  const wires = createDrivenWires();
  const { conditions, world } = wires;
  conditions.regions['us-east-1'].ambiguous = ambiguous;
  const plan = { topology: { gateway: 'bank' }, workload: { declineShare } } as SimPlan;
  const bank = new Bank(wires, { plan, conditions, onEntry: () => undefined });
  const runner = new SimProcess(world, 'us-east-1', 'api');
  const gateway = bank.portsFor(runner);
  const deadline = () => ({ atEpochMs: runner.clock.nowEpochMs() + 7_000 });
  const charge = (idempotencyKey: string, other: Partial<Charge> = {}) =>
    gateway.charge(
      { idempotencyKey, customerId: 'c', amountMinor: 1n, currency: 'USD', ...other },
      deadline(),
    );
  const refund = (idempotencyKey: string, other: Partial<GatewayRefund> = {}) =>
    gateway.refund(
      { idempotencyKey, chargeKey: 'k1', amountMinor: 1n, currency: 'USD', ...other },
      deadline(),
    );
  return { bank, gateway, deadline, charge, refund };
}

it('moves money once for each key', async () => {
  const { bank, charge } = open(0);
  expect(await charge('k1')).toEqual({ kind: 'charged', chargeId: 'ch_k1' });
  expect(await charge('k1')).toEqual({ kind: 'charged', chargeId: 'ch_k1' });
  expect(bank.books).toHaveLength(1);
});

it.each([{ amountMinor: 2n }, { currency: 'EUR' }, { customerId: 'd' }])(
  'rejects a key that returns with %o, and keeps what it knows',
  async (other) => {
    const { bank, gateway, deadline, charge } = open(0);
    await charge('k1');
    await expect(charge('k1', other)).rejects.toMatchObject({
      code: 'internal_error',
      message: 'gateway charge: the key belongs to another charge',
    });
    expect(bank.books).toMatchObject([{ amountMinor: 1n, currency: 'USD' }]);
    expect(await gateway.findCharge('k1', deadline())).toEqual({
      kind: 'charged',
      chargeId: 'ch_k1',
      customerId: 'c',
      amountMinor: 1n,
      currency: 'USD',
    });
  },
);

it.each([{ amountMinor: 2n }, { chargeKey: 'k2' }])(
  'rejects a refund whose key returns with %o, and keeps what it knows',
  async (other) => {
    const { bank, gateway, deadline, refund } = open(0);
    expect(await refund('r1')).toEqual({ kind: 'refunded' });
    expect(await refund('r1')).toEqual({ kind: 'refunded' });
    await expect(refund('r1', other)).rejects.toMatchObject({ code: 'internal_error' });
    expect(bank.books).toHaveLength(1);
    expect(await gateway.findRefund('r1', deadline())).toEqual({
      kind: 'refunded',
      amountMinor: 1n,
      chargeKey: 'k1',
    });
  },
);

it('finds declines, and nothing of keys that never came', async () => {
  const { gateway, deadline, charge } = open(0, 1);
  const declined = { kind: 'declined', reason: 'insufficient_funds' };
  expect(await charge('k1')).toEqual(declined);
  expect(await gateway.findCharge('k1', deadline())).toEqual(declined);
  expect(await gateway.findCharge('k2', deadline())).toEqual({ kind: 'none' });
  expect(await gateway.findRefund('k1', deadline())).toEqual({ kind: 'none' });
});

it('leaves it open whether a request without a result had an effect (F13)', async () => {
  const { bank, charge } = open(1);
  const keys = Array.from({ length: 40 }, (_, index) => `k${index}`);
  for (const key of keys)
    await expect(charge(key)).rejects.toMatchObject({ code: 'outcome_unknown' });
  const moved = new Set(bank.books.map(({ key }) => key));
  expect(moved.size).toBe(bank.books.length);
  expect(moved.size).toBeGreaterThan(0);
  expect(moved.size).toBeLessThan(keys.length);
});
