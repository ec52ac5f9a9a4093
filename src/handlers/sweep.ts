/** The sweeper: measures the open payments and carries on those that nobody has moved for a while. */

import { createDynamoOpenPayments } from '#adapters/dynamo-open-payments.ts';
import { systemClock } from '#adapters/system.ts';
import { ENVIRONMENT, PAYMENTS_TABLE } from '#contract/names.ts';
import { AppError } from '#core/app-error.ts';
import type { Backlog, Deadline } from '#core/ports.ts';
import { type SweepReport, type SweptPayment, sweepOpenPayments } from '#core/sweep.ts';
import { BUDGET_MS, SWEEP } from '#core/time-budgets.ts';
import type { InvocationContext } from './api-event.ts';
import { createPaymentPorts, lease } from './payment-ports.ts';
import {
  attemptOptions,
  createDynamoClient,
  createFunctionTelemetry,
  currentRegion,
  deadlineOf,
  environment,
} from './runtime.ts';
import { countSettled, logUnfinished } from './transaction-log.ts';

/** Failures that are logged one by one; the rest are counted. */
const LOGGED_MAX = 20;

export interface SweepAnswer {
  /** Null when the index could not be measured. */
  readonly backlog: Backlog | null;
  /** Null when this Region does not hold the lease, or when a sweep is under way here already. */
  readonly sweep: SweepReport | null;
}

/**
 * Two sweeps in one environment would only race for the same payments. Lambda gives each invocation an
 * environment of its own and the schedule leaves no two at once; a sweep by hand, or a twin whose
 * schedules run faster, does.
 */
let isSweeping = false;

const telemetry = createFunctionTelemetry('sweep');
const region = currentRegion();
const ports = {
  ...(await createPaymentPorts('batched')),
  open: createDynamoOpenPayments({
    client: createDynamoClient(),
    tableName: environment(ENVIRONMENT.paymentsTable),
    attempts: attemptOptions,
  }),
};

/** Runs on a schedule; may also be invoked by hand. Throws when the index of open payments can't be read. */
export async function handler(
  _event: unknown,
  context: InvocationContext = {},
): Promise<SweepAnswer> {
  const deadline = deadlineOf(context, BUDGET_MS.sweep);
  const backlog = await measure();
  if (isSweeping || !(await mayWrite(deadline))) return { backlog, sweep: null };
  isSweeping = true;
  try {
    return { backlog, sweep: await sweep(deadline) };
  } finally {
    isSweeping = false;
  }
}

async function sweep(deadline: Deadline): Promise<SweepReport> {
  const report = await sweepOpenPayments(
    {
      region,
      deadline,
      attemptMs: BUDGET_MS.sweepAttempt,
      // Nobody waits for an answer: finishing cut short would only publish and settle anew later.
      finishMs: BUDGET_MS.sweepAttempt,
      concurrency: SWEEP.concurrency,
      paymentsMax: SWEEP.paymentsMax,
      firstShard: Math.floor(Math.random() * PAYMENTS_TABLE.openShards),
      onOutcome: createOutcomeLog(),
    },
    ports,
  );
  telemetry.metric('SweptPayments', report.finished);
  if (report.finished + report.failed + report.parked > 0 || !report.complete) {
    telemetry.log('INFO', 'swept', { ...report });
  }
  return report;
}

/** What can't be measured must not keep what can be finished from being finished. */
async function measure(): Promise<Backlog | null> {
  const now = systemClock.nowEpochMs();
  try {
    const backlog = await ports.open.measure(now, { atEpochMs: now + BUDGET_MS.read });
    const { oldestEpochSeconds } = backlog;
    telemetry.metric('OpenPayments', backlog.open);
    telemetry.metric('OverduePayments', backlog.overdue);
    telemetry.metric('ParkedPayments', backlog.parked);
    telemetry.metric(
      'OldestOpenPaymentAge',
      oldestEpochSeconds === null ? 0 : Math.max(0, Math.floor(now / 1000) - oldestEpochSeconds),
    );
    return backlog;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    telemetry.log('ERROR', 'open payments not measured', { reason: error.message });
    return null;
  }
}

async function mayWrite(deadline: Deadline): Promise<boolean> {
  if (lease === null) return true;
  try {
    await lease.hold(deadline);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'region_not_active') return false;
    throw error;
  }
}

function createOutcomeLog(): (outcome: SweptPayment) => void {
  let logged = 0;
  return (outcome) => {
    if (outcome.kind === 'finished') countSettled(telemetry, outcome.settled);
    if (outcome.kind !== 'failed' && outcome.kind !== 'parked') return;
    if (outcome.kind === 'failed' && logged >= LOGGED_MAX) return;
    logged += 1;
    const message = outcome.kind === 'parked' ? 'parked: see the dead letters' : 'not finished yet';
    logUnfinished(telemetry, message, outcome.transactionId, outcome.because);
  };
}
