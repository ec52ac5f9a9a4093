import { expect, it } from 'vitest';
import type { PlannedFault } from '#sim/faults/fault-spec.ts';
import { evidenceOf, FakeRun, PRIMARY, SECONDARY } from './fake-run.ts';

const ACTOR = `orchestrator:${SECONDARY}`;
const PRIMARY_LOST: PlannedFault = { id: 'F1', region: PRIMARY, atMs: 10_000, forMs: null };
const SLOW = 'served in 1001 ms';
const GOOD = 'served in 1000 ms';
const IMPAIRED = { verdict: 'impaired', alarm: 'clear', silentForMs: 0 };

function told(evidence: string, actor = ACTOR): readonly string[] {
  const run = new FakeRun({}, [PRIMARY_LOST]);
  run.nowMs = 60_000;
  run.append({ active: [SECONDARY], actor, evidence });
  run.settle();
  return run.violations.map(({ invariant, message }) => `${invariant}: ${message}`);
}

it.each<[string, Readonly<Record<string, unknown>>]>([
  ['is lost', {}],
  ['is lost behind something that answers', { probes: Array(3).fill('refused in 3 ms') }],
  ['has an alarm', { ...IMPAIRED, alarm: 'impaired', probes: [] }],
  ['answers badly three times', { ...IMPAIRED, probes: [GOOD, SLOW, 'refused in 3 ms', SLOW] }],
  [
    'comes and goes',
    { ...IMPAIRED, probes: [SLOW, SLOW, GOOD, SLOW, SLOW, GOOD, SLOW, GOOD, GOOD] },
  ],
])('takes a failover from a Region that %s', (_what, peer) => {
  expect(told(evidenceOf(ACTOR, peer))).toEqual([]);
});

const SERVED = 'it was served there, or hardly asked';

it.each<[string, Readonly<Record<string, unknown>>, string]>([
  ['whose heart beats', { silentForMs: 29_999 }, 'silent for 29999 ms only'],
  ['whose heartbeat nobody could read', { silentForMs: null }, 'silent for null ms only'],
  ['that answered', { probes: ['unreachable', GOOD, 'unreachable'] }, SERVED],
  ['that answered late', { probes: ['unreachable', SLOW, 'unreachable'] }, SERVED],
  ['that was hardly asked', { probes: ['unreachable', 'unreachable'] }, SERVED],
  ['with one bad answer', { ...IMPAIRED, probes: [GOOD, SLOW] }, 'only 1 probes of 2 were bad'],
  ['that is well', { verdict: 'healthy' }, 'took the other Region for healthy'],
  ['that nobody is sure of', { verdict: 'unsure' }, 'took the other Region for unsure'],
])('finds a failover from a Region %s', (_what, peer, message) => {
  expect(told(evidenceOf(ACTOR, peer))).toEqual([expect.stringContaining(message)]);
});

it('finds a failover onto a Region that is not well itself, and one without evidence', () => {
  expect(told(evidenceOf(ACTOR, {}, { verdict: 'unsure' }))).toEqual([
    expect.stringMatching(/^14: .* took itself for unsure$/),
  ]);
  expect(told('{}')).toEqual([expect.stringContaining('did not say what it saw')]);
});

it('asks people for nothing', () => {
  expect(told('{}', 'ann')).toEqual([]);
});
