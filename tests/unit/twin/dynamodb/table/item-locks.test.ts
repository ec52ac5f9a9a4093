import { describe, expect, it } from 'vitest';
import { INTERNAL, ItemLocks } from '#twin/dynamodb/table/item-locks.ts';

describe('ItemLocks', () => {
  it('locks each item by itself', () => {
    const locks = new ItemLocks();
    expect(locks.acquire('a', 'us-east-1')).toBe('taken');
    expect(locks.acquire('b', 'us-east-2')).toBe('taken');
  });

  it('serves writers of one Region in the order in which they came', async () => {
    const locks = new ItemLocks();
    const order: number[] = [];
    expect(locks.acquire('a', 'us-east-1')).toBe('taken');
    const waiting = [1, 2, 3].map(async (n) => {
      await locks.acquire('a', 'us-east-1');
      order.push(n);
      locks.release('a');
    });
    locks.release('a');
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
    expect(locks.size).toBe(0);
  });

  it('rejects another Region while one holds the lock or waits for it', async () => {
    const locks = new ItemLocks();
    expect(locks.acquire('a', INTERNAL)).toBe('taken');
    const waiting = locks.acquire('a', 'us-east-1');
    expect(locks.acquire('a', 'us-east-2')).toBe('conflict');
    locks.release('a');
    await waiting;
    expect(locks.acquire('a', 'us-east-2')).toBe('conflict');
    locks.release('a');
    expect(locks.acquire('a', 'us-east-2')).toBe('taken');
  });

  it('refuses nobody because of the work of the twin itself', async () => {
    const locks = new ItemLocks();
    expect(locks.acquire('a', 'us-east-1')).toBe('taken');
    const internal = locks.acquire('a', INTERNAL);
    expect(internal).toBeInstanceOf(Promise);
    locks.release('a');
    await internal;
    expect(locks.acquire('a', 'us-east-2')).toBeInstanceOf(Promise);
  });

  it('rejects the release of a lock that nobody holds', () => {
    expect(() => new ItemLocks().release('a')).toThrow('not held');
  });
});
