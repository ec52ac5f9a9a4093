/** Planted bugs in the lease of eventually consistent tables: two Regions that write, or none. */

import { edit, type PlantedBug } from '../planted-bug.ts';

const LEASE = 'src/core/lease.ts';
const FENCE = 'src/core/fenced-ports.ts';
const FOLLOW_UP = 'src/core/routing/lease-follow-up.ts';

const HELD = 'heldUntilMs = askedAtMs + LEASE_HELD_MS;';
const ASKED = 'const askedAtMs = stopwatch.elapsedMs();';

const needs = 'eventual';

export const LEASE_BUGS: readonly PlantedBug[] = [
  {
    name: 'lease-counted-from-the-answer',
    area: 'lease',
    what: 'a renewal counts from when its answer came: a paused holder writes beside the next',
    edits: [edit(LEASE, HELD, HELD.replace('askedAtMs', 'stopwatch.elapsedMs()'))],
    invariants: [8],
    needs,
  },
  {
    name: 'lease-renewed-in-advance',
    area: 'lease',
    what: 'a renewal counts as soon as it is asked for: a holder that is cut off believes for ever',
    edits: [edit(LEASE, ASKED, `${ASKED}\n    ${HELD}`)],
    invariants: [8],
    needs,
  },
  {
    name: 'lease-held-for-longer-than-waited-for',
    area: 'lease',
    what: 'fewer renewals, to save cost: the holder goes on after it was waited out',
    edits: [
      edit(LEASE, 'export const LEASE_HELD_MS = 8_000;', 'export const LEASE_HELD_MS = 45_000;'),
    ],
    invariants: [8],
    needs,
  },
  {
    name: 'takeover-without-waiting',
    area: 'lease',
    what: 'the lease is taken at once: a holder that is only out of reach goes on writing',
    edits: [edit(LEASE, 'await ports.sleep(LEASE_WAIT_MS);', '')],
    invariants: [8],
    needs,
  },
  {
    name: 'hand-over-without-waiting',
    area: 'lease',
    what: 'who was told to hand over counts as having heard it: it writes on for some seconds',
    edits: [
      edit(
        LEASE,
        'await ports.sleep(LEASE_WAIT_MS);',
        'if (seen.handingTo === null) await ports.sleep(LEASE_WAIT_MS);',
      ),
    ],
    invariants: [8],
    needs,
  },
  {
    name: 'acceptance-not-fenced',
    area: 'lease',
    what: 'a Region without the lease accepts payments that the other one accepts too',
    edits: [
      edit(
        FENCE,
        'store.createJournal(journal, await lease.hold(deadline)),',
        'store.createJournal(journal, deadline),',
      ),
    ],
    invariants: [3, 8],
    needs,
  },
  {
    name: 'charge-not-fenced',
    area: 'lease',
    what: 'a Region that lost the lease while it accepted goes on to charge',
    edits: [
      edit(
        FENCE,
        'gateway.charge(charge, await lease.hold(deadline)),',
        'gateway.charge(charge, deadline),',
      ),
    ],
    invariants: [8],
    needs,
  },
  {
    name: 'record-not-fenced',
    area: 'lease',
    what: 'a Region that lost the lease while it charged goes on to record',
    edits: [
      edit(
        FENCE,
        'store.recordPayment(payment, await lease.hold(deadline)),',
        'store.recordPayment(payment, deadline),',
      ),
    ],
    invariants: [8],
    needs,
  },
  {
    name: 'settlement-not-fenced',
    area: 'lease',
    what: 'a Region that lost the lease while it charged goes on to settle',
    edits: [
      edit(
        FENCE,
        'store.settleJournal(id, settlement, atEpochMs, await lease.hold(deadline)),',
        'store.settleJournal(id, settlement, atEpochMs, deadline),',
      ),
    ],
    invariants: [8],
    needs,
  },
  {
    name: 'refunds-not-fenced',
    area: 'lease',
    what: 'a Region without the lease accepts refunds: the last writer wins, the other one is lost',
    edits: [
      edit(
        FENCE,
        'store.replaceRefunds(id, change, await lease.hold(deadline)),',
        'store.replaceRefunds(id, change, deadline),',
      ),
    ],
    invariants: [8, 11, 12, 16],
    needs,
  },
  {
    name: 'lease-taken-without-traffic',
    area: 'lease',
    what: 'the lease is taken where traffic does not go: payments are refused where it does',
    edits: [edit(FOLLOW_UP, 'if (!active.includes(own)) return;', '')],
    invariants: [6, 8, 13],
    needs,
  },
  {
    name: 'lease-stays-behind',
    area: 'lease',
    what: 'only the step right after a move takes the lease: where it failed, the lease stays',
    edits: [edit(FOLLOW_UP, "if (step === null || round.kind !== 'waited') return;", 'return;')],
    invariants: [13],
    needs,
  },
];
