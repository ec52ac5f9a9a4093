/**
 * Whether one object's history has an order that explains every answer: Wing and Gong's search with
 * Lowe's cache, after a guess that is nearly always right.
 *
 * Sources: Wing & Gong, "Testing and verifying concurrent objects" (1993); Lowe, "Testing for
 * linearizability" (2017).
 */

import { EventList } from './event-list.ts';
import { SeenStates } from './seen-states.ts';

/** One operation as its caller saw it. Times are of any clock that orders calls and returns. */
export interface RecordedOperation<Input, Output> {
  readonly input: Input;
  readonly calledAt: number;
  /** Null: no answer. It may take effect at any time after the call, or never. */
  readonly answer: { readonly output: Output; readonly at: number } | null;
}

/** What the object does when operations come one by one. */
export interface SequentialModel<State, Input, Output> {
  readonly initial: State;
  /**
   * The states after `input` was answered with `output`; none: it can't be answered so. `output` null:
   * nobody heard the answer. Several: chance decides, or something that no operation shows. Where nothing
   * changes, the very same state. Pure.
   */
  readonly step: (state: State, input: Input, output: Output | null) => readonly State[];
  /** Of states after the same operations: equal if they go on alike, different if not. */
  readonly stateKey: (state: State) => string | number;
}

/** Operations are named by their place in the history. */
export type Linearizability =
  /** Without the unanswered ones that need not have taken effect. */
  | { readonly kind: 'linearizable'; readonly order: readonly number[] }
  /** `longest`: of the orders that were tried, the one that explains the most answers. */
  | { readonly kind: 'not-linearizable'; readonly longest: readonly number[] }
  /** Given up after `steps` steps of the model. */
  | { readonly kind: 'undecided'; readonly steps: number };

/** Steps of the model before a search is given up: below a second, and far beyond what most need. */
const STEPS_MAX = 50_000;

/**
 * Looks for an order of the operations that explains every answer and keeps to the times: what had
 * returned before another was called comes before it. A return and a call at one moment are concurrent.
 *
 * Most histories are explained by the order of their returns, which is tried first. Pure.
 */
export function checkLinearizable<State, Input, Output>(
  history: readonly RecordedOperation<Input, Output>[],
  model: SequentialModel<State, Input, Output>,
  stepsMax: number = STEPS_MAX,
): Linearizability {
  const byReturn = sortedIndexes(history, returnedAt);
  return explains(byReturn, history, model)
    ? { kind: 'linearizable', order: byReturn }
    : new Search(history, byReturn, model).run(stepsMax);
}

function explains<State, Input, Output>(
  order: readonly number[],
  history: readonly RecordedOperation<Input, Output>[],
  model: SequentialModel<State, Input, Output>,
): boolean {
  let state = model.initial;
  for (const index of order) {
    const { input, answer } = history[index] as RecordedOperation<Input, Output>;
    const nexts = model.step(state, input, answer === null ? null : answer.output);
    if (nexts.length === 0) return false;
    state = nexts[0] as State;
  }
  return true;
}

/** A choice on the way: from `state`, the operation of `rank` took effect and led to `nexts[taken]`. */
interface Choice<State> {
  readonly rank: number;
  readonly state: State;
  readonly nexts: readonly State[];
  readonly taken: number;
}

const NONE = -1;

/**
 * Depth first. Ranks number the answered operations by their calls, and after them the unanswered ones,
 * so that these take effect only where nothing else explains the answers.
 */
class Search<State, Input, Output> {
  readonly #model: SequentialModel<State, Input, Output>;
  readonly #operations: readonly RecordedOperation<Input, Output>[];
  /** Place in the history, by rank. */
  readonly #indexes: readonly number[];
  readonly #answered: number;
  readonly #list: EventList;
  readonly #seen: SeenStates<State>;
  readonly #choices: Choice<State>[] = [];
  #state: State;
  /** Answers that the choices explain. */
  #explained = 0;
  #longest: readonly number[] = [];
  #longestExplains = 0;

  constructor(
    history: readonly RecordedOperation<Input, Output>[],
    byReturn: readonly number[],
    model: SequentialModel<State, Input, Output>,
  ) {
    const answered = sortedIndexes(history, answeredCalledAt);
    this.#model = model;
    this.#indexes = [...answered, ...sortedIndexes(history, unansweredCalledAt)];
    this.#operations = this.#indexes.map((index) => history[index] as (typeof history)[number]);
    this.#answered = answered.length;
    this.#list = new EventList(history, answered, byReturn);
    this.#seen = new SeenStates(this.#indexes.length, model.stateKey);
    this.#state = model.initial;
  }

