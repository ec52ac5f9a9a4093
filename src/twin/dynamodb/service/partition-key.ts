/** The partition key that a Query asks for, read off its key condition. */

import type { AttributeValue } from '../table/item-key.ts';
import { isRecord } from './request.ts';

/**
 * The value that `KeyConditionExpression` wants the partition key to equal; null when it can't be
 * told, as with the older `KeyConditions`. Pure.
 */
export function partitionKeyInCondition(
  partitionKey: string,
  request: Readonly<Record<string, unknown>>,
): AttributeValue | null {
  const expression = request['KeyConditionExpression'];
  if (typeof expression !== 'string') return null;
  const names = request['ExpressionAttributeNames'];
  const values = request['ExpressionAttributeValues'];
  for (const [, path = '', placeholder = ''] of expression.matchAll(
    /(#?[A-Za-z0-9_.-]+)\s*=\s*(:[A-Za-z0-9_]+)/g,
  )) {
    const name = isRecord(names) ? (names[path] ?? path) : path;
    const value = isRecord(values) ? values[placeholder] : undefined;
    if (name === partitionKey && isRecord(value)) return value as AttributeValue;
  }
  return null;
}
