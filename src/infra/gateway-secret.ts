/** Where the payment gateway's secret is kept, in each Region its own. */

import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { resourceNames } from '#contract/names.ts';
import type { Configuration } from './configuration.ts';

/** Characters of the placeholder, which the gateway refuses until an operator replaces it. */
const PLACEHOLDER_LENGTH = 32;

/**
 * Creates the secret with a random placeholder: its value is no business of a template. An operator puts
 * the real one in, in both Regions (docs/gateway.md). One for each Region, and no replica of the other's,
 * because a Region must not depend on the other.
 */
export function createGatewaySecret(scope: Construct, configuration: Configuration): Secret {
  const secret = new Secret(scope, 'GatewaySecret', {
    secretName: resourceNames(configuration.environmentSuffix).gatewaySecret,
    description: 'Secret of the payment gateway: plain text, or JSON with api_key',
    generateSecretString: { excludePunctuation: true, passwordLength: PLACEHOLDER_LENGTH },
    removalPolicy: configuration.throwAway ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
  });
  Validations.of(secret).acknowledge({
    id: 'AwsSolutions-SMG4',
    reason:
      "The gateway issues this secret, so only the gateway's own procedure can rotate it; the functions take a new value up within minutes, or at once when the old one is refused.",
  });
  return secret;
}
