/**
 * What the twin runs in one Region, read off a synthesized template with every intrinsic resolved.
 *
 * The assembly reader produces these; everything else in the twin consumes them and never sees
 * CloudFormation. Plain data: it travels to the Region's process over IPC.
 */

export interface TwinModel {
  /** In the order in which the assembly names their stacks; the first is the primary. */
  readonly regions: readonly RegionModel[];
  /** Tables over all Regions; a table without replicas elsewhere has one replica. */
  readonly tables: readonly GlobalTableModel[];
}

export interface RegionModel {
  readonly region: string;
  readonly accountId: string;
  readonly stackName: string;
  readonly functions: readonly FunctionModel[];
  readonly restApis: readonly RestApiModel[];
  readonly queues: readonly QueueModel[];
  readonly topics: readonly TopicModel[];
  readonly subscriptions: readonly SubscriptionModel[];
  /** Secrets of the Region's stacks; replicas of other Regions' secrets are not among them. */
  readonly secrets: readonly SecretModel[];
  readonly eventSources: readonly EventSourceModel[];
  readonly schedules: readonly ScheduleModel[];
  readonly alarms: readonly AlarmModel[];
  readonly compositeAlarms: readonly CompositeAlarmModel[];
  /** Custom domain names of the Region's APIs (AWS::ApiGateway::DomainName). */
  readonly apiDomains: readonly ApiDomainModel[];
  /** Of stacks of this Region; Route 53 itself is global. */
  readonly healthChecks: readonly HealthCheckModel[];
  readonly records: readonly RecordModel[];
  readonly roles: readonly RoleModel[];
  readonly outputs: Readonly<Record<string, string>>;
  /** Resource types of the template that the twin does not run, with their logical ids. */
  readonly notRun: readonly { readonly type: string; readonly logicalIds: readonly string[] }[];
}

export type Consistency = 'STRONG' | 'EVENTUAL';

export interface GlobalTableModel {
  readonly name: string;
  readonly keySchema: readonly KeyElement[];
  readonly attributeDefinitions: readonly {
    readonly AttributeName: string;
    readonly AttributeType: 'S' | 'N' | 'B';
  }[];
  readonly globalSecondaryIndexes: readonly {
    readonly IndexName: string;
    readonly KeySchema: readonly KeyElement[];
    readonly Projection: {
      readonly ProjectionType: string;
      readonly NonKeyAttributes?: readonly string[];
    };
  }[];
  /** Replica Regions, the owning stack's first. */
  readonly replicas: readonly string[];
  /** Witness Region; only where consistency is STRONG with two replicas. */
  readonly witness: string | null;
  readonly consistency: Consistency;
  readonly streamViewType: string | null;
  /** Per replica: what DescribeTable says of it. */
  readonly deletionProtection: Readonly<Record<string, boolean>>;
  readonly accountId: string;
}

export interface KeyElement {
  readonly AttributeName: string;
  readonly KeyType: 'HASH' | 'RANGE';
}

export interface FunctionModel {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  /** Lambda's handler string, `index.handler`. */
  readonly handler: string;
  readonly runtime: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute path of the asset's folder. */
  readonly codeDirectory: string;
  /** Services allowed to invoke it (AWS::Lambda::Permission). */
  readonly permissions: readonly {
    readonly principal: string;
    readonly sourceArn: string | null;
  }[];
  /** Absent where the template says nothing of asynchronous invocations: two retries, then they are lost. */
  readonly asynchronous?: AsynchronousModel;
  /** Most invocations at a time; 0 lets none through. Absent: any number, because there is no quota here. */
  readonly reservedConcurrency?: number;
}

/** What becomes of an asynchronous invocation that fails. Queues are standard ones of the same Region. */
export interface AsynchronousModel {
  /** 0 to 2. */
  readonly retriesMax: number;
  /** ARN of the queue that gets the event (DeadLetterConfig of the function). */
  readonly deadLetterQueueArn: string | null;
  /** ARN of the queue that gets a record of the invocation (AWS::Lambda::EventInvokeConfig, OnFailure). */
  readonly onFailureQueueArn: string | null;
}

