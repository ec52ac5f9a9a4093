/** What the orchestrator is made of, as the function's environment configures it. */

import { randomUUID } from 'node:crypto';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { createAlarmReader } from '#adapters/cloudwatch-alarm-reader.ts';
import { createDynamoLeaseStore } from '#adapters/dynamo-lease-store.ts';
import { createDynamoPresenceStore } from '#adapters/dynamo-presence-store.ts';
import { createDynamoRoutingLog } from '#adapters/dynamo-routing-log.ts';
import { createHealthProber } from '#adapters/http-health-prober.ts';
import { createLambdaInvoker } from '#adapters/lambda-invoker.ts';
import { createStopwatch, sha256Hex, systemClock } from '#adapters/system.ts';
import type { Telemetry } from '#adapters/telemetry.ts';
import { ENVIRONMENT, FAILBACK_MODES, resourceNames, SYNTHETIC_PAYMENT } from '#contract/names.ts';
import type { Deadline } from '#core/ports.ts';
import { createLeaseFollowUp, keepLease } from '#core/routing/lease-follow-up.ts';
import { createObserver, type Observer, type ObserverPorts } from '#core/routing/observer.ts';
import {
  createOrchestrator,
  type FollowUp,
  type Orchestrator,
  type RoundReport,
} from '#core/routing/orchestrate.ts';
import type { PresenceStore } from '#core/routing/presence.ts';
import { firstState, type RoutingLog, type RoutingState } from '#core/routing/routing-log.ts';
import { createVerifyFollowUp } from '#core/routing/verify-follow-up.ts';
import { BUDGET_MS } from '#core/time-budgets.ts';
import { createReporter } from './orchestrator-report.ts';
import {
  attemptOptions,
  CLIENT_OPTIONS,
  createDynamoClient,
  currentRegion,
  durationMs,
  environment,
  oneOf,
  regionsOfEnvironment,
  routingPolicy,
} from './runtime.ts';

export interface OrchestratorParts {
  readonly orchestrator: Orchestrator;
  readonly observer: Observer;
  readonly presence: PresenceStore;
  readonly probe: ObserverPorts['probe'];
  readonly alarmOf: ObserverPorts['alarmOf'];
  readonly regions: readonly string[];
  /** What `appendTransition` takes. */
  readonly routing: {
    readonly log: RoutingLog;
    readonly clock: typeof systemClock;
    readonly hash: typeof sha256Hex;
    readonly newId: () => string;
    /** While the log is empty; its active Regions are those that `failback` leads to. */
    readonly first: RoutingState;
  };
  /** Where tables are eventually consistent: has the lease follow the traffic. Never rejects for a fault. */
  keepLease(round: RoundReport, deadline: Deadline): Promise<void>;
}

