import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Decision,
  decideTransition,
  type RoutingRules,
  type Situation,
} from '#core/routing/decide-transition.ts';
import { VERDICTS } from '#core/routing/judge-region.ts';
import type { RoutingState } from '#core/routing/routing-log.ts';

const EAST_1 = 'us-east-1';
const EAST_2 = 'us-east-2';

const RULES: RoutingRules = {
  policy: 'active-passive',
  failback: 'manual',
  primary: EAST_1,
  cooldownMs: 300_000,
  soakMs: 1_800_000,
};
/** As the secondary's orchestrator sees a healthy pair before anything has happened. */
const CALM: Situation = {
  own: EAST_2,
  peer: EAST_1,
  ownVerdict: 'healthy',
  peerVerdict: 'healthy',
  ownSoakedForMs: 10_000,
  sinceMoveMs: null,
  ownWasLeft: false,
  peerWasHealthy: true,
  ownWellSinceReturn: false,
};
const FIRST: RoutingState = { epoch: 0, mode: 'auto', active: [EAST_1], drained: [] };
const MOVED: RoutingState = { epoch: 1, mode: 'auto', active: [EAST_2], drained: [] };
/** As the primary's orchestrator sees it after traffic was moved away from it. */
const LEFT: Partial<Situation> = {
  own: EAST_1,
  peer: EAST_2,
  ownWasLeft: true,
  sinceMoveMs: 3_600_000,
  ownSoakedForMs: 3_600_000,
};

interface Row {
  readonly name: string;
  readonly state?: Partial<RoutingState>;
  readonly situation: Partial<Situation>;
  readonly rules?: Partial<RoutingRules>;
  readonly expected: string;
}

const ROWS: readonly Row[] = [
  { name: 'all is well', situation: {}, expected: 'wait peer-healthy' },
  {
    name: 'the primary is lost',
    situation: { peerVerdict: 'lost' },
    expected: 'failover us-east-2 peer-lost',
  },
  {
    name: 'the primary is impaired',
    situation: { peerVerdict: 'impaired' },
    expected: 'failover us-east-2 peer-impaired',
  },
  {
    name: 'the evidence on the primary is thin',
    situation: { peerVerdict: 'unsure' },
    expected: 'wait peer-unsure',
  },
  {
    name: 'both are impaired',
    situation: { peerVerdict: 'impaired', ownVerdict: 'impaired' },
    expected: 'wait own-not-healthy',
  },
  {
    name: 'the own Region can not be judged',
    situation: { peerVerdict: 'lost', ownVerdict: 'unsure' },
    expected: 'wait own-not-healthy',
  },
  {
    name: 'manual mode, the primary lost',
    state: { mode: 'manual' },
    situation: { peerVerdict: 'lost' },
    expected: 'wait manual-mode',
  },
  {
    name: 'the own Region is drained, the primary lost',
    state: { drained: [EAST_2] },
    situation: { peerVerdict: 'lost' },
    expected: 'wait own-drained',
  },
  {
    name: 'a transition was just made',
    situation: { peerVerdict: 'lost', sinceMoveMs: 299_999 },
    expected: 'wait cooldown',
  },
  {
    name: 'the cooldown is over',
    situation: { peerVerdict: 'lost', sinceMoveMs: 300_000 },
    expected: 'failover us-east-2 peer-lost',
  },
  {
    name: 'traffic is here and the other Region is lost',
    state: MOVED,
    situation: { peerVerdict: 'lost' },
    expected: 'wait own-active',
  },
  {
    name: 'the Region that was left, healthy again: sticky',
    state: MOVED,
    situation: LEFT,
    expected: 'wait peer-healthy',
  },
  {
    name: 'the Region that was left, and the other is impaired before it has soaked',
    state: MOVED,
    situation: { ...LEFT, peerVerdict: 'impaired', ownSoakedForMs: 1_799_999 },
    expected: 'wait soaking',
  },
  {
    name: 'the Region that was left, soaked, and the other has been impaired ever since',
    state: MOVED,
    situation: { ...LEFT, peerVerdict: 'impaired', peerWasHealthy: false },
    expected: 'wait same-episode',
  },
  {
    name: 'the Region that was left, soaked, and the other was well for as long before',
    state: MOVED,
    situation: { ...LEFT, peerVerdict: 'impaired' },
    expected: 'failover us-east-1 peer-impaired',
  },
  {
    name: 'the Region that was left by a failback, and the other is impaired still or again',
    state: MOVED,
    situation: {
      ...{ ...LEFT, peerVerdict: 'impaired', peerWasHealthy: false, ownSoakedForMs: 300_000 },
      ...{ sinceMoveMs: 300_000, ownWellSinceReturn: true },
    },
    expected: 'failover us-east-1 peer-impaired',
  },
  {
    name: 'the Region that was left by a failback just now',
    state: MOVED,
    situation: {
      ...{ ...LEFT, peerVerdict: 'impaired', peerWasHealthy: false },
      ...{ sinceMoveMs: 299_999, ownWellSinceReturn: true },
    },
    expected: 'wait cooldown',
  },
  {
    name: 'the Region that was left, and the other is lost in the same episode',
    state: MOVED,
    situation: { ...LEFT, peerVerdict: 'lost', peerWasHealthy: false },
    expected: 'failover us-east-1 peer-lost',
  },
  {
    name: 'the Region that was left, and the other is lost before it has soaked',
    state: MOVED,
    situation: { ...LEFT, peerVerdict: 'lost', ownSoakedForMs: 1 },
    expected: 'failover us-east-1 peer-lost',
  },
  {
    name: 'automatic failback, soaked',
    state: MOVED,
    situation: LEFT,
    rules: { failback: 'automatic' },
    expected: 'failback us-east-1 soaked',
  },
  {
    name: 'automatic failback, not soaked',
    state: MOVED,
    situation: { ...LEFT, ownSoakedForMs: 1_799_999 },
    rules: { failback: 'automatic' },
    expected: 'wait soaking',
  },
  {
    name: 'automatic failback, not healthy',
    state: MOVED,
    situation: { ...LEFT, ownVerdict: 'unsure', ownSoakedForMs: null },
    rules: { failback: 'automatic' },
    expected: 'wait own-not-healthy',
  },
  {
    name: 'automatic failback, right after the transition',
    state: MOVED,
    situation: { ...LEFT, sinceMoveMs: 1_000 },
    rules: { failback: 'automatic' },
    expected: 'wait cooldown',
  },
  {
    name: 'automatic failback never goes to the secondary',
    state: { epoch: 2 },
    situation: { ownSoakedForMs: 3_600_000, sinceMoveMs: 3_600_000, ownWasLeft: true },
    rules: { failback: 'automatic' },
    expected: 'wait peer-healthy',
  },
  {
    name: 'active-active, the peer lost',
    state: { active: [EAST_1, EAST_2] },
    situation: { peerVerdict: 'lost' },
    rules: { policy: 'active-active' },
    expected: 'failover us-east-2 peer-lost',
  },
  {
    name: 'active-active, all well',
    state: { active: [EAST_1, EAST_2] },
    situation: {},
    rules: { policy: 'active-active' },
    expected: 'wait own-active',
  },
  {
    name: 'active-active, the secondary back after its soak',
    state: { epoch: 1, active: [EAST_1] },
    situation: { ownSoakedForMs: 3_600_000, sinceMoveMs: 3_600_000, ownWasLeft: true },
    rules: { policy: 'active-active', failback: 'automatic' },
    expected: 'failback us-east-1,us-east-2 soaked',
  },
];