export interface RestApiModel {
  readonly id: string;
  readonly name: string;
  readonly stageName: string;
  readonly methods: readonly MethodModel[];
  /** By API Gateway response type, for example `MISSING_AUTHENTICATION_TOKEN`. */
  readonly gatewayResponses: Readonly<Record<string, GatewayResponseModel>>;
  /** Stage-wide throttling, requests/s and burst; null where the template sets none. */
  readonly throttling: { readonly rateLimit: number; readonly burstLimit: number } | null;
  readonly binaryMediaTypes: readonly string[];
}

export interface MethodModel {
  readonly httpMethod: string;
  /** Resource path, `/payments/{transaction_id}`. */
  readonly path: string;
  /** `NONE`, `AWS_IAM`, or another that the API refuses to run. */
  readonly authorizationType: string;
  readonly requestParameters: Readonly<Record<string, boolean>>;
  /** By content type: the JSON schema of the model. */
  readonly requestModels: Readonly<Record<string, unknown>>;
  readonly validator: { readonly body: boolean; readonly parameters: boolean } | null;
  readonly integration: IntegrationModel;
}

export type IntegrationModel =
  | { readonly type: 'AWS_PROXY'; readonly functionArn: string }
  | {
      readonly type: 'MOCK';
      readonly requestTemplates: Readonly<Record<string, string>>;
      readonly responses: readonly {
        readonly statusCode: string;
        readonly templates: Readonly<Record<string, string>>;
      }[];
    };

export interface GatewayResponseModel {
  readonly statusCode: string | null;
  /**
   * Header name → literal value (quotes of the mapping expression removed). A mapping of a context
   * variable (`context.requestId`) has the form that templates have: `$context.requestId`.
   */
  readonly headers: Readonly<Record<string, string>>;
  /** By content type, with `$context.…` variables unresolved. */
  readonly templates: Readonly<Record<string, string>>;
}

