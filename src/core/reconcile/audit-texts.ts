/** What an audit entry keeps of a change: both items, or what fits into one item of DynamoDB. */

import { utf8Length } from '../identifier.ts';
import type { Hash } from '../ports.ts';
import type { AuditNote } from './audit-entry.ts';
import { type ItemChange, itemText } from './stored-transaction.ts';

/**
 * Longest texts of an entry, bytes of UTF-8, both together. The rest is for the entry's other attributes, of
 * which the transaction_id alone may have 2,048.
 * Source: DynamoDB developer guide, "Quotas", item size 400 KB, names included.
 */
export const AUDIT_TEXTS_MAX_BYTES = 390_000;

/** The texts of a change, the longest that fit: see `AuditNote`. Pure. */
export function auditTexts(
  { before, after }: ItemChange,
  hash: Hash,
): Pick<AuditNote, 'before' | 'after'> {
  const whole = { before: before === null ? null : itemText(before), after: itemText(after) };
  if (fits(whole)) return whole;
  const [one, two] = [whole.before, whole.after].map((text) => JSON.parse(text ?? 'null') as Json);
  const shortened = (text: string, kind: string, changed?: Json): string =>
    JSON.stringify({ kind, bytes: utf8Length(text), sha256: hash(text), changed });
  const textsWith = (of: Json | undefined, other: Json | undefined) => ({
    before: before === null ? null : shortened(whole.before ?? '', before.kind, of),
    after: shortened(whole.after, after.kind, other),
  });
  const changed = textsWith(changedIn(one, two) ?? {}, changedIn(two, one) ?? {});
  return fits(changed) ? changed : textsWith(undefined, undefined);
}

function fits({ before, after }: Pick<AuditNote, 'before' | 'after'>): boolean {
  return utf8Length(before ?? '') + utf8Length(after) <= AUDIT_TEXTS_MAX_BYTES;
}

type Json = null | boolean | number | string | JsonMembers;
/** Of a list, by place. */
type JsonMembers = { readonly [name: string]: Json };

/** The members of `one` that are not alike in `other`, at any depth; undefined: none. */
function changedIn(one: Json | undefined, other: Json | undefined): Json | undefined {
  if (!hasMembers(one) || !hasMembers(other)) return one === other ? undefined : one;
  const changed = Object.entries(one).flatMap(([name, value]) => {
    const part = changedIn(value, other[name]);
    return part === undefined ? [] : [[name, part] as const];
  });
  return changed.length === 0 ? undefined : Object.fromEntries(changed);
}

function hasMembers(value: Json | undefined): value is JsonMembers {
  return typeof value === 'object' && value !== null;
}