function decide({ state, situation, rules }: Omit<Row, 'name' | 'expected'>): Decision {
  return decideTransition(
    { ...FIRST, ...state },
    { ...CALM, ...situation },
    { ...RULES, ...rules },
  );
}

function said(decision: Decision): string {
  return decision.kind === 'wait'
    ? `wait ${decision.because}`
    : `${decision.change} ${decision.active.join(',')} ${decision.because}`;
}

describe('decideTransition', () => {
  it.each(ROWS)('$name: $expected', ({ expected, ...row }) => {
    expect(said(decide(row))).toBe(expected);
  });

  const situations = fc.record({
    own: fc.constant(EAST_2),
    peer: fc.constant(EAST_1),
    // Often healthy, or nearly nothing would move.
    ownVerdict: fc.constantFrom('healthy' as const, 'healthy' as const, ...VERDICTS),
    peerVerdict: fc.constantFrom(...VERDICTS),
    ownSoakedForMs: fc.option(fc.integer({ min: 0, max: 4_000_000 })),
    sinceMoveMs: fc.option(fc.integer({ min: -4_000_000, max: 4_000_000 })),
    ownWasLeft: fc.boolean(),
    peerWasHealthy: fc.boolean(),
    ownWellSinceReturn: fc.boolean(),
  });
  const regions = fc.constantFrom([EAST_1], [EAST_2], [EAST_1, EAST_2]);
  const states = fc.record({
    epoch: fc.nat(5),
    mode: fc.constantFrom('auto' as const, 'manual' as const),
    active: regions,
    drained: fc.constantFrom([], [EAST_1], [EAST_2]),
  });
  const rules = fc.record({
    policy: fc.constantFrom('active-passive' as const, 'active-active' as const),
    failback: fc.constantFrom('manual' as const, 'automatic' as const),
    primary: fc.constantFrom(EAST_1, EAST_2),
    cooldownMs: fc.constant(300_000),
    soakMs: fc.constant(1_800_000),
  });

  it('never moves traffic onto a Region that is not healthy, drained, or under manual control', () => {
    let moves = 0;
    fc.assert(
      fc.property(states, situations, rules, (state, situation, given) => {
        const decision = decideTransition(state, situation, given);
        if (decision.kind === 'wait') return;
        moves += 1;
        expect(situation.ownVerdict).toBe('healthy');
        expect(state.mode).toBe('auto');
        expect(state.drained).not.toContain(situation.own);
        expect(decision.active).toContain(situation.own);
        expect(decision.active).not.toEqual(state.active);
      }),
      { numRuns: 5_000 },
    );
    expect(moves).toBeGreaterThan(50);
  });

  it('never takes traffic from a Region that is healthy or of which little is known', () => {
    fc.assert(
      fc.property(states, situations, rules, (state, situation, given) => {
        const decision = decideTransition(state, situation, given);
        if (decision.kind === 'wait' || decision.change === 'failback') return;
        expect(['lost', 'impaired']).toContain(situation.peerVerdict);
      }),
      { numRuns: 2_000 },
    );
  });

  it('leaves one Region active in active-passive', () => {
    const check = fc.check(
      fc.property(states, situations, rules, (state, situation, given) => {
        const decision = decideTransition(state, situation, { ...given, policy: 'active-passive' });
        return decision.kind === 'wait' || decision.active.join() === situation.own;
      }),
      { numRuns: 2_000 },
    );
    expect(check.counterexample).toBeNull();
  });
});
