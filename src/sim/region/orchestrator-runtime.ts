/**
 * The failover orchestrator of one Region: its schedule, the alarms that wake it, and the process
 * that the production code runs in.
 */

import type { MoveReport, RoundReport } from '#core/routing/orchestrate.ts';
import type { RoutingEntry } from '#core/routing/routing-log.ts';
import type { Invocation, Watch } from '#core/routing/watch.ts';
import type { RegionName } from '../faults/fault-spec.ts';
import type { SimProcess } from '../kernel/sim-process.ts';
import type { System } from '../system.ts';
import { type Environment, Environments } from './environments.ts';
import { createOrchestratorParts } from './orchestrator-parts.ts';

/** Of the schedule, and of the function's time-out. Source: src/infra/failover-orchestrator.ts. */
const TICK_MS = 60_000;
const INVOCATION_MS = 60_000;
/** An invocation with less time left is no longer watching. */
const WATCH_MS_MIN = 10_000;
/** Kept free of the time-out, as src/handlers/runtime.ts does. */
const RESERVE_MS = 500;
/** What starting an environment takes, with up to so much more. */
const COLD_START_MS = { base: 80, jitter: 80 } as const;
const ALARM_NAME = 'region-impaired';

/** A move of this Region's orchestrator, once all that must follow it was tried. */
export interface Move {
  /** `followed-up`: appended by a former life, which was cut off before its end. */
  readonly kind: MoveReport['kind'];
  readonly epoch: number;
  readonly entryId: string;
  /** Virtual milliseconds. */
  readonly atMs: number;
  /** Steps after it that failed. */
  readonly failed: number;
}

export class OrchestratorRuntime {
  readonly region: RegionName;
  /** In their order, each epoch once. */
  readonly moves: Move[] = [];
  readonly #system: System;
  readonly #onFollowed: (epoch: number) => void;
  readonly #followed = new Set<number>();
  /**
   * The one that a tick has woken is busy for most of its minute, so that alarms wake another one: neither knows what
   * the other remembers.
   */
  readonly #environments: Environments<Watch>;
  /** That the environments are of. */
  #life = 0;
  #ids = 0;

