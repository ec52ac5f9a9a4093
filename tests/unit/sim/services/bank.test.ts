import { expect, it } from 'vitest';
import { SimProcess } from '#sim/kernel/sim-process.ts';
import type { SimPlan } from '#sim/plan.ts';
import { Bank } from '#sim/services/bank.ts';
import { createDrivenWires } from '../../../support/driven-world.ts';

function open(ambiguous: number) {
  const wires = createDrivenWires();
  const { conditions, world } = wires;
  conditions.regions['us-east-1'].ambiguous = ambiguous;
  const plan = { topology: { gateway: 'bank' }, workload: { declineShare: 0 } } as SimPlan;
  const bank = new Bank(wires, { plan, conditions, onEntry: () => undefined });
  const runner = new SimProcess(world, 'us-east-1', 'api');
  const charge = (idempotencyKey: string) =>
    bank
      .portsFor(runner)
      .charge(
        { idempotencyKey, customerId: 'c', amountMinor: 1n, currency: 'USD' },
        { atEpochMs: runner.clock.nowEpochMs() + 7_000 },
      );
  return { bank, runner, charge };
}

it('moves money once for each key', async () => {
  const { bank, charge } = open(0);
  expect(await charge('k1')).toEqual({ kind: 'charged', chargeId: 'ch_k1' });
  expect(await charge('k1')).toEqual({ kind: 'charged', chargeId: 'ch_k1' });
  expect(bank.books).toHaveLength(1);
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