export function createOrchestratorParts(telemetry: Telemetry): OrchestratorParts {
  const own = currentRegion();
  const regions = regionsOfEnvironment();
  const [primary] = regions;
  const peer = regions.find((region) => region !== own);
  if (primary === undefined || peer === undefined || !regions.includes(own)) {
    throw new Error(`${ENVIRONMENT.regions} must name ${own} and one other Region`);
  }
  const client = createDynamoClient();
  const control = {
    client,
    tableName: environment(ENVIRONMENT.controlTable),
    attempts: attemptOptions,
  };
  const log = createDynamoRoutingLog(control);
  const presence = createDynamoPresenceStore({ ...control, regions });
  const stopwatch = createStopwatch();
  const probe = createHealthProber({
    timeoutMs: BUDGET_MS.probe,
    clock: systemClock,
    monotonicMs: () => performance.now(),
    fetch: (input, init) => fetch(input, init),
  });
  const alarmOf = createAlarms(regions, telemetry);
  const probeIntervalMs = durationMs(ENVIRONMENT.probeIntervalSeconds);
  const policy = routingPolicy();
  const observer = createObserver(
    {
      ...{ own, peer, policy, probeIntervalMs },
      apiUrl: environment(ENVIRONMENT.apiUrl),
      silenceMs: durationMs(ENVIRONMENT.silenceSeconds),
    },
    { presence, probe, alarmOf, clock: systemClock, stopwatch },
  );
  const lease = createLeaseStep(control, own);
  const routing = {
    log,
    clock: systemClock,
    hash: sha256Hex,
    newId: () => randomUUID(),
    first: firstState(policy, regions),
  };
  const orchestrator = createOrchestrator(
    {
      own,
      peer,
      regions,
      rules: {
        policy,
        failback: oneOf(ENVIRONMENT.failback, FAILBACK_MODES),
        primary,
        cooldownMs: durationMs(ENVIRONMENT.cooldownSeconds),
        soakMs: durationMs(ENVIRONMENT.soakSeconds),
      },
    },
    {
      observer,
      ...routing,
      stopwatch,
      steps: [...(lease === null ? [] : [lease]), ...followUps()],
      report: createReporter(telemetry),
    },
  );
  return {
    ...{ orchestrator, observer, presence, probe, alarmOf, regions, routing },
    keepLease: (round, deadline) =>
      keepLease(round, deadline, {
        own,
        step: lease,
        onFault: ({ message }) =>
          telemetry.log('ERROR', 'the lease is not here yet', { reason: message }),
      }),
  };
}

function createAlarms(regions: readonly string[], telemetry: Telemetry): ObserverPorts['alarmOf'] {
  const clients = new Map(
    regions.map((region) => [region, new CloudWatchClient({ ...CLIENT_OPTIONS, region })]),
  );
  return createAlarmReader({
    clientOf: (region) => clients.get(region) as CloudWatchClient,
    alarmName: resourceNames(environment(ENVIRONMENT.suffix)).alarms.regionImpaired,
    timeoutMs: BUDGET_MS.alarm,
    clock: systemClock,
    onFault: (region, reason) =>
      telemetry.log('WARN', 'alarm not read', { reason: `${region}: ${reason}` }),
  });
}

/** Null where the payments table is strongly consistent: it needs no lease. */
function createLeaseStep(
  control: Parameters<typeof createDynamoLeaseStore>[0],
  own: string,
): FollowUp | null {
  if (environment(ENVIRONMENT.consistency) !== 'eventual') return null;
  return createLeaseFollowUp(
    { own, callMs: BUDGET_MS.attempt * 2, spareMs: BUDGET_MS.round },
    {
      store: createDynamoLeaseStore(control),
      clock: systemClock,
      sleep: attemptOptions.sleep,
    },
  );
}

/** After a move: prove that payments go through here, and take up what the other Region left. */
function followUps(): readonly FollowUp[] {
  const invoker = createLambdaInvoker({
    client: new LambdaClient(CLIENT_OPTIONS),
    clock: systemClock,
  });
  const { functionName } = resourceNames(environment(ENVIRONMENT.suffix));
  const verify = createVerifyFollowUp(
    { attemptMs: BUDGET_MS.followUp, spareMs: BUDGET_MS.round },
    {
      async ask(epoch, deadline) {
        const event = { source: SYNTHETIC_PAYMENT.eventSource, epoch };
        const answer = await invoker.ask(functionName('process'), event, deadline);
        const said = answer as Partial<Record<'processed' | 'reason', unknown>> | null;
        return { processed: said?.processed === true, reason: String(said?.reason) };
      },
      clock: systemClock,
      sleep: attemptOptions.sleep,
    },
  );
  return [
    verify,
    {
      name: 'sweep',
      async run(_epoch, deadline) {
        const nowEpochMs = systemClock.nowEpochMs();
        const atEpochMs = Math.min(deadline.atEpochMs, nowEpochMs + BUDGET_MS.followUp);
        await invoker.tell(functionName('sweep'), {}, { atEpochMs });
        return 'the sweeper takes up what was left open';
      },
    },
  ];
}
