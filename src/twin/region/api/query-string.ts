/** Reads a query string as API Gateway does for the proxy event. */

export interface QueryParameters {
  /** The last value of each name. */
  readonly single: Readonly<Record<string, string>>;
  /** All values of each name, in order. */
  readonly multi: Readonly<Record<string, readonly string[]>>;
}

/**
 * Decodes once: `%41` → `A`, `+` → space. A name without `=` has the empty string.
 * Returns null for an empty query and `malformed` for percent-encoding that is not UTF-8.
 */
export function parseQuery(query: string): QueryParameters | 'malformed' | null {
  if (query === '') return null;
  // No prototype: a parameter may be called __proto__.
  const single: Record<string, string> = Object.create(null);
  const multi: Record<string, string[]> = Object.create(null);
  let found = false;
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals === -1 ? pair : pair.slice(0, equals));
    const value = equals === -1 ? '' : decode(pair.slice(equals + 1));
    if (name === null || value === null) return 'malformed';
    found = true;
    single[name] = value;
    (multi[name] ??= []).push(value);
  }
  return found ? { single, multi } : null;
}

function decode(text: string): string | null {
  return percentDecode(text.includes('+') ? text.replaceAll('+', ' ') : text);
}

/** Percent-decodes once. Null: malformed, or not UTF-8. */
function percentDecode(text: string): string | null {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
