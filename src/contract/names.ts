/**
 * Every name that two sides must agree on: tables, functions, queues, topics, exports, attributes.
 *
 * `suffix` is the environment suffix (`dev`, `prod`, `pr123`), already checked by the configuration.
 */

/** The CloudFormation stack name, the same in each Region. */
export const STACK_NAME = 'TapStack';

/** Regions of the default deployment. The set is one that MRSC allows. */
export const PRIMARY_REGION = 'us-east-1';
export const SECONDARY_REGION = 'us-east-2';
export const WITNESS_REGION = 'us-west-2';

export const DEFAULT_SUFFIX = 'dev';

/**
 * What an environment suffix may be, and how the rule is said. Twenty characters keep every name that
 * is made from it within AWS's limits; the tightest is Lambda's 64 characters.
 */
export const SUFFIX_RULE = {
  pattern: /^[a-z0-9](?:[a-z0-9-]{0,18}[a-z0-9])?$/,
  text: 'use 1 to 20 characters of a-z, 0-9 and hyphens, with no hyphen at either end',
} as const;

/** Further stacks of each Region: `TapStackFailover`, and `TapStackRouting` where a domain is configured. */
export const FAILOVER_STACK_NAME = `${STACK_NAME}Failover`;
export const ROUTING_STACK_NAME = `${STACK_NAME}Routing`;

/** The Lambda functions of `TapStack`, by the job each one does; also the folder name of its bundle. */
export const PAYMENT_JOBS = [
  'validate',
  'process',
  'accept',
  'consume',
  'refund',
  'sweep',
  'read',
  'health',
] as const;
export type PaymentJob = (typeof PAYMENT_JOBS)[number];

/** Every Lambda function; `orchestrate` belongs to `TapStackFailover`. */
export const FUNCTION_JOBS = [...PAYMENT_JOBS, 'orchestrate'] as const;
export type FunctionJob = (typeof FUNCTION_JOBS)[number];

const FUNCTION_PREFIX: Record<FunctionJob, string> = {
  validate: 'payment-validator',
  process: 'payment-processor',
  accept: 'payment-intake',
  consume: 'payment-consumer',
  refund: 'payment-refunder',
  sweep: 'payment-sweeper',
  read: 'payment-reader',
  health: 'payment-health',
  orchestrate: 'failover-orchestrator',
};

/** Resource names of one environment. Names that are global to the account are not among them. */
export function resourceNames(suffix: string) {
  return {
    paymentsTable: `payments-${suffix}`,
    controlTable: `payments-control-${suffix}`,
    paymentQueue: `payment-queue-${suffix}`,
    paymentDlq: `payment-dlq-${suffix}`,
    opsAlertTopic: `ops-alerts-${suffix}`,
    transactionTopic: `transactions-${suffix}`,
    api: `payment-api-${suffix}`,
    dashboard: `payment-dr-${suffix}`,
    gatewaySecret: `payment-gateway-${suffix}`,
    sweepSchedule: `payment-sweep-${suffix}`,
    orchestratorSchedule: `failover-tick-${suffix}`,
    /** Of `failover-orchestrator`: events that no attempt could deal with. */
    orchestratorDlq: `failover-dlq-${suffix}`,
    apiLogGroup: `/aws/apigateway/payment-api-${suffix}`,
    functionName: (job: FunctionJob) => `${FUNCTION_PREFIX[job]}-${suffix}`,
    alarms: {
      apiErrors: `payment-api-errors-${suffix}`,
      lambdaErrors: `payment-lambda-errors-${suffix}`,
      dynamodbThrottle: `payment-dynamodb-throttle-${suffix}`,
      /** Invocations that callers wait for and Lambda refused. */
      lambdaThrottle: `payment-lambda-throttle-${suffix}`,
      /** The same of the functions that must run whatever callers do. */
      automationThrottle: `payment-automation-throttle-${suffix}`,
      dlqMessages: `payment-dlq-messages-${suffix}`,
      openBacklog: `payment-open-backlog-${suffix}`,
      openAge: `payment-open-age-${suffix}`,
      parkedPayments: `payment-parked-${suffix}`,
      invariantViolated: `payment-invariant-${suffix}`,
      sweeperSilent: `payment-sweeper-silent-${suffix}`,
      errorRate: `payment-error-rate-${suffix}`,
      latency: `payment-latency-${suffix}`,
      noSuccess: `payment-no-success-${suffix}`,
      /** Most callers are refused: no fault of the Region's, and nobody is paid. */
      callersRefused: `payment-callers-refused-${suffix}`,
      /** `eventual` only. */
      replicationLatency: `payment-replication-latency-${suffix}`,
      orchestratorErrors: `failover-orchestrator-errors-${suffix}`,
      orchestratorThrottle: `failover-orchestrator-throttle-${suffix}`,
      orchestratorSilent: `failover-orchestrator-silent-${suffix}`,
      /** Events that every attempt of the orchestrator failed on. */
      orchestratorDlq: `failover-orchestrator-dlq-${suffix}`,
      /** Composite: traffic should leave. The only alarm that the orchestrator takes for evidence. */
      regionImpaired: `payment-region-impaired-${suffix}`,
      /** Composite: somebody should look; traffic stays. */
      regionDegraded: `payment-region-degraded-${suffix}`,
    },
  } as const;
}

