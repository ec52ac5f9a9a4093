/** The payment gateway's secret: in each Region its own, and its value in no template. */

import { describe, expect, test } from 'vitest';
import { EVENTUAL, HTTP_GATEWAY, STRONG } from './function-support.ts';
import { resourceNamed, resourcesOf, synthesized } from './support.ts';

const SECRET = 'AWS::SecretsManager::Secret';

test.each([
  ['strong consistency', STRONG],
  ['eventual consistency', EVENTUAL],
])('with %s and the recording gateway there is none', (_, context) => {
  for (const { template } of synthesized(context).regions) {
    expect(resourcesOf(template, SECRET)).toEqual([]);
    expect(JSON.stringify(template)).not.toContain('secretsmanager');
  }
});

describe.each(synthesized(HTTP_GATEWAY).regions)('with a gateway in $region', ({ template }) => {
  const secret = resourceNamed(template, SECRET, 'Name', 'payment-gateway-dev');

  test('the Region has a secret of its own, not a replica of the other', () => {
    expect(resourcesOf(template, SECRET)).toHaveLength(1);
    expect(secret.Properties).not.toHaveProperty('ReplicaRegions');
  });

  test('its first value is random and made by Secrets Manager', () => {
    expect(secret.Properties['GenerateSecretString']).toEqual({
      ExcludePunctuation: true,
      PasswordLength: 32,
    });
    expect(secret.Properties).not.toHaveProperty('SecretString');
  });

  test('no template resolves it: only a function reads it, when it runs', () => {
    expect(JSON.stringify(template)).not.toContain('{{resolve:');
    expect(JSON.stringify(template)).not.toMatch(/"SecretString"|api_key":/);
  });

  test('it outlives its stack', () => {
    expect(secret.DeletionPolicy).toBe('Retain');
    expect(secret.UpdateReplacePolicy).toBe('Retain');
  });

  test('no output tells of it', () => {
    expect(JSON.stringify(template.Outputs)).not.toContain(secret.logicalId);
  });
});

test('a throw-away environment deletes it with the stack', () => {
  const context = { ...HTTP_GATEWAY, environmentSuffix: 'pr7', throwAway: true };
  for (const { template } of synthesized(context).regions) {
    expect(resourceNamed(template, SECRET, 'Name', 'payment-gateway-pr7').DeletionPolicy).toBe(
      'Delete',
    );
  }
});
