/**
 * What one life of an orchestrator is made of, put together as src/handlers/orchestrator-parts.ts
 * does.
 */

import { AppError } from '#core/app-error.ts';
import type { Deadline } from '#core/ports.ts';
import { createLeaseFollowUp, keepLease } from '#core/routing/lease-follow-up.ts';
import { createObserver } from '#core/routing/observer.ts';
import {
  createOrchestrator,
  type FollowUp,
  type MoveReport,
  type RoundReport,
} from '#core/routing/orchestrate.ts';
import { createVerifyFollowUp } from '#core/routing/verify-follow-up.ts';
import { createWatch, type Watch } from '#core/routing/watch.ts';
import { BUDGET_MS } from '#core/time-budgets.ts';
import { REGIONS } from '../faults/fault-spec.ts';
import { fastHash } from '../kernel/fast-hash.ts';
import type { SimProcess } from '../kernel/sim-process.ts';
import { peerOf } from '../plan.ts';
import type { System } from '../system.ts';
import { apiUrlOf, createHealthProber } from './health-prober.ts';
import { runSynthetic, type SyntheticAnswer } from './run-synthetic.ts';

export interface OrchestratorHooks {
  /** A text that nobody else makes. */
  readonly newId: () => string;
  readonly onRound: (round: RoundReport) => void;
  /** A move of this orchestrator, with all that followed it. */
  readonly onMove: (report: MoveReport) => void;
}

/**
 * The parts of the present life of `runner`, the orchestrator's process. It has seen nothing yet.
 */
export function createOrchestratorParts(
  system: System,
  runner: SimProcess,
  { newId, onRound, onMove }: OrchestratorHooks,
): Watch {
  const { plan, control, alarms } = system;
  const { region: own, clock, stopwatch } = runner;
  const { policy, failback } = plan.topology;
  const { probeIntervalMs, silenceMs, cooldownMs, soakMs } = plan.timings;
  const peer = peerOf(own);
  const observer = createObserver(
    { own, peer, policy, probeIntervalMs, silenceMs, apiUrl: apiUrlOf(own) },
    {
      presence: control.presenceFor(runner),
      probe: createHealthProber(system, runner, 'observe'),
      alarmOf: alarms.evidenceFor(runner),
      ...{ clock, stopwatch },
    },
  );
  const lease = leaseStep(system, runner);
  const rules = { policy, failback, primary: REGIONS[0], cooldownMs, soakMs };
  const orchestrator = createOrchestrator(
    { own, peer, regions: REGIONS, rules },
    {
      ...{ observer, clock, stopwatch, newId, hash: fastHash },
      log: control.logFor(runner),
      steps: [
        ...(lease === null ? [] : [lease]),
        verifyStep(system, runner),
        sweepStep(system, runner),
      ],
      report: async (report) => onMove(report),
    },
  );
  return createWatch(
    { probeIntervalMs, roundMs: BUDGET_MS.round },
    {
      ...{ orchestrator, observer, onRound },
      sleep: (ms) => runner.sleep(ms),
      keepLease: (round, deadline) =>
        // A lease that is not here yet is the next round's.
        keepLease(round, deadline, { own, step: lease, onFault: () => undefined }),
    },
  );
}

/** Null where the payments table is strongly consistent: it needs no lease. */
function leaseStep({ plan, control }: System, runner: SimProcess): FollowUp | null {
  if (plan.topology.consistency !== 'eventual') return null;
  const { region: own, clock } = runner;
  return createLeaseFollowUp(
    { own, callMs: BUDGET_MS.attempt * 2, spareMs: BUDGET_MS.round },
    { store: control.leaseFor(runner), clock, sleep: (ms) => runner.sleep(ms) },
  );
}

function verifyStep(system: System, runner: SimProcess): FollowUp {
  const { clock } = runner;
  return createVerifyFollowUp(
    { attemptMs: BUDGET_MS.followUp, spareMs: BUDGET_MS.round },
    {
      ask: (epoch, deadline) => askForPayment(system, runner, epoch, deadline),
      ...{ clock, sleep: (ms) => runner.sleep(ms) },
    },
  );
}

/** Rejects with `AppError` where nobody answers in time. */
function askForPayment(
  system: System,
  runner: SimProcess,
  epoch: number,
  deadline: Deadline,
): Promise<SyntheticAnswer> {
  return new Promise((resolve, reject) => {
    if (!runner.isUp || runner.diesAt('before', 'verify', 'route')) return;
    const { world } = system;
    const { life } = runner;
    const leftMs = deadline.atEpochMs - runner.clock.nowEpochMs();
    let isOver = false;
    const end = (settle: () => void): void => {
      if (isOver) return;
      isOver = true;
      timer.run = null;
      runner.deliver(
        life,
        () => {
          if (!runner.diesAt('after', 'verify', 'route')) settle();
        },
        'route',
      );
    };
    const fail = (because: string) => (): void =>
      reject(new AppError('unavailable', `the processor: ${because}`));
    const timer = world.after(leftMs, () => end(fail('no answer in time')));
    if (leftMs < 1) return;
    runSynthetic(system, runner.region, epoch, (answer) =>
      end(answer === null ? fail('it failed') : () => resolve(answer)),
    );
  });
}

/** Hands over and does not wait, as an asynchronous invocation does. */
function sweepStep({ regions }: System, runner: SimProcess): FollowUp {
  return {
    name: 'sweep',
    run: () =>
      new Promise((resolve) => {
        if (!runner.isUp || runner.diesAt('before', 'tellSweeper', 'route')) return;
        regions[runner.region].sweep(() => undefined);
        resolve('the sweeper takes up what was left open');
      }),
  };
}
