/**
 * The alarms of one Region, each telling `ops-alerts` when it begins and when it is over. The thresholds
 * are the contract's where it has them; the others say why they are what they are.
 */

import { type Alarm, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { resourceNames } from '#contract/names.ts';
import type { ConsistencyMode } from './configuration.ts';
import { alarmMetrics, orchestratorMetrics } from './metrics.ts';
import { above, ringingAlarms, silentFor } from './ringing-alarms.ts';

export interface PaymentAlarmsProps {
  readonly environmentSuffix: string;
  readonly region: string;
  /** The other Region of the environment. */
  readonly peerRegion: string;
  readonly consistency: ConsistencyMode;
  readonly opsAlertTopic: ITopic;
}

/**
 * Every fifth request. A broken dependency fails nearly all of them; one bad instance among many, or a
 * deployment, stays below.
 */
const ERROR_RATE_PERCENT_MAX = 20;
/** Of 10 s each: half a minute of errors, with one period whose data came late, is seen within 40 s. */
const ERROR_RATE_PERIODS = above(3, { of: 4 });

/**
 * An attempt at a call is given up after 1.5 s (src/core/time-budgets.ts): above 2 s, one payment in ten
 * waits for something that hangs. It is also what a retrying client waits before it tries elsewhere.
 */
const LATENCY_P90_MS_MAX = 2_000;
/** Longer than for errors: slow is still served, and cold starts are slow once. */
const LATENCY_PERIODS = above(4, { of: 6 });

/** In every minute of so many. Somebody who sends nothing but bad input is outnumbered, or worth a look. */
const REFUSED_PERCENT_MAX = 50;
const REFUSED_PERIODS = above(5, { of: 5 });

/** The usual lag is below a second, and none is promised; this is ten times that. */
const REPLICATION_LATENCY_MS_MAX = 10_000;

/**
 * The alarms of the payments' stack, and two that sum them up: `regionImpaired`, on which traffic leaves
 * the Region, and `regionDegraded`, on which somebody looks.
 */
export class PaymentAlarms extends Construct {
  constructor(scope: Construct, id: string, props: PaymentAlarmsProps) {
    super(scope, id);
    const { alarms } = resourceNames(props.environmentSuffix);
    const ringing = ringingAlarms(this, props.opsAlertTopic);

    // Only what callers feel and another Region may mend, as a share of the traffic: neither an idle Region
    // nor bad input (4xx) nor a probe can raise one of these. Therefore not
    // - apiErrors: ten errors a minute are much at one request a second and nothing at a thousand, and reads
    //   and health checks are among them;
    // - dynamodbThrottle: retries hide most throttling, a hot key moves along with the traffic, and what
    //   callers feel of it is in the error rate;
    // - lambdaErrors: functions of the API answer their errors, so that it counts consumers and sweepers,
    //   whose work the other Region's do already;
    // - lambdaThrottle: the load that used up this Region's concurrency would use up the other's next. Where a
    //   slow gateway is behind it, the latency shows it; where nothing gets through, `noSuccess` does.
    // What is slow or fails in both Regions alike, such as the payment gateway, moves traffic once at most:
    // the other Region must be healthy first, and the one that was left must have soaked.
    ringing.composite('RegionImpaired', {
      alarmName: alarms.regionImpaired,
      children: impairmentAlarms(ringing, props),
      description: 'This Region serves payments badly: traffic should leave it.',
      runbook: 'a-region-is-impaired',
    });
    ringing.composite('RegionDegraded', {
      alarmName: alarms.regionDegraded,
      // Not the orchestrator's: their stack comes after this one, and they ring by themselves.
      children: degradationAlarms(ringing, props),
      description: 'Something in this Region needs a look; traffic stays.',
      runbook: 'a-region-is-degraded',
    });
  }
}

export interface OrchestratorAlarmsProps {
  readonly environmentSuffix: string;
  readonly region: string;
  readonly opsAlertTopic: ITopic;
}

/** The alarms of the orchestrator's stack: failing over by itself is itself watched. */
export class OrchestratorAlarms extends Construct {
  constructor(scope: Construct, id: string, props: OrchestratorAlarmsProps) {
    super(scope, id);
    const { alarms } = resourceNames(props.environmentSuffix);
    const metrics = orchestratorMetrics(props.environmentSuffix, props.region);
    const ringing = ringingAlarms(this, props.opsAlertTopic);
    const runbook = 'the-orchestrator-fails';

    ringing.alarm('Errors', {
      alarmName: alarms.orchestratorErrors,
      metric: metrics.errors,
      threshold: 1,
      description: 'The orchestrator failed, or could not read what it was told.',
      runbook,
    });
    ringing.alarm('Throttle', {
      alarmName: alarms.orchestratorThrottle,
      metric: metrics.throttles,
      threshold: 1,
      description: 'Lambda held an event of the orchestrator back: it decides late.',
      runbook: 'functions-are-throttled',
    });
    ringing.alarm('Silent', {
      alarmName: alarms.orchestratorSilent,
      metric: metrics.rounds,
      threshold: 1,
      judgement: silentFor({ minutes: 5 }),
      description: 'The orchestrator has not looked for 5 minutes: no traffic would move here.',
      runbook,
    });
    ringing.alarm('DeadLetters', {
      alarmName: alarms.orchestratorDlq,
      metric: metrics.deadLetters,
      threshold: 1,
      description: 'An event failed in the orchestrator as often as Lambda tries.',
      runbook,
    });
  }
}

type Ringing = ReturnType<typeof ringingAlarms>;

function impairmentAlarms(ringing: Ringing, props: PaymentAlarmsProps): readonly Alarm[] {
  const { alarms } = resourceNames(props.environmentSuffix);
  const metrics = metricsOf(props);
  const runbook = 'a-region-is-impaired';
  return [
    ringing.alarm('ErrorRate', {
      alarmName: alarms.errorRate,
      metric: metrics.errorRate,
      threshold: ERROR_RATE_PERCENT_MAX,
      judgement: ERROR_RATE_PERIODS,
      description: `More than ${ERROR_RATE_PERCENT_MAX} % of the payment requests are answered 5xx.`,
      runbook,
    }),
    ringing.alarm('Latency', {
      alarmName: alarms.latency,
      metric: metrics.latency,
      threshold: LATENCY_P90_MS_MAX,
      judgement: LATENCY_PERIODS,
      description: `One payment request in ten takes longer than ${LATENCY_P90_MS_MAX} ms.`,
      runbook,
    }),
    ringing.alarm('NoSuccess', {
      alarmName: alarms.noSuccess,
      metric: metrics.noSuccess,
      threshold: 0,
      // Both minutes: one alone can be a deployment.
      judgement: above(2, { of: 2 }),
      description: 'Payments are attempted and none succeeds.',
      runbook,
    }),
  ];
}

function degradationAlarms(ringing: Ringing, props: PaymentAlarmsProps): readonly Alarm[] {
  const { alarms } = resourceNames(props.environmentSuffix);
  const metrics = metricsOf(props);
  return [
    ...contractAlarms(ringing, props),
    ...throttleAlarms(ringing, props),
    ringing.alarm('CallersRefused', {
      alarmName: alarms.callersRefused,
      metric: metrics.callersRefused,
      threshold: REFUSED_PERCENT_MAX,
      judgement: REFUSED_PERIODS,
      description: `More than ${REFUSED_PERCENT_MAX} % of the payment requests are answered 4xx, for five minutes.`,
      runbook: 'callers-are-refused',
    }),
    ringing.alarm('OpenBacklog', {
      alarmName: alarms.openBacklog,
      metric: metrics.overduePayments,
      threshold: 1_000,
      description: '1,000 or more open payments that no sweeper has taken up in time.',
      runbook: 'open-payments-pile-up',
    }),
    ringing.alarm('OpenAge', {
      alarmName: alarms.openAge,
      metric: metrics.oldestOpenPaymentAge,
      threshold: 900,
      description: 'A payment was accepted 15 minutes ago or longer and is still not finished.',
      runbook: 'open-payments-pile-up',
    }),
    ringing.alarm('ParkedPayments', {
      alarmName: alarms.parkedPayments,
      metric: metrics.parkedPayments,
      threshold: 1,
      description: 'A payment was given up: after 20 attempts, or where no repeat can help.',
      runbook: 'parked-payments',
    }),
    ringing.alarm('InvariantViolated', {
      alarmName: alarms.invariantViolated,
      metric: metrics.invariantsViolated,
      threshold: 1,
      description: 'An assertion failed in a function: what is stored contradicts itself.',
      runbook: 'reconcile',
    }),
    ringing.alarm('SweeperSilent', {
      alarmName: alarms.sweeperSilent,
      metric: metrics.sweeps,
      threshold: 1,
      judgement: silentFor({ minutes: 5 }),
      description: 'No sweep for 5 minutes: nothing finishes what is left open in this Region.',
      runbook: 'the-sweeper-is-silent',
    }),
    ...(props.consistency === 'eventual' ? [replicationAlarm(ringing, props)] : []),
  ];
}

function contractAlarms(ringing: Ringing, props: PaymentAlarmsProps): readonly Alarm[] {
  const { alarms } = resourceNames(props.environmentSuffix);
  const metrics = metricsOf(props);
  return [
    ringing.alarm('ApiErrors', {
      alarmName: alarms.apiErrors,
      metric: metrics.apiErrors,
      threshold: 10,
      description: '10 or more 5XX answers of the API within a minute.',
      runbook: 'errors-and-throttling',
    }),
    ringing.alarm('LambdaErrors', {
      alarmName: alarms.lambdaErrors,
      metric: metrics.functionErrors,
      threshold: 5,
      description: '5 or more failed invocations of the payment functions within a minute.',
      runbook: 'errors-and-throttling',
    }),
    ringing.alarm('DynamodbThrottle', {
      alarmName: alarms.dynamodbThrottle,
      metric: metrics.tableThrottles,
      threshold: 10,
      description: '10 or more throttled reads and writes of the payments table within a minute.',
      runbook: 'errors-and-throttling',
    }),
    ringing.alarm('DlqMessages', {
      alarmName: alarms.dlqMessages,
      metric: metrics.dlqMessages,
      threshold: 1,
      description: 'A message failed 3 times and waits in the dead-letter queue.',
      runbook: 'dead-letters',
    }),
  ];
}

function throttleAlarms(ringing: Ringing, props: PaymentAlarmsProps): readonly Alarm[] {
  const { alarms } = resourceNames(props.environmentSuffix);
  const metrics = metricsOf(props);
  const runbook = 'functions-are-throttled';
  return [
    ringing.alarm('LambdaThrottle', {
      alarmName: alarms.lambdaThrottle,
      metric: metrics.lambdaThrottles,
      // As of 5XX answers, which these are.
      threshold: 10,
      description: '10 or more requests within a minute for which Lambda had no concurrency left.',
      runbook,
    }),
    ringing.alarm('AutomationThrottle', {
      alarmName: alarms.automationThrottle,
      metric: metrics.automationThrottles,
      // They have more of their own than they can use: the first one says that this is no longer so.
      threshold: 1,
      description: 'Lambda refused a health check, a sweep or a batch of messages.',
      runbook,
    }),
  ];
}

/** With strong consistency DynamoDB has no such metric: a write returns when the other Region has it. */
function replicationAlarm(ringing: Ringing, props: PaymentAlarmsProps): Alarm {
  return ringing.alarm('ReplicationLatency', {
    alarmName: resourceNames(props.environmentSuffix).alarms.replicationLatency,
    metric: metricsOf(props).replicationLatency,
    threshold: REPLICATION_LATENCY_MS_MAX,
    // What AWS does with this namespace whatever is written here: see `tableThrottles` in metrics.ts.
    judgement: { ...above(3, { of: 5 }), treatMissingData: TreatMissingData.IGNORE },
    description: `Writes need more than ${REPLICATION_LATENCY_MS_MAX / 1_000} s to reach ${props.peerRegion}: so much would be lost with this Region.`,
    runbook: 'replication-lags',
  });
}

function metricsOf(props: PaymentAlarmsProps) {
  return alarmMetrics(props.environmentSuffix, props.region, props.peerRegion);
}
