/** Planted bugs in setting replicas right: repairs that make it worse, and losses that nobody hears of. */

import { edit, type PlantedBug } from '../planted-bug.ts';

export const RECONCILE_BUGS: readonly PlantedBug[] = [
  {
    name: 'message-of-another-request-done',
    area: 'reconcile',
    what: 'the message of an overwritten acceptance is deleted: the payment with its id is done',
    needs: 'eventual',
    edits: [
      edit(
        'src/core/consume-payments.ts',
        "return { kind: 'replaced' };",
        "return { kind: 'done', settled: null };",
      ),
    ],
    invariants: [1],
  },
  {
    name: 'charged-payment-superseded',
    area: 'reconcile',
    what: "the lease holder's acceptance stands though it was never charged, and the charged one is taken out",
    needs: 'eventual',
    edits: [
      edit(
        'src/core/reconcile/may-be-the-charge.ts',
        "if (status !== 'ACCEPTED' || isSameCharge(other, request)) return false;",
        "if (status !== 'ACCEPTED' || !isSameCharge(other, request)) return false;",
      ),
    ],
    invariants: [2],
  },
  {
    name: 'lost-payment-not-told',
    area: 'reconcile',
    what: 'a conflict is repaired, and nobody is told of the customer whose payment counts no more',
    needs: 'eventual',
    edits: [
      edit(
        'src/core/reconcile/compare-replicas.ts',
        'isLeft ? [] : changes, wasAcknowledged ? lost : null',
        'isLeft ? [] : changes, null',
      ),
    ],
    invariants: [1],
  },
];
