import { expect, it } from 'vitest';
import { neutralConditions } from '#sim/conditions.ts';
import { conditionsUnder, overwriteConditions } from '#sim/faults/condition-effect.ts';
import type { Fault } from '#sim/faults/fault-spec.ts';

const EAST = 'us-east-1';

it('is neutral without faults', () => {
  expect(conditionsUnder([])).toEqual(neutralConditions());
});

it.each<[Fault, object]>([
  [{ id: 'F8', region: EAST, factor: 40 }, { greyFactor: 40 }],
  [{ id: 'F12', region: EAST, extraMs: 700 }, { slowReplicaMs: 700 }],
  [{ id: 'F13', region: EAST, probability: 0.3 }, { ambiguous: 0.3 }],
  [{ id: 'F15', region: EAST, probability: 0.4 }, { throttle: 0.4 }],
  [{ id: 'F21', region: EAST, probability: 0.5 }, { checkFlap: 0.5 }],
])('$id is of its Region alone', (fault, part) => {
  const neutral = neutralConditions();
  const { regions, ...rest } = conditionsUnder([fault]);
  expect(regions[EAST]).toEqual({ ...neutral.regions[EAST], ...part });
  expect({ regions: { ...regions, [EAST]: neutral.regions[EAST] }, ...rest }).toEqual(neutral);
});

it.each<[Fault, object]>([
  [{ id: 'F14', probability: 1 }, { conflictWindowMs: 3_000 }],
  [{ id: 'F19' }, { dnsIsStale: true }],
  [{ id: 'F20' }, { controlPlaneIsDown: true }],
  [{ id: 'F25', pauseReplication: true }, { replicationIsPaused: true }],
  [{ id: 'F25', pauseReplication: false }, {}],
])('$id is of all Regions', (fault, part) => {
  expect(conditionsUnder([fault])).toEqual({ ...neutralConditions(), ...part });
});

it('has both queues misbehave', () => {
  const { regions } = conditionsUnder([
    { id: 'F16', probability: 0.2 },
    { id: 'F17', probability: 0.6 },
  ]);
  for (const region of Object.values(regions)) {
    expect(region).toMatchObject({ queueRepeat: 0.2, visibilityLoss: 0.6 });
  }
});

it('takes the worst of several, and forgets what is healed', () => {
  const mild: Fault = { id: 'F8', region: EAST, factor: 20 };
  const bad: Fault = { id: 'F8', region: EAST, factor: 90 };
  const conditions = neutralConditions();
  const { regions } = conditions;
  overwriteConditions(conditions, conditionsUnder([bad, mild, { id: 'F19' }]));
  expect(regions[EAST].greyFactor).toBe(90);
  overwriteConditions(conditions, conditionsUnder([mild]));
  expect(regions[EAST].greyFactor).toBe(20);
  expect(conditions.dnsIsStale).toBe(false);
});
