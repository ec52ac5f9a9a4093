import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GeneratedSecret } from '#twin/region-model.ts';
import { generateSecret } from '#twin/secrets/generate-secret.ts';

const RULES: GeneratedSecret = {
  kind: 'generated',
  passwordLength: 32,
  excludeCharacters: '',
  excludeLowercase: false,
  excludeNumbers: false,
  excludePunctuation: false,
  excludeUppercase: false,
  includeSpace: false,
  requireEachIncludedType: true,
  template: null,
};

const TYPES = {
  excludeUppercase: /[A-Z]/,
  excludeLowercase: /[a-z]/,
  excludeNumbers: /[0-9]/,
  excludePunctuation: /[^A-Za-z0-9 ]/,
};

/** Draws the same numbers for the same seed. */
function drawsFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

describe('generateSecret', () => {
  it('has the length, every included type and nothing that is excluded', () => {
    const flags = fc.record({
      excludeUppercase: fc.boolean(),
      excludeLowercase: fc.boolean(),
      excludeNumbers: fc.boolean(),
      excludePunctuation: fc.constant(false),
      includeSpace: fc.boolean(),
      passwordLength: fc.integer({ min: 5, max: 60 }),
    });
    fc.assert(
      fc.property(flags, fc.integer({ min: 1, max: 2 ** 31 }), (flagged, seed) => {
        const rules = { ...RULES, ...flagged, excludeCharacters: 'aZ0"' };
        const value = generateSecret(rules, drawsFrom(seed));
        expect(value).toHaveLength(rules.passwordLength);
        expect(value).not.toMatch(/[aZ0"]/);
        expect(value.includes(' ')).toBe(rules.includeSpace);
        for (const [flag, pattern] of Object.entries(TYPES)) {
          expect(pattern.test(value)).toBe(!rules[flag as keyof typeof TYPES]);
        }
      }),
    );
  });

  it('does not put the required characters first', () => {
    const firsts = Array.from({ length: 50 }, (_, seed) =>
      generateSecret(RULES, drawsFrom(seed + 1)).charAt(0),
    );
    expect(firsts.every((character) => TYPES.excludeUppercase.test(character))).toBe(false);
  });

  it('need not have a character of each type when the template says so', () => {
    const rules = { ...RULES, passwordLength: 1, requireEachIncludedType: false };
    expect(generateSecret(rules, () => 0)).toBe('A');
  });

  it('puts the password into the template', () => {
    const template = { secretStringTemplate: '{"user":"app"}', generateStringKey: 'password' };
    const value = generateSecret({ ...RULES, template }, drawsFrom(1));
    const password = generateSecret(RULES, drawsFrom(1));
    expect(JSON.parse(value)).toEqual({ user: 'app', password });
  });
});
