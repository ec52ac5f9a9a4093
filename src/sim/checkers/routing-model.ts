/** The routing log as one object: what its strong reads and conditional writes may answer, one by one. */

import type { SequentialModel } from './linearizable.ts';

export type RoutingOperation =
  | { readonly kind: 'append'; readonly epoch: number; readonly entryId: string }
  /** A strong read; what a Region's replica has (`newestHere`) may be old, and is no operation of this. */
  | { readonly kind: 'newest' };

export type RoutingOutput =
  | { readonly kind: 'appended' }
  /** `by`: the entry that has the epoch. */
  | { readonly kind: 'raced'; readonly by: string }
  | { readonly kind: 'empty' }
  | { readonly kind: 'entry'; readonly epoch: number; readonly entryId: string };

/** The newest entry, and all before it; null: none. */
export type RoutingLogState = {
  readonly epoch: number;
  readonly entryId: string;
  readonly before: RoutingLogState;
  /** Tells this log from every other. */
  readonly key: string;
} | null;

const IMPOSSIBLE: readonly RoutingLogState[] = [];

/** Epochs grow by one, an epoch has one entry, and an entry that is there may be appended again. */
export const routingModel: SequentialModel<RoutingLogState, RoutingOperation, RoutingOutput> = {
  initial: null,
  step: (state, operation, output) =>
    operation.kind === 'newest'
      ? newest(state, output)
      : append(state, operation.epoch, operation.entryId, output),
  stateKey: (state) => (state === null ? '' : state.key),
};

function newest(state: RoutingLogState, output: RoutingOutput | null): readonly RoutingLogState[] {
  const isSo =
    output === null ||
    (output.kind === 'empty' && state === null) ||
    (output.kind === 'entry' && state?.epoch === output.epoch && state.entryId === output.entryId);
  return isSo ? [state] : IMPOSSIBLE;
}

function append(
  state: RoutingLogState,
  epoch: number,
  entryId: string,
  output: RoutingOutput | null,
): readonly RoutingLogState[] {
  const there = entryOf(state, epoch);
  if (there !== undefined) {
    const isSo =
      output === null ||
      (output.kind === 'appended' && there === entryId) ||
      (output.kind === 'raced' && there !== entryId && there === output.by);
    return isSo ? [state] : IMPOSSIBLE;
  }
  if (epoch !== (state?.epoch ?? 0) + 1) return IMPOSSIBLE;
  if (output !== null && output.kind !== 'appended') return IMPOSSIBLE;
  const key = `${state === null ? '' : state.key}${entryId.length}:${entryId}`;
  return [{ epoch, entryId, before: state, key }];
}

/** The id of the entry that has the epoch; undefined: none has. */
function entryOf(state: RoutingLogState, epoch: number): string | undefined {
  let entry = state;
  while (entry !== null && entry.epoch > epoch) entry = entry.before;
  return entry?.epoch === epoch ? entry.entryId : undefined;
}
