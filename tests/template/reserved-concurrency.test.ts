/** Which functions have concurrency of their own, and that each has enough of it. */

import { describe, expect, test } from 'vitest';
import { COMPOSITE, METRIC_ALARM } from './alarm-support.ts';
import { EVENTUAL, functionOf, STRONG } from './function-support.ts';
import {
  type JsonObject,
  listOf,
  type RegionTemplates,
  resourcesOf,
  synthesized,
  type Template,
  textOf,
} from './support.ts';

const RESERVED = 'ReservedConcurrentExecutions';

/** Reservations of a Region by function, of those that have one. */
function reservationsOf({ template, failover }: RegionTemplates): Record<string, unknown> {
  const functions = [template, failover].flatMap((it) => resourcesOf(it, 'AWS::Lambda::Function'));
  const reserved = functions.filter(({ Properties }) => Properties[RESERVED] !== undefined);
  return Object.fromEntries(
    reserved.map(({ Properties }) => [textOf(Properties['FunctionName']), Properties[RESERVED]]),
  );
}

function reservedFor(template: Template, name: string): number {
  return Number(functionOf(template, name).Properties[RESERVED]);
}

describe.each(
  [STRONG, EVENTUAL].flatMap((context) =>
    synthesized(context).regions.map((region) => ({ ...region, context })),
  ),
)('in $region, $context', (region) => {
  const { template, failover, context } = region;

  test('what fails over, tells health and finishes payments can not be starved by callers', () => {
    expect(reservationsOf(region)).toEqual({
      'payment-health-dev': 100,
      'payment-consumer-dev': 20,
      'payment-sweeper-dev': 10,
      'failover-orchestrator-dev': 50,
    });
  });

  test('all of it fits the quota of 1,000 that accounts have, and leaves most to callers', () => {
    const sum = Object.values(reservationsOf(region)).reduce<number>(
      (all, it) => all + Number(it),
      0,
    );
    // As docs/deploy.md says; Lambda wants 100 left, and payments want much more.
    expect(sum).toBe(180);
    expect(1_000 - sum).toBeGreaterThanOrEqual(800);
  });

  test('health checks are never what refuses a request that the stage lets through', () => {
    const [stage] = resourcesOf(template, 'AWS::ApiGateway::Stage');
    const [settings] = listOf(stage?.Properties['MethodSettings']) as readonly JsonObject[];
    // Ten requests a second for each unit. Source: Lambda developer guide, "Lambda quotas".
    expect(10 * reservedFor(template, 'payment-health-dev')).toBeGreaterThanOrEqual(
      Number(settings?.['ThrottlingRateLimit']),
    );
  });

  test('every alarm of both Regions at once leaves room for the ticks and an operator', () => {
    const alarms = synthesized(context).regions.flatMap((one) =>
      [one.template, one.failover].flatMap((it) => [
        ...resourcesOf(it, METRIC_ALARM),
        ...resourcesOf(it, COMPOSITE),
      ]),
    );
    const ticks = 2;
    const operators = 1;
    const reports = 2;
    expect(alarms.length).toBeGreaterThan(30);
    expect(reservedFor(failover, 'failover-orchestrator-dev')).toBeGreaterThanOrEqual(
      alarms.length + ticks + operators + reports,
    );
  });

  test('the consumer has no less than its queue may invoke at a time', () => {
    const [mapping] = resourcesOf(template, 'AWS::Lambda::EventSourceMapping');
    const scaling = mapping?.Properties['ScalingConfig'] as JsonObject;
    expect(reservedFor(template, 'payment-consumer-dev')).toBeGreaterThanOrEqual(
      Number(scaling['MaximumConcurrency']),
    );
  });
});

test('nothing is reserved where the account has too little, and the queue keeps its maximum', () => {
  for (const region of synthesized({ concurrency: 'shared' }).regions) {
    expect(reservationsOf(region)).toEqual({});
    const [mapping] = resourcesOf(region.template, 'AWS::Lambda::EventSourceMapping');
    expect(mapping?.Properties['ScalingConfig']).toEqual({ MaximumConcurrency: 20 });
  }
});
