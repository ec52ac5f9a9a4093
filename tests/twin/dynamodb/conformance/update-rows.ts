/**
 * Update expressions of DynamoDB, as documented.
 *
 * Source: DynamoDB developer guide, "Update expressions".
 */

import { type ConformanceRow, INVALID } from './workbench.ts';

export const UPDATE_ROWS: readonly ConformanceRow[] = [
  {
    name: 'an update creates the item with its key',
    run: async (b) => {
      await b.update('SET v = :v', { ':v': { S: '1' } });
      return b.get();
    },
    expected: { v: { S: '1' } },
  },
  {
    name: 'SET, REMOVE, ADD and DELETE in one expression',
    run: async (b) => {
      await b.put({ a: { S: '1' }, b: { S: '1' }, n: { N: '1' }, t: { SS: ['x', 'y'] } });
      await b.update('SET a = :a REMOVE b ADD n :two DELETE t :x', {
        ':a': { S: '2' },
        ':two': { N: '2' },
        ':x': { SS: ['x'] },
      });
      return b.get();
    },
    expected: { a: { S: '2' }, n: { N: '3' }, t: { SS: ['y'] } },
  },
  {
    name: 'every operand is the value before the update',
    run: async (b) => {
      await b.put({ a: { N: '1' }, b: { N: '2' } });
      await b.update('SET a = b, b = a');
      return b.get();
    },
    expected: { a: { N: '2' }, b: { N: '1' } },
  },
  {
    name: 'if_not_exists and list_append',
    run: async (b) => {
      await b.put({ l: { L: [{ N: '1' }] } });
      await b.update('SET v = if_not_exists(v, :zero), l = list_append(l, :two)', {
        ':zero': { N: '0' },
        ':two': { L: [{ N: '2' }] },
      });
      return b.get();
    },
    expected: { v: { N: '0' }, l: { L: [{ N: '1' }, { N: '2' }] } },
  },
  {
    name: 'a set that loses its last element is gone',
    run: async (b) => {
      await b.put({ t: { SS: ['x'] } });
      await b.update('DELETE t :x', { ':x': { SS: ['x'] } });
      return b.get();
    },
    expected: {},
  },
  {
    name: 'a path through a missing map is refused',
    run: async (b) => {
      await b.put();
      return b.update('SET m.a = :v', { ':v': { S: '1' } });
    },
    expected: INVALID,
  },
  {
    name: 'a path through a NULL is refused',
    run: async (b) => {
      await b.put({ m: { NULL: true } });
      return b.update('SET m.a = :v', { ':v': { S: '1' } });
    },
    expected: INVALID,
    deviations: { moto: 'accepted' },
  },
  {
    name: 'overlapping paths are refused',
    run: async (b) => {
      await b.put({ m: { M: {} } });
      return b.update('SET m = :m, m.a = :v', { ':v': { S: '1' }, ':m': { M: {} } });
    },
    expected: INVALID,
  },
  {
    name: 'a key attribute can not be updated',
    run: (b) => b.update('SET s = :s', { ':s': { N: '2' } }),
    expected: INVALID,
  },
  {
    name: 'arithmetic on a string is refused',
    run: async (b) => {
      await b.put({ v: { S: '1' } });
      return b.update('SET v = v + :one', { ':one': { N: '1' } });
    },
    expected: INVALID,
  },
];
