/**
 * How deep an attribute value may be nested.
 *
 * Everything here goes without recursion: a caller can send more levels than a stack has room for.
 * Source: DynamoDB developer guide, "Quotas": lists and maps combined, up to 32 levels deep.
 */

import { validationFault, type WireFault } from '../wire-fault.ts';

/**
 * The value of an attribute is level 1, what a list or a map of it holds level 2. That the innermost
 * value counts too is how the best engine does it; the documentation does not say.
 */
const LEVELS_MAX = 32;
/**
 * Levels of JSON that a request can need: two for each level of a value, and what is around the
 * value. The most is in a batch: RequestItems, table, list, entry, PutRequest, Item, value.
 */
const JSON_LEVELS_MAX = 2 * LEVELS_MAX + 16;

/** Attribute names or placeholders with their values: an item, or ExpressionAttributeValues. */
type Values = Readonly<Record<string, unknown>>;

/**
 * Throws DynamoDB's ValidationException where the JSON of a request is deeper than any valid one, so
 * that whatever handles it afterwards may recurse. Takes the parsed request and its length.
 */
export function requireBoundedDepth(request: Values, characters: number): void {
  // Each level takes two characters.
  if (characters <= 2 * JSON_LEVELS_MAX) return;
  let level: readonly object[] = [request];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > JSON_LEVELS_MAX) throw tooDeep();
    level = level.flatMap((value) => Object.values(value).filter(isObject));
  }
}

/** Throws DynamoDB's ValidationException when one of `values` is nested more than 32 levels deep. */
export function requireNestingWithin(values: Values): void {
  let level: readonly unknown[] = Object.values(values);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > LEVELS_MAX) throw tooDeep();
    level = level.flatMap(membersOf);
  }
}

/** The values that a list or a map holds; none of any other value. */
function membersOf(value: unknown): readonly unknown[] {
  if (!isObject(value)) return [];
  const { L: list, M: map } = value as { readonly L?: unknown; readonly M?: unknown };
  if (Array.isArray(list)) return list as unknown[];
  return isObject(map) ? Object.values(map) : [];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function tooDeep(): WireFault {
  return validationFault(
    'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels ' +
      'beyond supported limit',
  );
}
