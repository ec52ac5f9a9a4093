import { expect, it } from 'vitest';
import { refusalMessage } from '#twin/iam/refusal-message.ts';

const SESSION = 'arn:aws:sts::111111111111:assumed-role/reader/payment-reader-dev';
const TABLE = 'arn:aws:dynamodb:us-east-1:111111111111:table/payments';

it.each([
  [
    { decision: 'implicit-deny', source: null },
    'because no identity-based policy allows the dynamodb:PutItem action',
  ],
  [
    { decision: 'explicit-deny', source: 'identity' },
    'with an explicit deny in an identity-based policy',
  ],
  [
    { decision: 'explicit-deny', source: 'resource' },
    'with an explicit deny in a resource-based policy',
  ],
] as const)('words %o as AWS does', (authorization, reason) => {
  expect(refusalMessage(SESSION, 'dynamodb:PutItem', TABLE, authorization)).toBe(
    `User: ${SESSION} is not authorized to perform: dynamodb:PutItem on resource: ${TABLE} ${reason}`,
  );
});
