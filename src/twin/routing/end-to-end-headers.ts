/** Which headers a proxy passes on. */

/** Meant for one connection only. Source: RFC 9110 section 7.6.1, and what browsers added. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The headers to pass on: all but those for this hop and those that `Connection` names, in the order,
 * spelling and number in which they came. Pure.
 *
 * `rawHeaders`: name, value, name, value, …
 * `alsoDropped`: further names, lower case.
 */
export function endToEndHeaders(
  rawHeaders: readonly string[],
  alsoDropped: readonly string[] = [],
): string[] {
  const dropped = new Set(alsoDropped);
  for (const [name, value] of pairsOf(rawHeaders)) {
    if (name.toLowerCase() !== 'connection') continue;
    for (const token of value.split(',')) dropped.add(token.trim().toLowerCase());
  }
  const kept: string[] = [];
  for (const [name, value] of pairsOf(rawHeaders)) {
    const key = name.toLowerCase();
    if (!HOP_BY_HOP.has(key) && !dropped.has(key)) kept.push(name, value);
  }
  return kept;
}

function* pairsOf(rawHeaders: readonly string[]): Generator<readonly [string, string]> {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    yield [rawHeaders[index] as string, rawHeaders[index + 1] as string];
  }
}
