/** Paths of update expressions, as far as the engine reads them otherwise than DynamoDB. */

import type { Attributes } from './item-key.ts';

/**
 * Whether a SET of `expression` leads through an attribute of `item` that is NULL. Pure.
 *
 * DynamoDB refuses such a path; the engine replaces the NULL by a map. `names` are the request's
 * ExpressionAttributeNames.
 */
export function pathThroughNull(
  expression: string,
  names: Readonly<Record<string, string>>,
  item: Attributes,
): boolean {
  // An equals sign follows the path of a SET action and stands nowhere else in the grammar.
  for (const [, path = ''] of expression.matchAll(/([#\w][#\w.[\]-]*)\s*=/g)) {
    const steps = path.match(/[#\w-]+/g) ?? [];
    let value: unknown = { M: item };
    for (const step of steps) {
      if (isObject(value) && value['NULL'] === true) return true;
      value = stepInto(value, names[step] ?? step);
    }
  }
  return false;
}

function stepInto(value: unknown, step: string): unknown {
  if (!isObject(value)) return undefined;
  if (Array.isArray(value['L'])) return value['L'][Number(step)];
  return isObject(value['M']) ? value['M'][step] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
