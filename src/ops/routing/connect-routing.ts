/** Connects the routing verbs to an environment. */

import { randomUUID } from 'node:crypto';
import { createAlarmReader } from '#adapters/cloudwatch-alarm-reader.ts';
import { createDynamoOpenPayments } from '#adapters/dynamo-open-payments.ts';
import { createDynamoPresenceStore } from '#adapters/dynamo-presence-store.ts';
import { createDynamoRoutingLog } from '#adapters/dynamo-routing-log.ts';
import { createHealthProber } from '#adapters/http-health-prober.ts';
import { sha256Hex } from '#adapters/system.ts';
import { type Environment, firstAnswer, type RegionConnection } from '../connect.ts';
import { takeLease } from '../lease.ts';
import { isFault, OpsError, reasonOf } from '../ops-error.ts';
import { consistencyOf, probeTable } from '../payments-consistency.ts';
import { createAskTraffic } from './ask-traffic.ts';
import { createRegionalRoutingLog } from './regional-routing-log.ts';
import type { RoutingWorld } from './routing-world.ts';

/** For one question to an API or to CloudWatch. */
const ASK_MS = 2_500;

/** `isPreferred`: the Regions that are asked first. Nothing is sent yet. */
export function connectRouting(
  environment: Environment,
  isPreferred: (connection: RegionConnection) => boolean = () => true,
): RoutingWorld {
  const { names, attempts } = environment;
  const { clock, sleep } = attempts;
  const ordered = environment.regions.toSorted(
    (one, other) => Number(isPreferred(other)) - Number(isPreferred(one)),
  );
  const served: Environment = { ...environment, regions: ordered };
  const regions = environment.regions.map(({ region }) => region);
  const control = ({ dynamodb: client }: RegionConnection) => ({
    client,
    tableName: names.controlTable,
    attempts,
  });
  const probe = createHealthProber({
    timeoutMs: ASK_MS,
    clock,
    monotonicMs: () => performance.now(),
    fetch: (input, init) => fetch(input, init),
  });
  const alarmOf = createAlarmReader({
    clientOf: (region) => connectionTo(region, environment).cloudwatch,
    alarmName: names.alarms.regionImpaired,
    timeoutMs: ASK_MS,
    clock,
    // An alarm that can't be asked says nothing against its Region, and nothing for it.
    onFault: () => undefined,
  });
  return {
    regions,
    log: createRegionalRoutingLog(
      ordered.map((one) => ({ region: one.region, log: createDynamoRoutingLog(control(one)) })),
      environment.deadline,
    ),
    presences: async () => {
      const { answer } = await firstAnswer('the heartbeats', ordered, (one) =>
        createDynamoPresenceStore({ ...control(one), regions }).read(environment.deadline()),
      );
      return answer;
    },
    apiUrls: environment.apiUrls,
    askHealth: (apiUrl) => probe(apiUrl, environment.deadline()),
    askTraffic: createAskTraffic({ timeoutMs: ASK_MS, fetch: (input, init) => fetch(input, init) }),
    alarmOf: (region) => alarmOf(region, environment.deadline()),
    async replicaFault(region) {
      try {
        await probeTable(connectionTo(region, environment), environment);
        return null;
      } catch (error) {
        if (!isFault(error)) throw error;
        return reasonOf(error);
      }
    },
    overduePayments: () => overduePayments(environment),
    async takeLease(region, routingEpoch, onWait) {
      if ((await consistencyOf(served)) === 'strong') return null;
      // Planned: a holder that lives is told to renew no more, and is waited out either way.
      return takeLease({ region, planned: true, routingEpoch }, served, onWait);
    },
    ...{ clock, sleep, hash: sha256Hex, newId: () => randomUUID() },
    deadline: environment.deadline,
  };
}

function connectionTo(region: string, { regions }: Environment): RegionConnection {
  const found = regions.find((one) => one.region === region);
  if (found === undefined) throw new OpsError('usage', `there is no Region ${region} here`);
  return found;
}

/** With eventual consistency the replicas may differ, and what one of them has open is open. */
async function overduePayments(environment: Environment): Promise<number> {
  const { names, attempts, regions } = environment;
  const reasons: string[] = [];
  const measured = await Promise.all(
    regions.map(async ({ region, dynamodb: client }) => {
      const open = createDynamoOpenPayments({ client, tableName: names.paymentsTable, attempts });
      try {
        const now = attempts.clock.nowEpochMs();
        return [(await open.measure(now, environment.deadline())).overdue];
      } catch (error) {
        if (!isFault(error)) throw error;
        reasons.push(`${region}: ${reasonOf(error)}`);
        return [];
      }
    }),
  );
  const counts = measured.flat();
  if (counts.length > 0) return Math.max(...counts);
  throw new OpsError('fault', `no Region answers for the open payments (${reasons.join('; ')})`);
}
