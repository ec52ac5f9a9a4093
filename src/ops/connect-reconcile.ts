/** Finds out what reconciliation may do in an environment, and refuses what would be unsafe. */

import { randomUUID } from 'node:crypto';
import { createDynamoAuditLog } from '#adapters/dynamo-audit-log.ts';
import { sha256Hex } from '#adapters/system.ts';
import type { AuditLog, AuditNote } from '#core/reconcile/audit-entry.ts';
import type { Environment, RegionConnection, UnreachedRegion } from './connect.ts';
import { isFault, OpsError, reasonOf } from './ops-error.ts';
import {
  type Consistency,
  describeConsistency,
  probeTable,
  readLease,
  tryReadLease,
} from './payments-consistency.ts';
import { createPaymentsReplica } from './payments-replica.ts';
import type { ReconcilePorts } from './reconcile.ts';

/** How long to wait before looking again: replication is usually done within a second. */
const SETTLE_MS: Record<Consistency, number> = { strong: 0, eventual: 5_000 };

export interface ReconcileConnection {
  readonly ports: ReconcilePorts;
  readonly settleMs: number;
}

/**
 * `actor`: who repairs, for the audit trail. `settleMs` null: as long as the consistency asks for.
 *
 * Throws `OpsError`: `fault` when no Region answers; `refused` when repairs are asked for on eventually
 * consistent tables and the lease, or the replica of the Region that holds it, can't be read.
 */
export async function connectReconcile(
  request: {
    readonly repair: boolean;
    readonly actor: string;
    readonly settleMs: number | null;
  },
  environment: Environment,
): Promise<ReconcileConnection> {
  const { answering, unreached, consistency } = await askRegions(environment);
  const lease = consistency === 'strong' ? null : await tryReadLease(environment);
  const holder = answering.find(({ region }) => region === lease?.lease?.holder);
  if (request.repair && lease !== null && holder === undefined) {
    throw new OpsError('refused', `no repair: ${noLeader(lease, unreached)}`);
  }
  const leading = holder ?? answering[0];
  if (leading === undefined) throw new OpsError('fault', 'no Region answers');
  const epoch = lease?.lease?.epoch;
  // Only Regions that answered: each of the others would cost every repair its time-out.
  const served: Environment = { ...environment, regions: answering };
  const ports: ReconcilePorts = {
    consistency,
    // A strong read says the same anywhere: to compare the table with itself takes time and shows nothing.
    replicas: (consistency === 'strong' ? [leading] : answering).map((connection) =>
      createPaymentsReplica(connection, environment),
    ),
    unreached,
    leadingRegion: leading.region,
    leadingHoldsLease: holder !== undefined,
    // A repair in the replica of a Region that has lost the lease could lose against its successor's.
    mayStillRepair: async () => epoch === undefined || (await isStill(epoch, served)),
    audit: auditOver(served),
    examination: {
      hash: sha256Hex,
      nowEpochMs: () => environment.attempts.clock.nowEpochMs(),
      newId: randomUUID,
      actor: request.actor,
      deadline: () => environment.deadline(),
    },
    sleep: environment.attempts.sleep,
  };
  return { ports, settleMs: request.settleMs ?? SETTLE_MS[consistency] };
}

/** Which Regions serve consistent reads, all asked at once. */
async function askRegions(environment: Environment): Promise<{
  readonly answering: readonly RegionConnection[];
  readonly unreached: readonly UnreachedRegion[];
  readonly consistency: Consistency;
}> {
  const answers = await Promise.all(
    environment.regions.map(async (connection) => {
      try {
        const described = await describeConsistency(connection, environment);
        await probeTable(connection, environment);
        return { connection, consistency: described };
      } catch (error) {
        if (!isFault(error)) throw error;
        return { connection, reason: reasonOf(error) };
      }
    }),
  );
  const answering: RegionConnection[] = [];
  const unreached: UnreachedRegion[] = [];
  let consistency: Consistency | null = null;
  for (const answer of answers) {
    if (answer.consistency === undefined) {
      unreached.push({ region: answer.connection.region, reason: answer.reason });
      continue;
    }
    answering.push(answer.connection);
    consistency = answer.consistency;
  }
  if (consistency === null) {
    const reasons = unreached.map(({ region, reason }) => `${region}: ${reason}`).join('; ');
    throw new OpsError('fault', `no Region answers for the payments table (${reasons})`);
  }
  return { answering, unreached, consistency };
}

function noLeader(
  { lease, reason }: Awaited<ReturnType<typeof tryReadLease>>,
  unreached: readonly UnreachedRegion[],
): string {
  if (lease === null) return reason;
  const why = unreached.find(({ region }) => region === lease.holder)?.reason;
  return (
    `${lease.holder} holds the lease and its replica can't be read (${why ?? 'not among the Regions asked'}); ` +
    'if that Region is lost, first: holdfast failover --to REGION'
  );
}

async function isStill(epoch: number, environment: Environment): Promise<boolean> {
  return (await readLease(environment))?.epoch === epoch;
}

/**
 * The trail through the first Region that takes an entry: its table is one for all Regions. One entry
 * after the other: repairs at once would only race for the next sequence.
 */
function auditOver(environment: Environment): AuditLog {
  const { attempts, names } = environment;
  const logs = environment.regions.map(({ dynamodb: client }) =>
    createDynamoAuditLog({ client, tableName: names.controlTable, attempts, hash: sha256Hex }),
  );
  const appendOnce = async (entry: AuditNote): Promise<number> => {
    let last: unknown;
    for (const log of logs) {
      try {
        return await log.append(entry, environment.deadline());
      } catch (error) {
        if (!isFault(error)) throw error;
        last = error;
      }
    }
    throw new OpsError('fault', `the audit trail takes no entry: ${reasonOf(last)}`, last);
  };
  let previous: Promise<unknown> = Promise.resolve();
  return {
    append(entry) {
      const appended = previous.then(() => appendOnce(entry));
      previous = appended.catch(() => undefined);
      return appended;
    },
  };
}
