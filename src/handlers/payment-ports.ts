/** The ports of the payment protocol, as a function's environment configures them. */

import { SNSClient } from '@aws-sdk/client-sns';
import { createDynamoLeaseStore } from '#adapters/dynamo-lease-store.ts';
import { createDynamoPaymentStore } from '#adapters/dynamo-payment-store.ts';
import { createSnsBatchNotifier } from '#adapters/sns-batch-notifier.ts';
import { createSnsNotifier } from '#adapters/sns-notifier.ts';
import { createStopwatch, sha256Hex, systemClock } from '#adapters/system.ts';
import { ENVIRONMENT } from '#contract/names.ts';
import { fencePorts } from '#core/fenced-ports.ts';
import { createLease, type Lease } from '#core/lease.ts';
import type { PaymentGateway, PaymentPorts } from '#core/ports.ts';
import { createRecordingGateway } from '#core/recording-gateway.ts';
import { BUDGET_MS } from '#core/time-budgets.ts';
import {
  attemptOptions,
  CLIENT_OPTIONS,
  createDynamoClient,
  currentRegion,
  environment,
  optionalEnvironment,
} from './runtime.ts';

const client = createDynamoClient();

/**
 * The lease, where the table is eventually consistent; null where it is strongly consistent, and refuses
 * a minority by itself. One for each execution environment.
 */
export const lease: Lease | null =
  environment(ENVIRONMENT.consistency) === 'eventual'
    ? createLease({
        store: createDynamoLeaseStore({
          client,
          tableName: environment(ENVIRONMENT.controlTable),
          attempts: attemptOptions,
        }),
        region: currentRegion(),
        mayCreate: environment(ENVIRONMENT.primaryRegion) === currentRegion(),
        clock: systemClock,
        stopwatch: createStopwatch(),
      })
    : null;

/** What accepting takes. Every effect is fenced where there is a lease. */
export function createAcceptingPorts(): Pick<PaymentPorts, 'store' | 'clock' | 'hash'> {
  const ports = {
    store: createDynamoPaymentStore({
      client,
      tableName: environment(ENVIRONMENT.paymentsTable),
      attempts: attemptOptions,
    }),
    clock: systemClock,
    hash: sha256Hex,
  };
  return lease === null ? ports : fencePorts(ports, lease);
}

/** A sweep's notification waits so long for others to share its call. */
const GATHER = {
  gatherMs: 5,
  wait: (callback: () => void, ms: number) => void setTimeout(callback, ms),
};

/**
 * What carrying on takes. Every effect is fenced where there is a lease. `notify`: `each` for a caller who
 * waits, `batched` for a sweep, which publishes many at once.
 */
export async function createPaymentPorts(
  notify: 'each' | 'batched' = 'each',
): Promise<PaymentPorts> {
  const topic = {
    client: new SNSClient(CLIENT_OPTIONS),
    topicArn: environment(ENVIRONMENT.transactionTopicArn),
    attempts: attemptOptions,
  };
  const ports: PaymentPorts = {
    store: createDynamoPaymentStore({
      client,
      tableName: environment(ENVIRONMENT.paymentsTable),
      attempts: attemptOptions,
    }),
    gateway: await createGateway(),
    notifier:
      notify === 'each'
        ? createSnsNotifier(topic)
        : createSnsBatchNotifier({ ...topic, ...GATHER }),
    clock: systemClock,
    hash: sha256Hex,
  };
  return lease === null ? ports : fencePorts(ports, lease);
}

/** Loaded only where it is used: without it a cold start is shorter. */
async function createGateway(): Promise<PaymentGateway> {
  const baseUrl = optionalEnvironment(ENVIRONMENT.gatewayUrl);
  if (baseUrl === null) return createRecordingGateway();
  const { createHttpGateway } = await import('#adapters/http-gateway.ts');
  const { createSecretSource } = await import('#adapters/gateway-secret.ts');
  const { SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  return createHttpGateway({
    baseUrl,
    secret: createSecretSource({
      client: new SecretsManagerClient(CLIENT_OPTIONS),
      secretName: environment(ENVIRONMENT.gatewaySecretName),
      attempts: attemptOptions,
    }),
    attemptTimeoutMs: BUDGET_MS.gatewayAttempt,
    clock: systemClock,
    sleep: attemptOptions.sleep,
    random: attemptOptions.random,
  });
}
