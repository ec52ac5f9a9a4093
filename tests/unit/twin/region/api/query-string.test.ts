import { describe, expect, it } from 'vitest';

import { parseQuery } from '#twin/region/api/query-string.ts';

describe('parseQuery', () => {
  it.each([
    ['a=1', { a: ['1'] }],
    ['a=1&a=2&b=3', { a: ['1', '2'], b: ['3'] }],
    ['a=x+y%2Bz', { a: ['x y+z'] }],
    ['na%20me=%C3%A9', { 'na me': ['é'] }],
    ['flag&a==', { flag: [''], a: ['='] }],
    ['&&a=1&', { a: ['1'] }],
    ['a=%2541', { a: ['%41'] }],
  ])('reads %s', (query, multi) => {
    const parsed = parseQuery(query);
    if (parsed === null || parsed === 'malformed') throw new Error('nothing read');
    expect({ ...parsed.multi }).toEqual(multi);
    for (const [name, values] of Object.entries(multi)) {
      expect(parsed.single[name]).toBe(values.at(-1));
    }
  });

  it.each(['', '&', '&&'])('finds nothing in "%s"', (query) => {
    expect(parseQuery(query)).toBeNull();
  });

  it.each(['a=%', 'a=%zz', 'a=%ff', '%c3=1'])('rejects %s', (query) => {
    expect(parseQuery(query)).toBe('malformed');
  });

  it('keeps a parameter called __proto__ as a parameter', () => {
    const parsed = parseQuery('__proto__=x');
    if (parsed === null || parsed === 'malformed') throw new Error('nothing read');
    expect(Object.keys(parsed.single)).toEqual(['__proto__']);
    expect(JSON.stringify(parsed.single)).toBe('{"__proto__":"x"}');
  });
});
