/** Planted bugs in what a Region says of its own traffic, and in what follows a move. */

import { edit, type PlantedBug } from '../planted-bug.ts';

const CHECK = 'src/core/routing/traffic-check.ts';
const ORCHESTRATE = 'src/core/routing/orchestrate.ts';

const READ_HERE = 'learn(stateAfter(await log.newestHere(deadline), first));';
const IS_OLD = 'if (reading !== null || ageMs < 0 || ageMs >= TRAFFIC_CACHE_MS) {';

export const TRAFFIC_BUGS: readonly PlantedBug[] = [
  {
    name: 'in-doubt-traffic-comes-here',
    area: 'traffic',
    what: "a Region that can't read the log takes traffic for its own",
    edits: [edit(CHECK, READ_HERE, 'known = { ...known, active: [region] };')],
    invariants: [6],
    needs: 'active-passive',
  },
  {
    name: 'in-doubt-traffic-goes-elsewhere',
    area: 'traffic',
    what: "Regions that can't read the log all send their traffic away, and stay so",
    edits: [edit(CHECK, READ_HERE, 'known = { ...known, epoch: known.epoch + 1, active: [] };')],
    invariants: [6, 13],
  },
  {
    name: 'log-read-once',
    area: 'traffic',
    what: 'a Region goes by the first state that it read: it never learns that it was left',
    edits: [
      edit(CHECK, IS_OLD, 'if (reading !== null || readAtEpochMs === Number.NEGATIVE_INFINITY) {'),
    ],
    invariants: [6, 13],
  },
  {
    name: 'clock-set-back-keeps-a-reading',
    area: 'traffic',
    what: 'after its clock was set back an hour a Region goes by an old reading for as long',
    edits: [edit(CHECK, IS_OLD, IS_OLD.replace('ageMs < 0 || ', ''))],
    invariants: [6, 13],
  },
  {
    name: 'blind-region-keeps-its-traffic',
    area: 'traffic',
    what: "a Region that can't renew its lease still says that traffic belongs here",
    edits: [
      edit(
        CHECK,
        "return known.active.includes(region) && !isBlind ? 'here' : 'elsewhere';",
        "return known.active.includes(region) || isBlind ? 'here' : 'elsewhere';",
      ),
    ],
    invariants: [6, 13],
    needs: 'eventual',
  },
  {
    name: 'follow-up-forgotten-after-a-crash',
    area: 'traffic',
    what: 'a move that was cut off after its entry is never finished: the lease stays behind',
    edits: [
      edit(
        ORCHESTRATE,
        "if (isUnfinished(newest, seen)) return { kind: 'follow', entry: newest };",
        '',
      ),
      edit(
        'src/core/routing/lease-follow-up.ts',
        "if (step === null || round.kind !== 'waited') return;",
        "if (step === null || round.kind !== 'waited' || round.state.epoch > 0) return;",
      ),
    ],
    invariants: [13],
    needs: 'eventual',
  },
];
