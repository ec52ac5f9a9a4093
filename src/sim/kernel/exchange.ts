/**
 * A request of a process to a service, and what comes of it: an answer, a refusal, or silence.
 *
 * The service acts in one event, so its effect is atomic; each way there and back is the network's.
 */

import { AppError } from '#core/app-error.ts';
import type { Deadline } from '#core/ports.ts';
import { ATTEMPTS, BUDGET_MS } from '#core/time-budgets.ts';
import type { Coverage } from '../faults/coverage.ts';
import type { FaultId, Phase } from '../faults/fault-ids.ts';
import type { Place } from '../faults/fault-spec.ts';
import type { Network } from './network.ts';
import type { SimProcess } from './sim-process.ts';
import type { World } from './world.ts';

/** What a service does with one request. */
export type Served<T> =
  | {
      readonly kind: 'ok';
      readonly value: T /** Before it answers, milliseconds. */;
      readonly afterMs: number;
    }
  /** Certainly without effect, and worth repeating: throttled, lost a race, never connected. */
  | { readonly kind: 'refused'; readonly by: FaultId | null; readonly isContention: boolean }
  /** HTTP 500: it may have had an effect. */
  | { readonly kind: 'failed' }
  /** It never answers. */
  | { readonly kind: 'silent' };

export interface ServiceCall<T> {
  readonly what: string;
  readonly about: string;
  readonly phase: Phase;
  readonly to: Place;
  /** Whether a repeat or a late arrival can have an effect: then silence leaves the outcome unknown. */
  readonly isWrite: boolean;
  /** Called when the request arrives: once, or twice if the network has it so. */
  readonly serve: () => Served<T>;
}

export interface Wires {
  readonly world: World;
  readonly network: Network;
  readonly coverage: Coverage;
}

/** How long one attempt may take, milliseconds, and how many of them may fail. */
export interface AttemptLimits {
  readonly timeoutMs: number;
  readonly attemptsMax: number;
}

const USUAL_LIMITS: AttemptLimits = {
  timeoutMs: BUDGET_MS.attempt,
  attemptsMax: ATTEMPTS.max,
};

/** What an attempt comes to; `silent` after its timeout. */
type Outcome<T> = Served<T>;
const SILENT = { kind: 'silent' } as const;

/**
 * Carries a call through silence and refusals as the adapters do: attempts until the deadline, none begun after
 * it. Rejects with `AppError`: `outcome_unknown` when an attempt of a write may have had its effect, `unavailable`
 * when none had. Where no message is lost it costs two events, and no timer.
 */
export function callService<T>(
  wires: Wires,
  runner: SimProcess,
  call: ServiceCall<T>,
  deadline: Deadline,
  limits: AttemptLimits = USUAL_LIMITS,
): Promise<T> {
  return new Promise((resolve, reject) => {
    new RunningCall(wires, runner, call, deadline, limits, resolve, reject).attempt();
  });
}

/** Not an async function: one promise a call is all that the hot path can afford. */
class RunningCall<T> {
  readonly #wires: Wires;
  readonly #runner: SimProcess;
  readonly #call: ServiceCall<T>;
  readonly #deadline: Deadline;
  readonly #limits: AttemptLimits;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: AppError) => void;
  readonly #life: number;
  #attempts = 0;
  #faults = 0;
  #mayHaveTakenEffect = false;
  /** Of the attempt under way. */
  #givesUpAtMs = 0;

  constructor(
    wires: Wires,
    runner: SimProcess,
    call: ServiceCall<T>,
    deadline: Deadline,
    limits: AttemptLimits,
    resolve: (value: T) => void,
    reject: (error: AppError) => void,
  ) {
    this.#wires = wires;
    this.#runner = runner;
    this.#call = call;
    this.#deadline = deadline;
    this.#limits = limits;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#life = runner.life;
  }

