/** GET /health: 200 while this Region can serve a payment, 503 when it can't. */

import { createDynamoHealthProbe } from '#adapters/dynamo-health-probe.ts';
import { systemClock } from '#adapters/system.ts';
import { ENVIRONMENT } from '#contract/names.ts';
import { createHealthCheck } from '#core/health.ts';
import { createApiHandler, type Route } from './api-handler.ts';
import {
  attemptOptions,
  BUDGET_MS,
  createDynamoClient,
  createFunctionTelemetry,
  deadlineOf,
  environment,
} from './runtime.ts';

const telemetry = createFunctionTelemetry('health');
const check = createHealthCheck(
  createDynamoHealthProbe({
    client: createDynamoClient(),
    tableName: environment(ENVIRONMENT.paymentsTable),
    attempts: { ...attemptOptions, attemptsMax: 2 },
  }),
  systemClock,
);

const health: Route = async (_event, context) => {
  const result = await check(deadlineOf(context, BUDGET_MS.health));
  if (result.kind === 'healthy') return { kind: 'ok', body: { status: 'healthy' } };
  return {
    kind: 'refused',
    fault: { code: 'unavailable' },
    log: { reason: result.because.message },
  };
};

export const handler = createApiHandler('health', health, { telemetry, clock: systemClock });
