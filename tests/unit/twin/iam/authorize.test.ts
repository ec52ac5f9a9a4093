import { describe, expect, it } from 'vitest';
import { authorize, type Decision } from '#twin/iam/authorize.ts';
import type { RequestContext } from '#twin/iam/policy-variables.ts';
import type { PolicyStatement } from '#twin/region-model.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:111111111111:table/payments';
const INDEX = `${TABLE}/index/open-index`;
const QUEUE = 'arn:aws:sqs:us-east-1:111111111111:payment-queue';

interface Row {
  readonly name: string;
  readonly statements: readonly PolicyStatement[];
  readonly action?: string;
  readonly resource?: string;
  readonly context?: RequestContext;
  readonly version?: string;
  readonly decision: Decision;
}

function allow(more: Partial<PolicyStatement>): PolicyStatement {
  return { Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: TABLE, ...more };
}

function deny(more: Partial<PolicyStatement>): PolicyStatement {
  return { Effect: 'Deny', Action: 'dynamodb:GetItem', Resource: TABLE, ...more };
}

function when(Condition: NonNullable<PolicyStatement['Condition']>): readonly PolicyStatement[] {
  return [allow({ Condition })];
}

function check(rows: readonly Row[]): void {
  it.each(rows)('$name: $decision', ({ statements, version = '2012-10-17', ...row }) => {
    const result = authorize({
      policies: [{ Version: version, Statement: statements }],
      action: row.action ?? 'dynamodb:GetItem',
      resourceArn: row.resource ?? TABLE,
      context: row.context ?? {},
    });
    expect(result.decision).toBe(row.decision);
  });
}

describe('effects', () => {
  check([
    { name: 'no statement', statements: [], decision: 'implicit-deny' },
    { name: 'an Allow', statements: [allow({})], decision: 'allowed' },
    { name: 'a Deny after an Allow', statements: [allow({}), deny({})], decision: 'explicit-deny' },
    {
      name: 'a Deny before an Allow',
      statements: [deny({}), allow({})],
      decision: 'explicit-deny',
    },
    {
      name: 'a Deny of another action',
      statements: [allow({}), deny({ Action: 'dynamodb:PutItem' })],
      decision: 'allowed',
    },
  ]);

  it('names the statement that decided', () => {
    const statement = deny({ Sid: 'NoReads' });
    const policies = [{ Version: '2012-10-17', Statement: [allow({}), statement] }];
    const result = authorize({
      policies,
      action: 'dynamodb:GetItem',
      resourceArn: TABLE,
      context: {},
    });
    expect(result).toMatchObject({ statement: { Sid: 'NoReads' }, source: 'identity' });
  });
});

describe('actions', () => {
  check([
    {
      name: 'another case',
      statements: [allow({ Action: 'DynamoDB:getitem' })],
      decision: 'allowed',
    },
    { name: 'a star', statements: [allow({ Action: 'dynamodb:*' })], decision: 'allowed' },
    { name: 'every action', statements: [allow({ Action: '*' })], decision: 'allowed' },
    {
      name: 'stars inside',
      statements: [allow({ Action: ['sqs:*', 'dynamodb:G?t*'] })],
      decision: 'allowed',
    },
    {
      name: 'a prefix without a star',
      statements: [allow({ Action: 'dynamodb:Get' })],
      decision: 'implicit-deny',
    },
    {
      name: 'another service',
      statements: [allow({ Action: 'sqs:*', Resource: '*' })],
      decision: 'implicit-deny',
    },
    {
      name: 'NotAction of another action',
      statements: [{ Effect: 'Allow', NotAction: 'dynamodb:Put*', Resource: '*' }],
      decision: 'allowed',
    },
    {
      name: 'NotAction of this action',
      statements: [{ Effect: 'Allow', NotAction: ['iam:*', 'dynamodb:Get*'], Resource: '*' }],
      decision: 'implicit-deny',
    },
  ]);
});

