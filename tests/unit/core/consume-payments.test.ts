import { describe, expect, it } from 'vitest';
import { AppError } from '#core/app-error.ts';
import { consumePayments } from '#core/consume-payments.ts';
import type { Deadline } from '#core/ports.ts';
import { createMemoryPayments } from '../../support/memory-payments.ts';
import { breakOnce } from '../../support/memory-steps.ts';
import { attempt, journalOf, START_MS, worldWith } from './payment-fixture.ts';

/** Messages as they were before they had a fingerprint. */
const queued = (...ids: readonly string[]) =>
  ids.map((transactionId) => ({ transactionId, fingerprint: null }));

const [first, second] = [journalOf(), journalOf({ transactionId: 'txn-2' })];

describe('consumePayments', () => {
  it('carries each payment of a batch to its end', async () => {
    const ports = createMemoryPayments({ world: worldWith(first, second) });
    const outcomes = await consumePayments(queued('txn-1', 'txn-2'), attempt, ports);
    expect(outcomes).toMatchObject(
      ['txn-1', 'txn-2'].map((transactionId) => {
        return { kind: 'done', settled: { kind: 'processed', payment: { transactionId } } };
      }),
    );
    expect([...ports.charges.values()]).toEqual([1, 1]);
    expect(ports.table.payments.size).toBe(2);
  });

  it('carries a payment on once when its message is in the batch twice', async () => {
    const ports = createMemoryPayments({ world: worldWith(first), gatewayKeepsKeys: false });
    const outcomes = await consumePayments(queued('txn-1', 'txn-1'), attempt, ports);
    expect(outcomes).toMatchObject([
      { kind: 'done', settled: { kind: 'processed' } },
      { kind: 'done', settled: null },
    ]);
    expect([...ports.charges.values()]).toEqual([1]);
    expect(ports.published).toEqual(['txn-1#PROCESSED']);
  });

  it('knows the poison from the payment that can be carried on', async () => {
    const ports = createMemoryPayments({ world: worldWith(second) });
    const outcomes = await consumePayments(queued('txn-1', 'txn-2'), attempt, ports);
    expect(outcomes).toMatchObject([{ kind: 'no-payment' }, { kind: 'done' }]);
  });

  it('fails every message when the journals can not be read', async () => {
    const fateOf = breakOnce('read-journals', 'lost-before');
    const ports = createMemoryPayments({ world: worldWith(first), fateOf });
    const outcomes = await consumePayments(queued('txn-1', 'txn-9'), attempt, ports);
    const failed = { kind: 'failed', because: { code: 'unavailable' } };
    expect(outcomes).toMatchObject([failed, failed]);
    expect(ports.charges.size).toBe(0);
  });

  it('fails the one whose journal no code can read, and ends the others', async () => {
    const ports = createMemoryPayments({ world: worldWith(first, second) });
    const { readJournals } = ports.store;
    const store = {
      ...ports.store,
      readJournals: async (ids: readonly string[], deadline: Deadline) => {
        if (ids.includes('txn-1')) throw new AppError('internal_error', 'no readable status');
        return readJournals(ids, deadline);
      },
    };
    const outcomes = await consumePayments(queued('txn-1', 'txn-2'), attempt, { ...ports, store });
    expect(outcomes).toMatchObject([{ because: { code: 'internal_error' } }, { kind: 'done' }]);
  });

  it('fails the one whose work is left, and ends the others', async () => {
    const fateOf = breakOnce('charge', 'refused');
    const ports = createMemoryPayments({ world: worldWith(first, second), fateOf });
    const outcomes = await consumePayments(queued('txn-1', 'txn-2'), attempt, ports);
    const kinds = outcomes.map(({ kind }) => kind).toSorted();
    expect(kinds).toEqual(['done', 'failed']);
  });

  it.each(['publish', 'settle'] as const)(
    'fails a payment that is charged but whose %s is left',
    async (step) => {
      const fateOf = breakOnce(step, 'refused');
      const ports = createMemoryPayments({ world: worldWith(first), fateOf });
      expect((await consumePayments(queued('txn-1'), attempt, ports))[0]).toMatchObject({
        kind: 'failed',
        because: { code: 'unavailable' },
      });
    },
  );

  it.each(['PROCESSED', 'DECLINED'] as const)(
    'is done with a late message of a %s payment, without effects',
    async (status) => {
      const settled = journalOf({ status, dueAtEpochMs: null });
      const ports = createMemoryPayments({ world: worldWith(settled) });
      const outcomes = await consumePayments(queued('txn-1'), attempt, ports);
      expect(outcomes[0]).toEqual({ kind: 'done', settled: null });
      expect(ports.charges.size).toBe(0);
      expect(ports.published).toEqual([]);
      expect(ports.table.journals.get('txn-1')).toEqual(settled);
    },
  );

  it('carries on a payment that was parked', async () => {
    const parked = { atEpochMs: START_MS, reason: 'unavailable: refused' };
    const world = worldWith(journalOf({ dueAtEpochMs: null, parked }));
    const ports = createMemoryPayments({ world });
    expect((await consumePayments(queued('txn-1'), attempt, ports))[0]).toMatchObject({
      kind: 'done',
    });
    expect(world.table.journals.get('txn-1')).toMatchObject({ status: 'PROCESSED', parked: null });
  });

  it('leaves alone what its message was not sent for: two Regions took different requests', async () => {
    const ports = createMemoryPayments({ world: worldWith(first, second) });
    const messages = [
      { transactionId: 'txn-1', fingerprint: 'of another request' },
      { transactionId: 'txn-2', fingerprint: second.fingerprint },
    ];
    const outcomes = await consumePayments(messages, attempt, ports);
    expect(outcomes).toMatchObject([{ kind: 'replaced' }, { kind: 'done' }]);
    expect([...ports.charges.keys()]).toEqual(['txn-2']);
  });

  it('carries on what another message of its batch was sent for', async () => {
    const ports = createMemoryPayments({ world: worldWith(first) });
    const messages = ['of another request', first.fingerprint].map((fingerprint) => {
      return { transactionId: 'txn-1', fingerprint };
    });
    const outcomes = await consumePayments(messages, attempt, ports);
    expect(outcomes).toMatchObject([{ kind: 'replaced' }, { settled: { kind: 'processed' } }]);
  });
});