export interface QueueModel {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  /** SQS CreateQueue attributes, values as strings. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly policy: unknown;
}

export interface TopicModel {
  readonly name: string;
  readonly arn: string;
  readonly displayName: string | null;
  readonly policy: unknown;
}

export interface SubscriptionModel {
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  /** Region of the topic, when it differs from the stack's. */
  readonly topicRegion: string;
  /** SNS subscription attributes, values as strings (`RawMessageDelivery`, `FilterPolicy` as JSON). */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** An SQS queue that invokes a function (AWS::Lambda::EventSourceMapping). */
export interface EventSourceModel {
  readonly functionArn: string;
  readonly queueArn: string;
  /** Most messages of one invocation, 1 to 10,000. */
  readonly batchSize: number;
  /** How long a batch may wait to fill, 0 to 300. */
  readonly maximumBatchingWindowSeconds: number;
  /** Whether the function's answer says which messages failed. */
  readonly reportBatchItemFailures: boolean;
  /** Most invocations at a time, 2 to 1,000; null where the template sets none. */
  readonly maximumConcurrency: number | null;
  readonly enabled: boolean;
}

/** A rule that fires by the clock (AWS::Events::Rule with a ScheduleExpression). */
export interface ScheduleModel {
  readonly ruleName: string;
  readonly ruleArn: string;
  /** `rate(1 minute)` or `cron(0 12 * * ? *)`, in UTC; checked by the assembly reader. */
  readonly expression: string;
  readonly enabled: boolean;
  readonly targets: readonly ScheduleTargetModel[];
}

export interface ScheduleTargetModel {
  readonly id: string;
  readonly functionArn: string;
  /** JSON text that the function gets instead of the scheduled event; null: the event. */
  readonly input: string | null;
}

/** A metric alarm (AWS::CloudWatch::Alarm), of one metric or of a metric-math expression. */
export interface AlarmModel {
  readonly name: string;
  readonly arn: string;
  readonly description: string | null;
  /** As the template states it: `GreaterThanOrEqualToThreshold` and its like. */
  readonly comparisonOperator: string;
  readonly threshold: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly treatMissingData: 'missing' | 'ignore' | 'breaching' | 'notBreaching';
  /** Exactly one of them has `returnData`. A plain alarm has one query, with id `m1`. */
  readonly queries: readonly MetricQueryModel[];
  readonly actionsEnabled: boolean;
  /** ARNs. */
  readonly alarmActions: readonly string[];
  readonly okActions: readonly string[];
  readonly insufficientDataActions: readonly string[];
}

export interface MetricQueryModel {
  readonly id: string;
  readonly returnData: boolean;
  readonly source:
    | {
        readonly kind: 'metric';
        readonly namespace: string;
        readonly metricName: string;
        readonly dimensions: Readonly<Record<string, string>>;
        /** `Sum`, `Average`, `Minimum`, `Maximum`, `SampleCount`, `p90`, `p99.9`. */
        readonly statistic: string;
        readonly periodSeconds: number;
      }
    | { readonly kind: 'expression'; readonly expression: string; readonly periodSeconds: number };
}

/** AWS::CloudWatch::CompositeAlarm. */
export interface CompositeAlarmModel {
  readonly name: string;
  readonly arn: string;
  readonly description: string | null;
  /** `ALARM("a") OR NOT OK("b")`; children by name or ARN. */
  readonly rule: string;
  readonly actionsEnabled: boolean;
  readonly alarmActions: readonly string[];
  readonly okActions: readonly string[];
  readonly insufficientDataActions: readonly string[];
}

/** A Regional custom domain name with the one API stage that its base path leads to. */
export interface ApiDomainModel {
  /** Lower case. */
  readonly domainName: string;
  /** Target of records: what `Fn::GetAtt RegionalDomainName` gives. */
  readonly regionalDomainName: string;
  readonly regionalHostedZoneId: string;
  readonly restApiId: string;
  readonly stageName: string;
}

/** AWS::Route53::HealthCheck of type HTTP or HTTPS. */
export interface HealthCheckModel {
  readonly id: string;
  readonly type: 'HTTP' | 'HTTPS';
  readonly fullyQualifiedDomainName: string;
  readonly resourcePath: string;
  /** 10 or 30. */
  readonly requestIntervalSeconds: number;
  /** 1 to 10. */
  readonly failureThreshold: number;
  readonly inverted: boolean;
  readonly disabled: boolean;
}

/** AWS::Route53::RecordSet. */
export interface RecordModel {
  /** Lower case, without the last dot. */
  readonly name: string;
  readonly type: string;
  /** Seconds; null for an alias. */
  readonly ttlSeconds: number | null;
  /** Record data, or, for an alias, the target's name as its only member. */
  readonly values: readonly string[];
  readonly alias: boolean;
  /** Or the zone's name, where the template gives that instead. */
  readonly hostedZoneId: string;
  readonly setIdentifier: string | null;
  readonly routing:
    | { readonly kind: 'simple' }
    | { readonly kind: 'failover'; readonly role: 'PRIMARY' | 'SECONDARY' }
    | { readonly kind: 'weighted'; readonly weight: number };
  /** `HealthCheckModel.id`, or null: always taken for healthy. */
  readonly healthCheckId: string | null;
}

export interface SecretModel {
  readonly name: string;
  readonly arn: string;
  readonly description: string | null;
  /** Other Regions that hold a copy; the twin need not have them. */
  readonly replicaRegions: readonly string[];
  readonly value: { readonly kind: 'none' } | GivenSecret | GeneratedSecret;
}

export interface GivenSecret {
  readonly kind: 'given';
  readonly text: string;
}

/** Rules of a random value. The assembly reader has made sure that one exists. */
export interface GeneratedSecret {
  readonly kind: 'generated';
  readonly passwordLength: number;
  readonly excludeCharacters: string;
  readonly excludeLowercase: boolean;
  readonly excludeNumbers: boolean;
  readonly excludePunctuation: boolean;
  readonly excludeUppercase: boolean;
  readonly includeSpace: boolean;
  readonly requireEachIncludedType: boolean;
  /** JSON text of an object, and the key under which the password goes into it; null: as it is. */
  readonly template: {
    readonly secretStringTemplate: string;
    readonly generateStringKey: string;
  } | null;
}

export interface RoleModel {
  readonly name: string;
  readonly arn: string;
  /** Every identity policy document of the role, inline and attached. */
  readonly policies: readonly PolicyDocument[];
}

export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | boolean | readonly (string | boolean)[]>>>
  >;
}
