/**
 * What DynamoDB refuses in a key or an item before it looks at the table's data.
 *
 * The engines check most of it themselves, and each leaves something out: these rules are checked
 * here so that the answer does not depend on the engine.
 * Source: DynamoDB developer guide, "Quotas" and "Item sizes and formats".
 */

import type { GlobalTableModel } from '../../region-model.ts';
import {
  type Attributes,
  type KeyAttribute,
  type KeyProblem,
  type KeyReading,
  keyAttributesOf,
  keyProblemOf,
  readItemKey,
} from '../table/item-key.ts';
import { validationFault, type WireFault } from '../wire-fault.ts';
import { requireNestingWithin } from './nesting.ts';
import { isRecord } from './request.ts';

type ReadKey = Extract<KeyReading, { ok: true }>;

interface TableKeys {
  readonly primary: readonly KeyAttribute[];
  readonly indexes: readonly { readonly name: string; readonly keys: readonly KeyAttribute[] }[];
}

const ITEM_BYTES_MAX = 400 * 1_024;
const keysOfTable = new WeakMap<GlobalTableModel, TableKeys>();

export function tableKeys(model: GlobalTableModel): TableKeys {
  let keys = keysOfTable.get(model);
  if (keys === undefined) {
    const definitions = model.attributeDefinitions;
    keys = {
      primary: keyAttributesOf(model.keySchema, definitions),
      indexes: model.globalSecondaryIndexes.map(({ IndexName: name, KeySchema }) => ({
        name,
        keys: keyAttributesOf(KeySchema, definitions),
      })),
    };
    keysOfTable.set(model, keys);
  }
  return keys;
}

/** Reads a `Key` parameter. Throws DynamoDB's ValidationException. */
export function requireKey(model: GlobalTableModel, key: unknown): ReadKey {
  if (key === undefined || key === null) throw missingMember('key');
  const { primary } = tableKeys(model);
  if (!isRecord(key) || Object.keys(key).length !== primary.length) throw schemaMismatch();
  const reading = readItemKey(primary, key as Attributes);
  if (reading.ok) return reading;
  const { kind } = reading.problem;
  if (kind === 'missing' || kind === 'wrong-type') throw schemaMismatch();
  throw keyFault(reading.problem);
}

/** Reads the key of an item to be put, and checks its nesting, its size and its index keys. */
export function requireItem(
  model: GlobalTableModel,
  item: unknown,
  requestCharacters: number,
): ReadKey {
  if (item === undefined || item === null) throw missingMember('item');
  if (!isRecord(item)) throw validationFault('The item is not a map of attributes.');
  requireNestingWithin(item);
  const attributes = item as Attributes;
  const keys = tableKeys(model);
  const reading = readItemKey(keys.primary, attributes);
  if (!reading.ok) throw keyFault(reading.problem);
  for (const index of keys.indexes) {
    for (const attribute of index.keys) {
      const value = attributes[attribute.name];
      // An item without the key of an index is left out of the index.
      if (value === undefined) continue;
      const problem = keyProblemOf(attribute, value);
      if (problem !== null) throw indexKeyFault(problem, index.name);
    }
  }
  // JSON never takes less room than DynamoDB counts, and a character takes 3 bytes at most.
  if (requestCharacters * 3 > ITEM_BYTES_MAX && itemBytes(attributes) > ITEM_BYTES_MAX) {
    throw validationFault('Item size has exceeded the maximum allowed size');
  }
  return reading;
}

/** The size that DynamoDB counts, in bytes: names and values, with an overhead for lists and maps. */
export function itemBytes(attributes: Readonly<Record<string, unknown>>): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + valueBytes(value);
  }
  return bytes;
}

const CONTAINER_BYTES = 3;

function valueBytes(value: unknown): number {
  if (!isRecord(value)) return 0;
  const [entry] = Object.entries(value);
  if (entry === undefined) return 0;
  const [type, content] = entry;
  if (Array.isArray(content)) {
    if (type === 'L') {
      return content.reduce(
        (sum: number, element) => sum + 1 + valueBytes(element),
        CONTAINER_BYTES,
      );
    }
    return content.reduce((sum: number, element) => sum + scalarBytes(type[0], element), 0);
  }
  if (type === 'M' && isRecord(content)) {
    return CONTAINER_BYTES + Object.keys(content).length + itemBytes(content);
  }
  return scalarBytes(type, content);
}

function scalarBytes(type: string | undefined, content: unknown): number {
  if (typeof content !== 'string') return 1;
  if (type === 'B') return Buffer.byteLength(content, 'base64');
  if (type !== 'N') return Buffer.byteLength(content);
  // One byte for two significant digits, one more, and one for a sign.
  const digits = content.replace(/^-?0*\.?0*|[eE].*$|[.-]/g, '').length;
  return Math.ceil(digits / 2) + 1 + (content.startsWith('-') ? 1 : 0);
}

function schemaMismatch(): WireFault {
  return validationFault('The provided key element does not match the schema');
}

function missingMember(member: string): WireFault {
  return validationFault(
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: ` +
      'Member must not be null',
  );
}

/** The texts are AWS's, its missing space before 2048 included. */
function keyFault(problem: KeyProblem): WireFault {
  switch (problem.kind) {
    case 'missing':
      return invalidValues(`Missing the key ${problem.attribute.name} in the item`);
    case 'wrong-type': {
      const { name, type } = problem.attribute;
      return invalidValues(
        `Type mismatch for key ${name} expected: ${type} actual: ${problem.actual}`,
      );
    }
    case 'empty':
      return validationFault(
        'One or more parameter values are not valid. The AttributeValue for a key attribute ' +
          `cannot contain an empty ${emptyWhat(problem.attribute)} value. ` +
          `Key: ${problem.attribute.name}`,
      );
    case 'too-long':
      return problem.attribute.role === 'HASH'
        ? invalidValues('Size of hashkey has exceeded the maximum size limit of2048 bytes')
        : invalidValues(
            'Aggregated size of all range keys has exceeded the size limit of 1024 bytes',
          );
    case 'not-a-number':
      return validationFault(
        `The parameter cannot be converted to a numeric value: ${problem.text}`,
      );
  }
}

function indexKeyFault(problem: KeyProblem, index: string): WireFault {
  if (problem.kind === 'wrong-type') {
    const { name, type } = problem.attribute;
    return invalidValues(
      `Type mismatch for Index Key ${name} Expected: ${type} Actual: ${problem.actual} ` +
        `IndexName: ${index}`,
    );
  }
  if (problem.kind === 'empty') {
    return validationFault(
      'One or more parameter values are not valid. A value specified for a secondary index key ' +
        'is not supported. The AttributeValue for a key attribute cannot contain an empty ' +
        `${emptyWhat(problem.attribute)} value. IndexName: ${index}, ` +
        `IndexKey: ${problem.attribute.name}`,
    );
  }
  return keyFault(problem);
}

function emptyWhat({ type }: KeyAttribute): string {
  return type === 'B' ? 'binary' : 'string';
}

function invalidValues(detail: string): WireFault {
  return validationFault(`One or more parameter values were invalid: ${detail}`);
}
