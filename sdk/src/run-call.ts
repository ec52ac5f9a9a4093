/** Carries one call to its end: asks the policy, waits, tries, and tells the policy what came of it. */

import type { ClientOptions } from './client-options.ts';
import { type Exchange, exchange, type WireRequest } from './exchange.ts';
import type { Attempt } from './holdfast-error.ts';
import {
  type Breakers,
  type Decision,
  decideNext,
  type Observation,
  startCall,
} from './retry-policy.ts';

export type Answered = Extract<Exchange, { kind: 'answered' }>;

export interface CallEnd {
  readonly end: /** `answer`: a result or an error that no other try would change. */
    | { readonly kind: 'answered'; readonly answer: Answered; readonly region: string }
    /** `last`: what the last try brought; null when there was none. */
    | {
        readonly kind: 'gave-up';
        readonly because: 'deadline' | 'tries' | 'aborted';
        readonly last: Exchange | null;
      };
  readonly attempts: readonly Attempt[];
  /** Whether a try that brought no result may have taken effect. */
  readonly mayHaveTakenEffect: boolean;
}

export interface CallRequest extends Omit<WireRequest, 'url'> {
  /** Below the endpoint's URL, with a slash in front. */
  readonly path: string;
}

/** What the calls of a client share. */
export interface SharedState {
  breakers: Breakers;
}

/**
 * Runs a call. Effects: requests, and the breakers in `shared`. Never throws for a fault of a Region.
 *
 * Between reading `shared` and writing it there is no `await`, so calls at once lose nothing of each other.
 */
export async function runCall(
  request: CallRequest,
  limits: { readonly totalDeadlineMs: number; readonly signal: AbortSignal | undefined },
  options: ClientOptions,
  shared: SharedState,
): Promise<CallEnd> {
  const { policy, urls, clock, random, sleep, fetch } = options;
  const { signal } = limits;
  const startedAtMs = clock.nowMs();
  const attempts: Attempt[] = [];
  let call = startCall(policy, startedAtMs, limits.totalDeadlineMs);
  let last: Exchange | null = null;

  const decide = (observation: Observation): Decision => {
    const state = { policy, call, breakers: shared.breakers };
    const decision = decideNext(state, observation, clock.nowMs(), random);
    shared.breakers = decision.state.breakers;
    call = decision.state.call;
    return decision;
  };
  const giveUp = (because: 'deadline' | 'tries' | 'aborted', inFlight = false): CallEnd => ({
    end: { kind: 'gave-up', because, last },
    attempts,
    mayHaveTakenEffect: call.mayHaveTakenEffect || inFlight,
  });

  let decision = decide({ kind: 'start' });
  while (decision.kind === 'try') {
    const { region } = decision;
    if (decision.afterMs > 0) await sleep(decision.afterMs, signal);
    if (signal?.aborted) return giveUp('aborted');
    const triedAtMs = clock.nowMs();
    // A busy process wakes late; the deadline is the caller's all the same.
    const timeoutMs = Math.min(decision.timeoutMs, Math.floor(call.deadlineAtMs - triedAtMs));
    if (timeoutMs < 1) return giveUp('deadline');
    const wire = { ...request, url: `${urls.get(region)}${request.path}` };
    last = await exchange(wire, timeoutMs, { fetch, sleep, signal });
    attempts.push(attemptOf(region, last, triedAtMs - startedAtMs, clock.nowMs() - triedAtMs));
    if (last.kind === 'aborted') return giveUp('aborted', true);
    decision = decide(observationOf(region, last));
    if (decision.kind === 'answer' && last.kind === 'answered') {
      const { mayHaveTakenEffect } = call;
      return { end: { kind: 'answered', answer: last, region }, attempts, mayHaveTakenEffect };
    }
  }
  return giveUp(decision.kind === 'give-up' ? decision.because : 'tries');
}

/** `code` of an error body, when it has one. */
export function codeOf({ body }: Answered): string | null {
  const code = body?.['code'];
  return typeof code === 'string' && code !== '' ? code : null;
}

function observationOf(
  region: string,
  result: Exclude<Exchange, { kind: 'aborted' }>,
): Exclude<Observation, { kind: 'start' }> {
  if (result.kind === 'no-answer') return { kind: 'no-answer', region, because: result.because };
  const { kind, status, retryAfterMs } = result;
  return { kind, region, status, code: codeOf(result), retryAfterMs };
}

function attemptOf(
  region: string,
  result: Exchange,
  startedAfterMs: number,
  tookMs: number,
): Attempt {
  const when = { region, startedAfterMs, tookMs };
  switch (result.kind) {
    case 'answered':
      return { ...when, status: result.status, code: codeOf(result) };
    case 'no-answer':
      return { ...when, status: null, code: result.because };
    case 'aborted':
      return { ...when, status: null, code: 'aborted' };
  }
}
