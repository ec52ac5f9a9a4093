/** What each function may do: the exact actions on the exact resources, and nothing else. */

import { describe, expect, test } from 'vitest';
import { PAYMENT_JOBS, resourceNames } from '#contract/names.ts';
import {
  EVENTUAL,
  type Grant,
  grantsOf,
  HTTP_GATEWAY,
  referenceTo,
  STRONG,
  tableArnIn,
} from './function-support.ts';
import { resourceNamed, resourcesOf, synthesized, type Template } from './support.ts';

const names = resourceNames('dev');

/** Jobs that write payments, and of these the ones that charge, publish and close. */
const WRITERS = ['process', 'accept', 'consume', 'refund', 'sweep'] as const;
const CARRIERS = ['process', 'consume', 'refund', 'sweep'] as const;
type Job = (typeof PAYMENT_JOBS)[number];

/** The rights of every function besides logging, with strong consistency and the recording gateway. */
function rightsIn(region: string, template: Template): Readonly<Record<Job, readonly Grant[]>> {
  const table = tableArnIn(region, template, 'payments-dev');
  const queue = `${referenceTo(template, 'queue', 'payment-queue-dev').slice(0, -1)}.Arn}`;
  const publish: Grant = {
    actions: ['sns:Publish'],
    resources: [referenceTo(template, 'topic', 'transactions-dev')],
  };
  const carryOn: Grant = {
    actions: [
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
    ],
    resources: [table],
  };
  return {
    validate: [],
    process: [
      {
        actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
        resources: [table],
      },
      publish,
    ],
    accept: [
      { actions: ['dynamodb:GetItem', 'dynamodb:PutItem'], resources: [table] },
      { actions: ['sqs:SendMessage'], resources: [queue] },
    ],
    consume: [
      carryOn,
      {
        actions: [
          'sqs:ChangeMessageVisibility',
          'sqs:DeleteMessage',
          'sqs:GetQueueAttributes',
          'sqs:ReceiveMessage',
        ],
        resources: [queue],
      },
      publish,
    ],
    refund: [
      { actions: ['dynamodb:BatchGetItem', 'dynamodb:UpdateItem'], resources: [table] },
      publish,
    ],
    sweep: [
      carryOn,
      { actions: ['dynamodb:Query'], resources: [`${table}/index/open-index`] },
      publish,
    ],
    read: [{ actions: ['dynamodb:Query'], resources: [table, `${table}/index/customer-index`] }],
    health: [
      {
        actions: ['dynamodb:GetItem'],
        resources: [table],
        condition: {
          'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [' health-probe'] },
        },
      },
      {
        actions: ['dynamodb:Query'],
        resources: [tableArnIn(region, template, 'payments-control-dev')],
        condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['routing'] } },
      },
    ],
  };
}

/** Rights besides logging. */
function rightsOf(template: Template, job: Job): readonly Grant[] {
  return grantsOf(template, names.functionName(job)).slice(1);
}

/** Those of `now` that were not there before. Fails when one of before is gone. */
function addedRights(before: readonly Grant[], now: readonly Grant[]): readonly Grant[] {
  const known = new Set(before.map((grant) => JSON.stringify(grant)));
  const added = now.filter((grant) => !known.delete(JSON.stringify(grant)));
  expect([...known]).toEqual([]);
  return added;
}

/** The stacks of both Regions of a configuration, beside the strong ones with the recording gateway. */
function besidesStrong(context: Readonly<Record<string, unknown>>) {
  return synthesized(context).regions.map(({ region, template }, index) => {
    const plain = synthesized(STRONG).regions[index]?.template;
    if (plain === undefined) throw new Error(`no ${region} without it`);
    return { region, template, plain };
  });
}

describe.each(synthesized(STRONG).regions)('in $region', ({ region, template }) => {
  test.each(PAYMENT_JOBS)('the role of %s allows what its code calls and nothing else', (job) => {
    expect(rightsOf(template, job)).toEqual(rightsIn(region, template)[job]);
  });

  test.each(PAYMENT_JOBS)('%s may log to its own group', (job) => {
    const logGroupName = `/aws/lambda/${names.functionName(job)}`;
    const group = resourceNamed(template, 'AWS::Logs::LogGroup', 'LogGroupName', logGroupName);
    expect(grantsOf(template, names.functionName(job))[0]).toEqual({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [`\${${group.logicalId}.Arn}`],
    });
  });
});

describe.each(besidesStrong(EVENTUAL))('with eventual consistency in $region', (it) => {
  const { region, template, plain } = it;

  test.each(WRITERS)('%s may take and renew the lease, and no other item of its table', (job) => {
    expect(addedRights(rightsOf(plain, job), rightsOf(template, job))).toEqual([
      {
        actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem'],
        resources: [tableArnIn(region, template, 'payments-control-dev')],
        condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['lease'] } },
      },
    ]);
  });

  test.each(['validate', 'read', 'health'] as const)('%s has no part in the lease', (job) => {
    expect(rightsOf(template, job)).toEqual(rightsOf(plain, job));
  });
});

test.each(synthesized(STRONG).regions)(
  'only the health check reads the control table with strong consistency in $region',
  ({ region, template }) => {
    const control = tableArnIn(region, template, 'payments-control-dev');
    const touching = PAYMENT_JOBS.filter((job) =>
      rightsOf(template, job).some(({ resources }) => resources.includes(control)),
    );
    expect(touching).toEqual(['health']);
  },
);

describe.each(besidesStrong(HTTP_GATEWAY))('with a gateway in $region', ({ template, plain }) => {
  test.each(CARRIERS)("%s may read its own Region's secret of the gateway", (job) => {
    expect(addedRights(rightsOf(plain, job), rightsOf(template, job))).toEqual([
      {
        actions: ['secretsmanager:GetSecretValue'],
        resources: [referenceTo(template, 'secret', 'payment-gateway-dev')],
      },
    ]);
  });

  test.each(['validate', 'accept', 'read', 'health'] as const)('%s may not', (job) => {
    expect(rightsOf(template, job)).toEqual(rightsOf(plain, job));
  });
});

describe.each([
  ['strong consistency', STRONG],
  ['eventual consistency', EVENTUAL],
  ['a gateway', HTTP_GATEWAY],
])('with %s', (_, context) => {
  test('no identity policy has a wildcard or comes from elsewhere', () => {
    for (const { template } of synthesized(context).regions) {
      for (const job of PAYMENT_JOBS) {
        for (const { actions, resources } of grantsOf(template, names.functionName(job))) {
          expect(JSON.stringify([actions, resources])).not.toContain('*');
        }
      }
      expect(resourcesOf(template, 'AWS::IAM::Policy')).toEqual([]);
      expect(resourcesOf(template, 'AWS::IAM::ManagedPolicy')).toEqual([]);
    }
  });

  test('no function may delete, scan or administer', () => {
    for (const { template } of synthesized(context).regions) {
      const actions = PAYMENT_JOBS.flatMap((job) =>
        rightsOf(template, job).flatMap((grant) => grant.actions.map(String)),
      );
      const strong = actions.filter((action) =>
        /:(Delete(?!Message)|Scan|Create|List)/.test(action),
      );
      expect(strong).toEqual([]);
    }
  });
});
