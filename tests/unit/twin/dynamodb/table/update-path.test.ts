import { describe, expect, it } from 'vitest';
import { pathThroughNull } from '#twin/dynamodb/table/update-path.ts';

const item = {
  none: { NULL: true },
  map: { M: { none: { NULL: true }, text: { S: 'x' } } },
  list: { L: [{ NULL: true }, { M: {} }] },
};

describe('pathThroughNull', () => {
  it.each([
    'SET none.a = :v',
    'SET other = :v, none.a = :v',
    'SET map.none.a = :v',
    'SET list[0].a = :v',
    'REMOVE map.text SET #n.a = if_not_exists(map.text, :v)',
  ])('finds it in %s', (expression) => {
    expect(pathThroughNull(expression, { '#n': 'none' }, item)).toBe(true);
  });

  it.each([
    'SET none = :v',
    'SET map.none = :v',
    'SET list[0] = :v',
    'SET list[1].a = :v',
    'SET map.text = none.a',
    'SET absent.a = :v',
  ])('finds none in %s', (expression) => {
    expect(pathThroughNull(expression, {}, item)).toBe(false);
  });
});
