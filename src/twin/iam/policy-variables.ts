/**
 * Policy variables: `${aws:PrincipalAccount}` and the like in Resource and Condition values.
 *
 * Source: IAM User Guide, "IAM policy elements: Variables and tags".
 */

import { literally, type Pattern, wildcards } from './pattern.ts';

/** Condition keys of a request by lower-case name. An empty list counts as absent. */
export type RequestContext = Readonly<Record<string, string | readonly string[]>>;

/** Only this version of the policy language has variables; elsewhere `${…}` is text. */
const VERSION_WITH_VARIABLES = '2012-10-17';

const VARIABLE = /\$\{([^}]*)\}/g;

/**
 * Puts the request's values into `text`; what they hold is never a wildcard. `${*}`, `${?}` and
 * `${$}` are those characters. `asPattern`: whether `*` and `?` in the text itself are wildcards.
 *
 * Returns null when a variable has neither a single value nor a default: then it matches nothing.
 */
export function expandVariables(
  text: string,
  context: RequestContext,
  options: { readonly version: string | undefined; readonly asPattern: boolean },
): Pattern | null {
  const read = options.asPattern ? wildcards : literally;
  if (options.version !== VERSION_WITH_VARIABLES || !text.includes('${')) return read(text);
  const pattern: Pattern[number][] = [];
  let end = 0;
  for (const variable of text.matchAll(VARIABLE)) {
    const value = variableValue(variable[1] ?? '', context);
    if (value === null) return null;
    pattern.push(...read(text.slice(end, variable.index)), ...literally(value));
    end = variable.index + variable[0].length;
  }
  pattern.push(...read(text.slice(end)));
  return pattern;
}

/** Lower-case names of the condition keys that the variables in `text` stand for. */
export function variableKeys(text: string): string[] {
  return [...text.matchAll(VARIABLE)]
    .map(([, content = '']) => keyOf(content))
    .filter((key) => !isEscape(key));
}

function variableValue(content: string, context: RequestContext): string | null {
  const key = keyOf(content);
  if (isEscape(key)) return key;
  const value = Object.hasOwn(context, key) ? context[key] : undefined;
  if (typeof value === 'string') return value;
  if (value?.length === 1) return value[0] ?? null;
  return /,\s*'(.*)'\s*$/s.exec(content)?.[1] ?? null;
}

function keyOf(content: string): string {
  return (content.split(',')[0] ?? '').trim().toLowerCase();
}

function isEscape(key: string): boolean {
  return key === '*' || key === '?' || key === '$';
}
