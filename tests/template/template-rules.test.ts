/** Rules that others made for templates: cdk-nag, CloudFormation's own schema, cfn-lint. */

import { spawnSync } from 'node:child_process';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { type App, Stack, Validations } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { readConfiguration } from '#infra/configuration.ts';
import { buildApp } from '#infra/synthesize.ts';
import { schemaProblems } from './schema-problems.ts';
import { DOMAIN, fakeBundles, scratchFolder, synthesized } from './support.ts';

/** Between them every resource and every property that a configuration can bring. */
const CONFIGURATIONS: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { consistency: 'eventual' },
  { gateway: 'http', gatewayUrl: 'https://gateway.example.com/v1' },
  {
    environmentSuffix: 'pr7',
    consistency: 'eventual',
    timeToLiveAttribute: 'expires_at',
    throwAway: true,
    apiAccess: 'open',
    apiDataTrace: true,
    apiGatewayAccountRole: true,
    ...DOMAIN,
  },
  { ...DOMAIN, routing: 'active-active', chaos: true },
];

function appOf(context: Readonly<Record<string, unknown>> = {}): App {
  const app = buildApp(readConfiguration(context), {
    outDir: scratchFolder(),
    functionsDir: fakeBundles(),
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks());
  return app;
}

/** Rules acknowledged anywhere in the app, with the reasons given. */
function acknowledgementsOf(app: App): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const construct of app.node.findAll()) {
    for (const { type, data } of construct.node.metadata) {
      if (type !== Validations.ACKNOWLEDGED_RULES_METADATA_KEY) continue;
      for (const [rule, reason] of Object.entries(data as Record<string, string>)) {
        found.set(`${construct.node.path} ${rule.replace(/^annotation::/i, '')}`, reason);
      }
    }
  }
  return found;
}

describe('cdk-nag AwsSolutions', () => {
  test.each(CONFIGURATIONS)('finds nothing in %j', (context) => {
    const app = appOf(context);
    expect(() => app.synth()).not.toThrow();
  });

  test('rejects a queue that breaks its rules, so that silence means something', () => {
    const app = appOf();
    const stack = app.node.findChild('TapStack-us-east-2');
    if (!(stack instanceof Stack)) throw new Error('expected a stack');
    new Queue(stack, 'Unprotected');
    expect(() => app.synth()).toThrow(/AwsSolutions-SQS4/);
  });

  test('is acknowledged in few places, each with a reason', () => {
    const context = { gateway: 'http', gatewayUrl: 'https://gateway.example.com/v1' };
    const acknowledged = acknowledgementsOf(appOf(context));
    const expected = ['us-east-1', 'us-east-2'].flatMap((region) => [
      `TapStack-${region}/PaymentApi/Api AwsSolutions-APIG2`,
      `TapStack-${region}/PaymentApi/Api AwsSolutions-APIG3`,
      `TapStack-${region}/PaymentApi/Api AwsSolutions-COG4`,
      `TapStack-${region}/PaymentApi/Api/Default/health/GET AwsSolutions-APIG4`,
      `TapStack-${region}/PaymentApi/Api/Default/health/traffic/GET AwsSolutions-APIG4`,
      `TapStack-${region}/GatewaySecret AwsSolutions-SMG4`,
      `TapStackFailover-${region}/Orchestrator/DeadLetters AwsSolutions-SQS3`,
      `TapStackFailover-${region}/Orchestrator/Orchestrate AwsSolutions-IAM5[Resource::*]`,
    ]);
    expect([...acknowledged.keys()].sort()).toEqual(expected.sort());
    for (const reason of acknowledged.values()) expect(reason).toMatch(/^[A-Z].{60,}\.$/);
  });
});

describe("CloudFormation's schema", () => {
  const database = loadAwsServiceSpecSync();

  test.each(CONFIGURATIONS)('knows every property of %j', (context) => {
    const templates = synthesized(context).regions.flatMap(
      ({ template, failover, routing, chaos }) => [template, failover, routing, chaos],
    );
    const problems = templates.flatMap((template) =>
      template === null ? [] : schemaProblems(database, template),
    );
    expect(problems).toEqual([]);
  });

  test('rejects what it does not know, at any depth', () => {
    const template = {
      Outputs: {},
      Resources: {
        Table: {
          Type: 'AWS::DynamoDB::GlobalTable',
          Properties: {
            KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
            Replicas: [{ Region: 'us-east-1', DeletionProtection: true }],
            StreamSpecification: { StreamViewType: { Ref: 'View' } },
          },
        },
        Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: '300' } },
        Thing: { Type: 'AWS::SQS::Thing', Properties: {} },
      },
    };
    expect(schemaProblems(database, template)).toEqual([
      'Table.Replicas[0].DeletionProtection: unknown property',
      'Queue.VisibilityTimeout: expected integer',
      'Thing: unknown type AWS::SQS::Thing',
    ]);
  });
});

describe('cfn-lint', () => {
  const version = spawnSync('cfn-lint', ['--version'], { encoding: 'utf8' });
  const installed = version.error === undefined && version.status === 0;
  if (!installed) {
    console.warn('cfn-lint is not on PATH: the templates were NOT linted by it.');
  }

  // One process for all templates: most of its time goes into starting.
  test.skipIf(!installed)('finds nothing in any template', () => {
    const paths = CONFIGURATIONS.flatMap((context) => synthesized(context).templatePaths);
    expect(paths).toHaveLength(3 * 4 + 6 + 8);
    const lint = spawnSync('cfn-lint', ['--regions', 'us-east-1', 'us-east-2', '--', ...paths], {
      encoding: 'utf8',
    });
    expect(`${lint.stdout}${lint.stderr}`).toBe('');
    expect(lint.status).toBe(0);
  });
});
