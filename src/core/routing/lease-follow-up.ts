/** Where tables are eventually consistent: has the lease follow the traffic. */

import { AppError } from '../app-error.ts';
import { LEASE_WAIT_MS, type LeaseStore, takeOverLease } from '../lease.ts';
import type { Clock, Deadline } from '../ports.ts';
import type { FollowUp, RoundReport } from './orchestrate.ts';

interface LeaseFollowUpOptions {
  readonly own: string;
  /** Longest time for each call of the store, milliseconds. */
  readonly callMs: number;
  /** What must be left beside the wait for the lease, for the calls around it, milliseconds. */
  readonly spareMs: number;
}

interface LeaseFollowUpPorts {
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
}

/** A newer epoch, or a person, has moved the lease: its holder is active, and not this Region. */
const SUPERSEDED = 'region_not_active';

/** The step that makes the own Region the one that may write payments, for the epoch that sends them here. */
export function createLeaseFollowUp(
  { own, callMs, spareMs }: LeaseFollowUpOptions,
  ports: LeaseFollowUpPorts,
): FollowUp {
  return {
    name: 'lease',
    async run(epoch, deadline) {
      const leftMs = deadline.atEpochMs - ports.clock.nowEpochMs();
      if (leftMs < LEASE_WAIT_MS + spareMs) {
        throw new AppError(
          'unavailable',
          'no time left to wait for the lease: the next round goes on',
        );
      }
      // Planned: a holder that still lives is told to renew no more, and is waited out either way.
      const taken = await takeOverLease(
        { region: own, planned: true, routingEpoch: epoch },
        ports,
        callMs,
      );
      if (taken.kind === 'taken' || taken.kind === 'held-already') {
        return `held since lease epoch ${taken.lease.epoch}`;
      }
      const code = taken.kind === 'superseded' ? SUPERSEDED : 'unavailable';
      throw new AppError(code, `the lease was not taken: ${taken.kind}`);
    },
  };
}

/**
 * Makes sure after a round that the lease is where the traffic is, if that is the own Region.
 *
 * In manual mode a person moves the lease, by hand or by moving traffic: there it follows the newest entry
 * that moved traffic, unless it was moved for a newer one or by hand since. Without that, a `failover` of
 * somebody without a command line would leave the Region that it leads to refusing every payment.
 *
 * `step`: of `createLeaseFollowUp`; null where tables are strongly consistent. A fault is told to `onFault`
 * and left to the next round. Rejects with what is no `AppError`.
 */
export async function keepLease(
  round: RoundReport,
  deadline: Deadline,
  {
    own,
    step,
    onFault,
  }: {
    readonly own: string;
    readonly step: FollowUp | null;
    readonly onFault: (error: AppError) => void;
  },
): Promise<void> {
  if (step === null || round.kind !== 'waited') return;
  const { active, mode, epoch, movedEpoch } = round.state;
  if (!active.includes(own)) return;
  const keptFor = mode === 'manual' ? movedEpoch : epoch;
  if (keptFor === undefined) return;
  try {
    await step.run(keptFor, deadline);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // What a person did with it is no fault.
    if (mode === 'manual' && error.code === SUPERSEDED) return;
    onFault(error);
  }
}
