/**
 * Patterns of IAM: text with `*` and `?`, after policy variables were put in.
 *
 * A pattern is a list of characters and wildcards, so that a star which came out of a variable's
 * value stays a star and matches nothing else.
 */

/** `*`: any characters, or none. */
export const ANY = Symbol('*');
/** `?`: one character. */
export const ONE = Symbol('?');

export type Pattern = readonly (string | typeof ANY | typeof ONE)[];

/** Reads `*` and `?` of a text as wildcards. Pure. */
export function wildcards(text: string): Pattern {
  return Array.from(text).map((character) =>
    character === '*' ? ANY : character === '?' ? ONE : character,
  );
}

/** A text that stands for itself. Pure. */
export function literally(text: string): Pattern {
  return Array.from(text);
}

/** Whether the pattern covers all of `value`, upper and lower case apart. Pure. */
export function matchesText(pattern: Pattern, value: string): boolean {
  return matches(pattern, Array.from(value), Number.POSITIVE_INFINITY);
}

/**
 * Whether an ARN pattern of a Resource element covers `arn`.
 *
 * Wildcards stay inside the segment (between colons) in which they stand, but for a `*` at the end
 * of a segment, which goes on over colons; the sixth segment, the resource, runs to the end. Pure.
 * Source: IAM User Guide, "IAM JSON policy elements: Resource".
 */
export function matchesResource(pattern: Pattern, arn: string): boolean {
  const characters = Array.from(arn);
  let colons = 0;
  const boundaryEnd = characters.findIndex((each) => each === ':' && ++colons === ARN_COLONS);
  return matches(pattern, characters, boundaryEnd === -1 ? characters.length - 1 : boundaryEnd);
}

/**
 * Whether an ARN pattern of a condition covers `arn`: each of the six segments by itself. Pure.
 * Source: IAM User Guide, "Amazon Resource Name (ARN) condition operators".
 */
export function matchesArn(pattern: Pattern, arn: string): boolean {
  const patterns = segments(pattern);
  const values = segments(Array.from(arn));
  return (
    patterns.length === values.length &&
    patterns.every((segment, index) =>
      matches(segment, (values[index] ?? []) as string[], Number.POSITIVE_INFINITY),
    )
  );
}

/** Colons that separate the segments of an ARN; the resource itself may have more of them. */
const ARN_COLONS = 5;

function segments(pattern: Pattern): Pattern[] {
  const found: (Pattern[number] & {})[][] = [[]];
  for (const token of pattern) {
    if (token === ':' && found.length <= ARN_COLONS) found.push([]);
    else found.at(-1)?.push(token);
  }
  return found;
}

/**
 * Follows every way through the pattern at once. A colon at or before `boundaryEnd` is passed by
 * no wildcard but a `*` with a colon or nothing after it; infinity: no character is special.
 */
function matches(pattern: Pattern, value: readonly string[], boundaryEnd: number): boolean {
  const hasBoundaries = Number.isFinite(boundaryEnd);
  let positions = withSkippedStars(pattern, new Set([0]));
  for (const [index, character] of value.entries()) {
    const isBoundary = hasBoundaries && character === ':' && index <= boundaryEnd;
    const next = new Set<number>();
    for (const position of positions) {
      const token = pattern[position];
      if (token === ANY) {
        const after = pattern[position + 1];
        if (!isBoundary || after === undefined || after === ':') next.add(position);
      } else if (token === character || (token === ONE && !isBoundary)) {
        next.add(position + 1);
      }
    }
    if (next.size === 0) return false;
    positions = withSkippedStars(pattern, next);
  }
  return positions.has(pattern.length);
}

function withSkippedStars(pattern: Pattern, positions: Set<number>): Set<number> {
  // A set visits what is added to it on the way.
  for (const position of positions) {
    if (pattern[position] === ANY) positions.add(position + 1);
  }
  return positions;
}
