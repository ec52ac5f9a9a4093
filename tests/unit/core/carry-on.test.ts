import { describe, expect, it } from 'vitest';
import { AppError } from '#core/app-error.ts';
import { processPayment } from '#core/process-payment.ts';
import { createMemoryPayments, createMemoryWorld } from '../../support/memory-payments.ts';
import { breakOnce, type Step } from '../../support/memory-steps.ts';
import { attempt, elsewhere, request, START_MS, sweep } from './payment-fixture.ts';

/** Ports that note each step, in order. */
function noting(options: Parameters<typeof createMemoryPayments>[0] = {}) {
  const steps: Step[] = [];
  const ports = createMemoryPayments({
    ...options,
    fateOf: (step) => {
      steps.push(step);
      return options.fateOf?.(step) ?? 'works';
    },
  });
  return { ports, steps };
}

describe('a charge', () => {
  it('is not looked up by the attempt that created the journal', async () => {
    const { ports, steps } = noting();
    await processPayment(request, attempt, ports);
    expect(steps).toEqual(['create', 'charge', 'record', 'publish', 'settle']);
  });

  it('is looked up by every other attempt, and not made again when it was', async () => {
    const world = createMemoryWorld();
    const first = createMemoryPayments({ world, fateOf: breakOnce('record', 'refused') });
    await expect(processPayment(request, attempt, first)).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
    const { ports, steps } = noting({ world });
    await processPayment(request, elsewhere, ports);
    expect(steps).toEqual(['create', 'find-charge', 'record', 'publish', 'settle']);
  });

  it('whose answer was lost is looked up at once and answered', async () => {
    const { ports, steps } = noting({
      fateOf: breakOnce('charge', 'lost-after'),
      gatewayKeepsKeys: false,
    });
    const outcome = await processPayment(request, attempt, ports);
    expect(outcome).toMatchObject({ kind: 'processed', unfinished: null });
    expect(steps).toEqual(['create', 'charge', 'find-charge', 'record', 'publish', 'settle']);
    expect([...ports.charges.values()]).toEqual([1]);
  });

  it.each([true, false])(
    'that came late is found before it would be made again (gateway keeps keys: %s)',
    async (gatewayKeepsKeys) => {
      const fateOf = breakOnce('charge', 'late');
      const ports = createMemoryPayments({ fateOf, gatewayKeepsKeys });
      await expect(processPayment(request, attempt, ports)).rejects.toMatchObject({
        code: 'outcome_unknown',
      });
      expect(ports.charges.size).toBe(0);
      ports.arrive();
      expect(await processPayment(request, elsewhere, ports)).toMatchObject({ kind: 'processed' });
      expect([...ports.charges.values()]).toEqual([1]);
    },
  );

  it('still on its way when it is made again happens once, by its key', async () => {
    const ports = createMemoryPayments({ fateOf: breakOnce('charge', 'late') });
    await expect(processPayment(request, attempt, ports)).rejects.toBeInstanceOf(AppError);
    expect(await processPayment(request, elsewhere, ports)).toMatchObject({ kind: 'processed' });
    ports.arrive();
    expect([...ports.charges.values()]).toEqual([1]);
  });

  it('is not made when the look-up fails', async () => {
    const world = createMemoryWorld();
    const crashed = createMemoryPayments({ world, fateOf: breakOnce('charge', 'crash-before') });
    await crashed.untilCrash(processPayment(request, attempt, crashed));
    const { ports, steps } = noting({ world, fateOf: breakOnce('find-charge', 'refused') });
    await expect(processPayment(request, elsewhere, ports)).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
    expect(steps).not.toContain('charge');
  });

  it("leaves the gateway's reference in the journal", async () => {
    const ports = createMemoryPayments();
    await processPayment(request, attempt, ports);
    expect(ports.table.journals.get('txn-1')?.chargeId).toBe('ch_txn-1');
  });
});

describe('a decline', () => {
  const refuseCharge = 'expired_card';

  it('is stored before it is told to anybody', async () => {
    const { ports, steps } = noting({ refuseCharge });
    expect(await processPayment(request, attempt, ports)).toEqual({
      kind: 'declined',
      reason: 'expired_card',
      recorded: true,
      replayed: false,
      unfinished: null,
    });
    expect(steps).toEqual(['create', 'charge', 'settle', 'publish', 'close']);
    expect(ports.table.payments.size).toBe(0);
  });

  it.each(['refused', 'lost-before', 'lost-after'] as const)(
    'is no answer while storing it is %s',
    async (fate) => {
      const ports = createMemoryPayments({ refuseCharge, fateOf: breakOnce('settle', fate) });
      await expect(processPayment(request, attempt, ports)).rejects.toMatchObject({
        code: 'outcome_unknown',
      });
      expect(ports.published).toEqual([]);
      expect(await processPayment(request, elsewhere, ports)).toMatchObject({
        kind: 'declined',
        reason: 'expired_card',
      });
    },
  );

  it.each(['refused', 'lost-before', 'lost-after'] as const)(
    'is answered while its notification is %s, which a sweep then sends',
    async (fate) => {
      const world = createMemoryWorld();
      const ports = createMemoryPayments({
        world,
        refuseCharge,
        fateOf: breakOnce('publish', fate),
      });
      expect(await processPayment(request, attempt, ports)).toMatchObject({
        kind: 'declined',
        unfinished: expect.any(AppError),
      });
      expect(world.table.journals.get('txn-1')?.dueAtEpochMs).toBe(START_MS + 30_000);
      const later = createMemoryPayments({ world, nowEpochMs: () => START_MS + 30_000 });
      expect(await sweep(later)).toMatchObject({ finished: 1, failed: 0 });
      expect(new Set(world.published)).toEqual(new Set(['txn-1#DECLINED']));
      expect(world.table.journals.get('txn-1')).toMatchObject({
        status: 'DECLINED',
        dueAtEpochMs: null,
      });
    },
  );

  it('is answered again from the journal, even when the gateway would now say yes', async () => {
    const world = createMemoryWorld();
    const first = createMemoryPayments({ world, refuseCharge });
    await processPayment(request, attempt, first);
    const { ports, steps } = noting({ world });
    expect(await processPayment(request, elsewhere, ports)).toEqual({
      kind: 'declined',
      reason: 'expired_card',
      replayed: true,
      recorded: false,
      unfinished: null,
    });
    expect(steps).toEqual(['create']);
  });
});
