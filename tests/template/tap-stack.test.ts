/** The two stacks together: names, exports, order, and what the throw-away switch changes. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfiguration } from '#infra/configuration.ts';
import { MissingBundleError, synthesize } from '#infra/synthesize.ts';
import {
  DOMAIN,
  fakeBundles,
  flat,
  type JsonObject,
  resourceNamed,
  resourcesOf,
  scratchFolder,
  synthesized,
  type Template,
} from './support.ts';

interface Manifest {
  readonly artifacts: Readonly<
    Record<
      string,
      {
        readonly type: string;
        readonly environment?: string;
        readonly dependencies?: readonly string[];
        readonly properties?: JsonObject;
      }
    >
  >;
}

function manifestOf(outDir: string): Manifest['artifacts'] {
  return (JSON.parse(readFileSync(join(outDir, 'manifest.json'), 'utf8')) as Manifest).artifacts;
}

function typesOf(template: Template): readonly string[] {
  return Object.values(template.Resources).map((resource) => resource.Type);
}

describe('the cloud assembly', () => {
  test('has one stack named TapStack in each Region, the secondary after the primary', () => {
    const artifacts = manifestOf(synthesized().outDir);
    const stacks = Object.entries(artifacts).filter(
      ([id, { type }]) => type === 'aws:cloudformation:stack' && id.startsWith('TapStack-'),
    );
    expect(stacks.map(([id]) => id)).toEqual(['TapStack-us-east-1', 'TapStack-us-east-2']);
    for (const [id, { environment, properties }] of stacks) {
      expect(environment).toBe(`aws://unknown-account/${id.slice('TapStack-'.length)}`);
      expect(properties?.['stackName']).toBe('TapStack');
      expect(properties?.['terminationProtection']).toBe(true);
    }
    expect(artifacts['TapStack-us-east-2']?.dependencies).toContain('TapStack-us-east-1');
    expect(artifacts['TapStack-us-east-1']?.dependencies).not.toContain('TapStack-us-east-2');
  });

  test('has a domain after its own API, and failover after both of each, in each Region', () => {
    const artifacts = manifestOf(synthesized(DOMAIN).outDir);
    const dependenciesOf = (id: string) =>
      artifacts[id]?.dependencies?.filter((it) => !it.endsWith('.assets'));
    const named = (name: string) => [`${name}-us-east-1`, `${name}-us-east-2`];
    for (const region of ['us-east-1', 'us-east-2']) {
      const [failover, routing] = [`TapStackFailover-${region}`, `TapStackRouting-${region}`];
      // An orchestrator that can't find a Region by its name takes it for one that nobody reaches.
      expect(dependenciesOf(failover)).toEqual(
        [...named('TapStackRouting'), ...named('TapStack')].toSorted(),
      );
      expect(dependenciesOf(routing)).toEqual([`TapStack-${region}`]);
      expect(artifacts[failover]?.properties).toMatchObject({
        stackName: 'TapStackFailover',
        terminationProtection: true,
      });
      expect(artifacts[routing]?.properties).toMatchObject({
        stackName: 'TapStackRouting',
        terminationProtection: true,
      });
    }
    expect(Object.keys(manifestOf(synthesized().outDir)).join()).not.toContain('Routing');
  });

  test('names the account when it is known', () => {
    const outDir = scratchFolder();
    synthesize(readConfiguration({}), {
      outDir,
      functionsDir: fakeBundles(),
      account: '123456789012',
    });
    expect(manifestOf(outDir)['TapStack-us-east-2']?.environment).toBe(
      'aws://123456789012/us-east-2',
    );
  });

  test('rejects a function without a bundle and says what to run', () => {
    const options = { outDir: scratchFolder(), functionsDir: fakeBundles(['process']) };
    expect(() => synthesize(readConfiguration({}), options)).toThrow(MissingBundleError);
    expect(() => synthesize(readConfiguration({}), options)).toThrow(
      /run "npm run build".*\n {2}- .*process\/index\.mjs$/,
    );
  });
});

describe.each(synthesized().regions)('in $region', ({ region, template }) => {
  test('every output of the contract is there, exported under its name', () => {
    const exported = Object.entries(template.Outputs).map(([id, output]) => [
      id,
      output.Export?.Name,
    ]);
    expect(Object.fromEntries(exported)).toEqual({
      PaymentsTableName: 'PaymentsTableName-dev',
      PaymentsTableArn: 'PaymentsTableArn-dev',
      PaymentValidatorArn: 'PaymentValidatorArn-dev',
      PaymentProcessorArn: 'PaymentProcessorArn-dev',
      PaymentQueueUrl: 'PaymentQueueUrl-dev',
      PaymentQueueArn: 'PaymentQueueArn-dev',
      PaymentDLQUrl: 'PaymentDLQUrl-dev',
      APIEndpoint: 'APIEndpoint-dev',
      APIId: 'APIId-dev',
      OpsAlertTopicArn: 'OpsAlertTopicArn-dev',
      TransactionTopicArn: 'TransactionTopicArn-dev',
      DashboardName: 'DashboardName-dev',
      Region: 'DeployedRegion-dev',
    });
  });

  test('outputs name what they are called after', () => {
    const value = (output: string) => flat(template.Outputs[output]?.Value);
    const logicalId = (type: string, property: string, name: string) =>
      resourceNamed(template, type, property, name).logicalId;
    const queue = logicalId('AWS::SQS::Queue', 'QueueName', 'payment-queue-dev');
    const dlq = logicalId('AWS::SQS::Queue', 'QueueName', 'payment-dlq-dev');
    const [api] = resourcesOf(template, 'AWS::ApiGateway::RestApi');
    const [stage] = resourcesOf(template, 'AWS::ApiGateway::Stage');
    const lambda = (name: string) =>
      `\${${logicalId('AWS::Lambda::Function', 'FunctionName', name)}.Arn}`;
    expect(value('PaymentValidatorArn')).toBe(lambda('payment-validator-dev'));
    expect(value('PaymentProcessorArn')).toBe(lambda('payment-processor-dev'));
    expect(value('PaymentQueueUrl')).toBe(`\${${queue}}`);
    expect(value('PaymentQueueArn')).toBe(`\${${queue}.Arn}`);
    expect(value('PaymentDLQUrl')).toBe(`\${${dlq}}`);
    expect(value('APIId')).toBe(`\${${api?.logicalId}}`);
    expect(value('APIEndpoint')).toBe(
      `https://\${${api?.logicalId}}.execute-api.${region}.\${AWS::URLSuffix}/\${${stage?.logicalId}}/`,
    );
    expect(value('OpsAlertTopicArn')).toBe(
      `\${${logicalId('AWS::SNS::Topic', 'TopicName', 'ops-alerts-dev')}}`,
    );
    expect(value('TransactionTopicArn')).toBe(
      `\${${logicalId('AWS::SNS::Topic', 'TopicName', 'transactions-dev')}}`,
    );
    expect(value('DashboardName')).toBe('payment-dr-dev');
    expect(value('Region')).toBe(region);
  });

  test('no resource runs code at deployment, and none reaches for another stack', () => {
    expect(typesOf(template).filter((type) => /^Custom::|CustomResource/.test(type))).toEqual([]);
    expect(JSON.stringify(template)).not.toContain('Fn::ImportValue');
    expect(JSON.stringify(template)).not.toContain('ZipFile');
  });

  test('nothing that is global to the account has a name', () => {
    for (const type of typesOf(template).filter((it) => it.startsWith('AWS::IAM::'))) {
      for (const { Properties } of resourcesOf(template, type)) {
        expect(
          Object.keys(Properties).filter((key) => /^(Role|User|Group)Name$/.test(key)),
        ).toEqual([]);
      }
    }
  });

  test('no resource of the other Region is referred to but by the dashboard', () => {
    const other = region === 'us-east-1' ? 'us-east-2' : 'us-east-1';
    // The health check is told the Regions' names; it reaches for nothing by them.
    const regions = '"REGIONS":"us-east-1,us-east-2"';
    const strangers = Object.values(template.Resources).filter(
      (resource) =>
        !['AWS::CloudWatch::Dashboard', 'AWS::DynamoDB::GlobalTable'].includes(resource.Type) &&
        JSON.stringify(resource).replace(regions, '').includes(other),
    );
    expect(strangers).toEqual([]);
  });

  test('every name carries the environment', () => {
    const other = synthesized({ environmentSuffix: 'pr123' }).regions.find(
      (it) => it.region === region,
    );
    const nameOf = ({ Properties }: { Properties: JsonObject }) =>
      Object.entries(Properties)
        .filter(([key, value]) => key.endsWith('Name') && typeof value === 'string')
        .map(([key, value]) => `${key} ${value as string}`);
    const named = new Set(['AlarmName', 'FunctionName', 'LogGroupName', 'QueueName', 'TopicName']);
    const names = Object.values(other?.template.Resources ?? {})
      .flatMap(nameOf)
      .filter((it) => named.has(it.split(' ')[0] ?? ''));
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !name.includes('pr123'))).toEqual([]);
  });
});

test.each([
  ['strong consistency', {}],
  ['eventual consistency', { consistency: 'eventual' }],
  ['a gateway', { gateway: 'http', gatewayUrl: 'https://gateway.example.com' }],
])('with %s the secondary differs by the two tables and the dashboard alone', (_, context) => {
  const { primary, secondary } = synthesized(context);
  // Ids of deployments and of permissions carry a hash and the stack's name.
  const typesById = ({ Resources }: Template) =>
    Object.entries(Resources).map(
      ([id, { Type }]) => `${Type} ${id.replace(/(useast[12].*|[0-9a-f]{32})$/, '')}`,
    );
  const inSecondary = new Set(typesById(secondary));
  expect(typesById(primary).filter((it) => !inSecondary.has(it))).toEqual([
    expect.stringMatching(/^AWS::DynamoDB::GlobalTable PaymentsTable/),
    expect.stringMatching(/^AWS::DynamoDB::GlobalTable ControlTable/),
    expect.stringMatching(/^AWS::CloudWatch::Dashboard /),
  ]);
  expect(typesOf(secondary)).toHaveLength(typesOf(primary).length - 3);
});

test('the secondary names its own replica, which no other stack has to tell it', () => {
  const { Outputs } = synthesized().secondary;
  expect(Outputs['PaymentsTableName']?.Value).toBe('payments-dev');
  expect(flat(Outputs['PaymentsTableArn']?.Value)).toBe(
    'arn:aws:dynamodb:us-east-2:${AWS::AccountId}:table/payments-dev',
  );
});

test('the same configuration and code give the same templates', () => {
  const again = scratchFolder();
  synthesize(readConfiguration({}), { outDir: again, functionsDir: fakeBundles() });
  for (const path of synthesized().templatePaths) {
    const name = path.split('/').at(-1) ?? '';
    expect(readFileSync(join(again, name), 'utf8')).toBe(readFileSync(path, 'utf8'));
  }
});

describe('throwAway', () => {
  const kept = synthesized({ environmentSuffix: 'pr7' });
  const thrown = synthesized({ environmentSuffix: 'pr7', throwAway: 'true' });

  test('destroys the tables and the logs, unprotected, and changes nothing else', () => {
    const changed = new Map<string, Set<string>>();
    for (const [index, { template }] of thrown.regions.entries()) {
      const before = kept.regions[index]?.template.Resources ?? {};
      expect(Object.keys(template.Resources)).toEqual(Object.keys(before));
      for (const [logicalId, resource] of Object.entries(template.Resources)) {
        const was = before[logicalId];
        const keys = changed.get(resource.Type) ?? new Set<string>();
        for (const key of ['DeletionPolicy', 'UpdateReplacePolicy', 'Properties'] as const) {
          if (JSON.stringify(resource[key]) !== JSON.stringify(was?.[key])) {
            keys.add(
              `${key} ${key === 'Properties' ? '' : `${was?.[key]} → ${resource[key]}`}`.trim(),
            );
          }
        }
        if (keys.size > 0) changed.set(resource.Type, keys);
      }
      expect(template.Outputs).toEqual(kept.regions[index]?.template.Outputs);
    }
    expect(Object.fromEntries([...changed].map(([type, keys]) => [type, [...keys]]))).toEqual({
      'AWS::DynamoDB::GlobalTable': [
        'DeletionPolicy Retain → Delete',
        'UpdateReplacePolicy Retain → Delete',
        'Properties',
      ],
      'AWS::Logs::LogGroup': [
        'DeletionPolicy RetainExceptOnCreate → Delete',
        'UpdateReplacePolicy Retain → Delete',
      ],
    });
  });

  test.each(['payments-pr7', 'payments-control-pr7'])(
    'takes deletion protection from each replica of %s and keeps its backups',
    (tableName) => {
      const tableIn = (template: Template) =>
        resourceNamed(template, 'AWS::DynamoDB::GlobalTable', 'TableName', tableName).Properties;
      const replicas = tableIn(thrown.primary)['Replicas'] as readonly JsonObject[];
      expect(replicas).toEqual(
        (tableIn(kept.primary)['Replicas'] as readonly JsonObject[]).map((replica) => ({
          ...replica,
          DeletionProtectionEnabled: false,
        })),
      );
      for (const replica of replicas) {
        expect(replica['PointInTimeRecoverySpecification']).toEqual({
          PointInTimeRecoveryEnabled: true,
        });
      }
    },
  );

  test('takes termination protection from the stacks', () => {
    const protection = (outDir: string) =>
      ['TapStack-us-east-1', 'TapStack-us-east-2'].map(
        (id) => manifestOf(outDir)[id]?.properties?.['terminationProtection'] ?? false,
      );
    expect(protection(kept.outDir)).toEqual([true, true]);
    expect(protection(thrown.outDir)).toEqual([false, false]);
  });
});
