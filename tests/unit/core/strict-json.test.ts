import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonValue, parseStrictJson } from '#core/strict-json.ts';

/** What JSON.parse would have made of the value. */
function plain(value: JsonValue): unknown {
  switch (value.kind) {
    case 'null':
      return null;
    case 'boolean':
    case 'string':
      return value.value;
    case 'number':
      return Number(value.source);
    case 'array':
      return value.items.map(plain);
    case 'object': {
      const object: Record<string, unknown> = {};
      for (const [key, member] of value.members) {
        Object.defineProperty(object, key, { value: plain(member), enumerable: true });
      }
      return object;
    }
  }
}

function native(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

describe('parseStrictJson', () => {
  it('reads what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom(0, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, null, space);
        const result = parseStrictJson(text);
        expect(result.kind).toBe('value');
        if (result.kind === 'value') {
          expect(JSON.stringify(plain(result.value))).toBe(JSON.stringify(JSON.parse(text)));
        }
      }),
    );
  });

  it('accepts a text exactly when JSON.parse does, but for duplicates and depth', () => {
    const visible = '{ } [ ] , : " \\ \\u00 "a" "\\n" \' /**/ 1 - 0 .5 e3 true nul null'.split(' ');
    const scraps = fc.constantFrom(...visible, ' ', '\u0000', '\u2028', '\ufeff', '\ud800');
    fc.assert(
      fc.property(fc.array(scraps, { maxLength: 9 }), (pieces) => {
        const text = pieces.join('');
        const result = parseStrictJson(text);
        if (result.kind === 'duplicate_field') return;
        const expected = native(text);
        expect(result.kind).toBe(expected === null ? 'invalid_json' : 'value');
      }),
      { numRuns: 3_000 },
    );
  });

  it('keeps the source text of a number', () => {
    expect(parseStrictJson('1.50e+3')).toEqual({
      kind: 'value',
      value: { kind: 'number', source: '1.50e+3' },
    });
  });

  it.each([
    ['{"a":1,"a":1}', 'a'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['{"x":{"__proto__":1,"__proto__":2}}', '__proto__'],
  ])('rejects the duplicate key in %s', (text, key) => {
    expect(parseStrictJson(text)).toEqual({ kind: 'duplicate_field', key });
  });

  it('allows sixteen levels and rejects seventeen, however many follow', () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect(parseStrictJson(nested(16)).kind).toBe('value');
    expect(parseStrictJson(nested(17))).toEqual({ kind: 'nesting_too_deep' });
    expect(parseStrictJson('{"a":'.repeat(100_000))).toEqual({ kind: 'nesting_too_deep' });
  });

  it('names the offset at which a text stops being JSON', () => {
    expect(parseStrictJson('{"a": tru}')).toEqual({ kind: 'invalid_json', offset: 6 });
  });
});
