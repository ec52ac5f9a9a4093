import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '#adapters/system.ts';
import { decodeCursor, encodeCursor } from '#handlers/page-cursor.ts';

const MARK = sha256Hex('cust-1').slice(0, 16);
const textOf = (...fields: readonly unknown[]): string =>
  Buffer.from(JSON.stringify(fields)).toString('base64url');
const position = { transactionId: 'txn-é', timestampEpochSeconds: 1_700_000_000 };

describe('cursors', () => {
  it('are read back for the same customer', () => {
    expect(decodeCursor(encodeCursor('cust-1', position), 'cust-1')).toEqual(position);
  });

  it('are what the tests below take them for', () => {
    expect(encodeCursor('cust-1', position)).toBe(textOf(2, MARK, 'txn-é', 1_700_000_000));
  });

  it('leave room for the path of the longest ids, and for headers', () => {
    const longest = 'é'.repeat(1_024);
    const cursor = encodeCursor(longest, { ...position, transactionId: longest });
    const path = `/prod/customers/${encodeURIComponent(longest)}/payments?cursor=${cursor}`;
    expect(path.length).toBeLessThan(10_240 - 1_024);
  });

  it("rejects another customer's cursor", () => {
    expect(decodeCursor(encodeCursor('cust-1', position), 'cust-2')).toBeNull();
  });

  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['the version before', textOf(1, 'cust-1', 't', 1)],
    ['a version to come', textOf(3, MARK, 't', 1)],
    ['a negative time', textOf(2, MARK, 't', -1)],
    ['a bad id', textOf(2, MARK, '', 1)],
    ['too many fields', textOf(2, MARK, 't', 1, 1)],
    ['an object', Buffer.from('{"length":4}').toString('base64url')],
    ['megabytes', 'A'.repeat(2_000_000)],
  ])('rejects %s', (_name, cursor) => {
    expect(decodeCursor(cursor, 'cust-1')).toBeNull();
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(decodeCursor(text, 'cust-1')).toBeNull();
      }),
    );
  });
});
