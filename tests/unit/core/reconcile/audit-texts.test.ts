import { describe, expect, it } from 'vitest';
import { sha256Hex } from '#adapters/system.ts';
import { AUDIT_TEXTS_MAX_BYTES, auditTexts } from '#core/reconcile/audit-texts.ts';
import { itemText, openedNow, type StoredJournal } from '#core/reconcile/stored-transaction.ts';
import { journalOf, refundOf, settled } from './stored-fixture.ts';

/** A settled payment with a hundred refunds whose ids are as long as is said. */
function storedWith(idLength: number, character = 'r'): StoredJournal {
  const refunds = Array.from({ length: 100 }, (_, index) =>
    refundOf({ refundId: `${index}`.padEnd(idLength, character), status: 'ACCEPTED' }),
  );
  return {
    kind: 'journal',
    journal: journalOf({ ...settled, attempts: 3, refunds }),
    openValue: null,
  };
}

describe('auditTexts', () => {
  it('are those of the items where both fit', () => {
    const before = storedWith(100);
    const after = openedNow(before, 9);
    expect(auditTexts({ before, after }, sha256Hex)).toEqual({
      before: itemText(before),
      after: itemText(after),
    });
    expect(auditTexts({ before: null, after }, sha256Hex).before).toBeNull();
  });

  it('are size, hash and what changed where both do not fit', () => {
    const before = storedWith(2_048);
    const opened = openedNow(before, 9);
    const [first = refundOf(), ...others] = opened.journal.refunds;
    const refunds = [{ ...first, status: 'REFUNDED' as const }, ...others];
    const after = { ...opened, journal: { ...opened.journal, refunds } };
    const texts = auditTexts({ before, after }, sha256Hex);
    const { updatedAtEpochMs } = before.journal;
    expect(JSON.parse(texts.before ?? '')).toEqual({
      kind: 'journal',
      bytes: Buffer.byteLength(itemText(before)),
      sha256: sha256Hex(itemText(before)),
      changed: {
        journal: {
          ...{ attempts: 3, updatedAtEpochMs, dueAtEpochMs: null },
          refunds: { 0: { status: 'ACCEPTED' } },
        },
        openValue: null,
      },
    });
    expect(JSON.parse(texts.after)).toEqual({
      kind: 'journal',
      bytes: Buffer.byteLength(itemText(after)),
      sha256: sha256Hex(itemText(after)),
      changed: {
        journal: {
          ...{ attempts: 1, updatedAtEpochMs: 9, dueAtEpochMs: 9 },
          refunds: { 0: { status: 'REFUNDED' } },
        },
        openValue: after.openValue,
      },
    });
  });

  it('are size and hash alone where what changed does not fit either', () => {
    // Each quotation mark has two bytes in JSON.
    const after = storedWith(2_048, '"');
    const texts = auditTexts({ before: null, after }, sha256Hex);
    const bytes = Buffer.byteLength(itemText(after));
    expect(bytes).toBeGreaterThan(AUDIT_TEXTS_MAX_BYTES);
    const sha256 = sha256Hex(itemText(after));
    expect(texts.before).toBeNull();
    expect(JSON.parse(texts.after)).toEqual({ kind: 'journal', bytes, sha256 });
  });

  it('counts bytes, not characters', () => {
    const before = storedWith(1_000, 'é');
    const texts = auditTexts({ before, after: openedNow(before, 9) }, sha256Hex);
    expect(JSON.parse(texts.after)).toHaveProperty('sha256');
  });
});
