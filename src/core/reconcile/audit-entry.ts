/** The audit trail of repairs: an append-only chain, each entry with the hash of the one before it. */

import type { Deadline, Hash } from '../ports.ts';

/** What a repair is about to do. */
export interface AuditNote {
  /** Unique: tells an append whose answer was lost from somebody else's. */
  readonly entryId: string;
  readonly atEpochMs: number;
  /** Who does it. */
  readonly actor: string;
  readonly action: string;
  readonly transactionId: string;
  /**
   * JSON text of the item; null: there is none. Where both would be too long for one entry (`auditTexts`), its
   * `kind`, the `bytes` and `sha256` of that text, and, if that is not too long either, the members that
   * `changed`, those of lists by place.
   */
  readonly before: string | null;
  readonly after: string;
}

export interface AuditEntry extends AuditNote {
  /** 1 upwards, without gaps. */
  readonly sequence: number;
  /** `auditHash` of the entry before; of the first one: `FIRST_PREVIOUS_HASH`. */
  readonly previousHash: string;
}

export interface AuditLog {
  /**
   * Appends, and returns the entry's sequence. Two at once: both are appended, one after the other.
   * Throws `AppError`; then the repair must not be made.
   */
  append(note: AuditNote, deadline: Deadline): Promise<number>;
}

export const FIRST_PREVIOUS_HASH = '0'.repeat(64);

/** SHA-256 of an entry's whole content. The leading word is its version. Pure. */
export function auditHash(entry: AuditEntry, hash: Hash): string {
  return hash(
    JSON.stringify([
      'holdfast-audit-1',
      entry.sequence,
      entry.previousHash,
      entry.entryId,
      entry.atEpochMs,
      entry.actor,
      entry.action,
      entry.transactionId,
      entry.before,
      entry.after,
    ]),
  );
}