/** Stage of the REST API; its address ends in `/prod/`. */
export const API_STAGE = 'prod';

/** Display names of the topics. */
export const TOPIC_DISPLAY_NAMES = {
  opsAlerts: 'Operational Alerts for Payment Processing',
  transactions: 'Payment Transaction Notifications',
} as const;

/** Titles of the graphs that the dashboard has at least. */
export const DASHBOARD_GRAPHS = [
  'API Gateway Requests',
  'Lambda Function Metrics',
  'DynamoDB Operations',
  'SQS Queue Metrics',
  'Open Payments',
  'Payment Requests',
  'Failover',
] as const;

/** Stack outputs, each exported as `<name>-<suffix>` but for Region. */
export const STACK_OUTPUTS = [
  'PaymentsTableName',
  'PaymentsTableArn',
  'PaymentValidatorArn',
  'PaymentProcessorArn',
  'PaymentQueueUrl',
  'PaymentQueueArn',
  'PaymentDLQUrl',
  'APIEndpoint',
  'APIId',
  'OpsAlertTopicArn',
  'TransactionTopicArn',
  'DashboardName',
  'Region',
] as const;
export type StackOutput = (typeof STACK_OUTPUTS)[number];

/** The name under which an output is exported. `Region` keeps the original's `DeployedRegion`. */
export function exportName(output: StackOutput, suffix: string): string {
  return `${output === 'Region' ? 'DeployedRegion' : output}-${suffix}`;
}

/** Environment variables of the functions. */
export const ENVIRONMENT = {
  paymentsTable: 'PAYMENTS_TABLE',
  suffix: 'ENVIRONMENT_SUFFIX',
  transactionTopicArn: 'TRANSACTION_TOPIC_ARN',
  paymentQueueUrl: 'PAYMENT_QUEUE_URL',
  /** `strong`: the table itself refuses a minority. `eventual`: writes need the lease. */
  consistency: 'PAYMENTS_CONSISTENCY',
  controlTable: 'PAYMENTS_CONTROL_TABLE',
  /** Region that may take a lease which nobody has had yet; `eventual` only. */
  primaryRegion: 'PRIMARY_REGION',
  /** Base URL of the HTTP gateway; absent: the recording gateway. */
  gatewayUrl: 'GATEWAY_URL',
  gatewaySecretName: 'GATEWAY_SECRET_NAME',
  /** Base URL of this Region's own API, without a path of ours; a slash at its end does not matter. */
  apiUrl: 'API_URL',
  /** Both Regions, comma between them, the primary first. */
  regions: 'REGIONS',
  opsAlertTopicArn: 'OPS_ALERT_TOPIC_ARN',
  /** `active-passive` or `active-active`. */
  routingPolicy: 'ROUTING_POLICY',
  /** `manual` or `automatic`. */
  failback: 'FAILBACK',
  /** Between the orchestrator's rounds of probes, seconds. */
  probeIntervalSeconds: 'PROBE_INTERVAL_SECONDS',
  /** How long a Region's heartbeat must be silent to count as silent, seconds. */
  silenceSeconds: 'SILENCE_SECONDS',
  /** After a transition, before automation makes another one, seconds. */
  cooldownSeconds: 'COOLDOWN_SECONDS',
  /** How long a Region must have been healthy before automation moves traffic onto it again, seconds. */
  soakSeconds: 'SOAK_SECONDS',
} as const;

