/** A twin's endpoint with messaging in two Regions and a table service that only takes notes. */

import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { AuthorizationDecision, RolePrincipal } from '#twin/endpoint/authorizer.ts';
import { type AwsEndpoint, createAwsEndpoint } from '#twin/endpoint/aws-endpoint.ts';
import type { AwsService, NeededPermission, ServiceCall } from '#twin/endpoint/aws-service.ts';
import type { AsyncInvocation } from '#twin/events/async-invoker.ts';
import type { FaultBoard } from '#twin/faults/fault.ts';
import { createFaultBoard } from '#twin/faults/fault-board.ts';
import { createMessaging, type Messaging } from '#twin/messaging/messaging.ts';
import type { FunctionModel, RegionModel, SubscriptionModel } from '#twin/region-model.ts';

export const ACCOUNT = '123456789012';
export const EAST = 'us-east-1';
export const OHIO = 'us-east-2';
export const WITNESS = 'us-west-2';

export function queueArn(region: string, name: string): string {
  return `arn:aws:sqs:${region}:${ACCOUNT}:${name}`;
}

export function functionArn(region: string, name: string): string {
  return `arn:aws:lambda:${region}:${ACCOUNT}:function:${name}`;
}

/** A function that the topics `sources` may invoke. */
export function functionModel(
  region: string,
  sources: readonly string[],
  changes: Partial<FunctionModel> = {},
): FunctionModel {
  return {
    logicalId: 'Watcher',
    name: 'watcher',
    arn: functionArn(region, 'watcher'),
    roleArn: `arn:aws:iam::${ACCOUNT}:role/watcher`,
    handler: 'index.handler',
    runtime: 'nodejs24.x',
    timeoutSeconds: 3,
    memoryMb: 128,
    environment: {},
    codeDirectory: '/nowhere',
    permissions: sources.map((sourceArn) => ({ principal: 'sns.amazonaws.com', sourceArn })),
    ...changes,
  };
}

export function topicArn(region: string, name: string): string {
  return `arn:aws:sns:${region}:${ACCOUNT}:${name}`;
}

/** A Region with a queue, its dead-letter queue, an audit queue and a topic that feeds the last. */
export function regionModel(region: string, changes: Partial<RegionModel> = {}): RegionModel {
  const queue = (name: string, attributes: Record<string, string> = {}) => ({
    name,
    arn: queueArn(region, name),
    url: `https://sqs.${region}.amazonaws.com/${ACCOUNT}/${name}`,
    attributes,
    policy: null,
  });
  const redrive = { deadLetterTargetArn: queueArn(region, 'dead'), maxReceiveCount: 3 };
  return {
    region,
    accountId: ACCOUNT,
    stackName: 'Stack',
    functions: [],
    restApis: [],
    queues: [
      queue('work', { VisibilityTimeout: '300', RedrivePolicy: JSON.stringify(redrive) }),
      queue('dead', { MessageRetentionPeriod: '1209600' }),
      queue('audit'),
    ],
    topics: [
      { name: 'events', arn: topicArn(region, 'events'), displayName: 'All events', policy: null },
    ],
    subscriptions: [subscription(region)],
    secrets: [],
    eventSources: [],
    schedules: [],
    alarms: [],
    compositeAlarms: [],
    apiDomains: [],
    healthChecks: [],
    records: [],
    roles: [],
    outputs: {},
    notRun: [],
    ...changes,
  };
}

export function subscription(
  region: string,
  changes: Partial<SubscriptionModel> = {},
): SubscriptionModel {
  return {
    topicArn: topicArn(region, 'events'),
    protocol: 'sqs',
    endpoint: queueArn(region, 'audit'),
    topicRegion: region,
    ...changes,
  };
}

