/** Connects a drill to its target: every port over the target's own addresses. */

import { randomUUID } from 'node:crypto';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { createDynamoOpenPayments } from '#adapters/dynamo-open-payments.ts';
import { createDynamoRoutingLog } from '#adapters/dynamo-routing-log.ts';
import { systemClock } from '#adapters/system.ts';
import type { Backlog } from '#core/ports.ts';
import type { StoredTransaction } from '#core/reconcile/stored-transaction.ts';
import { connectEnvironment, type Environment, firstAnswer } from '../connect.ts';
import { connectReconcile } from '../connect-reconcile.ts';
import { createPaymentsReplica } from '../payments-replica.ts';
import { reconcile } from '../reconcile.ts';
import { storedTransaction } from '../stored-items.ts';
import type { DrillTarget, TargetFacts } from './drill-target.ts';
import type { DrillWorld } from './drill-world.ts';
import { createDnsClient } from './load/dns-client.ts';
import { createResolveApi } from './load/resolve-api.ts';
import { createRetryingClient } from './load/retrying-client.ts';
import { createPost, type SendPayment } from './load/send-payment.ts';

/** Of each kind: caches and breakers of their own, as in a fleet of callers. */
const CLIENTS = 3;
/** What a client without retries waits for an answer: well above a healthy one's, well under 29 s. */
const CLIENT_TIMEOUT_MS = 3_000;
/** For one look; longer than a look may take, it is no evidence. */
const LOOK_TIMEOUT_MS = 1_500;
/** After the drill nobody is in a hurry. */
const REPEAT_TIMEOUT_MS = 20_000;

export interface DrillConnection {
  readonly world: DrillWorld;
  close(): void;
}

/** Connects. Nothing is sent yet. */
export function connectDrill(target: DrillTarget): DrillConnection {
  const { facts } = target;
  const environment = connectEnvironment({
    suffix: facts.suffix,
    regions: facts.regions,
    endpoint: facts.awsEndpoint,
    profile: null,
  });
  const alarms = createAlarmLook(facts, environment);
  const resolve = createResolveApi(facts);
  const post = createPost(CLIENT_TIMEOUT_MS);
  const several = (create: () => SendPayment) => Array.from({ length: CLIENTS }, create);
  const dnsClient = (pinned: boolean) => (): SendPayment =>
    createDnsClient({ resolve, post, pinned, nowMs: () => performance.now() });
  const world: DrillWorld = {
    target,
    resolve,
    serves: (region) => answersHealth(facts.apiUrls[region] ?? ''),
    ...routingOf(environment),
    ringingAlarms: alarms.ringing,
    backlog: () => backlogOf(environment),
    contents: (prefix) =>
      Promise.all(
        environment.regions.map(async (connection) => {
          const replica = createPaymentsReplica(connection, environment);
          const transactions = new Map<string, StoredTransaction>();
          for await (const raw of replica.transactions()) {
            if (!raw.transactionId.startsWith(prefix)) continue;
            transactions.set(raw.transactionId, storedTransaction(raw));
          }
          return { region: replica.region, transactions };
        }),
      ),
    reconcile: async () => {
      const request = { repair: false, actor: 'drill', settleMs: null };
      const { ports, settleMs } = await connectReconcile(request, environment);
      return reconcile({ repair: false, settleMs }, ports, () => undefined);
    },
    clients: {
      dns: several(dnsClient(false)),
      pinned: several(dnsClient(true)),
      retrying: several(() => createRetryingClient(facts)),
    },
    post: createPost(REPEAT_TIMEOUT_MS),
    impairedAlarm: environment.names.alarms.regionImpaired,
    clock: systemClock,
    sleep: environment.attempts.sleep,
    newId: () => randomUUID().slice(0, 8),
  };
  return {
    world,
    close() {
      environment.close();
      alarms.close();
    },
  };
}

/** The secondary is asked first: it is the Region that drills leave alone. */
function routingOf(environment: Environment): Pick<DrillWorld, 'newestEntry' | 'allEntries'> {
  const { names, attempts } = environment;
  const ask = async <T>(
    read: (log: ReturnType<typeof createDynamoRoutingLog>) => Promise<T>,
  ): Promise<T> => {
    const { answer } = await firstAnswer(
      'the routing log',
      environment.regions.toReversed(),
      ({ dynamodb: client }) =>
        read(createDynamoRoutingLog({ client, tableName: names.controlTable, attempts })),
    );
    return answer;
  };
  return {
    newestEntry: () => ask((log) => log.newest(environment.deadline())),
    allEntries: () => ask((log) => log.all(environment.deadline())),
  };
}

async function backlogOf(environment: Environment): Promise<Backlog> {
  const { names, attempts } = environment;
  const { answer } = await firstAnswer(
    'the open payments',
    environment.regions.toReversed(),
    ({ dynamodb: client }) =>
      createDynamoOpenPayments({ client, tableName: names.paymentsTable, attempts }).measure(
        systemClock.nowEpochMs(),
        environment.deadline(),
      ),
  );
  return answer;
}

/** Only this environment's alarms: an account may have others. */
function createAlarmLook(facts: TargetFacts, { names }: Environment) {
  const own = new Set<string>(Object.values(names.alarms));
  const clients = new Map(
    facts.regions.map((region) => [
      region,
      new CloudWatchClient({
        region,
        endpoint: facts.awsEndpoint,
        credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' },
        maxAttempts: 1,
      }),
    ]),
  );
  return {
    async ringing(region: string): Promise<readonly string[]> {
      const command = new DescribeAlarmsCommand({
        StateValue: 'ALARM',
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        MaxRecords: 100,
      });
      const abortSignal = AbortSignal.timeout(LOOK_TIMEOUT_MS);
      const answer = await clients.get(region)?.send(command, { abortSignal });
      return [...(answer?.CompositeAlarms ?? []), ...(answer?.MetricAlarms ?? [])]
        .map(({ AlarmName }) => AlarmName ?? '')
        .filter((name) => own.has(name));
    },
    close() {
      for (const client of clients.values()) client.destroy();
    },
  };
}

async function answersHealth(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(LOOK_TIMEOUT_MS) });
    await response.text();
    return response.status === 200;
  } catch {
    return false;
  }
}
