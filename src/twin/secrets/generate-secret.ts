/** Random values of secrets, by the rules of a template's GenerateSecretString. */

import type { GeneratedSecret } from '../region-model.ts';

const LOWERCASE = 'abcdefghijklmnopqrstuvwxyz';
const NUMBERS = '0123456789';
/** Source: Secrets Manager API reference, GetRandomPassword, ExcludePunctuation. */
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/** The characters of each included type, without the excluded ones; a type may be left empty. Pure. */
export function characterTypes(rules: GeneratedSecret): readonly string[] {
  const included = [
    rules.excludeUppercase ? null : LOWERCASE.toUpperCase(),
    rules.excludeLowercase ? null : LOWERCASE,
    rules.excludeNumbers ? null : NUMBERS,
    rules.excludePunctuation ? null : PUNCTUATION,
    rules.includeSpace ? ' ' : null,
  ].filter((type) => type !== null);
  return included.map((type) =>
    Array.from(type)
      .filter((character) => !rules.excludeCharacters.includes(character))
      .join(''),
  );
}

/**
 * A value by the rules: a password, or the template's JSON with a password under the given key.
 *
 * `randomBelow` gives a whole number from 0 up to, not including, its argument. The rules must be
 * such that a password exists, as the assembly reader makes sure.
 */
export function generateSecret(
  rules: GeneratedSecret,
  randomBelow: (limit: number) => number,
): string {
  const password = generatePassword(rules, randomBelow);
  if (rules.template === null) return password;
  const { secretStringTemplate, generateStringKey } = rules.template;
  const template = JSON.parse(secretStringTemplate) as Record<string, unknown>;
  return JSON.stringify({ ...template, [generateStringKey]: password });
}

function generatePassword(rules: GeneratedSecret, randomBelow: (limit: number) => number): string {
  const types = characterTypes(rules);
  const pick = (from: string): string => from.charAt(randomBelow(from.length));
  const all = types.join('');
  const characters = rules.requireEachIncludedType ? types.map(pick) : [];
  while (characters.length < rules.passwordLength) characters.push(pick(all));
  // Shuffled, or the required characters would always come first, in the order of their types.
  for (let last = characters.length - 1; last > 0; last -= 1) {
    const other = randomBelow(last + 1);
    [characters[last], characters[other]] = [characters[other] ?? '', characters[last] ?? ''];
  }
  return characters.join('');
}
