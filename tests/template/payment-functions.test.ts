/** The functions and what each may do: the exact actions on the exact resources. */

import { describe, expect, test } from 'vitest';
import {
  flat,
  type Json,
  type JsonObject,
  listOf,
  resourceNamed,
  resourcesOf,
  synthesized,
  type Template,
  textOf,
} from './support.ts';

const both = synthesized().regions;

interface Grant {
  readonly actions: readonly Json[];
  readonly resources: readonly Json[];
  readonly condition?: Json;
}

function functionOf(template: Template, name: string) {
  return resourceNamed(template, 'AWS::Lambda::Function', 'FunctionName', name);
}

/** What the role of a function allows. Fails when rights come from anywhere but its inline policy. */
function grantsOf(template: Template, name: string): readonly Grant[] {
  const roleArn = textOf(functionOf(template, name).Properties['Role']);
  const role = template.Resources[roleArn.slice(2, -'.Arn}'.length)];
  if (role === undefined) throw new Error(`no role ${roleArn}`);
  expect(role.Type).toBe('AWS::IAM::Role');
  expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
  const policies = role.Properties['Policies'] as readonly JsonObject[];
  return policies.flatMap((policy) => {
    const document = policy['PolicyDocument'] as JsonObject;
    return listOf(document['Statement']).map((statement) => {
      const { Action, Resource, Effect, Condition } = statement as JsonObject;
      expect(Effect).toBe('Allow');
      return {
        actions: listOf(Action),
        resources: listOf(flat(Resource)),
        ...(Condition === undefined ? {} : { condition: Condition }),
      };
    });
  });
}

/** The ARN of the table as the stack of a Region writes it. */
function tableArnIn(region: string, template: Template): string {
  const [table] = resourcesOf(template, 'AWS::DynamoDB::GlobalTable');
  return table === undefined
    ? `arn:aws:dynamodb:${region}:\${AWS::AccountId}:table/payments-dev`
    : `\${${table.logicalId}.Arn}`;
}

function logGrant(template: Template, name: string): Grant {
  const group = resourceNamed(
    template,
    'AWS::Logs::LogGroup',
    'LogGroupName',
    `/aws/lambda/${name}`,
  );
  return {
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [`\${${group.logicalId}.Arn}`],
  };
}

describe.each(both)('in $region', ({ region, template }) => {
  test.each([
    ['payment-validator-dev', 512, 30],
    ['payment-processor-dev', 1024, 15],
    ['payment-reader-dev', 512, 15],
    ['payment-health-dev', 256, 5],
  ])('%s has %i MB and %i s', (name, MemorySize, Timeout) => {
    expect(functionOf(template, name).Properties).toMatchObject({
      MemorySize,
      Timeout,
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
    });
  });

  test('there are no other functions', () => {
    expect(resourcesOf(template, 'AWS::Lambda::Function')).toHaveLength(4);
  });

  test('the validator may log and nothing else', () => {
    const name = 'payment-validator-dev';
    expect(grantsOf(template, name)).toEqual([logGrant(template, name)]);
  });

  test("the processor may write items of its own Region's replica and publish there", () => {
    const name = 'payment-processor-dev';
    const topic = resourceNamed(template, 'AWS::SNS::Topic', 'TopicName', 'transactions-dev');
    expect(grantsOf(template, name)).toEqual([
      logGrant(template, name),
      {
        actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
        resources: [tableArnIn(region, template)],
      },
      { actions: ['sns:Publish'], resources: [`\${${topic.logicalId}}`] },
    ]);
  });

  test('the reader may query the table and customer-index', () => {
    const name = 'payment-reader-dev';
    const table = tableArnIn(region, template);
    expect(grantsOf(template, name)).toEqual([
      logGrant(template, name),
      { actions: ['dynamodb:Query'], resources: [table, `${table}/index/customer-index`] },
    ]);
  });

  test('the health check may read one key, which no payment has', () => {
    const name = 'payment-health-dev';
    expect(grantsOf(template, name)).toEqual([
      logGrant(template, name),
      {
        actions: ['dynamodb:GetItem'],
        resources: [tableArnIn(region, template)],
        condition: {
          'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [' health-probe'] },
        },
      },
    ]);
  });

  test('no identity policy has a wildcard', () => {
    for (const name of ['validator', 'processor', 'reader', 'health']) {
      for (const { actions, resources } of grantsOf(template, `payment-${name}-dev`)) {
        expect(JSON.stringify([actions, resources])).not.toContain('*');
      }
    }
    expect(resourcesOf(template, 'AWS::IAM::Policy')).toEqual([]);
    expect(resourcesOf(template, 'AWS::IAM::ManagedPolicy')).toEqual([]);
  });

  test('each function has a role of its own, without a name, for Lambda only', () => {
    const roles = resourcesOf(template, 'AWS::IAM::Role');
    expect(roles).toHaveLength(4);
    const used = resourcesOf(template, 'AWS::Lambda::Function').map((it) =>
      flat(it.Properties['Role']),
    );
    expect(new Set(used).size).toBe(4);
    for (const role of roles) {
      expect(role.Properties).not.toHaveProperty('RoleName');
      expect(role.Properties['AssumeRolePolicyDocument']).toEqual({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            Principal: { Service: 'lambda.amazonaws.com' },
          },
        ],
      });
    }
  });

  test('only the processor is told of the topic', () => {
    const variables = (name: string) => {
      const environment = functionOf(template, name).Properties['Environment'] as JsonObject;
      return Object.keys(environment['Variables'] as JsonObject).sort();
    };
    const common = ['ENVIRONMENT_SUFFIX', 'PAYMENTS_TABLE'];
    expect(variables('payment-processor-dev')).toEqual([...common, 'TRANSACTION_TOPIC_ARN']);
    for (const name of ['validator', 'reader', 'health']) {
      expect(variables(`payment-${name}-dev`)).toEqual(common);
    }
  });

  test('each function logs to its own group for a month', () => {
    for (const { Properties } of resourcesOf(template, 'AWS::Lambda::Function')) {
      const group = resourceNamed(
        template,
        'AWS::Logs::LogGroup',
        'LogGroupName',
        `/aws/lambda/${textOf(Properties['FunctionName'])}`,
      );
      expect(flat(Properties['LoggingConfig'])).toEqual({ LogGroup: `\${${group.logicalId}}` });
      expect(group.Properties['RetentionInDays']).toBe(30);
    }
  });
});
