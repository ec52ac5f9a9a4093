/** `lease`: who may write payments, where each replica has a history of its own. */

import { type LeaseRecord, type LeaseStore, type Takeover, takeOverLease } from '#core/lease.ts';
import type { Clock } from '#core/ports.ts';
import { type Environment, firstAnswer } from './connect.ts';
import { isFault, OpsError, reasonOf } from './ops-error.ts';
import {
  type Consistency,
  consistencyOf,
  leaseStoreOver,
  probeTable,
  readLease,
} from './payments-consistency.ts';

/** The lease as it is now; null: no Region has had it yet. Throws `OpsError`. */
export async function showLease(environment: Environment): Promise<LeaseRecord | null> {
  requireLease(await consistencyOf(environment));
  return readLease(environment);
}

/** Throws `OpsError` (`refused`) where there is no lease. */
export function requireLease(consistency: Consistency): void {
  if (consistency === 'eventual') return;
  throw new OpsError(
    'refused',
    'there is no lease: the payments table is strongly consistent, so it refuses writes in a Region ' +
      'without a quorum by itself, and any other Region may write',
  );
}

export interface TakeRequest {
  readonly region: string;
  /** The holder lives and is told to renew no more. */
  readonly planned: boolean;
  /** Epoch of the routing log that it counts for; absent: by hand, whatever the log says. */
  readonly routingEpoch?: number;
}

/**
 * Gives the lease to a Region: at once where nobody has it, else after it has not been renewed for 12 s.
 * Never to a Region whose replica of the payments table does not answer.
 *
 * `onWait` is told each second how many are left, `onStopped` that the holder was told to stop: until the end nobody
 * may write. Throws `OpsError`.
 */
export async function takeLease(
  request: TakeRequest,
  environment: Environment,
  onWait: (secondsLeft: number) => void,
  onStopped: (holder: string) => void = () => undefined,
): Promise<Takeover> {
  const { region } = request;
  const target = environment.regions.find((connection) => connection.region === region);
  if (target === undefined) {
    const known = environment.regions.map((connection) => connection.region).join(', ');
    throw new OpsError('usage', `there is no Region ${region} here; use one of ${known}`);
  }
  requireLease(await consistencyOf(environment));
  try {
    await probeTable(target, environment);
  } catch (error) {
    if (!isFault(error)) throw error;
    const message = `${region} can't take the lease, its payments table does not answer: ${reasonOf(error)}`;
    throw new OpsError('refused', message, error);
  }
  const { connection } = await firstAnswer(
    'the lease',
    [target, ...environment.regions.filter((one) => one !== target)],
    ({ dynamodb }) => leaseStoreOver(dynamodb, environment).read(environment.deadline()),
  );
  const { clock, sleep } = environment.attempts;
  const store = leaseStoreOver(connection.dynamodb, environment);
  return takeWith(request, { store, clock, sleep }, onWait, onStopped);
}

/** Longest time for each call of the lease's store. */
const CALL_MS = 6_000;
const SECOND_MS = 1_000;

/** The take-over itself, with a wait that tells how long it still is. Throws `OpsError`. */
export async function takeWith(
  request: TakeRequest,
  ports: {
    readonly store: LeaseStore;
    readonly clock: Clock;
    readonly sleep: (ms: number) => Promise<void>;
  },
  onWait: (secondsLeft: number) => void,
  onStopped: (holder: string) => void = () => undefined,
): Promise<Takeover> {
  const sleep = async (ms: number): Promise<void> => {
    for (let leftMs = ms; leftMs > 0; leftMs -= SECOND_MS) {
      onWait(Math.ceil(leftMs / SECOND_MS));
      await ports.sleep(Math.min(leftMs, SECOND_MS));
    }
  };
  const { routingEpoch = null } = request;
  let halfDone = '';
  try {
    return await takeOverLease(
      { ...request, routingEpoch },
      { ...ports, sleep },
      CALL_MS,
      (holder) => {
        halfDone = `; ${holder} was told to stop, and nobody takes payments: repeat this`;
        onStopped(holder);
      },
    );
  } catch (error) {
    if (!isFault(error)) throw error;
    throw new OpsError('fault', `the lease was not taken: ${reasonOf(error)}${halfDone}`, error);
  }
}
