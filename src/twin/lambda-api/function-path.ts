/** Reads the function that a Lambda request names. */

export interface FunctionPath {
  readonly name: string;
  /** Of an ARN; null where the caller gave a name alone. */
  readonly region: string | null;
  /** `$LATEST` unless the caller asked for a version or an alias. */
  readonly qualifier: string;
  /** The path's last part, `invocations`; null for the function itself. */
  readonly action: string | null;
}

/**
 * `/2015-03-31/functions/<name, partial ARN or ARN>[/<action>][?Qualifier=…]`; null for another path.
 * Pure. Source: Lambda API reference, "FunctionName" of Invoke.
 */
export function functionPath(url: string): FunctionPath | null {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const found = /^\/2015-03-31\/functions\/([^/]+)(?:\/([^/]+))?\/?$/.exec(pathname);
  if (found === null) return null;
  const named = decode(found[1] ?? '');
  const parts =
    /^(?:arn:[\w-]+:lambda:([\w-]+):)?(?:\d{12}:)?(?:function:)?([\w-]+)(?::([\w$-]+))?$/.exec(
      named,
    );
  if (parts === null) return null;
  const [, region = null, name = '', version] = parts;
  return {
    name,
    region,
    qualifier: version ?? searchParams.get('Qualifier') ?? '$LATEST',
    action: found[2] ?? null,
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
