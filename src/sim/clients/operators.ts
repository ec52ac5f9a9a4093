/**
 * People at the command line: what they ask of the routing log goes through the same code of the
 * core as in production, with the same questions before and the same steps after.
 */

import type { ErrorCode } from '#contract/errors.ts';
import { AppError } from '#core/app-error.ts';
import type { TransitionOutcome } from '#core/routing/append-transition.ts';
import type { RoutingVerb } from '#core/routing/operator-change.ts';
import {
  firstState,
  type RoutingMode,
  type RoutingState,
  stateAfter,
} from '#core/routing/routing-log.ts';
import { REGIONS, type RegionName } from '../faults/fault-spec.ts';
import { peerOf } from '../plan.ts';
import type { System } from '../system.ts';
import { carryOutOrder } from './carry-out-order.ts';
import { carryOutVerb, type VerbRequest, type VerbSurroundings } from './carry-out-verb.ts';
import { createOperatorDesk, DESK_ORDERS, type OperatorDesk } from './operator-desk.ts';
import { redriveRegion } from './redrive.ts';

/** One verb, and what its operator was told. */
export interface OperatorOutcome {
  readonly actor: string;
  readonly verb: RoutingVerb;
  readonly force: boolean;
  /** Virtual milliseconds; the end is after the wait for the lease. */
  readonly calledAtMs: number;
  readonly endedAtMs: number;
  /**
   * Epoch of the newest entry when the plan was made; 0: the log was empty; null: nobody could say.
   */
  readonly plannedEpoch: number | null;
  /** Regions that were asked how they are before it, and were not well. */
  readonly unfit: readonly RegionName[];
  /** `fault`: with the code `outcome_unknown` it may have been written. */
  readonly outcome:
    | TransitionOutcome
    | { readonly kind: 'fault'; readonly code: ErrorCode; readonly because: string };
}

type Said = Pick<VerbRequest, 'verb'> & Partial<VerbRequest>;

const NAMES = ['ann', 'bob'] as const;
const REASON = 'by hand';
/** Between two tries to bring traffic back, and how many of them there are. */
const RETURN_AGAIN_MS = 20_000;
const RETURNS_MAX = 8;
/**
 * How often and for how long somebody who means to bring traffic back waits for it to be elsewhere.
 */
const LOOK_MS = 5_000;
const LOOKS_MAX = 10;
/** A refusal that is no more than "too early" is overridden by half of the people who meet it. */
const FORCE_SHARE = 0.5;

export class Operators {
  /** In the order in which they were told. */
  readonly outcomes: OperatorOutcome[] = [];
  readonly #system: System;
  readonly #surroundings: VerbSurroundings;
  readonly #desks: readonly OperatorDesk[];
  #ids = 0;
  #busy = 0;

