/** Compares DynamoDB's JSON by meaning: the engines return members in any order. */

/** JSON of `value` with sorted members, and with sorted sets: arrays of strings have no order in DynamoDB. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) {
    const isSet = value.every((element) => typeof element === 'string');
    const elements = isSet ? value.toSorted() : value;
    return `[${elements.map(canonicalJson).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
