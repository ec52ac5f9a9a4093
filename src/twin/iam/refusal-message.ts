/** The text with which AWS refuses a call. */

import type { Authorization } from './authorize.ts';

/**
 * `sessionArn`: `arn:aws:sts::<account>:assumed-role/<role>/<session>`. For a refusal only. Pure.
 * Source: IAM User Guide, "Troubleshoot access denied error messages".
 */
export function refusalMessage(
  sessionArn: string,
  action: string,
  resourceArn: string,
  authorization: Pick<Authorization, 'decision' | 'source'>,
): string {
  const refusal = `User: ${sessionArn} is not authorized to perform: ${action} on resource: ${resourceArn}`;
  if (authorization.decision === 'explicit-deny') {
    const kind = authorization.source === 'resource' ? 'a resource-based' : 'an identity-based';
    return `${refusal} with an explicit deny in ${kind} policy`;
  }
  return `${refusal} because no identity-based policy allows the ${action} action`;
}
