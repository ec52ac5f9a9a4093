/** CloudWatch metrics of one Region: what its alarms watch, and what the dashboard shows of it. */

import { type IMetric, type Metric, SearchExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC_NAMESPACE } from '#contract/metrics.ts';
import { FUNCTION_JOBS, PAYMENT_JOBS, PAYMENTS_TABLE } from '#contract/names.ts';
import { ROUTES } from '#contract/routes.ts';
import { type MetricSources, metricSources, TEN_SECONDS, totalOf } from './metric-sources.ts';
import { mustNotStarve } from './reserved-concurrency.ts';

/**
 * Fewer requests than this in a period are judged by nobody: no share and no percentile means anything
 * then, and at night two unlucky payments would move all traffic.
 */
const REQUESTS_TO_JUDGE = 5;

/** What the alarms of the payments' stack watch. `peerRegion`: the other Region with a replica. */
export function alarmMetrics(environmentSuffix: string, region: string, peerRegion: string) {
  const sources = metricSources(environmentSuffix, region);
  const { calculated, names, ofFunction, ofPayments, ofQueue, ofRoute, ofTable } = sources;
  const sweeps = ofFunction('sweep', 'Invocations');
  const largest = { statistic: 'Maximum' } as const;
  return {
    ...impairmentMetrics(sources),
    /**
     * By route and not of the whole stage: `/health/traffic` answers 503 by design, as often as Route 53
     * asks, for as long as traffic is elsewhere.
     */
    apiErrors: totalOf(
      sources,
      'api_errors',
      ROUTES.filter(({ id }) => id !== 'getTrafficHealth').map(({ id }) => ofRoute(id, '5XXError')),
    ),
    functionErrors: totalOf(
      sources,
      'errors',
      PAYMENT_JOBS.map((job) => ofFunction(job, 'Errors')),
    ),
    /** Of the functions that callers wait for: each is a request that was answered 5xx. */
    lambdaThrottles: totalOf(
      sources,
      'lambda_throttles',
      PAYMENT_JOBS.filter((job) => !mustNotStarve(job)).map((job) => ofFunction(job, 'Throttles')),
    ),
    automationThrottles: totalOf(
      sources,
      'automation_throttles',
      PAYMENT_JOBS.filter(mustNotStarve).map((job) => ofFunction(job, 'Throttles')),
    ),
    /**
     * The sweeps, which come each minute, say when throttling is over: it reports nothing then, and an
     * alarm on DynamoDB's metrics keeps its state while data is missing, whatever it was told to make of
     * that. Source: Amazon CloudWatch API reference, PutMetricAlarm, `TreatMissingData`.
     */
    tableThrottles: totalOf(sources, 'throttles', throttlesOf(sources), sweeps),
    dlqMessages: ofQueue(names.paymentDlq, 'ApproximateNumberOfMessagesVisible'),
    /**
     * Percent of the payment requests that API Gateway counts as answered 4xx, by a function or before one. What no
     * function has seen, such as a signature for another Region, is in no metric of ours. As `noSuccess` is, by series that
     * come together.
     */
    callersRefused: calculated(
      'callers refused',
      {
        ...ofPaymentRoutes(sources, 'asked', 'Count'),
        ...ofPaymentRoutes(sources, 'refused', '4XXError'),
      },
      `IF((asked_1 + asked_2) >= ${REQUESTS_TO_JUDGE}, 100 * (refused_1 + refused_2) / (asked_1 + asked_2), 0)`,
    ),
    overduePayments: ofPayments('OverduePayments').with(largest),
    oldestOpenPaymentAge: ofPayments('OldestOpenPaymentAge').with(largest),
    parkedPayments: ofPayments('ParkedPayments').with(largest),
    invariantsViolated: ofPayments('InvariantViolated'),
    sweeps,
    /** Milliseconds, of writes made here until they are there. Without strong consistency only. */
    replicationLatency: ofTable('ReplicationLatency', { ReceivingRegion: peerRegion }).with({
      statistic: 'Average',
    }),
  };
}

/**
 * What says that callers are served badly. An idle Region has no datapoints of it: the condition of an IF
 * drops what it has no data for. Source: Amazon CloudWatch user guide, "Using metric math", "Using IF
 * expressions".
 */
function impairmentMetrics(sources: MetricSources) {
  const { calculated, ofPayments } = sources;
  const latency = ofPayments('PaymentLatency');
  const attempts = '(asked_1 + asked_2 - refused_1 - refused_2)';
  return {
    /** Percent. */
    errorRate: calculated(
      'error rate',
      { requests: ofPayments('PaymentRequests'), faults: ofPayments('PaymentFaults') },
      `IF(requests >= ${REQUESTS_TO_JUDGE}, 100 * faults / requests, 0)`,
      TEN_SECONDS,
    ),
    /** Milliseconds. Judged by its own samples: bad input has no latency. */
    latency: calculated(
      'slow latency',
      {
        samples: latency.with({ statistic: 'SampleCount' }),
        p90: latency.with({ statistic: 'p90' }),
      },
      `IF(samples >= ${REQUESTS_TO_JUDGE}, p90, 0)`,
      TEN_SECONDS,
    ),
    /**
     * 1 in a minute in which payments were attempted and none succeeded. Seen by API Gateway, so that it
     * holds when no function is left to count anything. Its series come together and report zeros: none
     * needs a FILL. Answers that only name the other Region are failures to API Gateway; we count them
     * ourselves (PaymentsTurnedAway), and where they are the most, nothing is wrong here. The most and not
     * all of them: the two sources cut their minutes a little differently.
     */
    noSuccess: calculated(
      'no success',
      {
        ...ofPaymentRoutes(sources, 'asked', 'Count'),
        ...ofPaymentRoutes(sources, 'refused', '4XXError'),
        ...ofPaymentRoutes(sources, 'failed', '5XXError'),
        turned_away: ofPayments('PaymentsTurnedAway'),
      },
      `IF(${attempts} >= ${REQUESTS_TO_JUDGE} AND (failed_1 + failed_2) >= ${attempts} AND (2 * turned_away) < ${attempts}, 1, 0)`,
    ),
  };
}

