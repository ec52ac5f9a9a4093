/** What each call of the lease's store makes of its one item: the conditions of the production adapter, as decisions. */

import type { LeaseRecord, LeaseTarget } from '#core/lease.ts';
import type { Change } from './global-table.ts';

type Stored = LeaseRecord | undefined;

const EXISTS = { put: undefined, answer: 'exists' } as const;
const NOT_HELD = { put: undefined, answer: 'not-held' } as const;
const RACED = { put: undefined, answer: 'raced' } as const;

/** Pure, as all of these. */
export function createdLease(
  current: Stored,
  region: string,
): Change<LeaseRecord, 'created' | 'exists'> {
  if (current !== undefined) return EXISTS;
  const put = { holder: region, epoch: 1, renewals: 0, handingTo: null, routingEpoch: null };
  return { put, answer: 'created' };
}

export function renewedLease(
  current: Stored,
  region: string,
): Change<LeaseRecord, LeaseRecord | 'not-held'> {
  if (current?.holder !== region || current.handingTo !== null) return NOT_HELD;
  return written({ ...current, renewals: current.renewals + 1 });
}

/** Not bound to the renewals: a holder that lives renews all the time. */
export function handedOverLease(
  current: Stored,
  seen: LeaseRecord,
  to: LeaseTarget,
): Change<LeaseRecord, 'handing-over' | 'raced'> {
  if (current?.holder !== seen.holder || current.epoch !== seen.epoch) return RACED;
  if (!mayMove(current, to)) return RACED;
  const routingEpoch = to.routingEpoch ?? current.routingEpoch;
  return { put: { ...current, handingTo: to.region, routingEpoch }, answer: 'handing-over' };
}

export function followedLease(
  current: Stored,
  seen: LeaseRecord,
  to: LeaseTarget & { readonly routingEpoch: number },
): Change<LeaseRecord, LeaseRecord | 'raced'> {
  if (current?.holder !== seen.holder || current.epoch !== seen.epoch) return RACED;
  if (current.handingTo !== null || !mayMove(current, to)) return RACED;
  return written({ ...current, routingEpoch: to.routingEpoch });
}

export function takenLease(
  current: Stored,
  seen: LeaseRecord,
  to: LeaseTarget,
): Change<LeaseRecord, LeaseRecord | 'raced'> {
  if (current?.epoch !== seen.epoch || current.renewals !== seen.renewals) return RACED;
  if (!mayMove(current, to)) return RACED;
  return written({
    ...{ holder: to.region, epoch: current.epoch + 1, renewals: 0, handingTo: null },
    routingEpoch: to.routingEpoch ?? current.routingEpoch,
  });
}

function written(put: LeaseRecord): Change<LeaseRecord, LeaseRecord> {
  return { put, answer: put };
}

/** Whether the lease was moved for no newer epoch of the routing log than this. */
function mayMove({ routingEpoch }: LeaseRecord, to: LeaseTarget): boolean {
  return to.routingEpoch === null || routingEpoch === null || routingEpoch <= to.routingEpoch;
}
