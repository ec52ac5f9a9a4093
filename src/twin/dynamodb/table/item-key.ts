/** The identity of an item: two spellings of one key are one item. */

import type { GlobalTableModel } from '../../region-model.ts';

/** A DynamoDB attribute value in its JSON form: `{"S":"x"}`. */
export type AttributeValue = Readonly<Record<string, unknown>>;
export type Attributes = Readonly<Record<string, AttributeValue>>;

export interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N' | 'B';
  /** Partition keys may have 2,048 bytes, sort keys 1,024. */
  readonly bytesMax: number;
  readonly role: 'HASH' | 'RANGE';
}

export type KeyReading =
  | { readonly ok: true; readonly id: string; readonly keyJson: string }
  /** `message` in the words of DynamoDB's ValidationException. */
  | { readonly ok: false; readonly problem: KeyProblem };

export type KeyProblem =
  | { readonly kind: 'missing'; readonly attribute: KeyAttribute }
  | { readonly kind: 'wrong-type'; readonly attribute: KeyAttribute; readonly actual: string }
  | { readonly kind: 'empty'; readonly attribute: KeyAttribute }
  | { readonly kind: 'too-long'; readonly attribute: KeyAttribute }
  | { readonly kind: 'not-a-number'; readonly text: string };

const PARTITION_KEY_BYTES_MAX = 2_048;
const SORT_KEY_BYTES_MAX = 1_024;

/** The key attributes of a key schema, partition key first. Throws when a type is not defined. */
export function keyAttributesOf(
  keySchema: GlobalTableModel['keySchema'],
  definitions: GlobalTableModel['attributeDefinitions'],
): readonly KeyAttribute[] {
  return keySchema
    .map(({ AttributeName: name, KeyType: role }): KeyAttribute => {
      const definition = definitions.find((candidate) => candidate.AttributeName === name);
      if (definition === undefined) {
        throw new Error(`Key attribute ${name} has no attribute definition: add one.`);
      }
      const bytesMax = role === 'HASH' ? PARTITION_KEY_BYTES_MAX : SORT_KEY_BYTES_MAX;
      return { name, type: definition.AttributeType, bytesMax, role };
    })
    .toSorted((a, b) => a.role.localeCompare(b.role));
}

/**
 * Reads the key of `attributes` (an item or a key). Pure.
 *
 * `id` is the same for every spelling of a key: `1`, `1.0` and `1e0` are one number, and base64
 * is compared as bytes. `keyJson` is the key as a DynamoDB `Key` parameter.
 */
export function readItemKey(
  keyAttributes: readonly KeyAttribute[],
  attributes: Attributes,
): KeyReading {
  let id = '';
  let keyJson = '';
  for (const attribute of keyAttributes) {
    const value = attributes[attribute.name];
    const problem = keyProblemOf(attribute, value);
    if (problem !== null) return { ok: false, problem };
    const text = value?.[attribute.type] as string;
    const canonical = canonicalKeyText(attribute.type, text);
    if (canonical === null) return { ok: false, problem: { kind: 'not-a-number', text } };
    // The length says where the partition key ends, whatever characters it is made of.
    if (attribute.role === 'HASH') id = `${canonical.length}:${canonical}`;
    else id += canonical;
    const separator = keyJson === '' ? '{' : ',';
    keyJson += `${separator}${JSON.stringify(attribute.name)}:{"${attribute.type}":${JSON.stringify(text)}}`;
  }
  return { ok: true, id, keyJson: `${keyJson}}` };
}

/** What DynamoDB would refuse in one key attribute; null when nothing. Limits are in bytes. */
export function keyProblemOf(
  attribute: KeyAttribute,
  value: AttributeValue | undefined,
): KeyProblem | null {
  if (value === undefined || value === null) return { kind: 'missing', attribute };
  const text = value[attribute.type];
  if (typeof text !== 'string') {
    return { kind: 'wrong-type', attribute, actual: Object.keys(value)[0] ?? 'nothing' };
  }
  if (attribute.type === 'N') return null;
  if (text === '') return { kind: 'empty', attribute };
  // No character takes more than 3 bytes for each UTF-16 unit.
  if (text.length * 3 <= attribute.bytesMax) return null;
  const bytes = Buffer.byteLength(text, attribute.type === 'B' ? 'base64' : 'utf8');
  return bytes > attribute.bytesMax ? { kind: 'too-long', attribute } : null;
}

function canonicalKeyText(type: KeyAttribute['type'], text: string): string | null {
  if (type === 'S') return text;
  if (type === 'B') return Buffer.from(text, 'base64').toString('base64');
  return canonicalNumber(text);
}

/** `digits e exponent` without zeros at either end, so that equal numbers have equal text. */
export function canonicalNumber(text: string): string | null {
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (parts === null) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  if (whole === '' && fraction === '') return null;
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const scale = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${sign === '-' ? '-' : ''}${significant}e${scale}`;
}
