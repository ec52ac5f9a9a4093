/**
 * A process of the simulated system: it runs production code, and can die, hang and be wrong about the time
 * between any two of its awaits.
 */

import type { Clock } from '#core/ports.ts';
import type { Phase } from '../faults/fault-ids.ts';
import type { ProcessKind, RegionName } from '../faults/fault-spec.ts';
import { WORLD_EPOCH_MS, type World } from './world.ts';

/** Decides at each step boundary whether the process dies there. */
export type CrashRule = (
  runner: SimProcess,
  boundary: 'before' | 'after',
  what: string,
  phase: Phase,
) => boolean;

export class SimProcess {
  readonly region: RegionName;
  readonly kind: ProcessKind;
  /** `us-east-1/api`. */
  readonly name: string;
  readonly clock: Clock;
  /** Time that only goes on; a machine that is paused does not stop it. */
  readonly stopwatch: { elapsedMs(): number };
  /** Grows with each crash: what belongs to a former life reaches nobody. */
  life = 0;
  isUp = true;
  isPaused = false;
  /** How far its wall clock is ahead, milliseconds. */
  skewMs = 0;
  crashes = 0;
  /** Told of each operation that a pause holds up, and that a dead life never hears of. */
  onMissed: ((phase: Phase) => void) | null = null;
  /**
   * Where tables are eventually consistent: until when it may write, by the renewals that it has heard of; null: it
   * needs no lease.
   */
  #leaseUntilMs: number | null = null;
  #leaseAskedAtMs = Number.NEGATIVE_INFINITY;
  /** Told of each write that it begins without the lease that it needs. */
  #onUnfenced: (what: string, about: string) => void = () => undefined;
  readonly #world: World;
  readonly #held: (() => void)[] = [];
  readonly #onDeath = new Set<() => void>();
  #crashRule: CrashRule | null = null;

  constructor(world: World, region: RegionName, kind: ProcessKind) {
    this.#world = world;
    this.region = region;
    this.kind = kind;
    this.name = `${region}/${kind}`;
    this.clock = { nowEpochMs: () => WORLD_EPOCH_MS + world.nowMs + this.skewMs };
    this.stopwatch = { elapsedMs: () => world.nowMs };
  }

  get world(): World {
    return this.#world;
  }

  /** Null: it dies nowhere by itself. */
  set crashRule(rule: CrashRule | null) {
    this.#crashRule = rule;
  }

  /** From now on it needs the lease; it has none until it hears of a renewal. */
  needsLease(onUnfenced: (what: string, about: string) => void): void {
    this.#leaseUntilMs = Number.NEGATIVE_INFINITY;
    this.#onUnfenced = onUnfenced;
  }

  /** It has heard of its lease, as it asked for it at `askedAtMs`; what it asked for later is newer. */
  mayWriteUntil(atMs: number, askedAtMs: number): void {
    if (this.#leaseUntilMs === null || askedAtMs < this.#leaseAskedAtMs) return;
    this.#leaseUntilMs = atMs;
    this.#leaseAskedAtMs = askedAtMs;
  }

  /** It begins a write that the lease is for. */
  beginsWrite(what: string, about: string): void {
    if (this.#leaseUntilMs === null || this.#world.nowMs < this.#leaseUntilMs) return;
    this.#onUnfenced(what, about);
  }

  /** Waits on the process's own time: a paused process wakes late, a dead one never. */
  sleep(ms: number): Promise<void> {
    const { life } = this;
    return new Promise((resolve) => {
      this.#world.after(ms, () => this.deliver(life, resolve));
    });
  }

  /**
   * Reaches a step boundary. `before`: about to ask for something; `after`: about to hear the answer. True: the
   * process has died of it, and nothing of what it was about to do happens.
   */
  diesAt(boundary: 'before' | 'after', what: string, phase: Phase): boolean {
    if (this.#crashRule === null || !this.#crashRule(this, boundary, what, phase)) return false;
    this.crash(what);
    return true;
  }

  /**
   * Runs `reach` in the process if it is still in that life: now, or when it is resumed. `phase`: of the operation
   * that it belongs to; null: of none.
   */
  deliver(life: number, reach: () => void, phase: Phase | null = null): void {
    if (life !== this.life) return this.missed(phase);
    if (this.isPaused) {
      this.missed(phase);
      this.#held.push(() => {
        if (life === this.life) this.#enter(reach);
      });
      return;
    }
    this.#enter(reach);
  }

  /** An operation did not reach the process when it was to. */
  missed(phase: Phase | null): void {
    if (phase !== null && this.onMissed !== null) this.onMissed(phase);
  }

  #enter(reach: () => void): void {
    this.#world.wake();
    reach();
  }

  /** Dies: whatever it awaits never comes. It is down until `restart`. */
  crash(why: string): void {
    if (!this.isUp) return;
    this.life += 1;
    this.crashes += 1;
    this.isUp = false;
    this.isPaused = false;
    this.#held.length = 0;
    this.#world.note(this.region, this.region, 'crash', this.name, why);
    const dying = [...this.#onDeath];
    this.#onDeath.clear();
    for (const tell of dying) tell();
  }

  restart(): void {
    if (this.isUp) return;
    this.isUp = true;
    this.#world.note(this.region, this.region, 'restart', this.name);
  }

  pause(): void {
    if (!this.isUp || this.isPaused) return;
    this.isPaused = true;
    this.#world.note(this.region, this.region, 'pause', this.name);
  }

  /** Everything that arrived meanwhile reaches it now, in the order in which it arrived. */
  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.#world.note(this.region, this.region, 'resume', this.name);
    const held = this.#held.splice(0);
    for (const reach of held) reach();
  }

  /** Has `tell` called once if the process dies; returns how to take that back. */
  onDeath(tell: () => void): () => void {
    this.#onDeath.add(tell);
    return () => this.#onDeath.delete(tell);
  }

  /**
   * Runs an invocation. `finished` is called with its result if the process lives to see it; an error that escapes
   * goes to `failed`.
   */
  invoke<T>(
    work: () => Promise<T>,
    finished: (result: T) => void,
    failed: (error: unknown) => void,
  ): void {
    const { life } = this;
    this.#world.wake();
    work().then(
      (result) => {
        if (life === this.life) finished(result);
      },
      (error: unknown) => {
        if (life === this.life) failed(error);
      },
    );
  }
}
