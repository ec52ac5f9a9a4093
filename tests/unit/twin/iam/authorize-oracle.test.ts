/**
 * Holds the evaluator to an independent implementation on generated policies and requests.
 *
 * Left out is where the oracle departs from the documentation or AWS says nothing: a star that ends
 * a segment before the last, a wildcard in a resource's type, a variable without a value in
 * NotResource, 0.0.0.0/0, IPv6 beside IPv4, and ForAnyValue with IfExists. Rows of
 * authorize.test.ts and evaluate-condition.test.ts have those.
 */

import { runSimulation } from '@cloud-copilot/iam-simulate';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { authorize } from '#twin/iam/authorize.ts';
import type { PolicyStatement } from '#twin/region-model.ts';

const RUNS = 250;
const ACCOUNT = '111111111111';
const TABLE = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/payments`;

/** Actions with the resources that they take. */
const REQUESTS = [
  { actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'], resources: [TABLE] },
  { actions: ['dynamodb:Query', 'dynamodb:Scan'], resources: [`${TABLE}/index/open-index`] },
  {
    actions: ['sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:DeleteMessage'],
    resources: [`arn:aws:sqs:us-east-1:${ACCOUNT}:queue`, `arn:aws:sqs:us-east-2:${ACCOUNT}:dlq`],
  },
  { actions: ['sns:Publish'], resources: [`arn:aws:sns:us-east-2:${ACCOUNT}:transactions`] },
] as const;

const request = fc
  .constantFrom(...REQUESTS)
  .chain(({ actions, resources }) =>
    fc.record({ action: fc.constantFrom(...actions), resource: fc.constantFrom(...resources) }),
  );

/** A text with one stretch replaced by `*` or one character by `?`, or left alone. */
function pattern(text: string): fc.Arbitrary<string> {
  // Never the colons, nor the type of a resource, where AWS takes no wildcard.
  const stretches = [...text.matchAll(/(?<=:(?:table\/)?)(?!table\/)[^:]+/g)];
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(text) },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.constantFrom(...stretches), fc.nat(40), fc.nat(40), fc.constantFrom('*', '?'))
        .map(([stretch, a, b, wildcard]) => {
          const from = stretch.index + (Math.min(a, b) % stretch[0].length);
          const last = stretch.index + stretch[0].length;
          const to = wildcard === '?' ? from + 1 : Math.min(last, from + 1 + Math.max(a, b));
          if (wildcard === '*' && to === last && last < text.length) return text;
          return text.slice(0, from) + wildcard + text.slice(to);
        }),
    },
  );
}

const someAction = fc.constantFrom(...REQUESTS.flatMap(({ actions }) => [...actions]));
const someResource = fc.constantFrom(...REQUESTS.flatMap(({ resources }) => [...resources]));
const actionPattern = fc.oneof(
  fc.constant('*'),
  someAction.chain((action) => pattern(action)),
  someAction.map((action) => action.toUpperCase()),
);
const resourcePattern = fc.oneof(
  fc.constant('*'),
  someResource.chain((resource) => pattern(resource)),
);
const OWN_TABLE = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/\${aws:PrincipalTag/team}`;

const TEAMS = ['payments', 'ops', 'pay*'];
const ADDRESSES = ['10.0.0.1', '192.168.3.4', '203.0.113.9'];
const AGES = ['0', '10', '3600'];
const INSTANTS = ['2025-12-31T23:59:59Z', '2026-06-01T00:00:00Z'];
const ROLES = ['app', 'app/worker'].map((name) => `arn:aws:iam::${ACCOUNT}:role/${name}`);

const context = fc.record(
  {
    'aws:PrincipalTag/team': fc.constantFrom(...TEAMS),
    'aws:SourceIp': fc.constantFrom(...ADDRESSES),
    'aws:MultiFactorAuthAge': fc.constantFrom(...AGES),
    'aws:CurrentTime': fc.constantFrom(...INSTANTS),
    'aws:SecureTransport': fc.constantFrom('true', 'false'),
    'aws:PrincipalArn': fc.constantFrom(...ROLES),
    'aws:TagKeys': fc.subarray(['a', 'b', 'c'], { minLength: 1 }),
  },
  { requiredKeys: [] },
);

function test(
  operators: readonly string[],
  key: string,
  value: fc.Arbitrary<string>,
): fc.Arbitrary<NonNullable<PolicyStatement['Condition']>> {
  return fc
    .tuple(
      fc.constantFrom(...operators),
      fc.boolean(),
      fc.array(value, { minLength: 1, maxLength: 3 }),
    )
    .map(([operator, ifExists, values]) => ({
      [operator + (ifExists && !operator.includes(':') ? 'IfExists' : '')]: { [key]: values },
    }));
}