  attempt(): void {
    const { what, phase, to, about, isWrite } = this.#call;
    // Code that shares a promise with what has just died runs on to its next call, and no further.
    if (!this.#runner.isUp) return;
    const leftMs = this.#leftMs();
    if (leftMs <= 0) return this.#giveUp();
    if (this.#runner.diesAt('before', what, phase)) return;
    const { world, network } = this.#wires;
    this.#attempts += 1;
    this.#givesUpAtMs = world.nowMs + Math.ceil(Math.min(this.#limits.timeoutMs, leftMs));
    const from = this.#runner.region;
    const request: Sent = { wasRefused: false };
    const repeat = isWrite ? () => this.#repeat(request) : null;
    const delayMs = network.transit(from, to, phase, repeat);
    if (delayMs < 0) {
      world.note(from, to, what, about, 'lost');
      return this.#fallSilent();
    }
    world.after(delayMs, () => this.#arrive(request));
  }

  /** A copy of the request. Not of a refused one: who heard of a refusal was told that nothing happens. */
  #repeat(request: Sent): boolean {
    if (request.wasRefused) return false;
    this.#call.serve();
    return true;
  }

  #arrive(request: Sent): void {
    const { world, network } = this.#wires;
    const { to, phase, what, about } = this.#call;
    const from = this.#runner.region;
    const served = this.#call.serve();
    request.wasRefused = served.kind === 'refused';
    world.note(from, to, what, about, served.kind);
    if (served.kind === 'silent') return this.#fallSilent();
    const backMs = network.transit(to, from, phase, null);
    if (backMs < 0) {
      world.note(to, from, what, about, 'answer lost');
      return this.#fallSilent();
    }
    const thinksMs = served.kind === 'ok' ? served.afterMs : 0;
    const answersAtMs = world.nowMs + thinksMs + backMs;
    // A late answer is none: the connection was given up.
    if (answersAtMs > this.#givesUpAtMs) return this.#fallSilent();
    world.after(answersAtMs - world.nowMs, () => this.#end(served));
  }

  #fallSilent(): void {
    const { world } = this.#wires;
    world.after(this.#givesUpAtMs - world.nowMs, () => this.#end(SILENT));
  }

  /** The answer of an attempt, or its silence, reaches the process. */
  #end(outcome: Outcome<T>): void {
    const { what, phase } = this.#call;
    this.#runner.deliver(
      this.#life,
      () => {
        if (!this.#runner.diesAt('after', what, phase)) this.#hear(outcome);
      },
      phase,
    );
  }

  #hear(outcome: Outcome<T>): void {
    if (outcome.kind === 'ok') return this.#resolve(outcome.value);
    if (outcome.kind !== 'refused') this.#mayHaveTakenEffect = true;
    if (outcome.kind !== 'refused' || !outcome.isContention) this.#faults += 1;
    if (this.#faults >= this.#limits.attemptsMax) return this.#giveUp();
    const { world } = this.#wires;
    const ceilingMs = Math.min(
      ATTEMPTS.backoffCapMs,
      ATTEMPTS.backoffBaseMs * 2 ** Math.min(this.#attempts - 1, 10),
    );
    const waitMs = Math.min(
      Math.max(0, this.#leftMs()),
      world.random('backoff').next() * ceilingMs,
    );
    world.after(waitMs, () => this.#runner.deliver(this.#life, () => this.attempt()));
  }

  #giveUp(): void {
    const unknown = this.#mayHaveTakenEffect && this.#call.isWrite;
    const message = `${this.#call.what}: given up`;
    this.#reject(new AppError(unknown ? 'outcome_unknown' : 'unavailable', message));
  }

  #leftMs(): number {
    return this.#deadline.atEpochMs - this.#runner.clock.nowEpochMs();
  }
}

/** What became of one request. */
interface Sent {
  wasRefused: boolean;
}

/** A refusal: the request certainly had no effect. */
export function refuse<T>(by: FaultId | null, isContention = false): Served<T> {
  return { kind: 'refused', by, isContention };
}
