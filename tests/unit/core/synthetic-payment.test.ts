/** The orchestrator's own payments touch nobody's money, whoever carries them on. */

import { describe, expect, it } from 'vitest';
import { processPayment } from '#core/process-payment.ts';
import { isSyntheticPayment, portsFor, syntheticPayment } from '#core/synthetic-payment.ts';
import { createMemoryPayments, createMemoryWorld } from '../../support/memory-payments.ts';
import { breakOnce } from '../../support/memory-steps.ts';
import { attempt, journalOf, request, START_MS, sweep, worldWith } from './payment-fixture.ts';

const synthetic = syntheticPayment(3, 'us-east-2');
const HOUR_LATER = START_MS + 3_600_000;

describe('a synthetic payment', () => {
  it('is the same one for each repeat, and has an id that no caller may use', () => {
    expect(syntheticPayment(3, 'us-east-2')).toEqual(synthetic);
    expect(synthetic.transactionId).toMatch(/^ /);
    expect(isSyntheticPayment(synthetic.transactionId)).toBe(true);
    expect(isSyntheticPayment(request.transactionId)).toBe(false);
    const others = [syntheticPayment(4, 'us-east-2'), syntheticPayment(3, 'us-east-1')];
    expect(others.map(({ transactionId }) => transactionId)).not.toContain(synthetic.transactionId);
  });

  it('is recorded, with neither a charge nor a notification', async () => {
    const ports = createMemoryPayments();
    expect(await processPayment(synthetic, attempt, ports)).toMatchObject({ kind: 'processed' });
    expect(ports.table.payments.size).toBe(1);
    expect([...ports.charges.keys(), ...ports.published]).toEqual([]);
  });

  it('that was left open is finished by the sweeper, with neither of them', async () => {
    const journal = journalOf({ transactionId: synthetic.transactionId, dueAtEpochMs: START_MS });
    const world = worldWith(journal, journalOf({ transactionId: 'txn-2', dueAtEpochMs: START_MS }));
    const ports = createMemoryPayments({ world, nowEpochMs: () => HOUR_LATER });
    expect(await sweep(ports)).toMatchObject({ finished: 2, failed: 0 });
    // The caller's payment beside it has both.
    expect(world.charges.size).toBe(1);
    expect(world.published).toHaveLength(1);
    expect(world.table.payments.size).toBe(2);
  });

  it('is finished by a sweeper that meets a gateway and a topic that are gone', async () => {
    const journal = journalOf({ transactionId: synthetic.transactionId, dueAtEpochMs: START_MS });
    const world = worldWith(journal);
    const fateOf = breakOnce('charge', 'lost-before');
    const ports = createMemoryPayments({ world, nowEpochMs: () => HOUR_LATER, fateOf });
    expect(await sweep(ports)).toMatchObject({ finished: 1, failed: 0 });
  });

  it("leaves a caller's payment its own gateway and readers", () => {
    const ports = createMemoryPayments({ world: createMemoryWorld() });
    expect(portsFor(request.transactionId, ports)).toBe(ports);
  });
});
