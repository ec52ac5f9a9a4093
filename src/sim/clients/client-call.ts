/** A call of a client as data, and one try of it on the wire. */

import { type Made, mayHaveTakenEffect, meaningOf } from '#sdk/observation.ts';
import type { RegionName } from '../faults/fault-spec.ts';
import type { ApiRequest, HttpResult } from '../http.ts';
import type { Random } from '../kernel/random.ts';
import type { Meaning, Operation } from '../ledger.ts';
import { callApi } from '../services/http-call.ts';
import type { System } from '../system.ts';

/** What somebody wants of the API, once or again. */
export interface ClientCall {
  readonly kind: Operation['kind'];
  readonly request: ApiRequest;
  readonly meaning: Meaning | null;
  readonly refund: Operation['refund'];
}

export interface CallEnd {
  /** Its `final` is null where the client gave up. */
  readonly operation: Operation;
  /** Whether a try that brought no result may have taken effect. */
  readonly mayHaveTakenEffect: boolean;
}

/** Whoever makes calls: each is one operation in the ledger. */
export interface Caller {
  readonly name: string;
  /** `done` is called once, in a later event. */
  call(call: ClientCall, done: (end: CallEnd) => void): void;
}

export interface ClientParts {
  readonly system: System;
  /** For waits. */
  readonly random: Random;
  /** Told of each try that brought nothing final, before the client decides what is next. */
  readonly onFailedTry: (call: ClientCall, region: RegionName) => void;
}

/** A call of a payment by `kind`. */
export function paymentCall(
  kind: 'process' | 'accept',
  meaning: Meaning,
  body: string,
): ClientCall {
  const request = { route: kind, transactionId: meaning.transactionId, body } as const;
  return { kind, request, meaning, refund: null };
}

export function refundCall(
  transactionId: string,
  refund: NonNullable<Operation['refund']>,
  body: string,
): ClientCall {
  const request = { route: 'refund', transactionId, body } as const;
  return { kind: 'refund', request, meaning: null, refund };
}

export function readCall(transactionId: string): ClientCall {
  const request = { route: 'read', transactionId, body: '' } as const;
  return { kind: 'read', request, meaning: null, refund: null };
}

/** Writes the call into the ledger. */
export function beginCall({ ledger, world }: System, call: ClientCall, client: string): Operation {
  const { kind, request, meaning, refund } = call;
  return ledger.begin({
    ...{ kind, transactionId: request.transactionId, meaning, refund, client },
    calledAtMs: world.nowMs,
  });
}

/** Ends it: `isFinal` with its last answer, else without any, and then `mayHaveTakenEffect` is all that it tells. */
export function endCall(
  { world }: System,
  operation: Operation,
  isFinal: boolean,
  mayHaveTakenEffect: boolean,
): void {
  operation.endedAtMs = world.nowMs;
  if (isFinal) {
    operation.final = operation.answers.at(-1) ?? null;
    return;
  }
  operation.mayHaveTakenEffect = mayHaveTakenEffect;
  world.note('client', 'client', 'gave-up', operation.transactionId, operation.client);
}

/** One request to one Region; what came is in the ledger before `done` hears of it. */
export function tryOnce(
  system: System,
  operation: Operation,
  attempt: {
    readonly request: ApiRequest;
    readonly region: RegionName;
    readonly timeoutMs: number;
  },
  done: (observation: Made) => void,
): void {
  const { request, region, timeoutMs } = attempt;
  const { world } = system;
  const phase = request.route === 'read' ? 'read' : 'request';
  const sentAtMs = world.nowMs;
  callApi(system, { from: 'client', region, request, timeoutMs, phase }, (result) => {
    if (result.kind === 'answered') {
      const { response } = result;
      const journalThen = system.payments.journals.peek(region, operation.transactionId) ?? null;
      operation.answers.push({ region, sentAtMs, atMs: world.nowMs, response, journalThen });
    } else {
      operation.silent.push({ region, sentAtMs });
    }
    done(observationOf(region, result));
  });
}

/** A caller with no policy at all: one request to one Region. */
export class OneTryClient implements Caller {
  readonly name: string;
  readonly #system: System;
  readonly #region: RegionName;
  readonly #timeoutMs: number;

  constructor(system: System, name: string, region: RegionName, timeoutMs: number) {
    this.name = name;
    this.#system = system;
    this.#region = region;
    this.#timeoutMs = timeoutMs;
  }

  call(call: ClientCall, done: (end: CallEnd) => void): void {
    const operation = beginCall(this.#system, call, this.name);
    const attempt = { request: call.request, region: this.#region, timeoutMs: this.#timeoutMs };
    tryOnce(this.#system, operation, attempt, (observation) => {
      const isUnknown = mayHaveTakenEffect(observation);
      endCall(this.#system, operation, isFinal(observation), isUnknown);
      done({ operation, mayHaveTakenEffect: isUnknown });
    });
  }
}

/** Whether no other try would be answered otherwise, by the SDK's rules. */
export function isFinal(observation: Made): boolean {
  return meaningOf(observation) === 'final';
}

function observationOf(region: RegionName, result: HttpResult): Made {
  if (result.kind === 'no-answer') return { kind: 'no-answer', region, because: result.because };
  const { status, code, retryAfterMs } = result.response;
  return { kind: 'answered', region, status, code, retryAfterMs };
}
