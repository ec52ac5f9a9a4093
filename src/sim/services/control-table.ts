/**
 * The control table with its routing log, heartbeats and lease, and the ports over it for a process. Strong,
 * whatever the payments table is.
 */

import { AppError } from '#core/app-error.ts';
import type { LeaseRecord, LeaseStore } from '#core/lease.ts';
import type { Deadline } from '#core/ports.ts';
import { longerPeerHealth, type Presence, type PresenceStore } from '#core/routing/presence.ts';
import type { RoutingEntry, RoutingLog } from '#core/routing/routing-log.ts';
import type { Conditions } from '../conditions.ts';
import type { Phase } from '../faults/fault-ids.ts';
import { REGIONS, type RegionName } from '../faults/fault-spec.ts';
import { callService, type Served, type Wires } from '../kernel/exchange.ts';
import type { Random } from '../kernel/random.ts';
import type { SimProcess } from '../kernel/sim-process.ts';
import { peerOf } from '../plan.ts';
import { type Change, GlobalTable, type OnWrite } from './global-table.ts';
import {
  createdLease,
  followedLease,
  handedOverLease,
  renewedLease,
  takenLease,
} from './lease-changes.ts';
import { LogHistory, type LogOperation, type LogOutcome } from './log-history.ts';

/** Told of each effect at the moment it has it, with the Region that asked for it. */
export interface ControlHooks {
  readonly onAppend: (entry: RoutingEntry, region: RegionName) => void;
  readonly onLease: (before: LeaseRecord | null, after: LeaseRecord, region: RegionName) => void;
}

/** What one call is made of, but for who makes it. */
interface Request<T> {
  readonly what: string;
  readonly about: string;
  readonly phase: Phase;
  readonly isWrite: boolean;
  readonly serve: () => Served<T>;
}

const APPENDED = { kind: 'appended' } as const;
const EMPTY = { kind: 'empty' } as const;
const LEASE = 'lease';
/**
 * What its holder may rely on a renewal for, counted from before it asked for it. Source:
 * docs/adr/0014-lease-for-eventual-tables.md.
 */
const LEASE_HELD_MS = 8_000;
/** A read of the local replica asks nobody else. Milliseconds. */
const LOCAL_READ_MS = 3;
/** How far the other Region's replica usually is behind one that has just committed. Milliseconds. */
const REPLICA_LAG_MS = { min: 5, max: 200 };

