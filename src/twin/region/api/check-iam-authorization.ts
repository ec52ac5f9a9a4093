/** What the twin checks of a request to a method with authorization type AWS_IAM. */

import type { GatewayError } from './gateway-response.ts';

export type IamCheck =
  | { readonly kind: 'signed'; readonly accessKeyId: string }
  | { readonly kind: 'refused'; readonly error: GatewayError };

const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * `authorization`, `date`: the Authorization header and X-Amz-Date or Date. Pure.
 *
 * A well-formed Signature Version 4 header for the right Region and service is let in. The twin
 * holds no caller's secret key, so **it verifies no signature** and knows no caller's policies;
 * signatures in the query string are not read.
 * Source: API reference guide of AWS Signature Version 4, "Authorization header"; messages as AWS
 * words them.
 */
export function checkIamAuthorization(
  authorization: string | undefined,
  date: string | undefined,
  region: string,
): IamCheck {
  if (authorization === undefined || authorization === '') {
    return { kind: 'refused', error: { type: 'MISSING_AUTHENTICATION_TOKEN' } };
  }
  if (!authorization.startsWith(`${ALGORITHM} `)) {
    return incomplete(`Authorization header requires the algorithm ${ALGORITHM}.`);
  }
  const fields = new Map<string, string>();
  for (const field of authorization.slice(ALGORITHM.length).split(',')) {
    const equals = field.indexOf('=');
    if (equals !== -1) fields.set(field.slice(0, equals).trim(), field.slice(equals + 1).trim());
  }
  for (const name of ['Credential', 'SignedHeaders', 'Signature']) {
    if (!fields.get(name)) {
      return incomplete(`Authorization header requires '${name}' parameter.`);
    }
  }
  if (date === undefined) {
    return incomplete(
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    );
  }
  const [accessKeyId, day, scopeRegion, service, terminator, ...more] = (
    fields.get('Credential') ?? ''
  ).split('/');
  if (
    !accessKeyId ||
    !/^\d{8}$/.test(day ?? '') ||
    terminator !== 'aws4_request' ||
    more.length > 0
  ) {
    return incomplete('Credential must have five slash-delimited elements.');
  }
  if (scopeRegion !== region) {
    return invalid(`Credential should be scoped to a valid Region, not '${scopeRegion}'.`);
  }
  if (service !== 'execute-api') {
    return invalid("Credential should be scoped to correct service: 'execute-api'.");
  }
  if (!/^[0-9a-f]{64}$/.test(fields.get('Signature') ?? '')) {
    return invalid('The request signature is not 64 hexadecimal characters.');
  }
  return { kind: 'signed', accessKeyId };
}

function incomplete(message: string): IamCheck {
  const errorType = 'IncompleteSignatureException';
  return { kind: 'refused', error: { type: 'INVALID_SIGNATURE', message, errorType } };
}

function invalid(message: string): IamCheck {
  return { kind: 'refused', error: { type: 'INVALID_SIGNATURE', message } };
}
