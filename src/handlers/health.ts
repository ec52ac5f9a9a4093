/**
 * GET /health: 200 while this Region can serve a payment, 503 when it can't.
 * GET /health/traffic: the same, and 503 too while the routing log sends traffic elsewhere.
 */

import { createDynamoHealthProbe } from '#adapters/dynamo-health-probe.ts';
import { createDynamoRoutingLog } from '#adapters/dynamo-routing-log.ts';
import { createStopwatch, systemClock } from '#adapters/system.ts';
import { ENVIRONMENT } from '#contract/names.ts';
import { ROUTES } from '#contract/routes.ts';
import { createHealthCheck } from '#core/health.ts';
import { LEASE_HELD_MS } from '#core/lease.ts';
import { firstState } from '#core/routing/routing-log.ts';
import { createTrafficCheck } from '#core/routing/traffic-check.ts';
import { BUDGET_MS } from '#core/time-budgets.ts';
import { createApiHandler, type Route } from './api-handler.ts';
import {
  attemptOptions,
  createDynamoClient,
  createFunctionTelemetry,
  currentRegion,
  deadlineOf,
  environment,
  regionsOfEnvironment,
  routingPolicy,
} from './runtime.ts';

const TRAFFIC_PATH = ROUTES.find(({ id }) => id === 'getTrafficHealth')?.path;

const telemetry = createFunctionTelemetry('health');
const client = createDynamoClient();
const attempts = { ...attemptOptions, attemptsMax: 2 };
const check = createHealthCheck(
  createDynamoHealthProbe({
    client,
    tableName: environment(ENVIRONMENT.paymentsTable),
    attempts,
  }),
  systemClock,
);
const checkTraffic = createTrafficCheck(
  {
    region: currentRegion(),
    first: firstState(routingPolicy(), regionsOfEnvironment()),
    blindMsMax: environment(ENVIRONMENT.consistency) === 'eventual' ? LEASE_HELD_MS : null,
  },
  {
    log: createDynamoRoutingLog({
      client,
      tableName: environment(ENVIRONMENT.controlTable),
      attempts,
    }),
    clock: systemClock,
    stopwatch: createStopwatch(),
  },
);

const health: Route = async (event, context) => {
  const deadline = deadlineOf(context, BUDGET_MS.health);
  const asksForTraffic = event.resource === TRAFFIC_PATH;
  const [result, traffic] = await Promise.all([
    check(deadline),
    asksForTraffic ? checkTraffic(deadline) : 'here',
  ]);
  if (result.kind === 'unhealthy') {
    return {
      kind: 'refused',
      fault: { code: 'unavailable' },
      log: { reason: result.because.message },
    };
  }
  if (traffic === 'elsewhere') return { kind: 'refused', fault: { code: 'traffic_elsewhere' } };
  return { kind: 'ok', body: { status: 'healthy' } };
};

export const handler = createApiHandler('health', health, { telemetry, clock: systemClock });