export class ControlTable {
  readonly #wires: Wires;
  readonly #conditions: Conditions;
  readonly #hooks: ControlHooks;
  readonly #random: Random;
  readonly #entries: RoutingEntry[] = [];
  readonly #appendedAtMs: number[] = [];
  readonly #history: LogHistory;
  /** By epoch. */
  readonly #log: GlobalTable<RoutingEntry>;
  /** By Region. */
  readonly #presences: GlobalTable<Presence>;
  readonly #lease: GlobalTable<LeaseRecord>;
  /** The entry of the highest epoch. */
  #newest: RoutingEntry | null = null;
  /** The same as far as each Region's replica has it. */
  readonly #newestHere: Record<RegionName, RoutingEntry | null> = {
    'us-east-1': null,
    'us-east-2': null,
  };

  constructor(wires: Wires, conditions: Conditions, hooks: ControlHooks) {
    this.#wires = wires;
    this.#conditions = conditions;
    this.#hooks = hooks;
    this.#random = wires.world.random('control');
    this.#history = new LogHistory(wires.world);
    const strong = <V>(onWrite: OnWrite<V>) =>
      new GlobalTable<V>(wires, conditions, {
        ...{ mode: 'strong', replicationLagMs: 0, onWrite, saysSame: Object.is },
        onChange: () => undefined,
      });
    this.#log = strong((region, _epoch, _before, entry) => this.#appended(region, entry));
    this.#presences = strong(() => undefined);
    this.#lease = strong((region, _key, before, after) =>
      hooks.onLease(before ?? null, after, region),
    );
  }

  /** In the order of their effect. */
  get entries(): readonly RoutingEntry[] {
    return this.#entries;
  }

  /** When each of the entries had its effect: their own times are their authors'. */
  get appendedAtMs(): readonly number[] {
    return this.#appendedAtMs;
  }

  /** In the order of their calls. */
  get operations(): readonly LogOperation[] {
    return this.#history.operations;
  }

  /** As it is; null: nobody has created it. */
  get lease(): LeaseRecord | null {
    return this.#lease.peek(REGIONS[0], LEASE) ?? null;
  }

  logFor(runner: SimProcess): RoutingLog {
    const { region } = runner;
    // The same reads, of an orchestrator or behind /health/traffic.
    const phase = runner.kind === 'health' ? 'health' : 'route';
    const read = <T>(what: string, serve: () => Served<T>, deadline: Deadline): Promise<T> =>
      this.#call(runner, { what, about: '', phase, isWrite: false, serve }, deadline);
    return {
      newest: async (deadline) => {
        const end = this.#history.begin('newest', 0, '');
        const entry = await read('newest', () => this.#serveNewest(region, phase), deadline);
        end(entry === null ? EMPTY : idOf(entry));
        return entry;
      },
      newestHere: (deadline) =>
        read('newestHere', () => this.#serveNewestHere(region, phase), deadline),
      append: async (entry, deadline) => {
        const end = this.#history.begin('append', entry.epoch, entry.entryId);
        if (await this.#putIfAbsent(runner, entry, phase, deadline)) {
          end(APPENDED);
          return APPENDED;
        }
        const by = await this.#whoseEntry(runner, entry.epoch, phase, deadline);
        // Ours, by an attempt whose answer was lost.
        if (by.entryId === entry.entryId) {
          end(APPENDED);
          return APPENDED;
        }
        end({ kind: 'raced', by: by.entryId });
        return { kind: 'raced', by };
      },
      all: (deadline) =>
        read('readLog', () => this.#log.serveRead(region, phase, () => this.#all()), deadline),
    };
  }

  /** What a Region said of itself before the run began. */
  loadPresence(presence: Presence): void {
    this.#presences.load(presence.region, presence);
  }

  presenceFor(runner: SimProcess): PresenceStore {
    const { region } = runner;
    const phase = 'observe';
    return {
      beat: (presence, deadline) => {
        const about = presence.region;
        const serve = () =>
          // A repeat counts once more, as in production: it has been seen to move all the same.
          this.#presences.serveWrite(region, phase, about, (current) => {
            const peerHealthy = longerPeerHealth(
              current?.peerHealthy ?? null,
              presence.peerHealthy,
            );
            const put = { ...presence, peerHealthy, beat: (current?.beat ?? 0) + 1 };
            return { put, answer: put };
          });
        return this.#call(runner, { what: 'beat', about, phase, isWrite: true, serve }, deadline);
      },
      read: (deadline) => {
        const serve = () =>
          this.#presences.serveRead(region, phase, (get) => REGIONS.flatMap((at) => get(at) ?? []));
        const request = { what: 'readPresence', about: '', phase, isWrite: false, serve } as const;
        return this.#call(runner, request, deadline);
      },
    };
  }

  leaseFor(runner: SimProcess): LeaseStore {
    const { region } = runner;
    const phase = 'lease';
    const update = <T>(
      what: string,
      about: string,
      deadline: Deadline,
      decide: (current: LeaseRecord | undefined) => Change<LeaseRecord, T>,
    ): Promise<T> => {
      const serve = () => this.#lease.serveWrite(region, phase, LEASE, decide);
      return this.#call(runner, { what, about, phase, isWrite: true, serve }, deadline);
    };
    /** When the renewal was asked for that has just found the lease to be nobody's of this Region. */
    let notHeldSinceMs = Number.NEGATIVE_INFINITY;
    return {
      read: (deadline) => {
        const serve = () => this.#lease.serveRead(region, phase, (get) => get(LEASE) ?? null);
        const request = { what: 'readLease', about: '', phase, isWrite: false, serve } as const;
        return this.#call(runner, request, deadline);
      },
      create: async (holder, deadline) => {
        // It is part of that renewal.
        const askedAtMs = notHeldSinceMs;
        const created = await update('createLease', holder, deadline, (current) =>
          createdLease(current, holder),
        );
        if (created === 'exists') runner.mayWriteUntil(Number.NEGATIVE_INFINITY, askedAtMs);
        return created;
      },
      renew: async (holder, deadline) => {
        const askedAtMs = this.#wires.world.nowMs;
        const renewed = await update('renewLease', holder, deadline, (current) =>
          renewedLease(current, holder),
        );
        if (renewed === 'not-held') notHeldSinceMs = askedAtMs;
        if (renewed !== 'not-held') runner.mayWriteUntil(askedAtMs + LEASE_HELD_MS, askedAtMs);
        // The primary's processes still ask whether it was ever created, and may go on for as long as they had it.
        else if (region !== REGIONS[0]) runner.mayWriteUntil(Number.NEGATIVE_INFINITY, askedAtMs);
        return renewed;
      },
      handOver: (seen, to, deadline) =>
        update('handOverLease', to.region, deadline, (current) =>
          handedOverLease(current, seen, to),
        ),
      follow: (seen, to, deadline) =>
        update('followLease', to.region, deadline, (current) => followedLease(current, seen, to)),
      take: (seen, to, deadline) =>
        update('takeLease', to.region, deadline, (current) => takenLease(current, seen, to)),
    };
  }

  #call<T>(runner: SimProcess, request: Request<T>, deadline: Deadline): Promise<T> {
    return callService(this.#wires, runner, { ...request, to: runner.region }, deadline);
  }

  /** False: the epoch has an entry, which may be this very one. */
  #putIfAbsent(
    runner: SimProcess,
    entry: RoutingEntry,
    phase: Phase,
    deadline: Deadline,
  ): Promise<boolean> {
    const about = String(entry.epoch);
    const serve = () =>
      this.#log.serveWrite(runner.region, phase, about, (current) =>
        current === undefined ? { put: entry, answer: true } : { put: undefined, answer: false },
      );
    return this.#call(runner, { what: 'append', about, phase, isWrite: true, serve }, deadline);
  }

  /** Until it is read it may be our own. */
  async #whoseEntry(
    runner: SimProcess,
    epoch: number,
    phase: Phase,
    deadline: Deadline,
  ): Promise<RoutingEntry> {
    try {
      return await this.#readEntry(runner, epoch, phase, deadline);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      throw new AppError('outcome_unknown', error.message, { cause: error });
    }
  }

  async #readEntry(
    runner: SimProcess,
    epoch: number,
    phase: Phase,
    deadline: Deadline,
  ): Promise<RoutingEntry> {
    const about = String(epoch);
    const serve = () => this.#log.serveRead(runner.region, phase, (get) => get(about) ?? null);
    const request = { what: 'readEntry', about, phase, isWrite: false, serve };
    const entry = await this.#call(runner, request, deadline);
    if (entry === null) throw new AppError('outcome_unknown', 'a routing entry is not there');
    return copyOf(entry);
  }

  #appended(region: RegionName, entry: RoutingEntry): void {
    this.#entries.push(entry);
    this.#appendedAtMs.push(this.#wires.world.nowMs);
    if (this.#newest === null || entry.epoch > this.#newest.epoch) this.#newest = entry;
    this.#learn(region, entry);
    const peer = peerOf(region);
    const lagMs = this.#random.int(REPLICA_LAG_MS.min, REPLICA_LAG_MS.max);
    this.#wires.world.after(lagMs + this.#conditions.regions[peer].slowReplicaMs, () => {
      // A replica that is cut off stays as it was; it is caught up by the first strong read there.
      if (this.#log.hasQuorum(peer)) this.#learn(peer, entry);
    });
    this.#hooks.onAppend(entry, region);
  }

  #learn(region: RegionName, entry: RoutingEntry): void {
    const known = this.#newestHere[region];
    if (known === null || entry.epoch > known.epoch) this.#newestHere[region] = entry;
  }

  #serveNewest(region: RegionName, phase: Phase): Served<RoutingEntry | null> {
    return this.#log.serveRead(region, phase, () => {
      if (this.#newest === null) return null;
      this.#learn(region, this.#newest);
      return copyOf(this.#newest);
    });
  }

  #serveNewestHere(region: RegionName, phase: Phase): Served<RoutingEntry | null> {
    return this.#log.serveLocal(region, phase, LOCAL_READ_MS, () => {
      const entry = this.#newestHere[region];
      return entry === null ? null : copyOf(entry);
    });
  }

  #all(): readonly RoutingEntry[] {
    return this.#entries.map(copyOf).sort((one, two) => one.epoch - two.epoch);
  }
}

function idOf({ epoch, entryId }: RoutingEntry): LogOutcome {
  return { kind: 'entry', epoch, entryId };
}

/** Read from a table, no entry is the same object twice. */
function copyOf(entry: RoutingEntry): RoutingEntry {
  return { ...entry };
}
