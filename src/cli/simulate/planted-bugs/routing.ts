/** Planted bugs in deciding where traffic goes, and in the log that says so. */

import { edit, type PlantedBug } from '../planted-bug.ts';

const DECIDE = 'src/core/routing/decide-transition.ts';
const JUDGE = 'src/core/routing/judge-region.ts';
const LOG = 'src/core/routing/routing-log.ts';
const ORCHESTRATE = 'src/core/routing/orchestrate.ts';
const APPEND = 'src/core/routing/append-transition.ts';
const OPERATOR = 'src/core/routing/operator-change.ts';
const OBSERVER = 'src/core/routing/observer.ts';

const OWN_NOT_HEALTHY = "if (situation.ownVerdict !== 'healthy') return wait('own-not-healthy');\n";
const COOLING = "if (isCooling(situation, rules)) return wait('cooldown');";
const MOVE = "return { kind: 'move', change: 'failover', active: [own], because };";
const BACK = '[...state.active, own].toSorted() : [own];';

export const ROUTING_BUGS: readonly PlantedBug[] = [
  {
    name: 'epochs-two-apart',
    area: 'routing',
    what: 'an entry takes the epoch after the next: two orchestrators at once both get one',
    edits: [
      edit(
        LOG,
        'const epoch = (newest?.epoch ?? 0) + 1;',
        'const epoch = (newest?.epoch ?? 0) + 2;',
      ),
    ],
    invariants: [7, 12, 15],
  },
  {
    name: 'entries-not-chained',
    area: 'routing',
    what: "an entry repeats its predecessor's hash instead of its own: the trail proves nothing",
    edits: [
      edit(
        LOG,
        'newest === null ? FIRST_PREVIOUS_HASH : routingHash(newest, hash)',
        'newest === null ? FIRST_PREVIOUS_HASH : newest.previousHash',
      ),
    ],
    invariants: [8, 15],
  },
  {
    name: 'mode-change-forgets-the-move',
    area: 'routing',
    what: 'an entry that moves nothing says that nothing ever moved: the cooldown is over at once',
    edits: [
      edit(
        LOG,
        'moved: moves ? { epoch, atEpochMs: note.atEpochMs } : (newest?.moved ?? null),',
        'moved: moves ? { epoch, atEpochMs: note.atEpochMs } : null,',
      ),
    ],
    invariants: [14, 15],
  },
  {
    name: 'lost-append-taken-for-won',
    area: 'routing',
    what: 'an orchestrator that came second acts as if traffic were its own',
    edits: [
      edit(
        ORCHESTRATE,
        "if (append.kind === 'raced') return { kind: 'raced', by: append.by, seen };",
        '',
      ),
    ],
    invariants: [6, 8, 13, 15],
  },
  {
    name: 'operator-told-of-a-change-that-lost',
    area: 'routing',
    what: 'an operator who came second is told that it is done',
    edits: [
      edit(
        APPEND,
        "if (append.kind === 'appended') return { kind: 'appended'",
        "if (append.kind !== 'unknown') return { kind: 'appended'",
      ),
    ],
    invariants: [12, 14, 15],
  },
  {
    name: 'stale-plan-applied',
    area: 'routing',
    what: 'what an operator planned on an old state is carried out on the new one',
    edits: [
      edit(
        APPEND,
        'ports.plannedOn === undefined ? await log.newest(deadline) : ports.plannedOn;',
        'await log.newest(deadline);',
      ),
    ],
    invariants: [8, 14],
  },
  {
    name: 'second-operator-moves-again',
    area: 'routing',
    what: 'asked for what is so already, a failover is written once more',
    edits: [
      edit(
        OPERATOR,
        'if (state.active.length === 1 && state.active[0] === to) {',
        'if (state.active.length === 0) {',
      ),
    ],
    invariants: [14],
  },
  {
    name: 'last-region-drained',
    area: 'routing',
    what: 'the Region that is left can be drained too: traffic goes nowhere',
    edits: [
      edit(
        OPERATOR,
        'if (active.length === 0) {\n    // No force: traffic',
        'if (active.length < 0) {\n    // No force: traffic',
      ),
    ],
    invariants: [6, 13],
  },
  {
    name: 'both-active-after-failover',
    area: 'routing',
    what: 'traffic goes to the new Region as well as to the lost one',
    edits: [edit(DECIDE, MOVE, MOVE.replace('[own]', '[...state.active, own].toSorted()'))],
    invariants: [6, 14],
    needs: 'active-passive',
  },
  {
    name: 'both-active-after-failback',
    area: 'routing',
    what: 'traffic comes back, and stays where it was as well',
    edits: [edit(DECIDE, BACK, BACK.replace(': [own]', ': [...state.active, own].toSorted()'))],
    invariants: [6],
    needs: 'active-passive',
  },
  {
    name: 'moves-when-unsure',
    area: 'routing',
    what: 'too little evidence counts as evidence: a new orchestrator begins with a failover',
    edits: [
      edit(
        DECIDE,
        "if (peerVerdict === 'lost' || peerVerdict === 'impaired') {",
        "if (peerVerdict !== 'healthy') {",
      ),
    ],
    invariants: [14],
  },
  {
    name: 'moves-without-looking-at-itself',
    area: 'routing',
    what: 'traffic moves onto a Region that is no better: it comes back, and so on',
    edits: [
      edit(
        DECIDE,
        `${OWN_NOT_HEALTHY}    ${COOLING}\n    const grey`,
        `${COOLING}\n    const grey`,
      ),
    ],
    invariants: [13, 14],
  },
  {
    name: 'no-cooldown',
    area: 'routing',
    what: 'two Regions that come and go have traffic going to and fro between them',
    edits: [
      edit(
        DECIDE,
        'return sinceMoveMs !== null && sinceMoveMs < cooldownMs;',
        'return cooldownMs < 0;',
      ),
    ],
    invariants: [14],
  },
  {
    name: 'manual-mode-ignored',
    area: 'routing',
    what: 'automation moves traffic while people have it in hand',
    edits: [edit(DECIDE, "if (state.mode === 'manual') return wait('manual-mode');", '')],
    invariants: [14, 15],
  },
  {
    name: 'drained-region-taken',
    area: 'routing',
    what: 'automation sends traffic to a Region that is taken apart just now',
    edits: [edit(DECIDE, "if (state.drained.includes(own)) return wait('own-drained');", '')],
    invariants: [6, 13, 14, 15],
  },
  {
    name: 'failback-without-soak',
    area: 'routing',
    what: 'traffic comes back to a Region the moment it answers again, and leaves with it again',
    edits: [
      edit(
        DECIDE,
        "if (!isSoaked(situation, rules)) return wait('soaking');\n  if (isCooling",
        'if (isCooling',
      ),
    ],
    invariants: [14],
  },
  {
    name: 'failback-by-itself',
    area: 'routing',
    what: 'traffic comes back by itself though that is for an operator to say',
    edits: [edit(DECIDE, "if (rules.failback === 'manual' || !mayReturn", 'if (!mayReturn')],
    invariants: [14],
  },
  {
    name: 'one-bad-probe-is-enough',
    area: 'routing',
    what: 'a single answer that was lost or slow moves all traffic',
    edits: [edit(JUDGE, 'export const PROBES_TO_JUDGE = 3;', 'export const PROBES_TO_JUDGE = 1;')],
    invariants: [14],
  },
  {
    name: 'own-isolation-counts-against-peer',
    area: 'routing',
    what: 'a Region that was cut off itself takes the traffic of a healthy one when it is back',
    edits: [
      edit(
        JUDGE,
        "return probe.silentForMs !== null && probe.says !== 'serving' && probe.says !== 'not-known';",
        "return probe.says !== 'serving' && probe.says !== 'not-known';",
      ),
    ],
    invariants: [14],
    needs: 'eventual',
  },
  {
    name: 'heartbeat-ignored',
    area: 'routing',
    what: 'a Region behind a broken link counts as lost though it says that it lives',
    edits: [
      edit(
        JUDGE,
        "if (servesNobody && isSilent(recent.at(-1), silenceMs)) return 'lost';",
        "if (isFull && recent.every(({ kind }) => kind === 'unreachable')) return 'lost';",
      ),
    ],
    invariants: [6, 14],
  },
  {
    name: 'grey-never-left',
    area: 'routing',
    what: 'an alarm is no evidence: a Region that answers /health and fails its callers keeps them',
    edits: [edit(JUDGE, "if (alarm === 'impaired') return 'impaired';", '')],
    invariants: [13],
  },
  {
    name: 'lost-has-to-soak',
    area: 'routing',
    what: 'a Region that was left takes no traffic back before its soak, even from one that is gone',
    edits: [edit(DECIDE, 'if (grey && situation.ownWasLeft', 'if (situation.ownWasLeft')],
    invariants: [13],
  },
  {
    name: 'alarm-outrings-the-loss',
    area: 'routing',
    what: 'a Region whose alarm rang as it was lost counts as impaired: soak rules keep its traffic',
    edits: [
      edit(
        JUDGE,
        "if (servesNobody && isSilent(recent.at(-1), silenceMs)) return 'lost';",
        "if (servesNobody && alarm !== 'impaired' && isSilent(recent.at(-1), silenceMs)) return 'lost';",
      ),
    ],
    invariants: [13],
  },
  {
    name: 'silence-known-to-one-process',
    area: 'routing',
    what: 'how long the other Region has been silent is forgotten with the process that watched',
    edits: [
      edit(
        OBSERVER,
        'peerWatch.see(theirs, stored?.peerSilence ?? null);',
        'peerWatch.see(theirs, null);',
      ),
    ],
    invariants: [13],
  },
  {
    name: 'new-process-asks-a-round-late',
    area: 'routing',
    what: 'a new process asks the other Region from its second round on: its minute is too short',
    edits: [edit(OBSERVER, 'if (peerWatch.apiUrl() === null) await beating;', '')],
    invariants: [13],
  },
  {
    name: 'health-carried-over-a-gap',
    area: 'routing',
    what: 'a Region that could write no heartbeat counts as well for as long as the last one said so',
    edits: [
      edit(
        OBSERVER,
        'const isBroken = isFirst && (ageMs > forgetMs || rounds.includes(false));',
        'const isBroken = false;',
      ),
    ],
    invariants: [14],
  },
  {
    name: 'silence-by-two-clocks',
    area: 'routing',
    what: "a heartbeat's age is read off its own time: a clock that is off looks like silence",
    edits: [
      edit(
        OBSERVER,
        'createPeerWatch(stopwatch, FRESH_SHARE * options.silenceMs);',
        'createPeerWatch(stopwatch, FRESH_SHARE * options.silenceMs, clock);',
      ),
      edit(
        OBSERVER,
        'function createPeerWatch(stopwatch: Stopwatch, freshMs: number) {',
        'function createPeerWatch(stopwatch: Stopwatch, freshMs: number, clock: Clock) {',
      ),
      edit(
        OBSERVER,
        'const silentForMs = stopwatch.elapsedMs() - seen.movedAtMs;',
        'const silentForMs = clock.nowEpochMs() - (seen.presence?.atEpochMs ?? 0);',
      ),
    ],
    invariants: [13, 14],
    needs: 'eventual',
  },
];
