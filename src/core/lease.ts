/**
 * The lease of eventually consistent tables: the one Region that may write payments.
 *
 * There, a condition sees the local replica only, so two Regions that both write would both accept the
 * same payment. The lease lives in a table that is strongly consistent over all Regions.
 * Source: docs/adr/0014-lease-for-eventual-tables.md.
 */

import { AppError } from './app-error.ts';
import type { Clock, Deadline } from './ports.ts';

export interface LeaseRecord {
  readonly holder: string;
  /** Grows by one with each change of the holder. */
  readonly epoch: number;
  /** Grows by one with each renewal: a lease that is alive can be seen to move. */
  readonly renewals: number;
  /** A planned hand-over: renewed no more, so that it lapses. */
  readonly handingTo: string | null;
  /** Newest epoch of the routing log that it was moved for; null: moved by hand alone so far. */
  readonly routingEpoch: number | null;
}

/** Conditional writes of one item, linearizable over all Regions. */
export interface LeaseStore {
  read(deadline: Deadline): Promise<LeaseRecord | null>;
  /** Puts the first lease, epoch 1. `exists`: there is one. */
  create(region: string, deadline: Deadline): Promise<'created' | 'exists'>;
  /** Counts a renewal, if `region` holds the lease and hands it to nobody. */
  renew(region: string, deadline: Deadline): Promise<LeaseRecord | 'not-held'>;
  /** Stops renewals, if the lease is still the one that was seen. */
  handOver(
    seen: LeaseRecord,
    to: LeaseTarget,
    deadline: Deadline,
  ): Promise<'handing-over' | 'raced'>;
  /** Notes the newer epoch of the routing log that the holder keeps the lease for, if it hands it to nobody. */
  follow(
    seen: LeaseRecord,
    to: LeaseTarget & { readonly routingEpoch: number },
    deadline: Deadline,
  ): Promise<LeaseRecord | 'raced'>;
  /** Makes the target the holder, epoch + 1, if the lease has not moved since it was seen. */
  take(seen: LeaseRecord, to: LeaseTarget, deadline: Deadline): Promise<LeaseRecord | 'raced'>;
}

export interface LeaseTarget {
  readonly region: string;
  /**
   * Epoch of the routing log that sends traffic there: `raced` where the lease was moved for a newer one, so
   * that who was paused can't take it back. Null: by hand, whatever the log says.
   */
  readonly routingEpoch: number | null;
}

/** Time that only goes on, whatever is done to the wall clock. */
export interface Stopwatch {
  elapsedMs(): number;
}

/** How long a holder relies on a renewal, counted from before it asked for it. */
export const LEASE_HELD_MS = 8_000;
/**
 * How long a lease must be seen not to move before it is taken, counted from after it was read. No two
 * clocks are compared. The difference to `LEASE_HELD_MS` is for clocks that run at different speeds and
 * for a write that is on its way when the lease lapses.
 */
export const LEASE_WAIT_MS = 12_000;
/** A holder renews when less than this is left. */
const RENEW_BELOW_MS = 5_000;
/** How long "not held" is believed without asking again. */
const NOT_HELD_MS = 1_000;
/**
 * How old a renewal under way may be for others to wait for its end. One that is older went to sleep with its
 * process: its answer would come too late to rely on, and its deadline is over.
 */
const JOIN_MS_MAX = 2_000;

export interface Lease {
  /**
   * The moment until which this Region may write, on the clock of deadlines; renews as needed. Throws
   * `AppError`: `region_not_active` when another Region holds the lease or the control table can't be
   * asked.
   */
  hold(deadline: Deadline): Promise<Deadline>;
}

export interface LeaseOptions {
  readonly store: LeaseStore;
  readonly region: string;
  /** Whether this Region may create the first lease: exactly one does. */
  readonly mayCreate: boolean;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
}

/** Keeps this process's view of the lease. Each process relies on its own renewals alone. */
export function createLease(options: LeaseOptions): Lease {
  const { store, region, clock, stopwatch } = options;
  let heldUntilMs = Number.NEGATIVE_INFINITY;
  let notHeldUntilMs = Number.NEGATIVE_INFINITY;
  let renewing: Renewing | null = null;
  /** Of the newest renewal that was answered: answers that came out of order say what was. */
  let answeredMs = Number.NEGATIVE_INFINITY;

  const renew = async (askedAtMs: number, deadline: Deadline): Promise<void> => {
    let answer = await store.renew(region, deadline);
    if (answer === 'not-held' && options.mayCreate) {
      if ((await store.create(region, deadline)) === 'created') {
        answer = await store.renew(region, deadline);
      }
    }
    if (askedAtMs < answeredMs) return;
    answeredMs = askedAtMs;
    if (answer === 'not-held') {
      heldUntilMs = Number.NEGATIVE_INFINITY;
      notHeldUntilMs = stopwatch.elapsedMs() + NOT_HELD_MS;
      return;
    }
    heldUntilMs = askedAtMs + LEASE_HELD_MS;
  };

  const start = (deadline: Deadline): Promise<void> => {
    const askedAtMs = stopwatch.elapsedMs();
    const end = renew(askedAtMs, deadline).finally(() => {
      if (renewing?.end === end) renewing = null;
    });
    renewing = { askedAtMs, end };
    return end;
  };
  /** The one under way, if it is worth waiting for. */
  const underWay = (): Promise<void> | null =>
    renewing !== null && stopwatch.elapsedMs() - renewing.askedAtMs <= JOIN_MS_MAX
      ? renewing.end
      : null;

  const mayAsk = (): boolean => stopwatch.elapsedMs() >= notHeldUntilMs;
  const leftMs = (): number => heldUntilMs - stopwatch.elapsedMs();

  /** Renews by one request for all who need it at the moment. */
  const renewTogether = async (deadline: Deadline): Promise<void> => {
    const others = underWay();
    if (others !== null) {
      // It ends by its own deadline, which may be nearer than this one.
      await others.catch(passFault);
      if (leftMs() > 0 || !mayAsk()) return;
    }
    await (underWay() ?? start(deadline)).catch(refuse);
  };

  return {
    async hold(deadline) {
      if (leftMs() < RENEW_BELOW_MS && mayAsk()) {
        // What is left is enough to go on with; the renewal's own end is for whoever comes next.
        if (leftMs() > 0) (underWay() ?? start(deadline)).catch(() => undefined);
        else await renewTogether(deadline);
      }
      const left = leftMs();
      if (left <= 0) throw notActive('another Region holds the lease');
      return { atEpochMs: Math.min(deadline.atEpochMs, clock.nowEpochMs() + left) };
    },
  };
}

