/**
 * Values, numbers and sizes of DynamoDB, as documented.
 *
 * Source: DynamoDB developer guide, "Data types" and "Quotas".
 */

import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { type ConformanceRow, INVALID } from './workbench.ts';

export const VALUE_ROWS: readonly ConformanceRow[] = [
  {
    name: 'every type comes back as it went in',
    run: async (b) => {
      await b.put({
        text: { S: 'é\u0000"\\' },
        bytes: { B: new Uint8Array([0, 255]) },
        yes: { BOOL: true },
        none: { NULL: true },
        list: { L: [{ S: 'a' }, { N: '1' }] },
        map: { M: { inner: { L: [] } } },
      });
      return b.get();
    },
    expected: {
      text: { S: 'é\u0000"\\' },
      bytes: { B: new Uint8Array([0, 255]) },
      yes: { BOOL: true },
      none: { NULL: true },
      list: { L: [{ S: 'a' }, { N: '1' }] },
      map: { M: { inner: { L: [] } } },
    },
  },
  {
    name: 'an empty string is a value',
    run: async (b) => {
      await b.put({ v: { S: '' } });
      return b.get();
    },
    expected: { v: { S: '' } },
  },
  {
    name: 'an empty string is no key',
    run: (b) => b.put({ p: { S: '' } }),
    expected: INVALID,
  },
  {
    name: 'an empty string is no index key',
    run: (b) => b.put({ owner: { S: '' }, rank: { N: '1' } }),
    expected: INVALID,
    deviations: { dynalite: 'accepted' },
  },
  {
    name: 'an empty set is refused',
    run: (b) => b.put({ v: { SS: [] } }),
    expected: INVALID,
  },
  {
    name: 'a set with one element twice is refused',
    run: (b) => b.put({ v: { SS: ['x', 'x'] } }),
    expected: INVALID,
    deviations: { moto: 'accepted' },
  },
  {
    name: '38 digits are kept exactly',
    run: async (b) => {
      await b.put({ v: { N: '12345678901234567890123456789012345678' } });
      await b.update('SET v = v + :one', { ':one': { N: '1' } });
      return b.get();
    },
    expected: { v: { N: '12345678901234567890123456789012345679' } },
  },
  {
    name: '39 digits are refused',
    run: (b) => b.put({ v: { N: '1'.repeat(39) } }),
    expected: INVALID,
    deviations: { moto: 'accepted' },
  },
  {
    name: 'decimal fractions add exactly',
    run: async (b) => {
      await b.put({ v: { N: '0.1' } });
      await b.update('ADD v :v', { ':v': { N: '0.2' } });
      return b.get();
    },
    expected: { v: { N: '0.3' } },
  },
  {
    name: 'numbers lose the zeros that say nothing',
    run: async (b) => {
      await b.put({ v: { N: '0010.500' } });
      return b.get();
    },
    expected: { v: { N: '10.5' } },
    deviations: { moto: { v: { N: '0010.500' } } },
  },
  {
    name: 'two spellings of a number are one key',
    run: async (b) => {
      await b.put({ s: { N: '1.0' }, v: { S: 'x' } });
      return b.get('1');
    },
    expected: { v: { S: 'x' } },
  },
  {
    name: 'a number that is none is refused',
    run: (b) => b.put({ v: { N: 'twelve' } }),
    expected: INVALID,
  },
  {
    name: 'a number out of range is refused',
    run: (b) => b.put({ v: { N: '1e126' } }),
    expected: INVALID,
    deviations: { moto: 'accepted' },
  },
];

export const SIZE_ROWS: readonly ConformanceRow[] = [
  {
    name: 'an item of 400 KB is stored',
    run: async (b) => {
      // Names p, s and v (3 bytes), the key's value, and 2 bytes for the number 1.
      await b.put({ v: { S: 'x'.repeat(409_600 - 3 - b.p.length - 2) } });
      return Object.keys((await b.get()) ?? {});
    },
    expected: ['v'],
    deviations: { moto: { error: 'ValidationException' } },
  },
  {
    name: 'an item above 400 KB is refused',
    run: (b) => b.put({ v: { S: 'x'.repeat(409_600) } }),
    expected: INVALID,
  },
  {
    name: 'an item is measured in bytes, not in characters',
    run: (b) => b.put({ v: { S: 'é'.repeat(205_000) } }),
    expected: INVALID,
    deviations: { dynalite: 'accepted' },
  },
  {
    name: 'a partition key of 2,048 bytes is stored',
    run: async (b) => {
      await b.put({ p: { S: b.p.padEnd(2_048, 'x') } });
      return 'stored';
    },
    expected: 'stored',
  },
  {
    name: 'a partition key is measured in bytes',
    run: (b) => b.put({ p: { S: b.p.padEnd(2_000, 'é') } }),
    expected: INVALID,
    deviations: { dynalite: 'accepted' },
  },
  {
    name: 'a key of the wrong type is refused',
    run: (b) => b.put({ s: { S: '1' } }),
    expected: INVALID,
  },
  {
    name: 'a key with an attribute too few is refused',
    run: (b) => b.client.send(new GetItemCommand({ TableName: 'things', Key: { p: { S: b.p } } })),
    expected: INVALID,
  },
  {
    name: 'a table that is not there is a ResourceNotFoundException',
    run: (b) => b.put({}, { TableName: 'nothing' }),
    expected: { error: 'ResourceNotFoundException' },
  },
];