  /** `onFollowed`: told when everything after a move of this Region's is done. */
  constructor(
    system: System,
    region: RegionName,
    onFollowed: (epoch: number) => void = () => undefined,
  ) {
    this.region = region;
    this.#system = system;
    this.#onFollowed = onFollowed;
    const { world, plan } = system;
    const random = world.random(`environments ${region}`);
    this.#environments = new Environments(random, plan.placement ?? 'latest', () =>
      this.#newWatch(),
    );
  }

  /**
   * Begins in the middle of a minute: the two Regions' schedules have nothing to do with each
   * other.
   */
  start(): void {
    const { world, alarms } = this.#system;
    const tick = (leftMs: number): void => {
      world.after(leftMs + TICK_MS - INVOCATION_MS, () => tick(INVOCATION_MS));
      if (leftMs < WATCH_MS_MIN) return;
      // At the same moment an invocation that has outlasted its time is cut off: first.
      world.after(0, () => this.#wake((watch, invocation) => watch.watch(invocation), leftMs));
    };
    const leftMs = INVOCATION_MS - this.#random().int(0, TICK_MS - 1);
    world.after(0, () => tick(leftMs));
    alarms.onTransition((to, hint, state) => {
      // The end of an alarm is no reason to move anything.
      if (to !== this.region || state !== 'ALARM') return;
      const alarm = { alarmName: ALARM_NAME, hint };
      const look = (watch: Watch, invocation: Invocation) => watch.lookQuickly(invocation, alarm);
      this.#wake(look, INVOCATION_MS);
    });
  }

  /** Whether all that must follow an epoch of this Region's making was tried to its end. */
  isFollowed(epoch: number): boolean {
    return this.#followed.has(epoch);
  }

  /** Nothing that must follow the newest move is this Region's to do. */
  get isAtRest(): boolean {
    const newest = this.#system.control.entries.at(-1);
    if (newest === undefined) return true;
    const isMine = newest.actor === `orchestrator:${this.region}`;
    return (!isMine || this.isFollowed(newest.epoch)) && !this.#awaitsLease(newest);
  }

  /** The lease is to follow the traffic, unless people have taken everything into their hands. */
  #awaitsLease({ mode, active }: RoutingEntry): boolean {
    const { plan, control } = this.#system;
    const isHere = active.length === 1 && active[0] === this.region;
    if (plan.topology.consistency !== 'eventual' || mode === 'manual' || !isHere) return false;
    return control.lease?.holder !== this.region || control.lease.handingTo !== null;
  }

  get #runner(): SimProcess {
    return this.#system.regions[this.region].processes.orchestrate;
  }

  #random() {
    return this.#system.world.random(`orchestrator ${this.region}`);
  }

  /** Invokes the function: where no process is up, a new one is started first. */
  #wake(
    run: (watch: Watch, invocation: Invocation) => Promise<RoundReport | null>,
    limitMs: number,
  ): void {
    const runner = this.#runner;
    if (runner.isUp) return this.#invoke(run, limitMs);
    runner.missed('observe');
    const startsAfterMs = COLD_START_MS.base + this.#random().int(0, COLD_START_MS.jitter);
    this.#system.world.after(startsAfterMs, () => {
      runner.restart();
      this.#invoke(run, limitMs);
    });
  }

  #invoke(
    run: (watch: Watch, invocation: Invocation) => Promise<RoundReport | null>,
    limitMs: number,
  ): void {
    const { world } = this.#system;
    const runner = this.#runner;
    const { life } = runner;
    const begin = (): void => {
      const endAtMs = world.nowMs + limitMs;
      const timeout = world.after(limitMs, () => {
        // Whoever is paused then is not cut off: it goes on with old beliefs and no time.
        if (life !== runner.life || runner.isPaused) return;
        runner.crash('timed out');
        runner.restart();
      });
      const environment = this.#environmentOf(life);
      runner.invoke(
        () => run(environment.memory, invocationOf(runner, endAtMs)),
        () => {
          timeout.run = null;
          environment.isBusy = false;
        },
        (error) => world.fail(error),
      );
    };
    runner.deliver(life, begin, 'observe');
  }

  #environmentOf(life: number): Environment<Watch> {
    if (this.#life !== life) this.#environments.forget();
    this.#life = life;
    return this.#environments.take();
  }

  #newWatch(): Watch {
    return createOrchestratorParts(this.#system, this.#runner, {
      newId: () => {
        this.#ids += 1;
        return `${this.region}/${this.#ids}`;
      },
      onRound: (round) => this.#noteRound(round),
      onMove: (report) => this.#noteMove(report),
    });
  }

  #noteRound(round: RoundReport): void {
    if (round.kind !== 'blind' && round.kind !== 'raced') return;
    this.#system.world.note(this.region, this.region, 'round', this.#runner.name, round.kind);
  }

  #noteMove({ kind, entry, steps }: MoveReport): void {
    const { world } = this.#system;
    const { epoch, entryId } = entry;
    const failed = steps.filter(({ outcome }) => outcome === 'failed').length;
    const how = failed === 0 ? 'done' : `${failed} failed`;
    world.note(this.region, this.region, kind, `epoch ${epoch}`, how);
    // One that was cut off before its heartbeat could say so is followed up by the next. Another entry of the same
    // epoch is no repeat: somebody takes for appended what is not.
    if (this.moves.some((move) => move.entryId === entryId)) return;
    this.moves.push({ kind, epoch, entryId, atMs: world.nowMs, failed });
    if (this.#followed.has(epoch)) return;
    this.#followed.add(epoch);
    this.#onFollowed(epoch);
  }
}

function invocationOf({ clock, stopwatch }: SimProcess, endAtMs: number): Invocation {
  const leftMs = (): number => endAtMs - stopwatch.elapsedMs();
  return {
    leftMs,
    deadlineIn: (budgetMs) => ({
      atEpochMs: clock.nowEpochMs() + Math.min(budgetMs, leftMs() - RESERVE_MS),
    }),
  };
}
