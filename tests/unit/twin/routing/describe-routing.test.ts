import { describe, expect, test } from 'vitest';
import { describeRouting, regionHealth } from '#twin/routing/describe-routing.ts';
import type { CheckerVerdict } from '#twin/routing/health-checker.ts';
import { createHealthChecker } from '#twin/routing/health-checker.ts';
import { createHealthView } from '#twin/routing/health-view.ts';
import { planRouting } from '#twin/routing/plan-routing.ts';
import { ROUTING_PROFILES } from '#twin/routing/routing-profile.ts';
import { DOMAIN, portOf, regionalNameOf, routedRegions } from './routed-regions.ts';

function verdict(contraryChecks: number, atEpochMs: number | null): CheckerVerdict {
  const lastCheck =
    atEpochMs === null ? null : { passed: true as const, detail: `at ${atEpochMs}`, atEpochMs };
  return { status: 'healthy', contraryChecks, lastCheck };
}

describe('the health of a Region', () => {
  test('has the count of the checker nearest to a turn, and the latest result', () => {
    const checkers = [verdict(0, 5), verdict(2, 7), verdict(1, null)];
    expect(regionHealth({ status: 'healthy', checkers })).toEqual({
      status: 'healthy',
      contraryChecks: 2,
      lastCheck: { passed: true, detail: 'at 7', atEpochMs: 7 },
    });
  });

  test('is good where there is no check', () => {
    const none = { status: 'healthy', contraryChecks: 0, lastCheck: null };
    expect(regionHealth(null)).toEqual(none);
    expect(regionHealth({ status: 'healthy', checkers: [] })).toEqual(none);
  });
});

test('tells what DNS answers and what each checker found', () => {
  const plan = planRouting(routedRegions([60, 40]), portOf, 2);
  const targets = plan.checks.map((check) => ({ check, locate: () => ({ url: 'http://x/' }) }));
  const checker = createHealthChecker({ targets, profile: ROUTING_PROFILES.fast });
  const stale = { checkIds: [], statusOf: () => null, staleFaults: () => ['fault-1'] };
  const view = createHealthView(stale);
  const status = describeRouting(plan, { checker, view, ttlMaxSeconds: 2 });
  expect(status.name).toBe(DOMAIN);
  expect(status.stale).toBe(true);
  expect(status.records).toContainEqual({
    name: DOMAIN,
    type: 'CNAME',
    routing: 'weighted',
    ttlSeconds: 2,
    answers: [
      { values: [`us-east-1.${DOMAIN}`], share: 0.6 },
      { values: [`us-east-2.${DOMAIN}`], share: 0.4 },
    ],
  });
  expect(status.records).toContainEqual({
    name: `us-east-2.${DOMAIN}`,
    type: 'CNAME',
    routing: 'simple',
    ttlSeconds: 2,
    answers: [{ values: [regionalNameOf('us-east-2')], share: 1 }],
  });
  expect(status.healthChecks[0]).toMatchObject({
    id: 'check-us-east-1',
    endpoint: `us-east-1.${DOMAIN}/health`,
    status: 'healthy',
  });
  expect(status.healthChecks[0]?.checkers).toHaveLength(3);
});