  /** `onFollowed`: told when what must follow a move of theirs is done as far as they can do it. */
  constructor(system: System, onFollowed: (epoch: number) => void = () => undefined) {
    this.#system = system;
    this.#surroundings = {
      first: firstState(system.plan.topology.policy, REGIONS),
      newId: () => this.#newId(),
      onFollowed,
    };
    this.#desks = NAMES.map((name, at) =>
      createOperatorDesk(system, name, DESK_ORDERS[at % DESK_ORDERS.length] ?? REGIONS),
    );
  }

  /** Plans what the plan has people do: its orders, and its failback. */
  start(): void {
    const { plan, world } = this.#system;
    for (const order of plan.orders ?? []) {
      this.#busy += 1;
      void carryOutOrder(order, world, this).then(() => {
        this.#busy -= 1;
      });
    }
    if (plan.failbackAtMs === null) return;
    this.#busy += 1;
    world.after(plan.failbackAtMs, () => void this.#bringHome());
  }

  /** Nobody is at work, and nobody has anything planned. */
  get isDone(): boolean {
    return this.#busy === 0;
  }

  failover(to: RegionName, { force = false } = {}): Promise<OperatorOutcome> {
    return this.#say({ verb: this.#by({ verb: 'failover', to }), force });
  }

  failback({ force = false } = {}): Promise<OperatorOutcome> {
    return this.#say({ verb: this.#by({ verb: 'failback' }), force });
  }

  mode(mode: RoutingMode): Promise<OperatorOutcome> {
    return this.#say({ verb: this.#by({ verb: 'mode', mode }) });
  }

  drain(region: RegionName, { force = false } = {}): Promise<OperatorOutcome> {
    return this.#say({ verb: this.#by({ verb: 'drain', region }), force });
  }

  undrain(region: RegionName): Promise<OperatorOutcome> {
    return this.#say({ verb: this.#by({ verb: 'undrain', region }) });
  }

  /** F23: two people fail over at the same moment, and know nothing of each other. */
  async twoAtOnce([one, two]: readonly [RegionName, RegionName]): Promise<void> {
    const planned: number[] = [];
    const onAppend = (plannedEpoch: number): void => {
      if (planned.includes(plannedEpoch)) this.#system.coverage.hit('F23', 'operate');
      planned.push(plannedEpoch);
    };
    const [ann, bob] = this.#desks as readonly [OperatorDesk, OperatorDesk];
    await Promise.all([
      this.#say({ verb: verbOf(ann, { verb: 'failover', to: one }), desk: ann, onAppend }),
      this.#say({ verb: verbOf(bob, { verb: 'failover', to: two }), desk: bob, onAppend }),
    ]);
  }

  /** F24: a failover that is planned now, and carried out when the world may be another. */
  stalePlan(lateMs: number): Promise<OperatorOutcome> {
    const { active } = this.#state();
    const to = active.length === 1 ? peerOf(active[0] as RegionName) : this.#random().pick(REGIONS);
    return this.#say({ verb: this.#by({ verb: 'failover', to }), lateMs });
  }

  /**
   * F25: brings traffic back as soon as it is elsewhere, without waiting for replication or for
   * open work, while dead letters are redriven. Null: it never was elsewhere.
   */
  async earlyFailback(): Promise<OperatorOutcome | null> {
    const { world, plan, coverage } = this.#system;
    this.#busy += 1;
    world.wake();
    for (let looks = 0; this.#isHome(); looks += 1) {
      if (looks === LOOKS_MAX) {
        this.#busy -= 1;
        return null;
      }
      await world.sleep(LOOK_MS);
    }
    const isEarly = this.#hasWorkLeft();
    if (plan.topology.consistency === 'strong') for (const region of REGIONS) this.redrive(region);
    let last = await this.failback();
    if (isEarly && last.outcome.kind !== 'already') coverage.hit('F25', 'operate');
    const isHomeFit = this.#surroundings.first.active.every(
      (region) => !last.unfit.some((one) => one === region),
    );
    // Nobody forces traffic onto a Region that is not well: only what is no more than early.
    const isMerelyEarly = last.outcome.kind === 'refused' && isHomeFit;
    if (isMerelyEarly && this.#random().chance(FORCE_SHARE))
      last = await this.failback({ force: true });
    this.#busy -= 1;
    return last;
  }

  /**
   * F20: reaches for the DNS record first. No failover needs it: where it can't be had, the log
   * does.
   */
  async failoverByRecord(to: RegionName): Promise<OperatorOutcome | null> {
    if (this.#system.dns.changeRecord()) return null;
    return this.failover(to);
  }

  /** Gives dead letters and parked payments of a Region another try. */
  redrive(region: RegionName): void {
    const { world } = this.#system;
    this.#busy += 1;
    world.wake();
    void redriveRegion(this.#system, this.#anyDesk(), region)
      .catch((error: unknown) => world.fail(error))
      .finally(() => {
        this.#busy -= 1;
      });
  }

  async #bringHome(): Promise<void> {
    for (let tries = 1; tries <= RETURNS_MAX; tries += 1) {
      const { outcome } = await this.failback();
      if (outcome.kind === 'appended' || outcome.kind === 'already') break;
      await this.#system.world.sleep(RETURN_AGAIN_MS);
    }
    this.#busy -= 1;
  }

  /** Never rejects: what is no fault of a port ends the run. */
  async #say(said: Said): Promise<OperatorOutcome> {
    const { world } = this.#system;
    const request: VerbRequest = {
      ...{ force: false, lateMs: 0, onAppend: () => undefined },
      ...{ desk: this.#deskOf(said.verb.actor), ...said },
    };
    const { verb, force } = request;
    const { actor } = verb;
    const calledAtMs = world.nowMs;
    let told: Pick<OperatorOutcome, 'outcome' | 'plannedEpoch' | 'unfit'>;
    this.#busy += 1;
    world.wake();
    try {
      told = await carryOutVerb(this.#system, request, this.#surroundings);
    } catch (error) {
      if (!(error instanceof AppError)) world.fail(error);
      const code = error instanceof AppError ? error.code : 'unavailable';
      const because = error instanceof Error ? error.message : 'no error';
      told = { outcome: { kind: 'fault', code, because }, plannedEpoch: null, unfit: [] };
    }
    this.#busy -= 1;
    const outcome = { actor, verb, force, calledAtMs, endedAtMs: world.nowMs, ...told };
    this.outcomes.push(outcome);
    world.note('operator', 'operator', verb.verb, actor, told.outcome.kind);
    return outcome;
  }

  /** Whether something is under way that a failback should wait for. */
  #hasWorkLeft(): boolean {
    const { payments, regions, conditions } = this.#system;
    if (conditions.replicationIsPaused) return true;
    for (const region of REGIONS) {
      if (payments.journals.backlog(region) + payments.payments.backlog(region) > 0) return true;
      if (regions[region].queue.deadLetters.length > 0) return true;
      if (payments.open(region).next().done !== true) return true;
    }
    return false;
  }

  /** What `holdfast status` would show. */
  #state(): RoutingState {
    return stateAfter(this.#system.control.entries.at(-1) ?? null, this.#surroundings.first);
  }

  #isHome(): boolean {
    return this.#state().active.join() === this.#surroundings.first.active.join();
  }

  /** The verb of one of them, drawn. */
  #by(verb: WithoutAuthor<RoutingVerb>): RoutingVerb {
    return verbOf(this.#anyDesk(), verb);
  }

  #anyDesk(): OperatorDesk {
    return this.#random().pick(this.#desks);
  }

  #deskOf(actor: string): OperatorDesk {
    return this.#desks.find((desk) => desk.actor === actor) ?? this.#anyDesk();
  }

  #newId(): string {
    this.#ids += 1;
    return `operator/${this.#ids}/${this.#random().int(0, 0xffff_ffff)}`;
  }

  #random() {
    return this.#system.world.random('operators');
  }
}

type WithoutAuthor<Verb> = Verb extends unknown ? Omit<Verb, 'actor' | 'reason'> : never;

function verbOf({ actor }: OperatorDesk, verb: WithoutAuthor<RoutingVerb>): RoutingVerb {
  return { ...verb, actor, reason: REASON };
}
