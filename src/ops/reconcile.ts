/**
 * `reconcile`: looks at every payment in every replica, says what is wrong, and mends it if asked to.
 *
 * What looks wrong is looked at again after a while: traffic and replication go on meanwhile, and only
 * what stays counts. Repairs go to one replica, each one write, audited before it is made.
 */

import type { AuditLog } from '#core/reconcile/audit-entry.ts';
import { FINDING_KINDS, type FindingKind, type LostPayment } from '#core/reconcile/finding.ts';
import type { UnreachedRegion } from './connect.ts';
import { isFault, reasonOf } from './ops-error.ts';
import type { Consistency } from './payments-consistency.ts';
import type { PaymentsReplica } from './payments-replica.ts';
import { type Examination, examine, repairTransaction } from './repair-transaction.ts';
import { type Suspects, scanForSuspects } from './scan-for-suspects.ts';

export interface ReconcileRequest {
  readonly repair: boolean;
  /** How long to wait before what looks wrong is looked at again. */
  readonly settleMs: number;
}

/** What reconciliation works with; `connectReconcile` makes it for an environment. */
export interface ReconcilePorts {
  readonly consistency: Consistency;
  /** Those that can be asked. */
  readonly replicas: readonly PaymentsReplica[];
  /** Regions that can't. */
  readonly unreached: readonly UnreachedRegion[];
  /** The Region whose replica leads: repairs go there. One of `replicas`, if there are any. */
  readonly leadingRegion: string;
  /** Whether that Region holds the lease (`eventual` only). */
  readonly leadingHoldsLease: boolean;
  /** Whether what was true at the start still is; false ends all repairs. */
  readonly mayStillRepair: () => Promise<boolean>;
  readonly audit: AuditLog;
  readonly examination: Omit<Examination, 'audit'>;
  readonly sleep: (ms: number) => Promise<void>;
}

/** What became of one finding. `left`: only reported. `raced`: somebody changed the item meanwhile. */
export type RepairOutcome = 'left' | 'repaired' | 'raced' | 'failed';

export interface ReportedFinding {
  readonly kind: FindingKind;
  readonly transactionId: string;
  readonly detail: string;
  readonly outcome: RepairOutcome;
  /** Why it failed; null otherwise. */
  readonly because: string | null;
  /** True: `--repair` mends it. */
  readonly repairable: boolean;
  readonly lost: LostPayment | null;
}

export interface ReconcileReport {
  readonly consistency: Consistency;
  readonly regionsRead: readonly string[];
  readonly unreached: readonly UnreachedRegion[];
  readonly leadingRegion: string;
  readonly transactions: number;
  readonly counts: Readonly<Partial<Record<FindingKind, number>>>;
  /** The first of them; `counts` has all. */
  readonly findings: readonly ReportedFinding[];
  /** Findings that are not mended. */
  readonly left: number;
  /** Whether this was enough to say that nothing else is wrong. */
  readonly complete: boolean;
}

/** Bounds the memory of a report on a table that is wrong all over. */
const FINDINGS_KEPT_MAX = 10_000;
/** So many are looked at again together: what is held of each is its id, 2 KB at most. */
const SUSPECTS_MAX = 10_000;
const EXAMINED_AT_ONCE = 8;

export interface ReconcileProgress {
  readonly stage: 'scanning' | 'settling' | 'examining';
  readonly transactions: number;
  readonly suspects: number;
}

