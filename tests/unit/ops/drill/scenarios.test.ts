import { describe, expect, it } from 'vitest';
import { reliesOnImpairment } from '#ops/drill/scenarios/scenario.ts';
import { SCENARIO_NAMES, SCENARIOS, scenarioNamed } from '#ops/drill/scenarios/scenarios.ts';

describe('the scenarios', () => {
  it('are the ten that are promised', () => {
    expect(SCENARIO_NAMES.toSorted()).toEqual([
      'database-throttled',
      'dns-stale',
      'failback-under-load',
      'flapping',
      'grey-errors',
      'grey-slow',
      'one-way-partition',
      'operator-switchover',
      'region-isolated',
      'region-loss',
    ]);
  });

  it.each(SCENARIOS)('$name begins with its strike and heals what it breaks', ({ steps }) => {
    expect(['inject', 'verb']).toContain(steps[0]?.do);
    const lastFault = steps.findLastIndex((step) => step.do === 'inject');
    const lastHeal = steps.findLastIndex((step) => step.do === 'heal');
    expect(lastHeal >= lastFault).toBe(true);
  });

  it.each(SCENARIOS)('$name sees to its end what it judges', ({ steps }) => {
    expect(steps).toContainEqual({ do: 'await', until: 'stable' });
    expect(steps.at(-1)).toMatchObject({ do: 'hold' });
  });

  it('rely on an impairment where traffic must leave a Region that answers', () => {
    expect(SCENARIOS.filter(reliesOnImpairment).map(({ name }) => name)).toEqual([
      'grey-slow',
      'grey-errors',
      'database-throttled',
    ]);
  });

  it('rejects a name that is none, and lists them', () => {
    expect(() => scenarioNamed('earthquake')).toThrow(/"earthquake"; use one of region-loss, /);
  });
});
