/** The functions: their sizes, roles, variables and logs. What each may do is in function-rights.test.ts. */

import { describe, expect, test } from 'vitest';
import { ENVIRONMENT, PAYMENT_JOBS, type PaymentJob, resourceNames } from '#contract/names.ts';
import {
  EVENTUAL,
  functionOf,
  HTTP_GATEWAY,
  referenceTo,
  STRONG,
  variablesOf,
} from './function-support.ts';
import { flat, resourceNamed, resourcesOf, synthesized, textOf } from './support.ts';

const both = synthesized().regions;

describe.each(both)('in $region', ({ template }) => {
  test.each([
    ['payment-validator-dev', 512, 30],
    ['payment-processor-dev', 1024, 15],
    ['payment-intake-dev', 1024, 15],
    ['payment-consumer-dev', 1024, 30],
    ['payment-refunder-dev', 1024, 15],
    ['payment-sweeper-dev', 1024, 60],
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
    expect(resourcesOf(template, 'AWS::Lambda::Function')).toHaveLength(8);
  });

  test('each function has a role of its own, without a name, for Lambda only', () => {
    const roles = resourcesOf(template, 'AWS::IAM::Role');
    expect(roles).toHaveLength(8);
    const used = resourcesOf(template, 'AWS::Lambda::Function').map((it) =>
      flat(it.Properties['Role']),
    );
    expect(new Set(used).size).toBe(8);
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

/** Names of variables, by function. */
const NAMES: Readonly<Record<PaymentJob, readonly string[]>> = {
  validate: ['PAYMENTS_TABLE', 'ENVIRONMENT_SUFFIX'],
  read: ['PAYMENTS_TABLE', 'ENVIRONMENT_SUFFIX'],
  health: [
    'PAYMENTS_TABLE',
    'ENVIRONMENT_SUFFIX',
    'PAYMENTS_CONSISTENCY',
    'PAYMENTS_CONTROL_TABLE',
    'REGIONS',
    'ROUTING_POLICY',
  ],
  process: [
    'PAYMENTS_TABLE',
    'ENVIRONMENT_SUFFIX',
    'PAYMENTS_CONSISTENCY',
    'TRANSACTION_TOPIC_ARN',
  ],
  refund: ['PAYMENTS_TABLE', 'ENVIRONMENT_SUFFIX', 'PAYMENTS_CONSISTENCY', 'TRANSACTION_TOPIC_ARN'],
  sweep: ['PAYMENTS_TABLE', 'ENVIRONMENT_SUFFIX', 'PAYMENTS_CONSISTENCY', 'TRANSACTION_TOPIC_ARN'],
  accept: ['PAYMENTS_TABLE', 'ENVIRONMENT_SUFFIX', 'PAYMENTS_CONSISTENCY', 'PAYMENT_QUEUE_URL'],
  consume: [
    'PAYMENTS_TABLE',
    'ENVIRONMENT_SUFFIX',
    'PAYMENTS_CONSISTENCY',
    'TRANSACTION_TOPIC_ARN',
    'PAYMENT_QUEUE_URL',
  ],
};
const NO_JOBS: readonly PaymentJob[] = [];
const WRITERS: readonly PaymentJob[] = ['process', 'accept', 'consume', 'refund', 'sweep'];
const CARRIERS: readonly PaymentJob[] = ['process', 'consume', 'refund', 'sweep'];

describe('environment variables', () => {
  const { functionName } = resourceNames('dev');

  test.each([
    ['strong consistency', STRONG, NO_JOBS, []],
    ['eventual consistency', EVENTUAL, WRITERS, ['PAYMENTS_CONTROL_TABLE', 'PRIMARY_REGION']],
    ['a gateway', HTTP_GATEWAY, CARRIERS, ['GATEWAY_URL', 'GATEWAY_SECRET_NAME']],
  ])('with %s tell each function what it needs and no more', (_, context, jobs, more) => {
    for (const { template } of synthesized(context).regions) {
      for (const job of PAYMENT_JOBS) {
        const expected = [...NAMES[job], ...(jobs.includes(job) ? more : [])];
        expect(Object.keys(variablesOf(template, functionName(job))).sort()).toEqual(
          expected.sort(),
        );
      }
    }
  });

  test.each([
    ['strong', STRONG],
    ['eventual', EVENTUAL],
  ])('say that consistency is %s', (consistency, context) => {
    for (const { template } of synthesized(context).regions) {
      for (const name of ['processor', 'intake', 'consumer', 'refunder', 'sweeper', 'health']) {
        const variables = variablesOf(template, `payment-${name}-dev`);
        expect(variables['PAYMENTS_CONSISTENCY']).toBe(consistency);
      }
    }
  });

  test("point at the Region's own resources, and in both Regions at one primary", () => {
    const context = { ...EVENTUAL, ...HTTP_GATEWAY };
    for (const { template } of synthesized(context).regions) {
      expect(variablesOf(template, 'payment-consumer-dev')).toEqual({
        PAYMENTS_TABLE: textOf(template.Outputs['PaymentsTableName']?.Value),
        ENVIRONMENT_SUFFIX: 'dev',
        PAYMENTS_CONSISTENCY: 'eventual',
        PAYMENTS_CONTROL_TABLE: expect.stringMatching(
          /^payments-control-dev$|^\$\{ControlTable\w+\}$/,
        ),
        PRIMARY_REGION: 'us-east-1',
        TRANSACTION_TOPIC_ARN: referenceTo(template, 'topic', 'transactions-dev'),
        PAYMENT_QUEUE_URL: referenceTo(template, 'queue', 'payment-queue-dev'),
        GATEWAY_URL: 'https://gateway.example.com/v1',
        GATEWAY_SECRET_NAME: 'payment-gateway-dev',
      });
    }
  });

  test('tell the health check where traffic goes while the routing log is empty', () => {
    for (const { template } of synthesized({ routing: 'active-active' }).regions) {
      expect(variablesOf(template, 'payment-health-dev')).toMatchObject({
        REGIONS: 'us-east-1,us-east-2',
        ROUTING_POLICY: 'active-active',
      });
    }
  });

  test('are all of the contract', () => {
    const known: readonly string[] = Object.values(ENVIRONMENT);
    for (const job of PAYMENT_JOBS) {
      const variables = variablesOf(synthesized(HTTP_GATEWAY).primary, functionName(job));
      expect(Object.keys(variables).filter((name) => !known.includes(name))).toEqual([]);
    }
  });
});
