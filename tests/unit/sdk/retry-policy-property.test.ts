/** Whatever the Regions do, a call keeps its promises: played through as the client does it. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Breakers,
  type Decision,
  decideNext,
  type Observation,
  type RetryPolicy,
  startCall,
} from '#sdk/retry-policy.ts';

type Fate =
  | { readonly kind: 'answered'; readonly status: number; readonly code: string | null }
  | { readonly kind: 'no-answer'; readonly because: 'refused' | 'broken' | 'timeout' };

const fate: fc.Arbitrary<Fate> = fc.oneof(
  fc.record({
    kind: fc.constant('answered' as const),
    status: fc.constantFrom(200, 202, 400, 402, 408, 409, 425, 429, 500, 502, 503, 504),
    code: fc.constantFrom(null, 'unavailable', 'region_not_active', 'outcome_unknown', 'later'),
  }),
  fc.record({
    kind: fc.constant('no-answer' as const),
    because: fc.constantFrom('refused' as const, 'broken' as const, 'timeout' as const),
  }),
);
const outage: fc.Arbitrary<Fate> = fc.oneof(
  fc.constant({ kind: 'answered' as const, status: 503, code: 'unavailable' }),
  fc.constant({ kind: 'answered' as const, status: 500, code: 'internal_error' }),
  fc.constantFrom('refused' as const, 'broken' as const, 'timeout' as const).map((because) => ({
    kind: 'no-answer' as const,
    because,
  })),
);

const policies: fc.Arbitrary<RetryPolicy> = fc
  .record({
    regions: fc.constantFrom(['a'], ['a', 'b'], ['a', 'b', 'c']),
    totalDeadlineMs: fc.integer({ min: 1, max: 20_000 }),
    perTryTimeoutMs: fc.integer({ min: 1, max: 20_000 }),
    maxTries: fc.integer({ min: 1, max: 12 }),
    breakerFaults: fc.integer({ min: 1, max: 4 }),
    breakerCooldownMs: fc.integer({ min: 1, max: 20_000 }),
  })
  .filter(({ perTryTimeoutMs, totalDeadlineMs }) => perTryTimeoutMs <= totalDeadlineMs);

const script = (fates: fc.Arbitrary<Fate>) =>
  fc.array(
    fc.record({
      fate: fates,
      /** Share of the try's timeout that it took; in eighths, so that sums of times are exact. */
      share: fc.integer({ min: 0, max: 8 }).map((eighths) => eighths / 8),
      retryAfterMs: fc.option(fc.integer({ min: 0, max: 100_000 })),
      draw: fc.double({ min: 0, max: 0.999, noNaN: true }),
    }),
    { minLength: 12, maxLength: 12 },
  );

type Script = readonly {
  readonly fate: Fate;
  readonly share: number;
  readonly retryAfterMs: number | null;
  readonly draw: number;
}[];

interface Played {
  readonly tries: readonly { readonly region: string; readonly fate: Fate }[];
  readonly last: Decision;
  readonly endMs: number;
  readonly breakers: Breakers;
}

/** Lets one call happen; the fate after the script's last is its last again. */
function play(policy: RetryPolicy, happens: Script, startMs = 0, shared?: Breakers): Played {
  let nowMs = startMs;
  const tries: { region: string; fate: Fate }[] = [];
  const call = startCall(policy, nowMs);
  let see: Observation = { kind: 'start' };
  let state = { policy, call, breakers: shared ?? new Map() };
  for (;;) {
    const next = happens[Math.min(tries.length, happens.length - 1)];
    if (next === undefined) throw new Error('a script has steps');
    const last = decideNext(state, see, nowMs, () => next.draw);
    state = last.state as typeof state;
    if (last.kind !== 'try') return { tries, last, endMs: nowMs, breakers: state.breakers };
    const { fate: met, share, retryAfterMs } = next;
    const hangs = met.kind === 'no-answer' && met.because === 'timeout';
    nowMs += last.afterMs + (hangs ? last.timeoutMs : share * last.timeoutMs);
    tries.push({ region: last.region, fate: met });
    see =
      met.kind === 'answered'
        ? { ...met, region: last.region, retryAfterMs }
        : { ...met, region: last.region };
  }
}