/** A metric of API Gateway for each route that pays, under `<id>_1` and `<id>_2`. */
function ofPaymentRoutes({ ofRoute }: MetricSources, id: string, name: string) {
  const routes = ['processPayment', 'acceptPayment'] as const;
  return Object.fromEntries(
    routes.map((route, place) => [`${id}_${place + 1}`, ofRoute(route, name)]),
  );
}

/** What the alarms of the orchestrator's stack watch. */
export function orchestratorMetrics(environmentSuffix: string, region: string) {
  const { names, ofFunction, ofPayments, ofQueue } = metricSources(environmentSuffix, region);
  return {
    errors: ofFunction('orchestrate', 'Errors'),
    throttles: ofFunction('orchestrate', 'Throttles'),
    /** Not the invocations: a function that starts and decides nothing is silent too. */
    rounds: ofPayments('FailoverRounds'),
    deadLetters: ofQueue(names.orchestratorDlq, 'ApproximateNumberOfMessagesVisible'),
  };
}

/** What the dashboard shows of a Region, each line labelled with it. */
export function graphMetrics(environmentSuffix: string, region: string) {
  const sources = metricSources(environmentSuffix, region);
  const { labelled, names, ofApi, ofFunction, ofPayments, ofQueue, ofTable } = sources;
  const ofJobs = (name: string) =>
    PAYMENT_JOBS.map((job) => ofFunction(job, name).with({ label: `${region} ${job} ${name}` }));
  const largest = { statistic: 'Maximum' } as const;
  return {
    apiRequests: ['Count', '4XXError', '5XXError'].map((name) => labelled(ofApi(name), 'API')),
    apiLatency: [labelled(ofApi('Latency').with({ statistic: 'p99' }), 'API p99')],
    functionInvocations: ofJobs('Invocations'),
    functionErrors: [
      ...ofJobs('Errors'),
      totalOf(
        sources,
        'function_throttles',
        FUNCTION_JOBS.map((job) => ofFunction(job, 'Throttles')),
      ),
    ],
    tableConsumption: ['ConsumedReadCapacityUnits', 'ConsumedWriteCapacityUnits'].map((name) =>
      labelled(ofTable(name), 'table'),
    ),
    tableThrottles: [totalOf(sources, 'throttles', throttlesOf(sources))],
    queueMessages: ['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage'].map(
      (name) => labelled(ofQueue(names.paymentQueue, name), 'queue'),
    ),
    dlqMessages: [
      labelled(ofQueue(names.paymentDlq, 'ApproximateNumberOfMessagesVisible'), 'dead letters'),
    ],
    openPayments: (['OpenPayments', 'OverduePayments', 'ParkedPayments'] as const).map((name) =>
      labelled(ofPayments(name).with(largest), 'payments'),
    ),
    openAge: [labelled(ofPayments('OldestOpenPaymentAge').with(largest), 'payments')],
    paymentRequests: (['PaymentRequests', 'PaymentFaults', 'PaymentsTurnedAway'] as const).map(
      (name) => labelled(ofPayments(name), 'payments'),
    ),
    paymentLatency: [labelled(ofPayments('PaymentLatency').with({ statistic: 'p90' }), 'p90')],
    failovers: [failoversOf(region), labelled(ofPayments('FailoverRounds'), 'orchestrator')],
    orchestratorErrors: [labelled(ofFunction('orchestrate', 'Errors'), 'orchestrator')],
  } satisfies Record<string, readonly IMetric[]>;
}

/** Whatever led to them: nobody knows beforehand which values of AlarmName there will be. */
function failoversOf(region: string): SearchExpression {
  const found = `{${METRIC_NAMESPACE},AlarmName} MetricName="FailoverTriggered"`;
  return new SearchExpression({
    expression: `SEARCH('${found}', 'Sum', 60)`,
    label: `${region} FailoverTriggered`,
    searchRegion: region,
  });
}

/**
 * An index counts its own throttling, and one that throttles holds back the table's writes. Not
 * `UserErrors`: it counts the account's bad requests and no throttling.
 */
function throttlesOf({ ofTable }: MetricSources): readonly Metric[] {
  const { customerIndex, openIndex } = PAYMENTS_TABLE;
  const ofIndex = (GlobalSecondaryIndexName: string) => ({ GlobalSecondaryIndexName });
  return [{}, ofIndex(customerIndex), ofIndex(openIndex)].flatMap((more) => [
    ofTable('ReadThrottleEvents', more),
    ofTable('WriteThrottleEvents', more),
  ]);
}