const team = fc.constantFrom(...TEAMS, 'Payments', 'p*', '?ps', '${aws:PrincipalTag/team}');
const condition = fc.oneof(
  test(
    [
      'StringEquals',
      'StringNotEquals',
      'StringEqualsIgnoreCase',
      'StringNotEqualsIgnoreCase',
      'StringLike',
      'StringNotLike',
    ],
    'aws:PrincipalTag/team',
    team,
  ),
  test(
    ['IpAddress', 'NotIpAddress'],
    'aws:SourceIp',
    fc.constantFrom('10.0.0.0/8', '192.168.3.4', '192.168.3.0/30', '128.0.0.0/1'),
  ),
  test(
    ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'].map(
      (comparison) => `Numeric${comparison}`,
    ),
    'aws:MultiFactorAuthAge',
    fc.constantFrom(...AGES, '9.5'),
  ),
  test(
    ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'].map(
      (comparison) => `Date${comparison}`,
    ),
    'aws:CurrentTime',
    fc.constantFrom(...INSTANTS, '2026-01-01T00:00:00Z'),
  ),
  test(['Bool'], 'aws:SecureTransport', fc.constantFrom('true', 'false')),
  test(
    ['ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike'],
    'aws:PrincipalArn',
    fc.constantFrom(...ROLES, 'arn:aws:iam::*:role/app*', 'arn:aws:iam::*:role/?pp'),
  ),
  test(
    ['StringEquals', 'StringNotEquals', 'StringLike'].flatMap((operator) => [
      `ForAllValues:${operator}`,
      `ForAnyValue:${operator}`,
    ]),
    'aws:TagKeys',
    fc.constantFrom('a', 'b', 'x'),
  ),
  fc.constantFrom('true', 'false').map((value) => ({ Null: { 'aws:SourceIp': value } })),
);

const statement: fc.Arbitrary<PolicyStatement> = fc
  .tuple(
    fc.constantFrom('Allow', 'Allow', 'Deny'),
    fc.constantFrom('Action', 'Action', 'Action', 'NotAction'),
    fc.array(actionPattern, { minLength: 1, maxLength: 2 }),
    fc.constantFrom('Resource', 'Resource', 'Resource', 'NotResource'),
    fc.array(resourcePattern, { minLength: 1, maxLength: 2 }),
    fc.boolean(),
    fc.option(condition),
  )
  .map(([Effect, actionElement, actions, resourceElement, resources, isOwn, Condition]) => ({
    Effect: Effect === 'Deny' ? 'Deny' : 'Allow',
    [actionElement]: actions,
    [resourceElement]: isOwn && resourceElement === 'Resource' ? [OWN_TABLE] : resources,
    ...(Condition === null ? {} : { Condition }),
  }));

const DECISIONS: Readonly<Record<string, string>> = {
  Allowed: 'allowed',
  ImplicitlyDenied: 'implicit-deny',
  ExplicitlyDenied: 'explicit-deny',
};

it(`agrees with an independent evaluator on ${RUNS} generated requests`, async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      request,
      fc.array(statement, { minLength: 1, maxLength: 3 }),
      context,
      async ({ action, resource }, statements, keys) => {
        const policy = { Version: '2012-10-17', Statement: statements };
        const expected = await simulate(policy, action, resource, keys);
        const { decision } = authorize({
          policies: [policy],
          action,
          resourceArn: resource,
          context: Object.fromEntries(
            Object.entries(keys).map(([key, value]) => [key.toLowerCase(), value]),
          ),
        });
        seen.add(decision);
        expect(decision).toBe(expected);
      },
    ),
    { numRuns: RUNS },
  );
  expect([...seen].toSorted()).toEqual(['allowed', 'explicit-deny', 'implicit-deny']);
}, 60_000);

async function simulate(
  policy: unknown,
  action: string,
  resource: string,
  contextVariables: Record<string, string | string[]>,
): Promise<string> {
  const result = await runSimulation(
    {
      request: {
        principal: `arn:aws:iam::${ACCOUNT}:role/app`,
        action,
        resource: { resource, accountId: ACCOUNT },
        contextVariables,
      },
      identityPolicies: [{ name: 'policy', policy }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (result.resultType !== 'single') throw new Error(JSON.stringify(result));
  return DECISIONS[result.overallResult] ?? result.overallResult;
}
