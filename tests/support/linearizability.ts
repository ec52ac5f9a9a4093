/**
 * Checks one object's history for linearizability: Wing and Gong's search with Lowe's cache.
 *
 * Sources: Wing & Gong, "Testing and verifying concurrent objects" (1993); Lowe, "Testing for
 * linearizability" (2017).
 */

/** One operation as its caller saw it. Times are of any clock that orders calls and returns. */
export interface RecordedOperation<Input, Output> {
  readonly input: Input;
  readonly calledAt: number;
  /** Null: no answer. It may have taken effect at any time after the call, or never. */
  readonly answer: { readonly output: Output; readonly at: number } | null;
}

export interface SequentialModel<State, Input, Output> {
  readonly initial: State;
  /** The state after `input`, and what it returns. */
  readonly apply: (
    state: State,
    input: Input,
  ) => { readonly state: State; readonly output: Output };
  readonly sameOutput: (a: Output, b: Output) => boolean;
  /** Equal for equal states, different for different ones. */
  readonly stateKey: (state: State) => string;
}

/**
 * Whether some order of the operations explains every answer and keeps to the times: an operation
 * that had returned before another was called comes before it. At most 30 operations.
 */
export function isLinearizable<State, Input, Output>(
  history: readonly RecordedOperation<Input, Output>[],
  model: SequentialModel<State, Input, Output>,
): boolean {
  if (history.length > 30) throw new Error('The done operations are kept in one 31-bit mask.');
  const seen = new Set<string>();
  const answered = history.reduce((mask, { answer }, i) => (answer ? mask | (1 << i) : mask), 0);

  function search(done: number, state: State): boolean {
    if ((done & answered) === answered) return true;
    const visited = `${done} ${model.stateKey(state)}`;
    if (seen.has(visited)) return false;
    seen.add(visited);
    // Whoever was called after some undone operation had returned can't be the next one.
    const deadline = history.reduce(
      (least, { answer }, i) => (done & (1 << i) || !answer ? least : Math.min(least, answer.at)),
      Number.POSITIVE_INFINITY,
    );
    return history.some(({ input, calledAt, answer }, i) => {
      if (done & (1 << i) || calledAt > deadline) return false;
      const next = model.apply(state, input);
      if (answer !== null && !model.sameOutput(next.output, answer.output)) return false;
      return search(done | (1 << i), next.state);
    });
  }

  return search(0, model.initial);
}
