/** Reads what the CDK itself writes: an app of constructs, and this project's own. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, Duration, Fn, Stack } from 'aws-cdk-lib';
import { LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { AttributeType, Billing, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { afterAll, describe, expect, it } from 'vitest';
import {
  CONTROL_TABLE,
  FUNCTION_JOBS,
  type FunctionJob,
  resourceNames,
  STACK_OUTPUTS,
} from '#contract/names.ts';
import { ROUTES } from '#contract/routes.ts';
import { readConfiguration } from '#infra/configuration.ts';
import { synthesize } from '#infra/synthesize.ts';
import { readAssembly } from '#twin/assembly/read-assembly.ts';
import { createAuthorizer } from '#twin/iam/create-authorizer.ts';
import { mayInvoke } from '#twin/iam/may-invoke.ts';
import { resourcePolicies } from '#twin/iam/resource-policies.ts';
import type { RegionModel } from '#twin/region-model.ts';

const SYNTHESIS_TIMEOUT_MS = 60_000;

const root = mkdtempSync(join(tmpdir(), 'holdfast-cdk-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function bundle(...path: string[]): string {
  const folder = join(root, ...path);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.mjs'), 'export const handler = async () => 1;\n');
  return folder;
}

function authorizerOf(region: RegionModel) {
  return createAuthorizer(region.roles, { resourcePolicies: resourcePolicies(region) });
}

describe('an app of CDK constructs', () => {
  function synthesizeConstructs(): string {
    const app = new App({ outdir: join(root, 'constructs'), analyticsReporting: false });
    const data = new Stack(app, 'Data', { env: { region: 'eu-west-1' } });
    const table = new TableV2(data, 'Table', {
      partitionKey: { name: 'id', type: AttributeType.STRING },
      billing: Billing.onDemand(),
    });
    const service = new Stack(app, 'Service', { env: { region: 'eu-west-1' } });
    const work = new LambdaFunction(service, 'Work', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromAsset(bundle('work')),
      environment: { TABLE: table.tableName },
      timeout: Duration.seconds(10),
    });
    table.grantReadData(work);
    const queue = new Queue(service, 'Queue', { enforceSSL: true });
    const topic = new Topic(service, 'Topic');
    topic.addSubscription(new SqsSubscription(queue));
    topic.grantPublish(work);
    work.addEventSource(new SqsEventSource(queue));
    const api = new RestApi(service, 'Api', { cloudWatchRole: false });
    api.root.addResource('{proxy+}').addMethod('ANY', new LambdaIntegration(work));
    new CfnOutput(service, 'Zone', { value: Fn.select(0, Fn.getAzs()) });
    app.synth();
    return join(root, 'constructs');
  }

  it(
    'is one Region in which roles, permissions and policies agree',
    () => {
      const { regions, tables } = readAssembly(synthesizeConstructs());
      const [region] = regions;
      if (region === undefined || regions.length > 1) throw new Error('not one Region');
      const [work] = region.functions;
      const [api] = region.restApis;
      if (work === undefined || api === undefined) throw new Error('no function or no API');

      const table = tables[0]?.name;
      expect(work.environment).toEqual({ TABLE: table });
      const { permits } = authorizerOf(region);
      const tableArn = `arn:aws:dynamodb:eu-west-1:111111111111:table/${table}`;
      const decide = (action: string, resourceArn: string) =>
        permits(work.roleArn, { action, resourceArn }).decision;
      expect(decide('dynamodb:GetItem', tableArn)).toBe('allowed');
      expect(decide('dynamodb:PutItem', tableArn)).toBe('implicit-deny');
      expect(decide('sns:Publish', region.topics[0]?.arn ?? '')).toBe('allowed');
      expect(decide('sqs:ReceiveMessage', region.queues[0]?.arn ?? '')).toBe('allowed');
      expect(decide('sqs:SendMessage', region.queues[0]?.arn ?? '')).toBe('implicit-deny');

      const source = `arn:aws:execute-api:eu-west-1:111111111111:${api.id}/prod/GET/any/path`;
      expect(mayInvoke(work, 'apigateway.amazonaws.com', source)).toBe(true);
      expect(mayInvoke(work, 'sns.amazonaws.com', source)).toBe(false);
      expect(api.methods.map(({ httpMethod, path }) => `${httpMethod} ${path}`)).toEqual([
        'ANY /{proxy+}',
      ]);
      expect(region.subscriptions[0]?.endpoint).toBe(region.queues[0]?.arn);
      expect(region.outputs).toMatchObject({ Zone: 'eu-west-1a' });
      expect(region.eventSources).toEqual([
        expect.objectContaining({ functionArn: work.arn, queueArn: region.queues[0]?.arn }),
      ]);
      expect(region.notRun).toEqual([]);
    },
    SYNTHESIS_TIMEOUT_MS,
  );
});

describe("this project's app", () => {
  const names = resourceNames('dev');

  function readProject(context: Readonly<Record<string, unknown>>) {
    for (const job of FUNCTION_JOBS) bundle('functions', job);
    const outDir = mkdtempSync(join(root, 'project-'));
    synthesize(readConfiguration(context), { outDir, functionsDir: join(root, 'functions') });
    return readAssembly(outDir);
  }

  it(
    'is two Regions with two strongly consistent tables and every route of the contract',
    () => {
      const { regions, tables } = readProject({});
      expect(regions.map(({ region }) => region)).toEqual(['us-east-1', 'us-east-2']);
      const strong = {
        consistency: 'STRONG',
        replicas: ['us-east-1', 'us-east-2'],
        witness: 'us-west-2',
      };
      expect(tables).toEqual([
        expect.objectContaining({ name: names.paymentsTable, ...strong }),
        expect.objectContaining({ name: names.controlTable, ...strong }),
      ]);
      for (const region of regions) {
        expect(region.functions.map(({ name }) => name).toSorted()).toEqual(
          FUNCTION_JOBS.map((job) => names.functionName(job)).toSorted(),
        );
        const reservedBy = (job: FunctionJob) =>
          region.functions.find(({ name }) => name === names.functionName(job))
            ?.reservedConcurrency;
        expect([reservedBy('health'), reservedBy('process')]).toEqual([100, undefined]);
        const routes = region.restApis.flatMap(({ methods }) => methods);
        expect(routes.map(({ httpMethod, path }) => `${httpMethod} ${path}`).toSorted()).toEqual(
          ROUTES.map(({ method, path }) => `${method} ${path}`).toSorted(),
        );
        expect(region.queues.map(({ name }) => name)).toContain(names.paymentQueue);
        expect(Object.keys(region.outputs)).toEqual(expect.arrayContaining([...STACK_OUTPUTS]));
        expect(region.outputs['PaymentQueueUrl']).toBe(
          `https://sqs.${region.region}.amazonaws.com/111111111111/${names.paymentQueue}`,
        );
      }
    },
    SYNTHESIS_TIMEOUT_MS,
  );

  it(
    'lets API Gateway invoke every route, and a function use only the table of its own Region',
    () => {
      for (const region of readProject({}).regions) {
        const { id, stageName, methods } = region.restApis[0] ?? {
          id: '',
          stageName: '',
          methods: [],
        };
        expect(methods).not.toEqual([]);
        for (const { httpMethod, path, integration } of methods) {
          const work = region.functions.find(
            ({ arn }) => integration.type === 'AWS_PROXY' && arn === integration.functionArn,
          );
          const resource = `${id}/${stageName}/${httpMethod}${path.replaceAll(/\{\w+\}/g, '42')}`;
          const source = `arn:aws:execute-api:${region.region}:111111111111:${resource}`;
          expect(work && mayInvoke(work, 'apigateway.amazonaws.com', source)).toBe(true);
        }

        const { permits } = authorizerOf(region);
        const roleOf = (name: string) =>
          region.functions.find((work) => work.name === name)?.roleArn ?? '';
        const write = (name: string, tableRegion: string) =>
          permits(roleOf(name), {
            action: 'dynamodb:PutItem',
            resourceArn: `arn:aws:dynamodb:${tableRegion}:111111111111:table/${names.paymentsTable}`,
          }).decision;
        expect(write(names.functionName('process'), region.region)).toBe('allowed');
        expect(write(names.functionName('process'), 'us-west-2')).toBe('implicit-deny');
        expect(write(names.functionName('read'), region.region)).toBe('implicit-deny');
      }
    },
    SYNTHESIS_TIMEOUT_MS,
  );

  it(
    'is read with eventual consistency too',
    () => {
      const { regions, tables } = readProject({ consistency: 'eventual' });
      const replicas = ['us-east-1', 'us-east-2'];
      expect(tables).toMatchObject([
        { name: names.paymentsTable, consistency: 'EVENTUAL', replicas, witness: null },
        { name: names.controlTable, consistency: 'STRONG', replicas, witness: 'us-west-2' },
      ]);
      for (const region of regions) {
        const { permits } = authorizerOf(region);
        const consumer = region.functions.find(
          ({ name }) => name === names.functionName('consume'),
        );
        const take = (scope: string) =>
          permits(consumer?.roleArn ?? '', {
            action: 'dynamodb:UpdateItem',
            resourceArn: `arn:aws:dynamodb:${region.region}:111111111111:table/${names.controlTable}`,
            context: { 'dynamodb:leadingkeys': [scope] },
          }).decision;
        expect(take(CONTROL_TABLE.leaseScope)).toBe('allowed');
        expect(take(CONTROL_TABLE.auditScope)).toBe('implicit-deny');
      }
    },
    SYNTHESIS_TIMEOUT_MS,
  );

  it(
    'has the queue and the clock that invoke functions, and with a gateway its secret',
    () => {
      const context = { gateway: 'http', gatewayUrl: 'https://gateway.example.com' };
      for (const region of readProject(context).regions) {
        const arnOf = (job: FunctionJob) =>
          region.functions.find(({ name }) => name === names.functionName(job))?.arn;
        expect(region.eventSources).toMatchObject([
          { functionArn: arnOf('consume'), batchSize: 10, reportBatchItemFailures: true },
        ]);
        expect(region.schedules).toMatchObject([
          { expression: 'rate(1 minute)', targets: [{ functionArn: arnOf('sweep') }] },
          { expression: 'rate(1 minute)', targets: [{ functionArn: arnOf('orchestrate') }] },
        ]);
        expect(region.secrets).toMatchObject([{ name: names.gatewaySecret, replicaRegions: [] }]);
        const { environment } = region.functions.find(({ arn }) => arn === arnOf('sweep')) ?? {};
        expect(environment?.['GATEWAY_SECRET_NAME']).toBe(names.gatewaySecret);
      }
    },
    SYNTHESIS_TIMEOUT_MS,
  );
});
