/**
 * The failover orchestrator of one Region: woken by alarms, by the clock and by operators, it moves
 * traffic onto its own Region when the other can't keep it. Source: docs/adr/0017-failover-decision.md.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { ENVIRONMENT, resourceNames } from '#contract/names.ts';
import type { Deadline } from '#core/ports.ts';
import { appendTransition } from '#core/routing/append-transition.ts';
import { type AlarmHint } from '#core/routing/observer.ts';
import { type OperatorRequest, type OpsEvent, readOpsEvents } from '#core/routing/ops-event.ts';
import type { RoundReport } from '#core/routing/orchestrate.ts';
import type { InvocationContext } from './api-event.ts';
import { operatorFacts } from './orchestrator-operator.ts';
import { createOrchestratorParts } from './orchestrator-parts.ts';
import {
  BUDGET_MS,
  createFunctionTelemetry,
  deadlineOf,
  durationMs,
  environment,
} from './runtime.ts';

export interface OrchestratorAnswer {
  readonly statusCode: 200;
  /** JSON text: the original's members, and what was seen, decided and done. */
  readonly body: string;
}

/** Between the rounds that an alarm sets off. */
const QUICK_INTERVAL_MS = 1_000;
const QUICK_ROUNDS_MAX = 8;
/** What a round that moves traffic may take: the round, the lease's wait, a payment, a sweep, a report. */
const MOVE_NEEDS_MS = 28_000;
/** What a round that only looks may take. */
const BEAT_NEEDS_MS = 7_000;

const telemetry = createFunctionTelemetry('orchestrate');
const names = resourceNames(environment(ENVIRONMENT.suffix));
const probeIntervalMs = durationMs(ENVIRONMENT.probeIntervalSeconds);
const parts = createOrchestratorParts(telemetry);

/**
 * One watch for each execution environment. Lambda gives each invocation one of its own; a twin whose
 * schedules run faster does not, and two watches there would only ask everything twice.
 */
let isWatching = false;

/** Throws `UnreadableEventError` for an event that it can't read, so that Lambda retries and keeps it. */
export async function handler(
  event: unknown,
  context: InvocationContext = {},
): Promise<OrchestratorAnswer> {
  const events = readOpsEvents(event, names.alarms.regionImpaired, parseTime);
  const answers: object[] = [];
  for (const one of events) answers.push(await dealWith(one, context));
  const [only] = answers;
  const body = answers.length === 1 ? only : { message: COMPLETED, events: answers };
  return { statusCode: 200, body: JSON.stringify(body) };
}

/** The original's words. */
const COMPLETED = 'Failover orchestration completed';

async function dealWith(event: OpsEvent, context: InvocationContext): Promise<object> {
  switch (event.kind) {
    case 'tick':
      return { message: COMPLETED, trigger: 'tick', ...summaryOf(await watch(context)) };
    case 'report':
      return { message: COMPLETED, trigger: 'report', decision: 'wait', because: 'own-report' };
    case 'operator':
      return { message: COMPLETED, trigger: 'operator', ...(await obey(event.request, context)) };
    case 'alarm': {
      const said = { message: COMPLETED, alarm: event.alarmName, state: event.state };
      // The end of an alarm is no reason to move anything: a Region comes back by failback.
      if (event.state !== 'ALARM') return { ...said, decision: 'wait', because: 'alarm-ended' };
      return { ...said, ...summaryOf(await lookQuickly(event, context)) };
    }
  }
}

/**
 * Rounds at the probes' interval for as long as the invocation lasts. Near its end they only look and beat: a
 * move would be cut off, and a heartbeat that stopped early would be taken for a Region that did.
 */
async function watch(context: InvocationContext): Promise<RoundReport | null> {
  if (isWatching) return null;
  isWatching = true;
  try {
    let last: RoundReport | null = null;
    for (;;) {
      if (last === null || leftMs(context) > MOVE_NEEDS_MS)
        last = await round(context, 'tick', null);
      else await parts.observer.look(deadlineOf(context, BUDGET_MS.round), null);
      if (leftMs(context) < probeIntervalMs + BEAT_NEEDS_MS) return last;
      await sleep(probeIntervalMs);
    }
  } finally {
    isWatching = false;
  }
}