/** A renewal under way, and when it was asked for on the stopwatch. */
interface Renewing {
  readonly askedAtMs: number;
  readonly end: Promise<void>;
}

/** What is no fault of the store is nobody's to swallow. */
function passFault(cause: unknown): void {
  if (!(cause instanceof AppError)) throw cause;
}

function refuse(cause: unknown): never {
  if (!(cause instanceof AppError)) throw cause;
  throw notActive(`the lease can't be renewed: ${cause.message}`, cause);
}

function notActive(message: string, cause?: unknown): AppError {
  return new AppError('region_not_active', message, cause === undefined ? {} : { cause });
}

export type Takeover =
  | { readonly kind: 'taken'; readonly lease: LeaseRecord }
  | { readonly kind: 'held-already'; readonly lease: LeaseRecord }
  /** The holder renews it: it lives, and only a planned hand-over can take the lease from it. */
  | { readonly kind: 'alive'; readonly lease: LeaseRecord }
  /** Somebody else took it meanwhile. */
  | { readonly kind: 'raced' }
  /** It was moved for a newer epoch of the routing log. */
  | { readonly kind: 'superseded'; readonly lease: LeaseRecord };

/**
 * Takes the lease for `region`: waits until a holder that fell silent can no longer believe in it.
 *
 * `planned`: tells a holder that lives to renew no more, then waits likewise. Effects: control table
 * only. Throws `AppError` when that can't be read or written.
 */
export async function takeOverLease(
  request: LeaseTarget & { readonly planned: boolean },
  ports: {
    readonly store: LeaseStore;
    readonly clock: Clock;
    readonly sleep: (ms: number) => Promise<void>;
  },
  /** Longest time for each call of the store, milliseconds. */
  callMs: number,
  /** Told once the holder of a planned hand-over has been told to stop: from then until the end nobody may write. */
  onStopped: (holder: string) => void = () => undefined,
): Promise<Takeover> {
  const { store, clock } = ports;
  const soon = (): Deadline => ({ atEpochMs: clock.nowEpochMs() + callMs });
  const first = await store.read(soon());
  if (first === null) {
    if ((await store.create(request.region, soon())) === 'exists') return { kind: 'raced' };
    const created = { holder: request.region, epoch: 1, renewals: 0 };
    return { kind: 'taken', lease: { ...created, handingTo: null, routingEpoch: null } };
  }
  if ((first.routingEpoch ?? 0) > (request.routingEpoch ?? Number.POSITIVE_INFINITY)) {
    return { kind: 'superseded', lease: first };
  }
  if (first.holder === request.region && first.handingTo === null) {
    const { region, routingEpoch } = request;
    if (routingEpoch === null || first.routingEpoch === routingEpoch) {
      return { kind: 'held-already', lease: first };
    }
    // It need not move, but a process that was paused must not move it for an epoch before this one.
    const kept = await store.follow(first, { region, routingEpoch }, soon());
    return kept === 'raced' ? { kind: 'raced' } : { kind: 'held-already', lease: kept };
  }
  if (request.planned && first.handingTo !== request.region) {
    if ((await store.handOver(first, request, soon())) === 'raced') {
      // Renewals race with this all the time while the holder lives: once more on what is there now.
      return takeOverLease(request, ports, callMs, onStopped);
    }
    onStopped(first.holder);
  }
  const seen = await store.read(soon());
  if (seen === null || seen.epoch !== first.epoch) return { kind: 'raced' };
  await ports.sleep(LEASE_WAIT_MS);
  const later = await store.read(soon());
  if (later === null || later.epoch !== seen.epoch) return { kind: 'raced' };
  if (later.renewals !== seen.renewals) return { kind: 'alive', lease: later };
  const taken = await store.take(later, request, soon());
  if (taken !== 'raced') return { kind: 'taken', lease: taken };
  // The answer of this very take may have been lost before its repeat was refused; or another process of the
  // Region was first. Either way the Region has it.
  const now = (await store.read(soon()).catch(passFault)) ?? null;
  if (now === null || now.holder !== request.region || now.handingTo !== null) {
    return { kind: 'raced' };
  }
  return now.epoch > later.epoch ? { kind: 'taken', lease: now } : { kind: 'raced' };
}