const isFinal = (met: Fate): boolean =>
  met.kind === 'answered' && ![408, 425, 429].includes(met.status) && met.status < 500;

it('ends by its deadline, within its tries, and tries nothing after an answer', () => {
  fc.assert(
    fc.property(policies, script(fate), fc.nat(1_000_000), (policy, happens, startMs) => {
      const { tries, last, endMs } = play(policy, happens, startMs);
      expect(tries.length).toBeGreaterThanOrEqual(1);
      expect(tries.length).toBeLessThanOrEqual(policy.maxTries);
      expect(endMs - startMs).toBeLessThanOrEqual(policy.totalDeadlineMs);
      expect(tries.slice(0, -1).some((made) => isFinal(made.fate))).toBe(false);
      const end = tries.at(-1);
      expect(last.kind === 'answer').toBe(end !== undefined && isFinal(end.fate));
      for (const { region } of tries) expect(policy.regions).toContain(region);
    }),
  );
});

it('gives up when all Regions are down, unknown only if a try may have taken effect', () => {
  fc.assert(
    fc.property(policies, script(outage), (policy, happens) => {
      const { tries, last } = play(policy, happens);
      expect(last.kind).toBe('give-up');
      const harmless = (met: Fate): boolean =>
        met.kind === 'answered' ? met.code === 'unavailable' : met.because === 'refused';
      const anyEffect = tries.some((made) => !harmless(made.fate));
      expect(last.state.call.mayHaveTakenEffect).toBe(anyEffect);
    }),
  );
});

it('tries every Region before it repeats one, as long as there is time', () => {
  fc.assert(
    fc.property(policies, script(outage), (policy, happens) => {
      const { tries } = play({ ...policy, maxTries: 12 }, happens);
      const first = tries.slice(0, policy.regions.length).map(({ region }) => region);
      expect(new Set(first).size).toBe(first.length);
    }),
  );
});

it('keeps its promises whatever calls before it left in the breakers', () => {
  fc.assert(
    fc.property(
      policies,
      fc.array(script(fate), { minLength: 2, maxLength: 6 }),
      fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 6, maxLength: 6 }),
      (policy, calls, pausesMs) => {
        let nowMs = 0;
        let breakers: Breakers = new Map();
        for (const [index, happens] of calls.entries()) {
          const played = play(policy, happens, nowMs, breakers);
          expect(played.endMs - nowMs).toBeLessThanOrEqual(policy.totalDeadlineMs);
          expect(played.tries.length).toBeGreaterThanOrEqual(1);
          breakers = played.breakers;
          nowMs = played.endMs + (pausesMs[index] ?? 0);
        }
      },
    ),
  );
});

it('never leaves a Region that answers for one that is down, once it knows', () => {
  fc.assert(
    fc.property(policies, fc.integer({ min: 3, max: 20 }), (given, calls) => {
      const policy = { ...given, regions: ['a', 'b'], breakerCooldownMs: 1_000_000_000 };
      let breakers: Breakers = new Map();
      const hung: string[] = [];
      let nowMs = 0;
      for (let index = 0; index < calls; index += 1) {
        const call = startCall(policy, nowMs);
        let decision = decideNext({ policy, call, breakers }, { kind: 'start' }, nowMs, () => 0);
        if (decision.kind === 'try' && decision.region === 'a') {
          hung.push('a');
          nowMs += decision.timeoutMs;
          const see = { kind: 'no-answer', region: 'a', because: 'timeout' } as const;
          decision = decideNext(decision.state, see, nowMs, () => 0);
        }
        if (decision.kind === 'try') {
          const see = { kind: 'answered', region: 'b', status: 200, code: null } as const;
          decision = decideNext(decision.state, { ...see, retryAfterMs: null }, nowMs, () => 0);
        }
        breakers = decision.state.breakers;
        nowMs += 1;
      }
      expect(hung).toHaveLength(1);
    }),
  );
});
