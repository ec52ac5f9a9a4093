/** What the payments table promises between its replicas, and which Region's writes count. */

import { DescribeTableCommand, MultiRegionConsistency } from '@aws-sdk/client-dynamodb';
import { attemptAws } from '#adapters/aws-attempts.ts';
import { createDynamoHealthProbe } from '#adapters/dynamo-health-probe.ts';
import { createDynamoLeaseStore } from '#adapters/dynamo-lease-store.ts';
import type { LeaseRecord } from '#core/lease.ts';
import { type Environment, firstAnswer, type RegionConnection } from './connect.ts';
import { isFault, OpsError, reasonOf } from './ops-error.ts';

/** `strong`: one history for all Regions. `eventual`: each replica has its own, and a lease orders them. */
export type Consistency = 'strong' | 'eventual';

/** Asks one Region. Throws `AppError`. */
export async function describeConsistency(
  { dynamodb }: RegionConnection,
  environment: Environment,
): Promise<Consistency> {
  const command = new DescribeTableCommand({ TableName: environment.names.paymentsTable });
  const { Table: table } = await attemptAws(
    'describe payments table',
    (abortSignal) => dynamodb.send(command, { abortSignal }),
    environment.deadline(),
    environment.attempts,
  );
  const isStrong = table?.MultiRegionConsistency === MultiRegionConsistency.STRONG;
  return isStrong ? 'strong' : 'eventual';
}

/** Asks the Regions until one answers. Throws `OpsError`. */
export async function consistencyOf(environment: Environment): Promise<Consistency> {
  const { answer } = await firstAnswer('the payments table', environment.regions, (connection) =>
    describeConsistency(connection, environment),
  );
  return answer;
}

/** The lease, from any Region that answers: its table is one for all of them. Throws `OpsError`. */
export async function readLease(environment: Environment): Promise<LeaseRecord | null> {
  const { answer } = await firstAnswer('the lease', environment.regions, ({ dynamodb: client }) =>
    leaseStoreOver(client, environment).read(environment.deadline()),
  );
  return answer;
}

export function leaseStoreOver(client: RegionConnection['dynamodb'], environment: Environment) {
  const { names, attempts } = environment;
  return createDynamoLeaseStore({ client, tableName: names.controlTable, attempts });
}

/**
 * The Region to which an operator's writes go: with strong consistency the first that serves a strong
 * read, else the one that holds the lease, since a write elsewhere may lose against it.
 *
 * Throws `OpsError`: `refused` where nobody can tell who holds the lease.
 */
export async function writingRegion(environment: Environment): Promise<RegionConnection> {
  return writingRegionOf(await consistencyOf(environment), environment);
}

async function writingRegionOf(
  consistency: Consistency,
  environment: Environment,
): Promise<RegionConnection> {
  if (consistency === 'strong') {
    const { connection } = await firstAnswer(
      'the payments table',
      environment.regions,
      (connection) => probeTable(connection, environment),
    );
    return connection;
  }
  const { lease, reason } = await tryReadLease(environment);
  if (lease === null) throw new OpsError('refused', reason);
  const holder = environment.regions.find(({ region }) => region === lease.holder);
  if (holder === undefined) {
    const message = `${lease.holder} holds the lease and is not among the Regions asked; add it to --regions`;
    throw new OpsError('refused', message);
  }
  return holder;
}

/** Whose writes count, as far as it is known. */
export interface Leader {
  readonly consistency: Consistency;
  /** Null: see `reason`. */
  readonly leading: RegionConnection | null;
  readonly reason: string;
  /** All Regions, the leading one first. */
  readonly inOrder: readonly RegionConnection[];
}

/** As `writingRegion`, for those who only read: nobody to lead is no fault to them. Throws `OpsError` (`fault`). */
export async function leaderOf(environment: Environment): Promise<Leader> {
  const { regions } = environment;
  const consistency = await consistencyOf(environment);
  try {
    const leading = await writingRegionOf(consistency, environment);
    const others = regions.filter((one) => one !== leading);
    return { consistency, leading, reason: '', inOrder: [leading, ...others] };
  } catch (error) {
    if (!isFault(error)) throw error;
    return { consistency, leading: null, reason: reasonOf(error), inOrder: regions };
  }
}

/** The lease, or why it is not known. */
export async function tryReadLease(
  environment: Environment,
): Promise<{ readonly lease: LeaseRecord | null; readonly reason: string }> {
  try {
    const lease = await readLease(environment);
    const reason =
      lease === null
        ? 'no Region holds the lease yet; give it to one with: holdfast lease take REGION'
        : '';
    return { lease, reason };
  } catch (error) {
    if (!isFault(error)) throw error;
    return { lease: null, reason: `the lease can't be read: ${reasonOf(error)}` };
  }
}

/** A strongly consistent read, which a Region without a quorum refuses. Throws `AppError`. */
export async function probeTable(
  { dynamodb }: RegionConnection,
  environment: Environment,
): Promise<void> {
  const probe = createDynamoHealthProbe({
    client: dynamodb,
    tableName: environment.names.paymentsTable,
    attempts: environment.attempts,
  });
  await probe.probe(environment.deadline());
}
