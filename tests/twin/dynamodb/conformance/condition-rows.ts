/**
 * Conditions and return values of DynamoDB, as documented.
 *
 * Source: DynamoDB developer guide, "Condition and filter expressions", and the API reference of
 * each operation.
 */

import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { type ConformanceRow, FAILED, INVALID, type Item } from './workbench.ts';

export const CONDITION_ROWS: readonly ConformanceRow[] = [
  {
    name: 'attribute_not_exists holds for an item that is not there',
    run: async (b) => {
      await b.put({ v: { S: '1' } }, { ConditionExpression: 'attribute_not_exists(p)' });
      return b.get();
    },
    expected: { v: { S: '1' } },
  },
  {
    name: 'attribute_not_exists fails for an item that is there, and leaves it alone',
    run: async (b) => {
      await b.put({ v: { S: '1' } });
      await b
        .put({ v: { S: '2' } }, { ConditionExpression: 'attribute_not_exists(p)' })
        .catch(() => null);
      return b.get();
    },
    expected: { v: { S: '1' } },
  },
  {
    name: 'a failed condition is a ConditionalCheckFailedException',
    run: async (b) => {
      await b.put();
      return b.put({}, { ConditionExpression: 'attribute_not_exists(p)' });
    },
    expected: FAILED,
  },
  {
    name: 'ReturnValuesOnConditionCheckFailure returns the item',
    run: async (b) => {
      await b.put({ v: { S: '1' } });
      return b
        .put(
          {},
          {
            ConditionExpression: 'attribute_not_exists(p)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        )
        .catch((error: { Item?: Item }) => ({ old: error.Item?.['v'] }));
    },
    expected: { old: { S: '1' } },
    deviations: { dynalite: { old: undefined } },
  },
  {
    name: 'an update whose condition fails returns the item when asked to',
    run: async (b) => {
      await b.put({ v: { S: '1' } });
      return b
        .update(
          'SET v = :v',
          { ':v': { S: '2' } },
          { ConditionExpression: 'v = :v', ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
        )
        .catch((error: { Item?: Item }) => ({ old: error.Item?.['v'] }));
    },
    expected: { old: { S: '1' } },
    deviations: { dynalite: { old: undefined } },
  },
  {
    name: 'numbers compare by value, strings by their bytes',
    run: async (b) => {
      await b.put({ n: { N: '10' }, t: { S: '10' } });
      const { Items } = await b.query({
        FilterExpression: 'n > :n AND t < :t',
        ExpressionAttributeValues: { ':p': { S: b.p }, ':n': { N: '9' }, ':t': { S: '9' } },
      });
      return Items?.length;
    },
    expected: 1,
  },
  {
    name: 'size, begins_with, contains, BETWEEN and IN',
    run: async (b) => {
      await b.put({ t: { S: 'abc' }, l: { SS: ['x', 'y'] }, n: { N: '5' } });
      const { Items } = await b.query({
        FilterExpression:
          'size(t) = :three AND begins_with(t, :ab) AND contains(l, :x) AND ' +
          'n BETWEEN :three AND :seven AND n IN (:five, :seven)',
        ExpressionAttributeValues: {
          ':p': { S: b.p },
          ':three': { N: '3' },
          ':five': { N: '5' },
          ':seven': { N: '7' },
          ':ab': { S: 'ab' },
          ':x': { S: 'x' },
        },
      });
      return Items?.length;
    },
    expected: 1,
  },
  {
    name: 'a placeholder that is not defined is refused',
    run: (b) => b.put({}, { ConditionExpression: 'attribute_exists(#nobody)' }),
    expected: INVALID,
    deviations: { moto: { error: 'SyntaxError' } },
  },
  {
    name: 'a placeholder that is not used is refused',
    run: (b) =>
      b.put(
        {},
        {
          ConditionExpression: 'attribute_not_exists(p)',
          ExpressionAttributeValues: { ':unused': { S: 'x' } },
        },
      ),
    expected: INVALID,
    deviations: { moto: 'accepted' },
  },
  {
    name: 'a conditional delete of another version is refused',
    run: async (b) => {
      await b.put({ v: { N: '1' } });
      return b.client.send(
        new DeleteItemCommand({
          TableName: 'things',
          Key: b.key(),
          ConditionExpression: 'v = :v',
          ExpressionAttributeValues: { ':v': { N: '2' } },
        }),
      );
    },
    expected: FAILED,
  },
];

export const RETURN_VALUE_ROWS: readonly ConformanceRow[] = [
  {
    name: 'a put returns the item it replaced',
    run: async (b) => {
      await b.put({ v: { S: 'old' } });
      return (await b.put({ v: { S: 'new' } }, { ReturnValues: 'ALL_OLD' })).Attributes?.['v'];
    },
    expected: { S: 'old' },
  },
  {
    name: 'a put that replaced nothing returns nothing',
    run: async (b) => (await b.put({}, { ReturnValues: 'ALL_OLD' })).Attributes ?? null,
    expected: null,
  },
  {
    name: 'a put can not return the new item',
    run: (b) => b.put({}, { ReturnValues: 'ALL_NEW' }),
    expected: INVALID,
  },
  {
    name: 'ALL_OLD of an update that created the item is nothing',
    run: async (b) => {
      const { Attributes } = await b.update(
        'SET v = :v',
        { ':v': { S: '1' } },
        { ReturnValues: 'ALL_OLD' },
      );
      return Attributes ?? null;
    },
    expected: null,
  },
  {
    name: 'UPDATED_OLD and UPDATED_NEW return the attributes that the update names',
    run: async (b) => {
      await b.put({ v: { N: '1' }, w: { N: '1' } });
      const values = { ':one': { N: '1' } };
      const old = await b.update('SET v = v + :one', values, { ReturnValues: 'UPDATED_OLD' });
      const now = await b.update('SET v = v + :one', values, { ReturnValues: 'UPDATED_NEW' });
      return [old.Attributes, now.Attributes];
    },
    expected: [{ v: { N: '1' } }, { v: { N: '3' } }],
  },
  {
    name: 'an update returns nothing unless asked to',
    run: async (b) => (await b.update('SET v = :v', { ':v': { S: '1' } })).Attributes ?? null,
    expected: null,
  },
  {
    name: 'a delete of nothing succeeds and returns nothing',
    run: async (b) => {
      const { Attributes } = await b.client.send(
        new DeleteItemCommand({ TableName: 'things', Key: b.key(), ReturnValues: 'ALL_OLD' }),
      );
      return Attributes ?? null;
    },
    expected: null,
  },
];
