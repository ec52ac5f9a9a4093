/** Reads single keys of CDK context: strings from `-c key=value`, or JSON values from cdk.json. */

import { quoted } from './quoted.ts';

/**
 * A value that breaks its rule is reported, with the mend, and replaced by the default, so that one run
 * finds every problem.
 */
export interface ContextReader {
  /** Null when the key is absent. */
  optionalText(key: string): string | null;
  text(key: string, fallback: string): string;
  choice<Choice extends string>(key: string, choices: readonly Choice[], fallback: Choice): Choice;
  flag(key: string): boolean;
  /** A whole number from `min` to `max`, both included. */
  wholeNumber(
    key: string,
    range: { readonly min: number; readonly max: number },
    fallback: number,
  ): number;
}

/** `problems`: where what is wrong is added, one sentence each. */
export function createContextReader(
  context: Readonly<Record<string, unknown>>,
  problems: string[],
): ContextReader {
  const optionalText = (key: string): string | null => {
    const value = context[key];
    if (value === undefined || value === null) return null;
    if (typeof value === 'string') return value;
    problems.push(`${key} ${quoted(value)}: give a string.`);
    return null;
  };
  return {
    optionalText,
    text: (key, fallback) => optionalText(key) ?? fallback,
    choice(key, choices, fallback) {
      const value = context[key] ?? fallback;
      const chosen = choices.find((choice) => choice === value);
      if (chosen === undefined) {
        problems.push(`${key} ${quoted(value)}: use ${choices.join(' or ')}.`);
      }
      return chosen ?? fallback;
    },
    flag(key) {
      const value = context[key] ?? false;
      if (value === true || value === 'true') return true;
      if (value !== false && value !== 'false') {
        problems.push(`${key} ${quoted(value)}: use true or false.`);
      }
      return false;
    },
    wholeNumber(key, { min, max }, fallback) {
      const value = context[key] ?? fallback;
      // Digits only: Number() would take "", " 7" and "0x10" as well.
      const read = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
      if (typeof read === 'number' && Number.isInteger(read) && read >= min && read <= max) {
        return read;
      }
      problems.push(`${key} ${quoted(value)}: use a whole number from ${min} to ${max}.`);
      return fallback;
    },
  };
}