describe('resources', () => {
  const over = (Resource: string) => [allow({ Resource })];
  check([
    {
      name: 'the table for its index',
      statements: over(TABLE),
      resource: INDEX,
      decision: 'implicit-deny',
    },
    {
      name: 'indexes of the table',
      statements: over(`${TABLE}/index/*`),
      resource: INDEX,
      decision: 'allowed',
    },
    {
      name: 'a star over slashes',
      statements: over('arn:aws:dynamodb:us-east-1:111111111111:table/*'),
      resource: INDEX,
      decision: 'allowed',
    },
    {
      name: 'another case',
      statements: over(TABLE.replace('payments', 'Payments')),
      decision: 'implicit-deny',
    },
    {
      name: 'a star in the middle of a segment over a colon',
      statements: over('arn:aws:dynamodb:us*11:table/payments'),
      decision: 'implicit-deny',
    },
    {
      name: 'a star at the end of a segment over a colon',
      statements: over('arn:aws:dynamodb:*:table/payments'),
      decision: 'allowed',
    },
    { name: 'a star at the end', statements: over('arn:aws:dynamodb:*'), decision: 'allowed' },
    {
      name: 'a question mark for a colon',
      statements: over('arn:aws:dynamodb:us-east-1?111111111111:table/payments'),
      decision: 'implicit-deny',
    },
    {
      name: 'a star for no character',
      statements: over('arn:aws:dynamodb:us-east-1:111111111111:table/*payments*'),
      decision: 'allowed',
    },
    {
      name: 'question marks in the name',
      statements: over(TABLE.replace('payments', 'pay?ent?')),
      decision: 'allowed',
    },
    {
      name: 'a star over the colons of the resource itself',
      statements: over(`${TABLE}/stream/20*00.000`),
      resource: `${TABLE}/stream/2026-01-01T00:00:00.000`,
      decision: 'allowed',
    },
    {
      name: 'the other Region',
      statements: over(TABLE.replace('us-east-1', 'us-east-2')),
      decision: 'implicit-deny',
    },
    {
      name: 'NotResource of another',
      statements: [{ Effect: 'Allow', Action: '*', NotResource: [QUEUE] }],
      decision: 'allowed',
    },
    {
      name: 'NotResource of this one',
      statements: [{ Effect: 'Allow', Action: '*', NotResource: [QUEUE, `${TABLE}*`] }],
      decision: 'implicit-deny',
    },
    {
      name: 'an Allow without Resource',
      statements: [{ Effect: 'Allow', Action: '*' }],
      decision: 'implicit-deny',
    },
    {
      name: 'a Deny without Resource',
      statements: [allow({}), { Effect: 'Deny', Action: '*' }],
      decision: 'explicit-deny',
    },
  ]);
});

describe('policy variables', () => {
  const own = (name: string) => [allow({ Resource: TABLE.replace('payments', name) })];
  const team = { 'aws:principaltag/team': 'payments' };
  check([
    {
      name: 'a value',
      statements: own('${aws:PrincipalTag/team}'),
      context: team,
      decision: 'allowed',
    },
    { name: 'no value', statements: own('${aws:PrincipalTag/team}'), decision: 'implicit-deny' },
    {
      name: 'a default',
      statements: own("${aws:PrincipalTag/team, 'payments'}"),
      decision: 'allowed',
    },
    {
      name: 'a value that looks like a wildcard',
      statements: own('${aws:PrincipalTag/team}'),
      context: { 'aws:principaltag/team': 'pay*' },
      decision: 'implicit-deny',
    },
    {
      name: 'no value, in NotResource',
      statements: [
        {
          Effect: 'Allow',
          Action: '*',
          NotResource: 'arn:aws:dynamodb:*:*:table/${aws:PrincipalTag/team}',
        },
      ],
      decision: 'implicit-deny',
    },
    {
      name: 'a star that is text',
      statements: own('pay${*}'),
      resource: TABLE.replace('payments', 'pay*'),
      decision: 'allowed',
    },
    {
      name: 'a star that is text, over others',
      statements: own('pay${*}'),
      decision: 'implicit-deny',
    },
    {
      name: 'the old version of the language, which has none',
      statements: own('${aws:PrincipalTag/team}'),
      context: team,
      version: '2008-10-17',
      decision: 'implicit-deny',
    },
    {
      name: 'in a condition',
      statements: when({ StringLike: { 'aws:SourceVpc': '${aws:PrincipalTag/team}-*' } }),
      context: { ...team, 'aws:sourcevpc': 'payments-1' },
      decision: 'allowed',
    },
  ]);
});

describe('what can not be decided', () => {
  const unknown = { StringSounds: { 'aws:Key': 'a' } };
  const several = { 'aws:key': ['a', 'b'] };
  check([
    {
      name: 'an unknown operator in an Allow',
      statements: when(unknown),
      decision: 'implicit-deny',
    },
    {
      name: 'an unknown operator in a Deny',
      statements: [allow({}), deny({ Condition: unknown })],
      decision: 'explicit-deny',
    },
    {
      name: 'an unknown operator beside one that fails, in a Deny',
      statements: [
        allow({}),
        deny({ Condition: { ...unknown, StringEquals: { 'aws:Key': 'a' } } }),
      ],
      decision: 'allowed',
    },
    {
      name: 'several values without a set operator in an Allow',
      statements: when({ StringEquals: { 'aws:Key': 'a' } }),
      context: several,
      decision: 'implicit-deny',
    },
    {
      name: 'several values without a set operator in a Deny',
      statements: [allow({}), deny({ Condition: { StringEquals: { 'aws:Key': 'c' } } })],
      context: several,
      decision: 'explicit-deny',
    },
  ]);

  it('is reported', () => {
    const result = authorize({
      policies: [{ Version: '2012-10-17', Statement: when(unknown) }],
      action: 'dynamodb:GetItem',
      resourceArn: TABLE,
      context: {},
    });
    expect(result.unsupported).toEqual(['StringSounds']);
  });
});
