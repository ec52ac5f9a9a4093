/** Whether a service may invoke a function. */

import type { FunctionModel } from '#twin/region-model.ts';
import { matchesArn, wildcards } from './pattern.ts';

/**
 * Looks for a permission (AWS::Lambda::Permission) for the service and what it acts for. Pure.
 *
 * `principal`: `apigateway.amazonaws.com`. `sourceArn`: for API Gateway
 * `arn:aws:execute-api:<region>:<account>:<api>/<stage>/<METHOD>/<path>`; compared as ArnLike, so
 * that a `*` in the permission covers slashes too. A permission without a source covers every one.
 */
export function mayInvoke(
  { permissions }: Pick<FunctionModel, 'permissions'>,
  principal: string,
  sourceArn: string,
): boolean {
  return permissions.some(
    (permission) =>
      (permission.principal === principal || permission.principal === '*') &&
      (permission.sourceArn === null || matchesArn(wildcards(permission.sourceArn), sourceArn)),
  );
}
