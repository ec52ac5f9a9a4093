/** Planted bugs in what others are told: notifications that are lost, doubled or mistaken. */

import { edit, type PlantedBug } from '../planted-bug.ts';

const CARRY_ON = 'src/core/carry-on.ts';
const REFUND = 'src/core/refund-payment.ts';
const NOTIFICATIONS = 'src/core/notifications.ts';

const PUBLISH = 'await ports.notifier.publish(paymentProcessed(journal), deadline);';
const SETTLE = 'await ports.store.settleJournal(journal.transactionId, settlement, now, deadline);';
const PUBLISH_DECLINE = 'await ports.notifier.publish(paymentDeclined(journal), deadline);';
const CLOSE = 'await ports.store.closeJournal(journal.transactionId, now, deadline);';
const PUBLISH_REFUND = 'await ports.notifier.publish(refundSettled(journal, settled), deadline);';
const STORE_END = 'await storeEnd(journal, settled, deadline, ports);';

export const NOTIFICATION_BUGS: readonly PlantedBug[] = [
  {
    name: 'published-after-settled',
    area: 'notification',
    what: 'done before it is published: a crash in between loses the notification',
    edits: [edit(CARRY_ON, PUBLISH, ''), edit(CARRY_ON, SETTLE, `${SETTLE}\n      ${PUBLISH}`)],
    invariants: [10],
  },
  {
    name: 'decline-published-after-closed',
    area: 'notification',
    what: 'a declined payment is closed before anybody was told: a crash in between loses it',
    edits: [
      edit(CARRY_ON, PUBLISH_DECLINE, ''),
      edit(CARRY_ON, CLOSE, `${CLOSE}\n    ${PUBLISH_DECLINE}`),
    ],
    invariants: [10],
  },
  {
    name: 'publish-fault-swallowed',
    area: 'notification',
    what: 'a notification that could not be sent is not sent again',
    edits: [edit(CARRY_ON, PUBLISH, PUBLISH.replace(';', '.catch(() => undefined);'))],
    invariants: [10],
  },
  {
    name: 'notification-id-from-the-clock',
    area: 'notification',
    what: 'a repeated notification has another id: consumers ship the goods twice',
    edits: [
      edit(
        CARRY_ON,
        PUBLISH,
        "const id = journal.transactionId + '#' + now;\n" +
          '      await ports.notifier.publish({ ...paymentProcessed(journal), id }, deadline);',
      ),
    ],
    invariants: [10],
  },
  {
    name: 'decline-notice-never-carried-on',
    area: 'notification',
    what: 'a decline whose notification failed is taken for finished: nobody is ever told',
    edits: [
      edit(
        'src/core/carry-on-journal.ts',
        'const unfinished = await finishDeclined(journal, attempt, ports);',
        'const unfinished = null;',
      ),
    ],
    invariants: [9, 10, 13],
  },
  {
    name: 'refund-published-after-stored',
    area: 'notification',
    what: 'a refund is done before it is published: a crash in between loses the notification',
    edits: [
      edit(REFUND, PUBLISH_REFUND, ''),
      edit(REFUND, STORE_END, `${STORE_END}\n      ${PUBLISH_REFUND}`),
    ],
    invariants: [10],
  },
  {
    name: 'one-notification-id-for-all-refunds',
    area: 'notification',
    what: "a payment's second refund has the notification id of the first: consumers drop it",
    edits: [
      edit(
        NOTIFICATIONS,
        'const path = pathOf(journal.transactionId, refund.refundId);',
        'const path = encodeURIComponent(journal.transactionId);',
      ),
    ],
    invariants: [10],
  },
];
