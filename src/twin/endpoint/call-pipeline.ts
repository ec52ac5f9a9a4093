/** Takes one AWS call through what stands between it and its service: reachability, IAM, faults. */

import type { CrashMoment, FaultBoard } from '../faults/fault.ts';
import { refusalMessage } from '../iam/refusal-message.ts';
import type { Authorizer, Refusal, RolePrincipal } from './authorizer.ts';
import type { AwsService, Principal, ServiceAnswer, ServiceCall } from './aws-service.ts';
import type { CallCounters, CallOutcome } from './call-counters.ts';
import { createRegionGate, type RegionGate } from './region-gate.ts';
import { accessDenied, internalFailure, throttled } from './wire-errors.ts';

/** One call that a service answered, or a fault in its place. Those that IAM refused are none. */
export interface CallObservation {
  readonly service: AwsService['name'];
  readonly call: ServiceCall;
  /** By an injected fault. */
  readonly throttled: boolean;
  readonly answer: ServiceAnswer;
}

export interface CallPipelineOptions {
  readonly authorizer: Authorizer;
  readonly faults: FaultBoard;
  readonly counters: CallCounters;
  readonly nowEpochMs: () => number;
  /** Resolves after `ms` milliseconds; may reject when `signal` aborts before. */
  readonly delay: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Kills the process of a Region; resolves when it is gone and the `kill` is in force. */
  readonly crash: (region: string) => Promise<void>;
  readonly onRefusal: (refusal: Refusal) => void;
  /** Told of each answer, for the metrics. @default nobody is */
  readonly observe?: (observation: CallObservation) => void;
  /** Told of what a service throws: a defect of the twin, or an engine that died. */
  readonly onServiceError: (error: unknown, call: ServiceCall) => void;
}

export type CallResult =
  | { readonly kind: 'answer'; readonly answer: ServiceAnswer }
  /** The Region is down: cut the connection. */
  | { readonly kind: 'cut' }
  /** The client went away: there is nobody to answer. */
  | { readonly kind: 'left' };

export interface CallPipeline {
  run(service: AwsService, call: ServiceCall, principal: Principal): Promise<CallResult>;
  stop(): void;
}

type Step = {
  readonly result: CallResult;
  readonly outcome: CallOutcome;
  readonly throttled?: boolean;
};

/**
 * Creates the pipeline. `run` never rejects and counts every call once, in this order:
 *
 * 1. the Region killed or dead: cut; frozen, or kept apart from the caller's Region: held;
 * 2. IAM, for roles only: one permission that is not granted refuses the call;
 * 3. injected latency, then injected throttling and errors, before the call has taken effect;
 * 4. a `crash` of the calling function's Region, before the service or after it;
 * 5. the service; its answer is held or cut by the rules of 1, so that a fault which strikes
 *    during a call leaves its outcome unknown to the caller.
 *
 * A call whose client leaves before 5 never reaches the service.
 */
export function createCallPipeline(options: CallPipelineOptions): CallPipeline {
  const { authorizer, faults, counters } = options;
  const gate = createRegionGate(faults);

  async function run(
    service: AwsService,
    call: ServiceCall,
    principal: Principal,
  ): Promise<CallResult> {
    const {
      result,
      outcome,
      throttled: isThrottled = false,
    } = await settle(service, call, principal);
    counters.count(call.region, service.name, call.operation, outcome);
    if (result.kind === 'answer' && outcome !== 'refused') {
      const { answer } = result;
      options.observe?.({ service: service.name, call, throttled: isThrottled, answer });
    }
    return result;
  }

  async function settle(
    service: AwsService,
    call: ServiceCall,
    principal: Principal,
  ): Promise<Step> {
    try {
      return await carry(service, call, principal);
    } catch (error) {
      if (call.signal.aborted) return LEFT;
      options.onServiceError(error, call);
      return failed(service.errorAnswer(call, internalFailure(service.name)));
    }
  }

  async function carry(
    service: AwsService,
    call: ServiceCall,
    principal: Principal,
  ): Promise<Step> {
    const from = principal.kind === 'role' ? principal.region : null;
    const stoppedOnTheWay = await stopped(gate, call, from);
    if (stoppedOnTheWay !== null) return stoppedOnTheWay;

    const refusal = principal.kind === 'role' ? refuse(service, call, principal) : null;
    if (refusal !== null) return refusal;

    const fate = faults.fateOf(call.region, service.name, call.operation);
    if (fate.latencyMs > 0) {
      await options.delay(fate.latencyMs, call.signal);
      const stoppedMeanwhile = await stopped(gate, call, from);
      if (stoppedMeanwhile !== null) return stoppedMeanwhile;
    }
    if (fate.outcome !== 'proceed') {
      const isThrottled = fate.outcome === 'throttle';
      const error = isThrottled ? throttled(service.name) : internalFailure(service.name);
      return { ...failed(service.errorAnswer(call, error)), throttled: isThrottled };
    }

    const moment = from === null ? null : faults.crashAt(from, service.name, call.operation);
    if (from !== null && moment !== null) return crash(service, call, from, moment);

    const answer = await service.handle(call);
    const stoppedOnTheWayBack = await stopped(gate, call, from, true);
    if (stoppedOnTheWayBack !== null) return stoppedOnTheWayBack;
    return answer.status >= 500 ? failed(answer) : answered(answer, 'answered');
  }

  /** The caller's process is gone when this resolves: nobody hears of the outcome. */
  async function crash(
    service: AwsService,
    call: ServiceCall,
    from: string,
    moment: CrashMoment,
  ): Promise<Step> {
    try {
      if (moment === 'after') await service.handle(call);
    } finally {
      await options.crash(from);
    }
    return CUT;
  }

  function refuse(service: AwsService, call: ServiceCall, role: RolePrincipal): Step | null {
    for (const needed of service.permissionsOf(call)) {
      const { decision, source } = authorizer.permits(role.roleArn, needed);
      if (decision === 'allowed') continue;
      const refusal: Refusal = {
        atEpochMs: options.nowEpochMs(),
        region: call.region,
        roleArn: role.roleArn,
        sessionArn: role.sessionArn,
        action: needed.action,
        resourceArn: needed.resourceArn,
        decision,
      };
      options.onRefusal(refusal);
      const { sessionArn } = role;
      const why = { decision, source };
      const text = refusalMessage(sessionArn, needed.action, needed.resourceArn, why);
      const error = accessDenied(service.name, text);
      return answered(service.errorAnswer(call, error), 'refused');
    }
    return null;
  }

  return { run, stop: () => gate.stop() };
}

const LEFT: Step = { result: { kind: 'left' }, outcome: 'unanswered' };
const CUT: Step = { result: { kind: 'cut' }, outcome: 'unanswered' };

function answered(answer: ServiceAnswer, outcome: CallOutcome): Step {
  return { result: { kind: 'answer', answer }, outcome };
}

function failed(answer: ServiceAnswer): Step {
  return answered(answer, 'error');
}

/** Waits until the call may go on (null), or says why it never will. */
async function stopped(
  gate: RegionGate,
  call: ServiceCall,
  from: string | null,
  isAnswer = false,
): Promise<Step | null> {
  const traveller = { region: call.region, from, signal: call.signal, isAnswer };
  if (call.signal.aborted) return LEFT;
  // The usual case without a wait, and without the turn of the event loop that one would cost.
  const passage = gate.standing(traveller);
  if (passage === 'open') return null;
  const settled = passage === 'gone' ? 'gone' : await gate.pass(traveller);
  return settled === 'open' ? null : settled === 'gone' ? CUT : LEFT;
}
