/** AWS as the twin stands for it: tables, queues, topics and IAM behind one endpoint. */

import { type CloudWatch, createCloudWatch } from '../cloudwatch/cloudwatch.ts';
import { createDynamoDbService } from '../dynamodb/create-dynamodb-service.ts';
import { createGlobalTables, type GlobalTables } from '../dynamodb/global-tables.ts';
import { createApiEgress } from '../egress/api-egress.ts';
import { apiHosts } from '../egress/api-hosts.ts';
import { type AwsEndpoint, createAwsEndpoint } from '../endpoint/aws-endpoint.ts';
import type { FaultBoard } from '../faults/fault.ts';
import { createAuthorizer } from '../iam/create-authorizer.ts';
import { resourcePolicies } from '../iam/resource-policies.ts';
import {
  createLambdaService,
  type LambdaServiceOptions,
} from '../lambda-api/create-lambda-service.ts';
import { createMessaging, type Messaging } from '../messaging/messaging.ts';
import type { TwinModel } from '../region-model.ts';
import { createSecretStore } from '../secrets/secret-store.ts';
import { createSecretsService } from '../secrets/secrets-service.ts';
import { TwinStartError } from '../twin-start-error.ts';
import type { IssuedCredentials } from './function-credentials.ts';

export interface AwsOptions {
  readonly model: TwinModel;
  readonly faults: FaultBoard;
  readonly witness: string | null;
  readonly credentials: IssuedCredentials;
  /** Absolute path, or null: the tables are gone when the twin stops. */
  readonly dataDirectory: string | null;
  readonly port: number;
  /** Port of each Region's API on 127.0.0.1. */
  readonly apiPorts: Readonly<Record<string, number>>;
  /** How Lambda's API reaches the functions. */
  readonly functions: Pick<LambdaServiceOptions, 'invoke' | 'submit'>;
  /** How many times as fast as on AWS the periods of metrics pass. */
  readonly metricSpeed: number;
  /** Kills the process of a Region; resolves when it is gone and the `kill` is in force. */
  readonly crash: (region: string) => Promise<void>;
  readonly onSpawn: (pid: number) => void;
  readonly onExit: (pid: number) => void;
  readonly report: (message: string) => void;
  /** Takes the way to end each part, in the order in which they started. */
  readonly onStarted: (close: () => Promise<void>) => void;
}

export interface Aws {
  readonly tables: GlobalTables;
  readonly messaging: Messaging;
  readonly endpoint: AwsEndpoint;
  /** Evaluates nothing before it is started. */
  readonly cloudWatch: CloudWatch;
}

/** Starts every part and listens. Rejects with the reason of the first that can't start. */
export async function startAws(options: AwsOptions): Promise<Aws> {
  const { model, faults, witness, report, onStarted } = options;
  const [primary] = model.regions;
  if (primary === undefined) throw new TwinStartError('the assembly has no Region to run');
  const tables = await createGlobalTables({
    ...options,
    tables: model.tables,
    network: faults.replication,
  });
  onStarted(() => tables.stop());
  const messaging = await createMessaging(model.regions, {
    network: faults,
    submit: options.functions.submit,
    report,
  });
  onStarted(() => messaging.stop());
  const secrets = createSecretStore({ models: model.regions, network: faults, now: Date.now });
  onStarted(async () => secrets.stop());
  const egress = createApiEgress({
    hosts: apiHosts(model.regions),
    network: faults,
    ports: options.apiPorts,
  });
  onStarted(async () => egress.stop());
  const cloudWatch = createCloudWatch({
    regions: model.regions,
    network: faults,
    speed: options.metricSpeed,
    call: (...call) => endpoint.call(...call),
    backlogs: messaging.backlogs,
    tables: tables.status,
    report,
  });
  onStarted(async () => cloudWatch.stop());
  const endpoint = createAwsEndpoint({
    services: [
      // One account owns every Region's stack: a global table can't be shared between accounts here.
      createDynamoDbService({ tables, accountId: primary.accountId, report }),
      messaging.services.sqs,
      messaging.services.sns,
      createLambdaService({ regions: model.regions, ...options.functions }),
      createSecretsService(secrets, primary.accountId),
      cloudWatch.service,
    ],
    principals: options.credentials.principals,
    authorizer: createAuthorizer(
      model.regions.flatMap(({ roles }) => roles),
      { resourcePolicies: new Map(model.regions.flatMap((one) => [...resourcePolicies(one)])) },
    ),
    faults,
    egress,
    regions: model.regions.map(({ region }) => region),
    witness,
    now: Date.now,
    crash: options.crash,
    observe: cloudWatch.observe,
    onRefusal: ({ sessionArn, action, resourceArn }) =>
      report(`IAM refused ${action} on ${resourceArn} to ${sessionArn}`),
    onServiceError: (error, call) =>
      report(`${call.operation} in ${call.region} failed inside the twin: ${String(error)}`),
  });
  onStarted(() => endpoint.close());
  await endpoint.listen(options.port);
  return { tables, messaging, endpoint, cloudWatch };
}
