/** The placeholder syntax of Fn::Sub. */

const PLACEHOLDER = /\$\{(!?)([^}]*)\}/g;

/**
 * Replaces `${name}` in a Fn::Sub string by `valueOf(name)`; `${!name}` becomes the literal
 * `${name}`. White space around a name doesn't count.
 */
export function substitute(template: string, valueOf: (name: string) => string): string {
  return template.replace(PLACEHOLDER, (_match, escaped: string, name: string) =>
    escaped === '!' ? `\${${name}}` : valueOf(name.trim()),
  );
}

/** The names that a Fn::Sub string uses, in order. */
export function placeholders(template: string): string[] {
  return [...template.matchAll(PLACEHOLDER)]
    .filter(([, escaped]) => escaped !== '!')
    .map(([, , name = '']) => name.trim());
}
