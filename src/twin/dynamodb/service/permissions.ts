/** The IAM permissions that a DynamoDB call needs. */

import type { NeededPermission, ServiceCall } from '../../endpoint/aws-service.ts';
import type { GlobalTableModel } from '../../region-model.ts';
import type { GlobalTables } from '../global-tables.ts';
import { isRunOperation, type RunOperation } from './operations.ts';
import { partitionKeyInCondition } from './partition-key.ts';
import { isRecord, parseRequest, plainTableName } from './request.ts';
import { tableArn } from './table-operations.ts';

/**
 * What `call` needs, on the ARNs of its own Region, with `dynamodb:leadingkeys` where the partition
 * keys are known. None for what is refused whoever asks. Pure; a body that can't be read needs none.
 * Source: Service Authorization Reference, "Actions, resources, and condition keys for DynamoDB".
 */
export function permissionsOf(
  tables: GlobalTables,
  accountId: string,
  call: ServiceCall,
): readonly NeededPermission[] {
  const { operation } = call;
  if (!isRunOperation(operation)) return [];
  const action = `dynamodb:${operation}`;
  if (operation === 'ListTables') return [{ action, resourceArn: '*' }];
  let request: Readonly<Record<string, unknown>>;
  try {
    ({ request } = parseRequest(call));
  } catch {
    return [];
  }
  if (operation === 'BatchGetItem' || operation === 'BatchWriteItem') {
    return batchPermissions(tables, accountId, call, request['RequestItems']);
  }
  const named = request['TableName'];
  const name = typeof named === 'string' ? named : '';
  const arn = tableArn(call.region, accountId, name);
  const index = request['IndexName'];
  const resourceArn =
    (operation === 'Query' || operation === 'Scan') && typeof index === 'string'
      ? `${arn}/index/${index}`
      : arn;
  const key = leadingKey(tables.table(name)?.model, operation, request);
  return [{ action, resourceArn, ...leadingKeys(key === null ? [] : [key]) }];
}

function batchPermissions(
  tables: GlobalTables,
  accountId: string,
  call: ServiceCall,
  byTable: unknown,
): readonly NeededPermission[] {
  if (!isRecord(byTable)) return [];
  return Object.entries(byTable).map(([tableKey, part]) => {
    const name = plainTableName(tableKey);
    const hash = partitionKeyName(tables.table(name)?.model, undefined);
    const keys = batchKeys(part).flatMap((key) => {
      const text = hash === null ? null : keyText(key[hash]);
      return text === null ? [] : [text];
    });
    return {
      action: `dynamodb:${call.operation}`,
      resourceArn: tableArn(call.region, accountId, name),
      ...leadingKeys([...new Set(keys)]),
    };
  });
}

/** The keys or items in one table's part of a batch. */
function batchKeys(part: unknown): readonly Record<string, unknown>[] {
  const entries: unknown[] = Array.isArray(part)
    ? part.map(writtenKey)
    : isRecord(part) && Array.isArray(part['Keys'])
      ? part['Keys']
      : [];
  return entries.filter(isRecord);
}

function writtenKey(entry: unknown): unknown {
  if (!isRecord(entry)) return null;
  const { PutRequest: put, DeleteRequest: remove } = entry;
  if (isRecord(put)) return put['Item'];
  return isRecord(remove) ? remove['Key'] : null;
}

function leadingKey(
  model: GlobalTableModel | undefined,
  operation: RunOperation,
  request: Readonly<Record<string, unknown>>,
): string | null {
  const index = request['IndexName'];
  const hash = partitionKeyName(model, typeof index === 'string' ? index : undefined);
  if (hash === null) return null;
  if (operation === 'Query') return keyText(partitionKeyInCondition(hash, request));
  const attributes = operation === 'PutItem' ? request['Item'] : request['Key'];
  return isRecord(attributes) ? keyText(attributes[hash]) : null;
}

function partitionKeyName(
  model: GlobalTableModel | undefined,
  index: string | undefined,
): string | null {
  const schema =
    index === undefined
      ? model?.keySchema
      : model?.globalSecondaryIndexes.find(({ IndexName }) => IndexName === index)?.KeySchema;
  return schema?.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? null;
}

function keyText(value: unknown): string | null {
  const [text] = isRecord(value) ? Object.values(value) : [];
  return typeof text === 'string' ? text : null;
}

function leadingKeys(keys: readonly string[]): Pick<NeededPermission, 'context'> {
  return keys.length === 0 ? {} : { context: { 'dynamodb:leadingkeys': keys } };
}
