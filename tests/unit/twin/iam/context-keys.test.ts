import { expect, it } from 'vitest';
import { contextKeys } from '#twin/iam/context-keys.ts';
import { unsupportedConditions } from '#twin/iam/unsupported-conditions.ts';

const policies = [
  {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: '*',
        Resource: "arn:aws:dynamodb:*:*:table/${aws:PrincipalTag/Team, 'none'}-${*}",
        Condition: {
          'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['${aws:userid}', 'x'] },
          StringSounds: { 'aws:Key': 'a' },
          Null: { 'aws:Key': 'true' },
        },
      },
    ],
  },
] as const;

it('finds keys in conditions and variables, lower-case and once', () => {
  expect(contextKeys(policies)).toEqual([
    'aws:key',
    'aws:principaltag/team',
    'aws:userid',
    'dynamodb:leadingkeys',
  ]);
});

it('finds the operators that are not known', () => {
  expect(unsupportedConditions(policies)).toEqual(['StringSounds']);
});
