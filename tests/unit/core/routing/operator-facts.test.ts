import { describe, expect, it, vi } from 'vitest';
import type { RoutingPolicy } from '#contract/names.ts';
import type { AlarmEvidence, ProbeSample } from '#core/routing/judge-region.ts';
import { operatorChange } from '#core/routing/operator-change.ts';
import {
  type OperatorFactsPorts,
  operatorFacts,
  serviceFault,
} from '#core/routing/operator-facts.ts';
import type { OperatorRequest } from '#core/routing/ops-event.ts';
import type { Presence } from '#core/routing/presence.ts';
import { firstState } from '#core/routing/routing-log.ts';
import {
  createMemoryPresenceStore,
  createMemoryRouting,
} from '../../../support/memory-routing-log.ts';

const EAST_1 = 'us-east-1';
const EAST_2 = 'us-east-2';
const REGIONS = [EAST_1, EAST_2];
const NOW = 1_700_000_000_000;
const deadline = { atEpochMs: NOW + 6_000 };
const FAILBACK: OperatorRequest = { actor: 'ann', reason: 'it is over', verb: 'failback' };
const away = { epoch: 3, mode: 'auto', active: [EAST_2], drained: [] } as const;

/** Both Regions have been healthy for ten minutes, but for what `primary` says. */
function world(policy: RoutingPolicy, primary: Partial<Presence> = {}) {
  const memory = createMemoryRouting();
  for (const region of REGIONS) {
    memory.presences.set(region, {
      ...{ region, apiUrl: `https://${region}.example`, policy, beat: 9, serving: true },
      ...{ healthySinceEpochMs: NOW - 605_000, atEpochMs: NOW - 5_000 },
      followedEpoch: 0,
      peerHealthy: null,
      peerSilence: null,
      peerHealthyNow: null,
      moveAge: null,
      ...(region === EAST_1 ? primary : {}),
    });
  }
  const asked: string[] = [];
  let held: Promise<void> | null = null;
  /** Answers wait for the function that it returns. */
  const holdBack = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    held = promise;
    return resolve;
  };
  const says: Partial<Record<string, ProbeSample>> = {};
  const rings = new Set<string>();
  const ports: OperatorFactsPorts = {
    presence: createMemoryPresenceStore(memory),
    async probe(apiUrl) {
      asked.push(apiUrl);
      await held;
      return says[apiUrl] ?? { kind: 'served', latencyMs: 20 };
    },
    alarmOf: async (region) => (rings.has(region) ? 'impaired' : 'clear'),
    clock: { nowEpochMs: () => NOW },
  };
  const options = { regions: REGIONS, first: firstState(policy, REGIONS) };
  const factsFor = (request: OperatorRequest) => operatorFacts(request, options, ports, deadline);
  return { memory, asked, says, rings, factsFor, holdBack };
}

describe('operatorFacts', () => {
  it.each([
    ['active-passive', [EAST_1]],
    ['active-active', REGIONS],
  ] as const)('leads home as its own environment is configured: %s', async (policy, active) => {
    const { factsFor, memory } = world(policy);
    // Another Region's word is not asked for.
    const other = memory.presences.get(EAST_2);
    if (other !== undefined) memory.presences.set(EAST_2, { ...other, policy: 'active-passive' });
    const facts = await factsFor(FAILBACK);
    expect(operatorChange(away, FAILBACK, facts, false)).toMatchObject({ note: { active } });
  });

  it.each([
    ['has been healthy for 59 s', { healthySinceEpochMs: NOW - 64_000 }, '59 s only'],
    ['is not healthy by its own account', { healthySinceEpochMs: null }, 'not healthy'],
    ['was last heard of 91 s ago', { atEpochMs: NOW - 91_000 }, '91 s ago'],
  ])('refuses to go back to a Region that %s', async (_name, primary, text) => {
    const { factsFor } = world('active-passive', primary);
    const facts = await factsFor(FAILBACK);
    expect(operatorChange(away, FAILBACK, facts, false)).toEqual({
      kind: 'refused',
      because: expect.stringContaining(text) as string,
    });
  });

  it('finds a Region unfit that was never heard of, and asks nobody where it is', async () => {
    const { factsFor, memory, asked } = world('active-passive');
    memory.presences.delete(EAST_1);
    const facts = await factsFor(FAILBACK);
    expect(facts.unfitness(EAST_1)).toContain('never been heard of');
    expect(asked).toEqual([`https://${EAST_2}.example`]);
  });

  it.each([
    ['does not answer', { kind: 'unreachable' }],
    ["says that it can't serve", { kind: 'refused', latencyMs: 20 }],
    ['answers too slowly', { kind: 'served', latencyMs: 1_001 }],
  ] satisfies [string, ProbeSample][])('finds a Region unfit that %s', async (text, sample) => {
    const { factsFor, says } = world('active-passive');
    says[`https://${EAST_1}.example`] = sample;
    const facts = await factsFor(FAILBACK);
    expect(facts.unfitness(EAST_1)).toBe(`${EAST_1} ${text}`);
    expect(facts.unfitness(EAST_2)).toBeNull();
  });

  it('finds a Region unfit whose alarm rings, whatever its health says', async () => {
    const { factsFor, rings } = world('active-passive');
    rings.add(EAST_1);
    const facts = await factsFor(FAILBACK);
    expect(facts.unfitness(EAST_1)).toContain('alarm');
    expect(facts.unfitness(EAST_2)).toBeNull();
  });

  it('asks the Regions at once', async () => {
    const { factsFor, asked, holdBack } = world('active-passive');
    const release = holdBack();
    const facts = factsFor(FAILBACK);
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    release();
    expect((await facts).unfitness(EAST_1)).toBeNull();
  });

  it.each<OperatorRequest>([
    { ...FAILBACK, verb: 'mode', mode: 'manual' },
    { ...FAILBACK, verb: 'undrain', region: EAST_1 },
  ])('asks nobody for what moves no traffic: $verb', async (request) => {
    const { factsFor, asked } = world('active-active');
    const facts = await factsFor(request);
    expect(facts).toMatchObject({ home: REGIONS });
    expect(asked).toEqual([]);
  });
});

describe('serviceFault', () => {
  it.each<readonly [string, ProbeSample, AlarmEvidence, string | null]>([
    ['serves quickly, its alarm quiet', { kind: 'served', latencyMs: 1_000 }, 'clear', null],
    ['serves, its alarm not to be asked', { kind: 'served', latencyMs: 20 }, 'unknown', null],
    ['serves, its alarm ringing', { kind: 'served', latencyMs: 20 }, 'impaired', 'alarm'],
    ['serves slowly', { kind: 'served', latencyMs: 1_001 }, 'clear', 'too slowly'],
    ['refuses', { kind: 'refused', latencyMs: 20 }, 'clear', "can't serve"],
    ['does not answer', { kind: 'unreachable' }, 'impaired', 'does not answer'],
  ])('of a Region that %s', (_name, sample, alarm, text) => {
    const fault = serviceFault(EAST_1, sample, alarm);
    if (text === null) expect(fault).toBeNull();
    else expect(fault).toContain(text);
  });
});
