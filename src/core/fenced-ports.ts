/** Ports whose effects need the lease: in a Region without it, none of them begins. */

import type { Lease } from './lease.ts';
import type { PaymentPorts } from './ports.ts';

/**
 * Wraps every port that has an effect. Each call first makes sure of the lease, and its deadline is then
 * no later than the lease's end: what would begin after it is refused with `region_not_active`.
 *
 * Reads are not fenced: any Region may read its replica.
 */
export function fencePorts<Ports extends Pick<PaymentPorts, 'store' | 'clock' | 'hash'>>(
  ports: Ports & Partial<Pick<PaymentPorts, 'gateway' | 'notifier'>>,
  lease: Lease,
): Ports {
  const { store, gateway, notifier } = ports;
  return {
    ...ports,
    store: {
      createJournal: async (journal, deadline) =>
        store.createJournal(journal, await lease.hold(deadline)),
      readJournals: store.readJournals,
      recordPayment: async (payment, deadline) =>
        store.recordPayment(payment, await lease.hold(deadline)),
      settleJournal: async (id, settlement, atEpochMs, deadline) =>
        store.settleJournal(id, settlement, atEpochMs, await lease.hold(deadline)),
      closeJournal: async (id, atEpochMs, deadline) =>
        store.closeJournal(id, atEpochMs, await lease.hold(deadline)),
      replaceRefunds: async (id, change, deadline) =>
        store.replaceRefunds(id, change, await lease.hold(deadline)),
      claimJournal: async (id, claim, deadline) =>
        store.claimJournal(id, claim, await lease.hold(deadline)),
      parkJournal: async (id, parked, deadline) =>
        store.parkJournal(id, parked, await lease.hold(deadline)),
      unparkJournal: async (id, dueAtEpochMs, deadline) =>
        store.unparkJournal(id, dueAtEpochMs, await lease.hold(deadline)),
    },
    ...(gateway === undefined
      ? {}
      : {
          gateway: {
            ...gateway,
            charge: async (charge, deadline) => gateway.charge(charge, await lease.hold(deadline)),
            refund: async (refund, deadline) => gateway.refund(refund, await lease.hold(deadline)),
          } satisfies PaymentPorts['gateway'],
        }),
    ...(notifier === undefined
      ? {}
      : {
          notifier: {
            publish: async (notification, deadline) =>
              notifier.publish(notification, await lease.hold(deadline)),
          } satisfies PaymentPorts['notifier'],
        }),
  };
}