export interface World {
  readonly port: number;
  readonly url: string;
  readonly endpoint: AwsEndpoint;
  readonly faults: FaultBoard;
  readonly messaging: Messaging;
  /** Operations that reached the table service. */
  readonly tableCalls: ServiceCall[];
  /** What the services threw. */
  readonly thrown: unknown[];
  /** What the messaging reported. */
  readonly reports: string[];
  /** Functions that topics had invoked. */
  readonly submitted: AsyncInvocation[];
  /** What the authorizer was asked, and what it answers by action; default allowed. */
  readonly asked: NeededPermission[];
  readonly decisions: Map<string, AuthorizationDecision>;
  readonly sqs: (region: string, accessKeyId?: string) => SQSClient;
  readonly sns: (region: string, accessKeyId?: string) => SNSClient;
  stop(): Promise<void>;
}

/** The access key of a function in us-east-1. */
export const FUNCTION_KEY = 'FUNCTIONKEY';
const FUNCTION_ROLE: RolePrincipal = {
  kind: 'role',
  roleArn: `arn:aws:iam::${ACCOUNT}:role/processor`,
  sessionArn: `arn:aws:sts::${ACCOUNT}:assumed-role/processor/payment-processor-dev`,
  region: EAST,
};

/** Starts everything on a free port of 127.0.0.1. */
export async function startWorld(
  models: readonly RegionModel[] = [regionModel(EAST), regionModel(OHIO)],
): Promise<World> {
  const faults = createFaultBoard({
    regions: [EAST, OHIO],
    witness: WITNESS,
    clock: { nowEpochMs: () => Date.now() },
    random: () => 0,
  });
  const reports: string[] = [];
  const submitted: AsyncInvocation[] = [];
  const messaging = await createMessaging(models, {
    network: faults,
    submit: (invocation) => submitted.push(invocation),
    report: (message) => reports.push(message),
  });
  const tableCalls: ServiceCall[] = [];
  const thrown: unknown[] = [];
  const asked: NeededPermission[] = [];
  const decisions = new Map<string, AuthorizationDecision>();
  const endpoint = createAwsEndpoint({
    services: [tableService(tableCalls), messaging.services.sqs, messaging.services.sns],
    principals: new Map([[FUNCTION_KEY, FUNCTION_ROLE]]),
    authorizer: {
      permits(_roleArn, needed) {
        asked.push(needed);
        return { decision: decisions.get(needed.action) ?? 'allowed', source: null };
      },
    },
    faults,
    regions: [EAST, OHIO],
    witness: WITNESS,
    now: () => Date.now(),
    onRefusal: () => {},
    onServiceError: (error) => thrown.push(error),
  });
  const port = await endpoint.listen(0);
  const url = `http://127.0.0.1:${port}`;
  const clients: { destroy(): void }[] = [];
  const settings = (region: string, accessKeyId: string) => ({
    region,
    endpoint: url,
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey: 'secret' },
  });
  function keep<Client extends { destroy(): void }>(client: Client): Client {
    clients.push(client);
    return client;
  }
  return {
    port,
    url,
    endpoint,
    faults,
    messaging,
    tableCalls,
    thrown,
    reports,
    submitted,
    asked,
    decisions,
    sqs: (region, key = 'OPERATOR') => keep(new SQSClient(settings(region, key))),
    sns: (region, key = 'OPERATOR') => keep(new SNSClient(settings(region, key))),
    async stop() {
      for (const client of clients) client.destroy();
      await endpoint.close();
      await messaging.stop();
    },
  };
}

/** Stands for the tables: says what it was given. An operation named `Explode` throws. */
function tableService(calls: ServiceCall[]): AwsService {
  return {
    name: 'dynamodb',
    operationOf: (headers) => headers['x-amz-target']?.split('.')[1] ?? null,
    permissionsOf: (call) => [
      {
        action: `dynamodb:${call.operation}`,
        resourceArn: `arn:aws:dynamodb:${call.region}:${ACCOUNT}:table/t`,
      },
    ],
    async handle(call) {
      calls.push(call);
      if (call.operation === 'Explode') throw new Error('engine died');
      const body = JSON.stringify({ region: call.region, bytes: call.body.length });
      return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body };
    },
    errorAnswer: (_call, error) => ({
      status: error.status,
      headers: { 'content-type': 'application/x-amz-json-1.0' },
      body: JSON.stringify({ __type: error.code, message: error.message }),
    }),
  };
}
