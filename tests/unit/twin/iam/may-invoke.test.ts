import { describe, expect, it } from 'vitest';
import { mayInvoke } from '#twin/iam/may-invoke.ts';

const SOURCE = 'arn:aws:execute-api:us-east-1:111111111111:a1b2c3d4e5/prod/GET/payments/42';
const API_GATEWAY = 'apigateway.amazonaws.com';

const rows: readonly [name: string, principal: string, sourceArn: string | null, boolean][] = [
  ['the very source', API_GATEWAY, SOURCE, true],
  ['any source', API_GATEWAY, null, true],
  [
    'a star over slashes',
    API_GATEWAY,
    SOURCE.replace('prod/GET/payments/42', '*/*/payments*'),
    true,
  ],
  ['a star for the path parameter', API_GATEWAY, SOURCE.replace('42', '*'), true],
  ['another method', API_GATEWAY, SOURCE.replace('GET', 'POST'), false],
  ['another stage', API_GATEWAY, SOURCE.replace('prod', 'test-invoke-stage'), false],
  ['another Region', API_GATEWAY, SOURCE.replace('us-east-1', 'us-east-2'), false],
  ['another service', 'events.amazonaws.com', SOURCE, false],
];

describe('mayInvoke', () => {
  it.each(rows)('a permission for %s: %4$s', (_name, principal, sourceArn, expected) => {
    expect(mayInvoke({ permissions: [{ principal, sourceArn }] }, API_GATEWAY, SOURCE)).toBe(
      expected,
    );
  });

  it('rejects where there is no permission', () => {
    expect(mayInvoke({ permissions: [] }, API_GATEWAY, SOURCE)).toBe(false);
  });
});