/**
 * Rounds close together until there is a verdict on both Regions: an alarm has seen its part already. A cold
 * start has slow first answers, and has to learn where the other Region is.
 */
async function lookQuickly(
  event: Extract<OpsEvent, { kind: 'alarm' }>,
  context: InvocationContext,
): Promise<RoundReport | null> {
  let last: RoundReport | null = null;
  for (let count = 0; count < QUICK_ROUNDS_MAX; count += 1) {
    if (count > 0) await sleep(QUICK_INTERVAL_MS);
    last = await round(context, event.alarmName, event.hint);
    if (last.kind !== 'waited' || isSettled(last)) return last;
    if (leftMs(context) < MOVE_NEEDS_MS) return last;
  }
  return last;
}

function isSettled({ seen }: Extract<RoundReport, { kind: 'waited' }>): boolean {
  return seen.own.verdict !== 'unsure' && seen.peer.verdict !== 'unsure';
}

async function round(
  context: InvocationContext,
  trigger: string,
  hint: AlarmHint | null,
): Promise<RoundReport> {
  const result = await parts.orchestrator.round({
    deadline: deadlineOf(context, BUDGET_MS.round),
    followUpDeadline: deadlineOf(context, Number.POSITIVE_INFINITY),
    trigger,
    hint,
  });
  if (result.kind === 'blind') {
    telemetry.log('ERROR', 'the routing log is out of reach', { reason: result.because.message });
  } else if (!result.seen.beaten) {
    telemetry.log('ERROR', 'the heartbeat was not written');
  } else {
    // Not of those that saw nothing: an orchestrator that is blind must ring as one that is silent.
    telemetry.metric('FailoverRounds', 1);
  }
  await parts.keepLease(result, deadlineOf(context, Number.POSITIVE_INFINITY));
  return result;
}

/** Thrown for what an operator asked for and did not get: Systems Manager's step then fails too. */
class OperatorRefusedError extends Error {
  override readonly name = 'OperatorRefusedError';
}

/** An operator's verb, as Systems Manager sends it; the same guards as the command line's. */
async function obey(request: OperatorRequest, context: InvocationContext): Promise<object> {
  const deadline: Deadline = deadlineOf(context, BUDGET_MS.followUp);
  const plannedOn = await parts.routing.log.newest(deadline);
  const facts = await operatorFacts(request, parts, deadline);
  const outcome = await appendTransition(
    request,
    { ...parts.routing, facts, force: false, plannedOn },
    deadline,
  );
  telemetry.log('INFO', 'operator', { reason: `${request.verb}: ${outcome.kind}` });
  switch (outcome.kind) {
    case 'appended':
      return {
        decision: outcome.entry.change,
        epoch: outcome.entry.epoch,
        to: outcome.entry.active,
      };
    case 'already':
      return { decision: 'wait', because: outcome.because, epoch: outcome.state.epoch };
    case 'raced':
      throw new OperatorRefusedError(
        `${outcome.by.actor} was first, with epoch ${outcome.by.epoch}`,
      );
    case 'mistaken':
    case 'refused':
      throw new OperatorRefusedError(outcome.because);
  }
}

function summaryOf(result: RoundReport | null): object {
  if (result === null) return { decision: 'wait', because: 'watched-already' };
  switch (result.kind) {
    case 'waited':
      return { decision: 'wait', because: result.because, epoch: result.state.epoch };
    case 'blind':
      return { decision: 'wait', because: 'log-unreadable', reason: result.because.message };
    case 'raced':
      return { decision: 'wait', because: 'raced', epoch: result.by.epoch };
    case 'moved':
    case 'followed-up': {
      const { kind, entry, steps } = result;
      const { change, epoch, active, reason } = entry;
      return {
        decision: change,
        resumed: kind === 'followed-up',
        because: reason,
        epoch,
        to: active,
        steps,
      };
    }
  }
}

function leftMs(context: InvocationContext): number {
  return context.getRemainingTimeInMillis?.() ?? 0;
}

/** CloudWatch writes the offset without its colon. */
function parseTime(text: string): number | null {
  const epochMs = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isNaN(epochMs) ? null : epochMs;
}
