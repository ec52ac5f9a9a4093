/** Operators' verbs as Systems Manager documents: what each asks of the orchestrator, and with which rights. */

import { describe, expect, test } from 'vitest';
import { functionOf } from './function-support.ts';
import {
  flat,
  type JsonObject,
  resourceNamed,
  resourcesOf,
  synthesized,
  type Template,
  textOf,
} from './support.ts';

const NAME = 'failover-orchestrator-dev';
const REGIONS = ['us-east-1', 'us-east-2'];

function contentOf(failover: Template, verb: string): JsonObject {
  const document = resourceNamed(
    failover,
    'AWS::SSM::Document',
    'Name',
    `holdfast-${verb}-dev`,
  ).Properties;
  expect(document).toMatchObject({ DocumentType: 'Automation', UpdateMethod: 'NewVersion' });
  return flat(document['Content']) as JsonObject;
}

describe.each(synthesized().regions)('in $region', ({ region, failover }) => {
  test.each([
    ['failover', { to: '{{ to }}' }, { to: REGIONS }],
    ['failback', {}, {}],
    ['drain', { region: '{{ region }}' }, { region: REGIONS }],
    ['undrain', { region: '{{ region }}' }, { region: REGIONS }],
    ['mode', { mode: '{{ mode }}' }, { mode: ['auto', 'manual'] }],
  ])('%s asks the orchestrator once, in the words it reads', (verb, argument, allowed) => {
    const content = contentOf(failover, verb);
    expect(content['mainSteps']).toEqual([
      expect.objectContaining({
        action: 'aws:invokeLambdaFunction',
        maxAttempts: 1,
        inputs: {
          FunctionName: `\${${functionOf(failover, NAME).logicalId}}`,
          InvocationType: 'RequestResponse',
          InputPayload: {
            operator: { verb, ...argument, reason: '{{ reason }}', actor: '{{ actor }}' },
          },
        },
      }),
    ]);
    const { reason, actor, ...rest } = content['parameters'] as Record<string, JsonObject>;
    expect(
      Object.fromEntries(Object.entries(rest).map(([key, it]) => [key, it['allowedValues']])),
    ).toEqual(allowed);
    for (const said of [reason, actor]) {
      const pattern = new RegExp(textOf(said?.['allowedPattern']));
      expect('planned: us-east-1 maintenance (ticket #12)').toMatch(pattern);
      for (const bad of ['', 'a"b', 'a{{b}}', 'a\nb', `a${'b'.repeat(200)}`]) {
        expect(bad).not.toMatch(pattern);
      }
    }
  });

  test('waits for the answer longer than the function may take, and shows it', () => {
    const content = contentOf(failover, 'failover');
    const [step] = content['mainSteps'] as readonly JsonObject[];
    const timeout = Number(functionOf(failover, NAME).Properties['Timeout']);
    expect(Number(step?.['timeoutSeconds'])).toBeGreaterThan(timeout);
    expect(content['outputs']).toEqual(['failover.Payload']);
  });

  test('their role may invoke that function, for automations of this account and Region only', () => {
    const roles = resourcesOf(failover, 'AWS::IAM::Role').filter((role) =>
      JSON.stringify(role.Properties['AssumeRolePolicyDocument']).includes('ssm.amazonaws.com'),
    );
    expect(roles).toHaveLength(1);
    const [role] = roles;
    const policies = role?.Properties['Policies'] as readonly JsonObject[];
    expect(policies.map((policy) => flat(policy['PolicyDocument']))).toEqual([
      {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: 'lambda:InvokeFunction',
            Resource: `\${${functionOf(failover, NAME).logicalId}.Arn}`,
          },
        ],
      },
    ]);
    const trust = flat(role?.Properties['AssumeRolePolicyDocument']) as JsonObject;
    expect(trust['Statement']).toEqual([
      expect.objectContaining({
        Condition: {
          StringEquals: { 'aws:SourceAccount': '${AWS::AccountId}' },
          ArnLike: {
            'aws:SourceArn': `arn:aws:ssm:${region}:\${AWS::AccountId}:automation-execution/*`,
          },
        },
      }),
    ]);
    for (const document of resourcesOf(failover, 'AWS::SSM::Document')) {
      const content = flat(document.Properties['Content']) as JsonObject;
      expect(content['assumeRole']).toBe(`\${${role?.logicalId}.Arn}`);
    }
  });

  test('there are five of them', () => {
    expect(resourcesOf(failover, 'AWS::SSM::Document')).toHaveLength(5);
  });
});