/** Attributes and indexes of the payments table. Source: docs/adr/0002-journal-item.md. */
export const PAYMENTS_TABLE = {
  partitionKey: 'transaction_id',
  sortKey: 'timestamp',
  /** Sort key of the journal item: below every real epoch second. */
  journalSortKey: 0,
  customerIndex: 'customer-index',
  customerKey: 'customer_id',
  openIndex: 'open-index',
  openKey: 'open',
  openSortKey: 'due_at',
  /** Beside the keys, what a sweeper asks of an entry before it reads the journal. */
  openProjection: ['attempts', 'payment_timestamp'],
  /** Value of `open` of work that was given up for now; `open#<shard>` otherwise. */
  parkedShard: 'parked',
  /** Shards of `open-index`, so that unfinished payments do not share one hot partition. */
  openShards: 16,
} as const;

/** The key that the health check reads. A leading space is refused in ids, so no payment has it. */
export const HEALTH_PROBE = { transactionId: ' health-probe', sortKey: 0 } as const;

/**
 * Attributes and scopes of the control table. Source: docs/adr/0014-lease-for-eventual-tables.md,
 * docs/adr/0016-routing-log.md.
 */
export const CONTROL_TABLE = {
  partitionKey: 'scope',
  sortKey: 'sequence',
  /** One item, sequence 0: the Region that may write payments (`eventual` only). */
  leaseScope: 'lease',
  /** Append-only: what operators' repairs changed, sequence 1 upwards. */
  auditScope: 'audit',
  /** Append-only: where traffic goes. The sequence is the epoch, 1 upwards. */
  routingScope: 'routing',
  /** One item a Region, its sequence the Region's place in the list of Regions: the orchestrators' heartbeats. */
  presenceScope: 'presence',
} as const;

/** How traffic is spread while both Regions are well. */
export const ROUTING_POLICIES = ['active-passive', 'active-active'] as const;
export type RoutingPolicy = (typeof ROUTING_POLICIES)[number];

/** Whether traffic comes back by itself. */
export const FAILBACK_MODES = ['manual', 'automatic'] as const;
export type FailbackMode = (typeof FAILBACK_MODES)[number];

/**
 * Message attribute of what we publish on the ops topic ourselves; alarms have none. The orchestrators pass
 * over such messages. No filter policy can: one that asks for a missing attribute matches no message without
 * attributes (SNS developer guide, "Key matching"), and one on the body would hide what can't be read.
 */
export const OPS_MESSAGE_KIND_ATTRIBUTE = 'kind';
export const OPS_REPORT_KIND = 'failover-report';

/**
 * Payments that the orchestrator makes to see that a Region takes payments: no caller can use such an
 * id (a leading space is refused), and they reach neither the gateway nor the topic.
 */
export const SYNTHETIC_PAYMENT = {
  idPrefix: ' synthetic#',
  customerId: ' holdfast-synthetic',
  currency: 'USD',
  /** `source` of the event with which the processor is invoked; API Gateway's events have no such member. */
  eventSource: 'holdfast.synthetic',
} as const;

/** Subjects of notifications on the transactions topic. */
export const NOTIFICATION_SUBJECTS = [
  'Payment Processed',
  'Payment Declined',
  'Refund Processed',
  'Refund Declined',
] as const;
export type NotificationSubject = (typeof NOTIFICATION_SUBJECTS)[number];

/** SNS message attribute with the notification's deterministic id, for consumers to drop repeats. */
export const NOTIFICATION_ID_ATTRIBUTE = 'notification_id';

/** Response header that carries the request id on every answer, 2xx included. */
export const REQUEST_ID_HEADER = 'x-request-id';

/** `payment-queue`: a message that was received so often in vain is a dead letter. Source: the contract, section 1. */
export const PAYMENT_QUEUE = { receivesMax: 3 } as const;
