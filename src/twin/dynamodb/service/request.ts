/** The body of a call, parsed once, with the table it names. */

import type { ServiceCall } from '../../endpoint/aws-service.ts';
import type { GlobalTables } from '../global-tables.ts';
import type { GlobalTable } from '../table/global-table.ts';
import { tableNotFoundFault, validationFault, WireFault } from '../wire-fault.ts';
import { requireBoundedDepth } from './nesting.ts';

export interface ParsedRequest {
  readonly request: Readonly<Record<string, unknown>>;
  /** The body as text; as it came unless the table was named by its ARN. */
  readonly text: string;
}

const parsedBodies = new WeakMap<ServiceCall, ParsedRequest>();

/**
 * The body of `call`. Throws SerializationException when it is not a JSON object, and
 * ValidationException when it is nested deeper than any valid request.
 */
export function parseRequest(call: ServiceCall): ParsedRequest {
  const known = parsedBodies.get(call);
  if (known !== undefined) return known;
  const text = call.body.toString();
  const request = parseObject(text);
  requireBoundedDepth(request, text.length);
  const parsed = withPlainTableName({ request, text });
  parsedBodies.set(call, parsed);
  return parsed;
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Told below.
  }
  if (isRecord(value)) return value;
  throw new WireFault(400, 'SerializationException', 'The request body is not a JSON object.');
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `TableName` may be an ARN; the engines know plain names. */
function withPlainTableName(parsed: ParsedRequest): ParsedRequest {
  const name = parsed.request['TableName'];
  if (typeof name !== 'string' || !name.startsWith('arn:')) return parsed;
  const request = { ...parsed.request, TableName: plainTableName(name) };
  return { request, text: JSON.stringify(request) };
}

/** `arn:aws:dynamodb:us-east-1:123456789012:table/payments` → `payments`; a plain name as it is. */
export function plainTableName(name: string): string {
  return /^arn:[^:]+:dynamodb:[^:]+:\d+:table\/([^/]+)$/.exec(name)?.[1] ?? name;
}

/** Plain names of the tables that a request names, by itself or in the items of a transaction. */
export function tablesNamedIn(request: Readonly<Record<string, unknown>>): readonly string[] {
  const items: unknown = request['TransactItems'];
  const actions = Array.isArray(items) ? items.filter(isRecord).flatMap(Object.values) : [];
  return [request, ...actions.filter(isRecord)]
    .map((part) => part['TableName'])
    .filter((name) => typeof name === 'string')
    .map(plainTableName);
}

/** The replica that `TableName` means in the call's Region. Throws as AWS does where there is none. */
export function requestedTable(
  tables: GlobalTables,
  call: ServiceCall,
  request: Readonly<Record<string, unknown>>,
  notFoundDetail = '',
): GlobalTable {
  const name = request['TableName'];
  if (name === undefined || name === null) {
    throw validationFault(
      "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: " +
        'Member must not be null',
    );
  }
  const table = typeof name === 'string' ? tables.table(name) : undefined;
  if (table?.hasReplicaIn(call.region) !== true) throw tableNotFoundFault(notFoundDetail);
  return table;
}