  run(stepsMax: number): Linearizability {
    let rank = this.#candidateAfter(NONE);
    let steps = 0;
    while (this.#explained < this.#answered) {
      if (rank === NONE) {
        const undone = this.#undoLast();
        if (undone === undefined) return { kind: 'not-linearizable', longest: this.#longest };
        ({ rank } = undone);
        const goesOn = this.#choose(rank, undone.nexts, undone.taken + 1);
        rank = this.#candidateAfter(goesOn ? NONE : rank);
        continue;
      }
      if (steps === stepsMax) return { kind: 'undecided', steps };
      steps += 1;
      const { input, answer } = this.#operations[rank] as RecordedOperation<Input, Output>;
      const nexts = this.#model.step(this.#state, input, answer === null ? null : answer.output);
      rank = this.#candidateAfter(this.#choose(rank, nexts, 0) ? NONE : rank);
    }
    return { kind: 'linearizable', order: this.#order() };
  }

  /** The operation to try after `rank`, `NONE` for the first; `NONE` when there is no other. */
  #candidateAfter(rank: number): number {
    if (rank < this.#answered) {
      const next = this.#list.callAfter(rank);
      if (next !== NONE) return next;
    }
    // What was called after some undone operation had returned can't be the next one.
    const returnsAt = this.#list.firstReturnAt();
    for (let open = Math.max(rank + 1, this.#answered); open < this.#operations.length; open += 1) {
      const { calledAt } = this.#operations[open] as RecordedOperation<Input, Output>;
      if (calledAt > returnsAt) return NONE;
      if (!this.#seen.isDone(open)) return open;
    }
    return NONE;
  }

  /** Lets the operation take effect with the first of `nexts`, from `from` on, that is new. */
  #choose(rank: number, nexts: readonly State[], from: number): boolean {
    const isAnswered = rank < this.#answered;
    for (let taken = from; taken < nexts.length; taken += 1) {
      const next = nexts[taken] as State;
      // An unanswered operation that changes nothing might as well never take effect.
      if (!isAnswered && next === this.#state) continue;
      if (!this.#seen.enter(rank, next)) continue;
      this.#choices.push({ rank, state: this.#state, nexts, taken });
      this.#state = next;
      if (isAnswered) {
        this.#list.lift(rank);
        this.#explained += 1;
      }
      return true;
    }
    return false;
  }

  #undoLast(): Choice<State> | undefined {
    if (this.#explained > this.#longestExplains) {
      this.#longestExplains = this.#explained;
      this.#longest = this.#order();
    }
    const last = this.#choices.pop();
    if (last === undefined) return undefined;
    this.#state = last.state;
    this.#seen.leave(last.rank);
    if (last.rank < this.#answered) {
      this.#list.unlift(last.rank);
      this.#explained -= 1;
    }
    return last;
  }

  #order(): readonly number[] {
    return this.#choices.map(({ rank }) => this.#indexes[rank] as number);
  }
}

type Timed = RecordedOperation<unknown, unknown>;
const returnedAt = ({ answer }: Timed) => (answer === null ? null : answer.at);
const answeredCalledAt = ({ calledAt, answer }: Timed) => (answer === null ? null : calledAt);
const unansweredCalledAt = ({ calledAt, answer }: Timed) => (answer === null ? calledAt : null);

/**
 * Places in the history, by time; equal times keep their order, null leaves one out. By insertion: a
 * history is nearly in order as it is.
 */
function sortedIndexes(
  history: readonly Timed[],
  timeOf: (operation: Timed) => number | null,
): readonly number[] {
  const indexes: number[] = [];
  const times: number[] = [];
  for (let index = 0; index < history.length; index += 1) {
    const time = timeOf(history[index] as Timed);
    if (time === null) continue;
    let at = indexes.length;
    while (at > 0 && (times[at - 1] as number) > time) {
      indexes[at] = indexes[at - 1] as number;
      times[at] = times[at - 1] as number;
      at -= 1;
    }
    indexes[at] = index;
    times[at] = time;
  }
  return indexes;
}
