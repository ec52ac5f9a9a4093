/** Whether a function's resource policy lets an AWS service invoke it. */

import type { FunctionModel } from '#twin/region-model.ts';

/**
 * True when one of the function's `AWS::Lambda::Permission`s names `principal` and its source ARN,
 * if any, matches `sourceArn` as the ArnLike condition does: part by part between the colons (the
 * last part may hold more), `*` for any text and `?` for one character. Pure.
 * Source: IAM user guide, "Amazon Resource Name (ARN) condition operators".
 */
export function mayInvoke(
  fn: Pick<FunctionModel, 'permissions'>,
  principal: string,
  sourceArn: string,
): boolean {
  return fn.permissions.some(
    (permission) =>
      (permission.principal === principal || permission.principal === '*') &&
      (permission.sourceArn === null || matchesArn(permission.sourceArn, sourceArn)),
  );
}

function matchesArn(pattern: string, arn: string): boolean {
  const patternParts = arnParts(pattern);
  const parts = arnParts(arn);
  return (
    patternParts.length === parts.length &&
    patternParts.every((part, index) => matchesPart(part, parts[index] ?? ''))
  );
}

/** The six parts of an ARN; the sixth keeps its own colons. */
function arnParts(arn: string): readonly string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}

function matchesPart(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}
