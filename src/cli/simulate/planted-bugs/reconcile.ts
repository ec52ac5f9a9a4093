/** Planted bugs in reconciliation: a repair that makes it worse. */

import { edit, type PlantedBug } from '../planted-bug.ts';

export const RECONCILE_BUGS: readonly PlantedBug[] = [
  {
    name: 'charged-payment-superseded',
    area: 'reconcile',
    what: "the lease holder's acceptance stands though it was never charged, and the charged one is taken out",
    needs: 'eventual',
    edits: [
      edit(
        'src/core/reconcile/may-be-the-charge.ts',
        "if (status !== 'ACCEPTED' || isSameMoney(other, request)) return false;",
        "if (status !== 'ACCEPTED' || !isSameMoney(other, request)) return false;",
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
