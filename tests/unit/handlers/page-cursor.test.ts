import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from '#handlers/page-cursor.ts';

const position = { transactionId: 'txn-é', timestampEpochSeconds: 1_700_000_000 };

describe('cursors', () => {
  it('are read back for the same customer', () => {
    expect(decodeCursor(encodeCursor('cust-1', position), 'cust-1')).toEqual(position);
  });

  it("rejects another customer's cursor", () => {
    expect(decodeCursor(encodeCursor('cust-1', position), 'cust-2')).toBeNull();
  });

  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['another version', Buffer.from('[2,"cust-1","t",1]').toString('base64url')],
    ['a negative time', Buffer.from('[1,"cust-1","t",-1]').toString('base64url')],
    ['a bad id', Buffer.from('[1,"cust-1","",1]').toString('base64url')],
    ['too many fields', Buffer.from('[1,"cust-1","t",1,1]').toString('base64url')],
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
