/** The orchestrator's stack: what wakes the function, what it is told, and what it may do. */

import { describe, expect, test } from 'vitest';
import { ENVIRONMENT, FUNCTION_JOBS, resourceNames } from '#contract/names.ts';
import { EVENTUAL, functionOf, grantsOf, referenceTo, variablesOf } from './function-support.ts';
import {
  DOMAIN,
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

function topicArn(region: string, name = 'ops-alerts-dev'): string {
  return `arn:aws:sns:${region}:\${AWS::AccountId}:${name}`;
}

function orchestratorArn(failover: Template): string {
  return `\${${functionOf(failover, NAME).logicalId}.Arn}`;
}

function dlqArn(failover: Template): string {
  return `${referenceTo(failover, 'queue', 'failover-dlq-dev').slice(0, -1)}.Arn}`;
}

describe.each(synthesized().regions)('in $region', ({ region, template, failover }) => {
  test('the function has the size of the contract, and is the only one', () => {
    expect(functionOf(failover, NAME).Properties).toMatchObject({
      MemorySize: 256,
      Timeout: 60,
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
    });
    expect(resourcesOf(failover, 'AWS::Lambda::Function')).toHaveLength(1);
    expect(JSON.stringify(template)).not.toContain(`"FunctionName":"${NAME}"`);
  });

  test('the alarms of both Regions wake it, whatever their messages look like', () => {
    const subscriptions = resourcesOf(failover, 'AWS::SNS::Subscription').map((it) =>
      flat(it.Properties),
    );
    expect(subscriptions).toEqual(
      REGIONS.map((topicRegion) => ({
        Protocol: 'lambda',
        Endpoint: orchestratorArn(failover),
        TopicArn: topicArn(topicRegion),
        Region: topicRegion,
      })),
    );
  });

  test('it looks each minute, alarm or no alarm', () => {
    const [rule, ...others] = resourcesOf(failover, 'AWS::Events::Rule');
    expect(others).toEqual([]);
    expect(rule?.Properties).toMatchObject({
      Name: 'failover-tick-dev',
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
    });
    // No input of our own: the function knows the clock by the scheduled event's source.
    expect(flat(rule?.Properties['Targets'])).toEqual([
      { Id: 'Target0', Arn: orchestratorArn(failover) },
    ]);
  });

  test('only those two topics and that rule may invoke it', () => {
    const [rule] = resourcesOf(failover, 'AWS::Events::Rule');
    const may = resourcesOf(failover, 'AWS::Lambda::Permission').map(({ Properties }) => {
      expect(Properties['Action']).toBe('lambda:InvokeFunction');
      expect(flat(Properties['FunctionName'])).toBe(orchestratorArn(failover));
      return `${textOf(Properties['Principal'])} ${textOf(Properties['SourceArn'])}`;
    });
    expect(may.sort()).toEqual(
      [
        `events.amazonaws.com \${${rule?.logicalId}.Arn}`,
        ...REGIONS.map((topicRegion) => `sns.amazonaws.com ${topicArn(topicRegion)}`),
      ].sort(),
    );
  });

  test('what every attempt failed on is kept for two weeks, encrypted', () => {
    const queue = resourceNamed(failover, 'AWS::SQS::Queue', 'QueueName', 'failover-dlq-dev');
    expect(flat(functionOf(failover, NAME).Properties['DeadLetterConfig'])).toEqual({
      TargetArn: dlqArn(failover),
    });
    expect(queue.Properties).toMatchObject({
      MessageRetentionPeriod: 14 * 24 * 60 * 60,
      SqsManagedSseEnabled: true,
    });
    const [policy, ...others] = resourcesOf(failover, 'AWS::SQS::QueuePolicy');
    expect(others).toEqual([]);
    expect((flat(policy?.Properties['PolicyDocument']) as JsonObject)['Statement']).toEqual([
      expect.objectContaining({
        Effect: 'Deny',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    ]);
  });

  test('its role allows what its code calls and nothing else', () => {
    const logs = resourceNamed(
      failover,
      'AWS::Logs::LogGroup',
      'LogGroupName',
      `/aws/lambda/${NAME}`,
    );
    const lambdaArn = (name: string) =>
      `arn:aws:lambda:${region}:\${AWS::AccountId}:function:${name}-dev`;
    expect(grantsOf(failover, NAME)).toEqual([
      {
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [`\${${logs.logicalId}.Arn}`],
      },
      {
        actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
        resources: [`arn:aws:dynamodb:${region}:\${AWS::AccountId}:table/payments-control-dev`],
        condition: {
          'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['routing', 'presence'] },
        },
      },
      {
        actions: ['cloudwatch:DescribeAlarms'],
        resources: ['*'],
        condition: { StringEquals: { 'aws:RequestedRegion': REGIONS } },
      },
      {
        actions: ['lambda:InvokeFunction'],
        resources: [lambdaArn('payment-processor'), lambdaArn('payment-sweeper')],
      },
      { actions: ['sns:Publish'], resources: [topicArn(region)] },
      { actions: ['sqs:SendMessage'], resources: [dlqArn(failover)] },
    ]);
    expect(resourcesOf(failover, 'AWS::IAM::Policy')).toEqual([]);
    expect(resourcesOf(failover, 'AWS::IAM::ManagedPolicy')).toEqual([]);
  });

  test('is told the Region, the rules and the API as it stands', () => {
    expect(variablesOf(failover, NAME)).toEqual({
      PAYMENTS_TABLE: 'payments-dev',
      ENVIRONMENT_SUFFIX: 'dev',
      TRANSACTION_TOPIC_ARN: topicArn(region, 'transactions-dev'),
      PAYMENTS_CONTROL_TABLE: 'payments-control-dev',
      PAYMENTS_CONSISTENCY: 'strong',
      API_URL: { 'Fn::ImportValue': 'APIEndpoint-dev' },
      REGIONS: 'us-east-1,us-east-2',
      OPS_ALERT_TOPIC_ARN: topicArn(region),
      ROUTING_POLICY: 'active-passive',
      FAILBACK: 'manual',
      PROBE_INTERVAL_SECONDS: '10',
      SILENCE_SECONDS: '60',
      COOLDOWN_SECONDS: '300',
      SOAK_SECONDS: '1800',
    });
  });

  test('its alarms tell the topic of its own Region when they begin and when they end', () => {
    const alarms = resourcesOf(failover, 'AWS::CloudWatch::Alarm');
    const own = Object.values(resourceNames('dev').alarms).filter((it) =>
      it.startsWith('failover-'),
    );
    expect(alarms.map((it) => textOf(it.Properties['AlarmName'])).sort()).toEqual(own.sort());
    for (const { Properties } of alarms) {
      expect(flat(Properties['AlarmActions'])).toEqual([topicArn(region)]);
      expect(flat(Properties['OKActions'])).toEqual([topicArn(region)]);
    }
  });

  test('runs no code at deployment, and what it imports the Region exports', () => {
    const types = Object.values(failover.Resources).map(({ Type }) => Type);
    expect(types.filter((type) => /^Custom::|CustomResource/.test(type))).toEqual([]);
    const imports = [...JSON.stringify(failover).matchAll(/"Fn::ImportValue":"([^"]+)"/g)];
    const exported = Object.values(template.Outputs).map((output) => output.Export?.Name);
    for (const [, name] of imports) expect(exported).toContain(name);
    expect(imports).toHaveLength(1);
  });
});

test('with eventual consistency the role may have the lease follow the traffic', () => {
  for (const { failover } of synthesized(EVENTUAL).regions) {
    expect(grantsOf(failover, NAME)[1]?.condition).toEqual({
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['routing', 'presence', 'lease'] },
    });
    expect(variablesOf(failover, NAME)['PAYMENTS_CONSISTENCY']).toBe('eventual');
  }
});

test('settings reach the function, and with a domain it is found under its own name', () => {
  const context = {
    ...DOMAIN,
    routing: 'active-active',
    failback: 'automatic',
    failoverProbeSeconds: '5',
    failoverCooldownSeconds: '60',
    failbackSoakSeconds: '0',
  };
  for (const { region, failover } of synthesized(context).regions) {
    expect(variablesOf(failover, NAME)).toMatchObject({
      API_URL: `https://${region}.api.example.com`,
      ROUTING_POLICY: 'active-active',
      FAILBACK: 'automatic',
      PROBE_INTERVAL_SECONDS: '5',
      COOLDOWN_SECONDS: '60',
      SOAK_SECONDS: '0',
    });
  }
});

test('variables are all of the contract, and every job has its function', () => {
  const [stacks] = synthesized().regions;
  if (stacks === undefined) throw new Error('no Region');
  const known: readonly string[] = Object.values(ENVIRONMENT);
  const variables = Object.keys(variablesOf(stacks.failover, NAME));
  expect(variables.filter((name) => !known.includes(name))).toEqual([]);
  const functions = [stacks.template, stacks.failover].flatMap((it) =>
    resourcesOf(it, 'AWS::Lambda::Function').map(({ Properties }) => Properties['FunctionName']),
  );
  const { functionName } = resourceNames('dev');
  expect(functions.map(String).toSorted()).toEqual(
    FUNCTION_JOBS.map((job) => functionName(job)).toSorted(),
  );
});
