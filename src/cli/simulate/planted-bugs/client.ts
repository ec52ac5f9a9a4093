/** Planted bugs in the client's retries: what it tells its user, and where it looks. */

import { edit, type PlantedBug } from '../planted-bug.ts';

const POLICY = 'sdk/src/retry-policy.ts';
const OBSERVATION = 'sdk/src/observation.ts';

export const CLIENT_BUGS: readonly PlantedBug[] = [
  {
    name: 'timeout-means-no-effect',
    area: 'client',
    what: 'after a timeout the user is told that nothing was charged, and pays again',
    edits: [
      edit(
        OBSERVATION,
        "return observation.because !== 'refused';",
        "return observation.because === 'broken';",
      ),
    ],
    invariants: [1],
  },
  {
    name: 'server-fault-means-no-effect',
    area: 'client',
    what: 'after a 5xx the user is told that nothing was charged, and pays again',
    edits: [
      edit(
        OBSERVATION,
        'return code === null || !WITHOUT_EFFECT.has(code);',
        'return code === null;',
      ),
    ],
    invariants: [1],
  },
  {
    name: 'last-try-decides',
    area: 'client',
    what: 'only the last try counts: a timeout before it is forgotten, and the user pays again',
    edits: [
      edit(
        POLICY,
        'mayHaveTakenEffect: call.mayHaveTakenEffect || mayHaveTakenEffect(observation),',
        'mayHaveTakenEffect: mayHaveTakenEffect(observation),',
      ),
    ],
    invariants: [1],
  },
  {
    name: 'never-tries-the-other-region',
    area: 'client',
    what: 'every try goes to the first Region, lost or not',
    edits: [
      edit(
        POLICY,
        "const chosen = after === 'not-active' ? inTurn[0] : allowed[0];",
        'const chosen = policy.regions[0];',
      ),
    ],
    invariants: [13],
  },
  {
    name: 'not-active-is-final',
    area: 'client',
    what: 'a Region that says that the other one has the lease ends the call',
    edits: [
      edit(
        OBSERVATION,
        "if (status === 503 && code === 'region_not_active') return 'not-active';",
        "if (status === 503 && code === 'region_not_active') return 'final';",
      ),
    ],
    invariants: [13],
    needs: 'eventual',
  },
  {
    name: 'stops-at-the-first-fault',
    area: 'client',
    what: 'one try in the first Region is all that a payment gets',
    edits: [
      edit(POLICY, 'if (call.tries >= policy.maxTries) return', 'if (call.tries >= 1) return'),
    ],
    invariants: [13],
  },
];
