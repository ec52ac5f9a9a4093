import { describe, expect, it } from 'vitest';
import { AppError } from '#core/app-error.ts';
import { fencePorts } from '#core/fenced-ports.ts';
import type { Lease } from '#core/lease.ts';
import { paymentProcessed } from '#core/notifications.ts';
import type { Deadline, PaymentPorts } from '#core/ports.ts';
import { processPayment } from '#core/process-payment.ts';
import { createMemoryPayments } from '../../support/memory-payments.ts';
import { attempt, journalOf, request } from './payment-fixture.ts';

const asked = { atEpochMs: 9_000 };
const leaseEnd = { atEpochMs: 4_000 };
const journal = journalOf();
const payment = { status: 'PROCESSED', chargeId: null } as const;
const charge = { idempotencyKey: 'k', customerId: 'c', amountMinor: 1n, currency: 'USD' };
const back = { idempotencyKey: 'k', chargeKey: 'c', amountMinor: 1n, currency: 'USD' };
const change = { seenRevision: 0, refunds: [], updatedAtEpochMs: 1, dueAtEpochMs: 2 };
const claim = { seenDueAtEpochMs: 1, dueAtEpochMs: 2 };
const parked = { seenDueAtEpochMs: 1, atEpochMs: 2, reason: 'x' };

type Call = (ports: PaymentPorts) => Promise<unknown>;

const EFFECTS: readonly (readonly [string, Call])[] = [
  ['createJournal', ({ store }) => store.createJournal(journal, asked)],
  [
    'recordPayment',
    ({ store }) =>
      store.recordPayment(
        {
          transactionId: 't',
          timestampEpochSeconds: 1,
          customerId: 'c',
          status: 'PROCESSED',
          region: 'r',
          amountMinor: 1n,
          currency: 'USD',
        },
        asked,
      ),
  ],
  ['settleJournal', ({ store }) => store.settleJournal('t', payment, 1, asked)],
  ['closeJournal', ({ store }) => store.closeJournal('t', 1, asked)],
  ['replaceRefunds', ({ store }) => store.replaceRefunds('t', change, asked)],
  ['claimJournal', ({ store }) => store.claimJournal('t', claim, asked)],
  ['parkJournal', ({ store }) => store.parkJournal('t', parked, asked)],
  ['unparkJournal', ({ store }) => store.unparkJournal('t', 1, asked)],
  ['charge', ({ gateway }) => gateway.charge(charge, asked)],
  ['refund', ({ gateway }) => gateway.refund(back, asked)],
  ['publish', ({ notifier }) => notifier.publish(paymentProcessed(journal), asked)],
];
const READS: readonly (readonly [string, Call])[] = [
  ['readJournals', ({ store }) => store.readJournals(['t'], asked)],
  ['findCharge', ({ gateway }) => gateway.findCharge('k', asked)],
  ['findRefund', ({ gateway }) => gateway.findRefund('k', asked)],
];

/** Ports that note which of their methods is called, and by when it must have begun. */
function notingPorts() {
  const calls: { readonly name: string; readonly deadline: Deadline }[] = [];
  const noting = <Port extends object>(port: Port): Port =>
    Object.fromEntries(
      Object.keys(port).map((name) => [
        name,
        async (...args: readonly unknown[]) => {
          calls.push({ name, deadline: args.at(-1) as Deadline });
        },
      ]),
    ) as Port;
  const memory = createMemoryPayments();
  const ports: PaymentPorts = {
    store: noting(memory.store),
    gateway: noting(memory.gateway),
    notifier: noting(memory.notifier),
    clock: memory.clock,
    hash: memory.hash,
  };
  return { calls, ports };
}

const held: Lease = {
  hold: async ({ atEpochMs }) => ({ atEpochMs: Math.min(atEpochMs, leaseEnd.atEpochMs) }),
};
const lost: Lease = {
  hold: () => Promise.reject(new AppError('region_not_active', 'another Region holds the lease')),
};

describe('fencePorts', () => {
  it('knows every method of the ports to be an effect or a read', () => {
    const { store, gateway, notifier } = notingPorts().ports;
    const methods = [store, gateway, notifier].flatMap((port) => Object.keys(port));
    expect(methods.toSorted()).toEqual([...EFFECTS, ...READS].map(([name]) => name).toSorted());
  });

  it.each(EFFECTS)('lets %s begin no later than the lease ends', async (name, call) => {
    const { calls, ports } = notingPorts();
    await call(fencePorts(ports, held));
    expect(calls).toEqual([{ name, deadline: leaseEnd }]);
  });

  it.each(EFFECTS)('begins no %s without the lease', async (_name, call) => {
    const { calls, ports } = notingPorts();
    await expect(call(fencePorts(ports, lost))).rejects.toMatchObject({
      code: 'region_not_active',
    });
    expect(calls).toEqual([]);
  });

  it.each(READS)('lets any Region %s', async (name, call) => {
    const { calls, ports } = notingPorts();
    await call(fencePorts(ports, lost));
    expect(calls).toEqual([{ name, deadline: asked }]);
  });

  it('answers region_not_active for a new payment, of which nothing is stored', async () => {
    const ports = createMemoryPayments();
    await expect(
      processPayment(request, attempt, fencePorts<PaymentPorts>(ports, lost)),
    ).rejects.toMatchObject({ code: 'region_not_active' });
    expect(ports.table.journals.size).toBe(0);
  });

  it('leaves a payment whose lease was lost on the way to the Region that takes over', async () => {
    const ports = createMemoryPayments();
    let holds = 0;
    const lapsing: Lease = {
      hold: (deadline) => ((holds += 1) > 1 ? lost.hold(deadline) : held.hold(deadline)),
    };
    await expect(
      processPayment(request, attempt, fencePorts<PaymentPorts>(ports, lapsing)),
    ).rejects.toMatchObject({ code: 'outcome_unknown', cause: { code: 'region_not_active' } });
    expect(ports.charges.size).toBe(0);
    expect(ports.table.journals.get('txn-1')?.dueAtEpochMs).not.toBeNull();
  });
});
