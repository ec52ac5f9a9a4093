import { describe, expect, test } from 'vitest';
import {
  type HealthState,
  judgeCheckers,
  NEW_HEALTH_STATE,
  observeCheck,
} from '#twin/routing/health-state.ts';

describe('observeCheck', () => {
  test('a new check is healthy', () => {
    expect(NEW_HEALTH_STATE).toEqual({ status: 'healthy', contraryChecks: 0 });
  });

  // P: the check passed, F: it failed. Below each: h healthy, u unhealthy.
  test.each([
    { threshold: 3, checks: 'PPP', statuses: 'hhh' },
    { threshold: 3, checks: 'FFF', statuses: 'hhu' },
    { threshold: 3, checks: 'FFPFFPFFF', statuses: 'hhhhhhhhu' },
    { threshold: 3, checks: 'FFFPPP', statuses: 'hhuuuh' },
    { threshold: 3, checks: 'FFFPPFPPP', statuses: 'hhuuuuuuh' },
    { threshold: 3, checks: 'FFFFFFPPPFFF', statuses: 'hhuuuuuuhhhu' },
    { threshold: 1, checks: 'FPFP', statuses: 'uhuh' },
  ])(
    'turns after $threshold contrary checks in a row: $checks',
    ({ threshold, checks, statuses }) => {
      let state: HealthState = NEW_HEALTH_STATE;
      let seen = '';
      for (const check of checks) {
        state = observeCheck(state, check === 'P', threshold);
        seen += state.status.charAt(0);
      }
      expect(seen).toBe(statuses);
    },
  );

  test('counts the contrary checks up to the turn', () => {
    const once = observeCheck(NEW_HEALTH_STATE, false, 3);
    const twice = observeCheck(once, false, 3);
    const turned = observeCheck(twice, false, 3);
    expect([once, twice, turned].map((state) => state.contraryChecks)).toEqual([1, 2, 0]);
  });
});

describe('judgeCheckers', () => {
  test.each([
    { checkers: 'h', verdict: 'healthy' },
    { checkers: 'u', verdict: 'unhealthy' },
    { checkers: 'huu', verdict: 'healthy' },
    { checkers: 'uuu', verdict: 'unhealthy' },
    { checkers: 'huuuuuuu', verdict: 'unhealthy' },
    { checkers: 'hhuuuuuu', verdict: 'healthy' },
    // Exactly 18 % is not more than 18 %.
    { checkers: 'h'.repeat(9) + 'u'.repeat(41), verdict: 'unhealthy' },
    { checkers: 'h'.repeat(10) + 'u'.repeat(40), verdict: 'healthy' },
  ])('$checkers: $verdict', ({ checkers, verdict }) => {
    const states = checkers.split('').map(
      (letter): HealthState => ({
        status: letter === 'h' ? 'healthy' : 'unhealthy',
        contraryChecks: 0,
      }),
    );
    expect(judgeCheckers(states)).toBe(verdict);
  });
});
