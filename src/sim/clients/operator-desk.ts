/**
 * One person at the command line: the ports of src/ops/routing/connect-routing.ts, by way of either
 * Region.
 */

import { AppError } from '#core/app-error.ts';
import { type LeaseStore, takeOverLease } from '#core/lease.ts';
import type { Clock, Deadline, PaymentStore } from '#core/ports.ts';
import type { OperatorFactsPorts } from '#core/routing/operator-facts.ts';
import type { RoutingLog } from '#core/routing/routing-log.ts';
import { REGIONS, type RegionName } from '../faults/fault-spec.ts';
import { callService } from '../kernel/exchange.ts';
import { SimProcess } from '../kernel/sim-process.ts';
import { WORLD_EPOCH_MS } from '../kernel/world.ts';
import { createHealthProber } from '../region/health-prober.ts';
import { createTablePorts } from '../services/table-ports.ts';
import type { System } from '../system.ts';

/** Longest time for one call with its retries, milliseconds. Source: src/ops/connect.ts. */
const CALL_MS = 6_000;
/** The target's orchestrator takes the lease as well, and one of the two is first. */
const LEASE_ATTEMPTS_MAX = 3;

export interface OperatorDesk {
  readonly actor: string;
  /**
   * Of whichever Region answers. An append is repeated in the other one with the same `entryId`.
   */
  readonly log: RoutingLog;
  /** What `operatorFacts` asks. */
  readonly facts: OperatorFactsPorts;
  readonly clock: Clock;
  deadline(): Deadline;
  sleep(ms: number): Promise<void>;
  /**
   * Open payments that are overdue: the most that any Region's index shows. Throws `AppError` when
   * none answers.
   */
  overduePayments(): Promise<number>;
  /**
   * Has the lease follow the traffic, as far as it can be moved: the orchestrator there goes on
   * with what was not. Never rejects for a fault.
   */
  moveLease(region: RegionName, routingEpoch: number): Promise<void>;
  /** The journals, as one Region has them. */
  storeOf(region: RegionName): PaymentStore;
}

/** `order`: the Regions as they are asked in turn. */
export function createOperatorDesk(
  system: System,
  actor: string,
  order: readonly RegionName[],
): OperatorDesk {
  const { world, control, alarms, wires, payments } = system;
  // Nobody's function, and nothing that a fault can kill: only the network around it is a Region's.
  const seats = order.map((region) => new SimProcess(world, region, 'orchestrate'));
  const [first] = seats;
  if (first === undefined) throw new Error('an operator needs a Region to ask');
  const clock: Clock = { nowEpochMs: () => WORLD_EPOCH_MS + world.nowMs };
  const deadline = (): Deadline => ({ atEpochMs: clock.nowEpochMs() + CALL_MS });
  const seatOf = (region: RegionName): SimProcess =>
    seats.find((seat) => seat.region === region) ?? first;
  const logs = seats.map((seat) => control.logFor(seat));
  const presences = seats.map((seat) => control.presenceFor(seat));
  const sleep = (ms: number): Promise<void> => first.sleep(ms);

  return {
    ...{ actor, clock, deadline, sleep },
    log: {
      newest: () => inTurn(logs, (log) => log.newest(deadline())),
      newestHere: () => inTurn(logs, (log) => log.newestHere(deadline())),
      append: (entry) => inTurn(logs, (log) => log.append(entry, deadline())),
      all: () => inTurn(logs, (log) => log.all(deadline())),
    },
    facts: {
      presence: { read: () => inTurn(presences, (store) => store.read(deadline())) },
      // From where their clients are.
      probe: createHealthProber(system, first, 'operate', 'client'),
      alarmOf: alarms.evidenceFor(first),
      clock,
    },
    async overduePayments() {
      const counts: number[] = [];
      let last: unknown;
      for (const seat of seats) {
        try {
          counts.push(await overdueAt(system, seat, deadline()));
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          last = error;
        }
      }
      if (counts.length === 0) throw last;
      return Math.max(...counts);
    },
    async moveLease(region, routingEpoch) {
      const target = seatOf(region);
      try {
        // Never to a Region whose payments don't answer.
        await payments.probe(wires, target, deadline());
        const others = seats.filter((seat) => seat !== target);
        const stores = [target, ...others].map((seat) => control.leaseFor(seat));
        const store = await inTurn(stores, async (one) => {
          await one.read(deadline());
          return one;
        });
        await takeLease(store, region, routingEpoch, { clock, sleep });
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        world.note('operator', region, 'moveLease', actor, error.code);
      }
    },
    storeOf: (region) => createTablePorts(wires, payments, seatOf(region)).store,
  };
}

async function takeLease(
  store: LeaseStore,
  region: RegionName,
  routingEpoch: number,
  ports: { readonly clock: Clock; readonly sleep: (ms: number) => Promise<void> },
): Promise<void> {
  for (let attempt = 1; attempt <= LEASE_ATTEMPTS_MAX; attempt += 1) {
    const request = { region, planned: true, routingEpoch };
    const { kind } = await takeOverLease(request, { store, ...ports }, CALL_MS);
    if (kind !== 'alive' && kind !== 'raced') return;
  }
}

/** An eventually consistent query of the index: it needs no quorum. */
function overdueAt(system: System, seat: SimProcess, deadline: Deadline): Promise<number> {
  const { payments, wires } = system;
  return callService(
    wires,
    seat,
    {
      ...{ what: 'measure', about: '', phase: 'operate' as const },
      ...{ to: seat.region, isWrite: false },
      serve: () => {
        let value = 0;
        const now = seat.clock.nowEpochMs();
        for (const { dueAtEpochMs } of payments.open(seat.region))
          if (dueAtEpochMs <= now) value += 1;
        return { kind: 'ok', value, afterMs: 5 };
      },
    },
    deadline,
  );
}

/**
 * Asks one after the other until one answers. Throws `AppError`: `outcome_unknown` when any of them
 * may have done it, else `unavailable`.
 */
async function inTurn<P, T>(ports: readonly P[], ask: (port: P) => Promise<T>): Promise<T> {
  let mayHaveTakenEffect = false;
  let cause: unknown;
  for (const port of ports) {
    try {
      return await ask(port);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      mayHaveTakenEffect ||= error.code === 'outcome_unknown';
      cause = error;
    }
  }
  const code = mayHaveTakenEffect ? 'outcome_unknown' : 'unavailable';
  throw new AppError(code, 'no Region answers', { cause });
}

/** Both orders: two people who never ask the same Region first. */
export const DESK_ORDERS: readonly (readonly RegionName[])[] = [REGIONS, REGIONS.toReversed()];
