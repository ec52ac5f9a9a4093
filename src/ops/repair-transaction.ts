/** The second look at one transaction, and its repair. */

import type { Deadline, Hash } from '#core/ports.ts';
import type { AuditLog } from '#core/reconcile/audit-entry.ts';
import { auditTexts } from '#core/reconcile/audit-texts.ts';
import { compareReplicas } from '#core/reconcile/compare-replicas.ts';
import { FINDING_KINDS, type Finding } from '#core/reconcile/finding.ts';
import { inspectTransaction } from '#core/reconcile/inspect-transaction.ts';
import {
  type ItemChange,
  itemAt,
  itemText,
  timestampOf,
} from '#core/reconcile/stored-transaction.ts';
import { isFault, reasonOf } from './ops-error.ts';
import type { PaymentsReplica } from './payments-replica.ts';
import type { RepairOutcome, ReportedFinding } from './reconcile.ts';
import { type RawTransaction, storedTransaction } from './stored-items.ts';

export interface RepairSubject {
  readonly transactionId: string;
  readonly leading: PaymentsReplica;
  readonly others: readonly PaymentsReplica[];
  readonly leadingHoldsLease: boolean;
}

export interface Examination {
  readonly hash: Hash;
  readonly nowEpochMs: () => number;
  readonly newId: () => string;
  /** Who repairs. */
  readonly actor: string;
  readonly audit: AuditLog;
  readonly deadline: () => Deadline;
}

type Lose = (region: string, error: unknown) => void;

/** A transaction has a handful of items at most; a repair that never ends is a defect. */
const ROUNDS_MAX = 50;

/** Reads the transaction from every replica and returns all findings, with what they were made from. */
export async function examine(
  subject: RepairSubject,
  examination: Pick<Examination, 'hash' | 'nowEpochMs'>,
  lose: Lose,
): Promise<{ readonly findings: readonly Finding[]; readonly seen: RawTransaction | null }> {
  const { leading, others, transactionId, leadingHoldsLease } = subject;
  const seen = await tryRead(leading, transactionId, lose);
  if (seen === null) return { findings: [], seen };
  const nowEpochMs = examination.nowEpochMs();
  const context = { hash: examination.hash, nowEpochMs };
  const mine = storedTransaction(seen);
  const findings = [...inspectTransaction(mine, context)];
  for (const other of others) {
    const theirs = await tryRead(other, transactionId, lose);
    if (theirs === null) continue;
    const pair = {
      leading: mine,
      leadingRegion: leading.region,
      other: storedTransaction(theirs),
      otherRegion: other.region,
      leadingHoldsLease,
    };
    findings.push(...compareReplicas(pair, nowEpochMs));
    // Nothing to compare by: whatever the other replica has is wrong by itself.
    if (mine.items.length === 0) {
      const within = inspectTransaction(pair.other, context);
      findings.push(...within.filter(({ changes }) => changes.length === 0));
    }
  }
  return { findings, seen };
}

/**
 * Repairs finding after finding, each from a fresh look, and reports those that it can't. One that comes
 * back is not repaired twice: the other replica learns of a repair later.
 */
export async function repairTransaction(
  subject: RepairSubject,
  examination: Examination,
  mayStillRepair: () => Promise<boolean>,
  lose: Lose,
): Promise<readonly ReportedFinding[]> {
  const reported = new Map<string, ReportedFinding>();
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const { findings, seen } = await examine(subject, examination, lose);
    const fresh = findings.filter((finding) => !reported.has(nameOf(finding)));
    const next = fresh.find(({ changes }) => changes.length > 0);
    if (next === undefined || seen === null) {
      for (const finding of fresh) {
        // What a repair has written is on its way to the other replica: that needs no saying.
        if (reported.size > 0 && FINDING_KINDS[finding.kind] === 'info') continue;
        reported.set(nameOf(finding), told(finding, 'left', null));
      }
      break;
    }
    try {
      const outcome = (await mayStillRepair())
        ? await repair(next, seen, subject.leading, examination)
        : 'left';
      reported.set(nameOf(next), told(next, outcome, null));
    } catch (error) {
      if (!isFault(error)) throw error;
      reported.set(nameOf(next), told(next, 'failed', reasonOf(error)));
    }
  }
  return [...reported.values()];
}

/** Throws `AppError`; what was not audited was not written. */
async function repair(
  finding: Finding,
  seen: RawTransaction,
  leading: PaymentsReplica,
  examination: Examination,
): Promise<RepairOutcome> {
  for (const change of finding.changes) {
    await note(finding.kind, change, finding, examination);
    if ((await leading.change(seen, change)) === 'changed') continue;
    if (await isMade(change, finding.transactionId, leading)) continue;
    // The trail says what happened, not only what was meant to.
    await note(`${finding.kind}: raced, not written`, change, finding, examination);
    return 'raced';
  }
  return 'repaired';
}

/** Whether a refused write was made all the same, by an attempt of ours whose answer was lost. */
async function isMade(
  { after }: ItemChange,
  transactionId: string,
  leading: PaymentsReplica,
): Promise<boolean> {
  const now = storedTransaction(await leading.read(transactionId));
  const item = itemAt(now, timestampOf(after));
  return item !== null && itemText(item) === itemText(after);
}

async function note(
  action: string,
  change: ItemChange,
  { transactionId }: Finding,
  { audit, hash, newId, nowEpochMs, actor, deadline }: Examination,
): Promise<void> {
  const entry = {
    entryId: newId(),
    atEpochMs: nowEpochMs(),
    actor,
    action,
    transactionId,
    ...auditTexts(change, hash),
  };
  await audit.append(entry, deadline());
}

async function tryRead(
  replica: PaymentsReplica,
  transactionId: string,
  lose: Lose,
): Promise<RawTransaction | null> {
  try {
    return await replica.read(transactionId);
  } catch (error) {
    lose(replica.region, error);
    return null;
  }
}

function told(
  { kind, transactionId, detail, changes, lost }: Finding,
  outcome: RepairOutcome,
  because: string | null,
): ReportedFinding {
  const repairable = changes.length > 0;
  return { kind, transactionId, detail, outcome, because, repairable, lost };
}

function nameOf({ kind, detail }: Finding): string {
  return `${kind} ${detail}`;
}