/** Runs once. A replica that fails on the way is reported as unreached; the others are gone on with. */
export async function reconcile(
  request: ReconcileRequest,
  ports: ReconcilePorts,
  onProgress: (progress: ReconcileProgress) => void,
): Promise<ReconcileReport> {
  const unreached = new Map(ports.unreached.map(({ region, reason }) => [region, reason]));
  const counts: Partial<Record<FindingKind, number>> = {};
  const findings: ReportedFinding[] = [];
  let left = 0;
  let transactions = 0;
  let suspects: Suspects = new Set();

  const lose = (region: string, error: unknown): void => {
    if (!isFault(error)) throw error;
    if (!unreached.has(region)) unreached.set(region, reasonOf(error));
  };
  const reachable = (): readonly PaymentsReplica[] =>
    ports.replicas.filter(({ region }) => !unreached.has(region));
  const report = (finding: ReportedFinding): void => {
    counts[finding.kind] = (counts[finding.kind] ?? 0) + 1;
    if (FINDING_KINDS[finding.kind] === 'finding' && finding.outcome !== 'repaired') left += 1;
    if (findings.length < FINDINGS_KEPT_MAX) findings.push(finding);
  };

  const settle = async (): Promise<void> => {
    if (suspects.size === 0) return;
    const ids = [...suspects];
    suspects = new Set();
    onProgress({ stage: 'settling', transactions, suspects: ids.length });
    await ports.sleep(request.settleMs);
    for (let start = 0; start < ids.length; start += EXAMINED_AT_ONCE) {
      const together = ids.slice(start, start + EXAMINED_AT_ONCE);
      const found = await Promise.all(
        together.map((id) => settleOne(id, request, ports, reachable(), lose)),
      );
      for (const finding of found.flat()) report(finding);
      onProgress({ stage: 'examining', transactions, suspects: ids.length - start });
    }
  };

  for (const scanned of leadingFirst(ports)) {
    if (unreached.has(scanned.region)) continue;
    try {
      for await (const step of scanForSuspects(scanned, {
        others: () => reachable().filter(({ region }) => region !== scanned.region),
        isLeading: scanned.region === ports.leadingRegion,
        context: ports.examination,
        lose,
      })) {
        transactions += step.counted;
        for (const id of step.suspects) suspects.add(id);
        if (suspects.size >= SUSPECTS_MAX) await settle();
        onProgress({ stage: 'scanning', transactions, suspects: suspects.size });
      }
    } catch (error) {
      lose(scanned.region, error);
    }
  }
  await settle();

  const regionsRead = reachable().map(({ region }) => region);
  return {
    consistency: ports.consistency,
    regionsRead,
    unreached: [...unreached].map(([region, reason]) => ({ region, reason })),
    leadingRegion: ports.leadingRegion,
    transactions,
    counts,
    findings,
    left,
    // With strong consistency one replica has it all: the leading one, which alone is inspected.
    complete:
      regionsRead.includes(ports.leadingRegion) &&
      (ports.consistency === 'strong' || unreached.size === 0),
  };
}

function leadingFirst({ replicas, leadingRegion }: ReconcilePorts): readonly PaymentsReplica[] {
  return replicas.toSorted(
    (a, b) => Number(b.region === leadingRegion) - Number(a.region === leadingRegion),
  );
}

/** Looks at one suspect again and mends it if asked to. */
async function settleOne(
  transactionId: string,
  request: ReconcileRequest,
  ports: ReconcilePorts,
  replicas: readonly PaymentsReplica[],
  lose: (region: string, error: unknown) => void,
): Promise<readonly ReportedFinding[]> {
  const leading =
    replicas.find(({ region }) => region === ports.leadingRegion) ?? replicas[0] ?? null;
  if (leading === null) return [];
  const isLed = leading.region === ports.leadingRegion;
  const examination: Examination = { ...ports.examination, audit: ports.audit };
  const subject = {
    transactionId,
    leading,
    others: replicas.filter((replica) => replica !== leading),
    leadingHoldsLease: isLed && ports.leadingHoldsLease,
  };
  if (request.repair && isLed) {
    return repairTransaction(subject, examination, ports.mayStillRepair, lose);
  }
  const { findings } = await examine(subject, examination, lose);
  return findings.map(({ kind, detail, changes, lost }) => ({
    kind,
    transactionId,
    detail,
    outcome: 'left',
    because: null,
    repairable: changes.length > 0,
    lost,
  }));
}
