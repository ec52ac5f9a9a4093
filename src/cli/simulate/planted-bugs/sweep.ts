/** Planted bugs in the sweeper: work that was abandoned and stays so. */

import { edit, type PlantedBug } from '../planted-bug.ts';

const SWEEP = 'src/core/sweep.ts';

export const SWEEP_BUGS: readonly PlantedBug[] = [
  {
    name: 'last-shard-never-swept',
    area: 'sweep',
    what: 'one payment in sixteen is never found again once its first attempt was cut off',
    edits: [
      edit(
        SWEEP,
        'const shard = (firstShard + offset) % shards;',
        'const shard = (firstShard + offset) % (shards - 1);',
      ),
    ],
    invariants: [13],
  },
  {
    name: 'swept-an-hour-late',
    area: 'sweep',
    what: 'abandoned payments are left alone for an hour more, to be on the safe side',
    edits: [
      edit(
        SWEEP,
        'const query = { shard, dueBeforeEpochMs, limit: PAGE_SIZE, after };',
        `const query = {
        ...{ shard, limit: PAGE_SIZE, after },
        dueBeforeEpochMs: dueBeforeEpochMs - 3_600_000,
      };`,
      ),
    ],
    invariants: [13],
  },
  {
    name: 'longest-wait-first',
    area: 'sweep',
    what: 'the longer of two waits is taken: what fails once is left alone for a quarter of an hour',
    edits: [
      edit(
        SWEEP,
        'return Math.min(RETRY_LONGEST_MS, RETRY_FIRST_MS',
        'return Math.max(RETRY_LONGEST_MS, RETRY_FIRST_MS',
      ),
    ],
    invariants: [13],
  },
  {
    name: 'parked-at-the-first-failure',
    area: 'sweep',
    what: 'a payment that the sweeper fails on once is given up until a person redrives it',
    edits: [
      edit(
        SWEEP,
        'if (journal.attempts < ATTEMPTS_MAX && !rootOf(because).isFinal) {',
        'if (journal.attempts < 1) {',
      ),
    ],
    invariants: [9, 13],
  },
  {
    name: 'final-fault-tried-for-hours',
    area: 'sweep',
    what: 'what no repeat can end is repeated twenty times before a person hears of it',
    edits: [
      edit(
        SWEEP,
        'if (journal.attempts < ATTEMPTS_MAX && !rootOf(because).isFinal) {',
        'if (journal.attempts < ATTEMPTS_MAX) {',
      ),
    ],
    invariants: [13],
  },
  {
    name: 'misdated-work-never-found',
    area: 'sweep',
    what: 'what a wrong clock put an hour ahead lies open until then: no sweep looks for it',
    edits: [
      edit(
        SWEEP,
        'yield* await open.listMisdated({ shard, dueAfterEpochMs, limit: PAGE_SIZE }, deadline);',
        '',
      ),
    ],
    invariants: [13],
  },
  {
    name: 'swept-by-its-own-region-only',
    area: 'sweep',
    what: "the other Region's abandoned payments are left to it, though it is lost",
    edits: [
      edit(
        SWEEP,
        'journal = claimed.journal;',
        `journal = claimed.journal;
    if (journal.region !== options.region) return { kind: 'passed' };`,
      ),
    ],
    invariants: [1, 13],
  },
];
