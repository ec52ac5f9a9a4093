/**
 * The failover orchestrator of one Region: woken by alarms, by the clock and by operators, it moves
 * traffic onto its own Region when the other can't keep it. Source: docs/adr/0017-failover-decision.md.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { ENVIRONMENT, resourceNames } from '#contract/names.ts';
import type { Deadline } from '#core/ports.ts';
import { appendTransition } from '#core/routing/append-transition.ts';
import { operatorFacts } from '#core/routing/operator-facts.ts';
import { type OperatorRequest, type OpsEvent, readOpsEvents } from '#core/routing/ops-event.ts';
import type { RoundReport } from '#core/routing/orchestrate.ts';
import { createWatch, type Invocation } from '#core/routing/watch.ts';
import { BUDGET_MS } from '#core/time-budgets.ts';
import type { InvocationContext } from './api-event.ts';
import { createOrchestratorParts } from './orchestrator-parts.ts';
import { createFunctionTelemetry, deadlineOf, durationMs, environment } from './runtime.ts';

export interface OrchestratorAnswer {
  readonly statusCode: 200;
  /** JSON text: the original's members, and what was seen, decided and done. */
  readonly body: string;
}

const telemetry = createFunctionTelemetry('orchestrate');
const names = resourceNames(environment(ENVIRONMENT.suffix));
const parts = createOrchestratorParts(telemetry);
const { watch, lookQuickly } = createWatch(
  {
    probeIntervalMs: durationMs(ENVIRONMENT.probeIntervalSeconds),
    roundMs: BUDGET_MS.round,
  },
  { ...parts, sleep: (ms) => sleep(ms), onRound: sayRound },
);

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
      return {
        ...{ message: COMPLETED, trigger: 'tick' },
        ...summaryOf(await watch(invocationOf(context))),
      };
    case 'report':
      return { message: COMPLETED, trigger: 'report', decision: 'wait', because: 'own-report' };
    case 'operator':
      return { message: COMPLETED, trigger: 'operator', ...(await obey(event.request, context)) };
    case 'alarm': {
      const said = { message: COMPLETED, alarm: event.alarmName, state: event.state };
      if (event.state !== 'ALARM') {
        // No reason to move anything (a Region comes back by failback), but that it rang is none any longer.
        parts.observer.hear(event.hint);
        return { ...said, decision: 'wait', because: 'alarm-ended' };
      }
      return { ...said, ...summaryOf(await lookQuickly(invocationOf(context), event)) };
    }
  }
}

function sayRound(report: RoundReport): void {
  if (report.kind === 'blind') {
    telemetry.log('ERROR', 'the routing log is out of reach', { reason: report.because.message });
  } else if (!report.seen.beaten) {
    telemetry.log('ERROR', 'the heartbeat was not written');
  } else {
    // Not of those that saw nothing: an orchestrator that is blind must ring as one that is silent.
    telemetry.metric('FailoverRounds', 1);
  }
  sayWhyItWaits(report);
}

/** As it was said last; null: there was nothing to say. */
let saidWait: string | null = null;

/** Says why traffic stays with a Region that can't keep it: once for each reason, and not in every round. */
function sayWhyItWaits(report: RoundReport): void {
  // What could not be seen says nothing of what was seen before.
  if (report.kind === 'blind') return;
  const reason = waitReason(report);
  if (reason !== null && reason !== saidWait) {
    telemetry.log('WARN', 'traffic stays where it is', { reason });
  }
  saidWait = reason;
}

/** `cooldown: us-east-1 is impaired`; null: nobody waits for anything. */
function waitReason(report: Exclude<RoundReport, { kind: 'blind' }>): string | null {
  if (report.kind !== 'waited') return null;
  const { region, verdict } = report.seen.peer;
  const isBad = verdict === 'lost' || verdict === 'impaired';
  const waits = isBad && report.state.active.includes(region);
  return waits ? `${report.because}: ${region} is ${verdict}` : null;
}

/** Thrown for what an operator asked for and did not get: Systems Manager's step then fails too. */
class OperatorRefusedError extends Error {
  override readonly name = 'OperatorRefusedError';
}

/**
 * An operator's verb, as Systems Manager sends it. Its guards are the command line's but for two: the function
 * may read no payments, so it sees neither a replica that does not answer nor open payments that are overdue.
 */
async function obey(request: OperatorRequest, context: InvocationContext): Promise<object> {
  const deadline: Deadline = deadlineOf(context, BUDGET_MS.followUp);
  const plannedOn = await parts.routing.log.newest(deadline);
  const { regions, routing } = parts;
  const options = { regions, first: routing.first };
  const facts = await operatorFacts(request, options, { ...parts, clock: routing.clock }, deadline);
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

function invocationOf(context: InvocationContext): Invocation {
  return {
    leftMs: () => context.getRemainingTimeInMillis?.() ?? 0,
    deadlineIn: (budgetMs) => deadlineOf(context, budgetMs),
  };
}

/** CloudWatch writes the offset without its colon. */
function parseTime(text: string): number | null {
  const epochMs = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isNaN(epochMs) ? null : epochMs;
}
