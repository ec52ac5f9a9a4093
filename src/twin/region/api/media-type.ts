/** Matching of media types against an API's `binaryMediaTypes`. */

export type MediaTypeMatcher = (mediaType: string | undefined) => boolean;

/** Takes a header value; its parameters (`; charset=…`) and all but the first of a list are ignored. */
export function compileMediaTypes(patterns: readonly string[]): MediaTypeMatcher {
  if (patterns.length === 0) return () => false;
  if (patterns.includes('*/*')) return () => true;
  const exact = new Set(patterns.map((pattern) => pattern.toLowerCase()));
  return (mediaType) => {
    const type = mediaType?.split(/[,;]/, 1)[0]?.trim().toLowerCase() ?? '';
    return exact.has(type) || exact.has(`${type.split('/', 1)[0]}/*`);
  };
}
