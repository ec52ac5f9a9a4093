/** One seed: draw a plan, let its world run, heal it, wait for quiet, and judge everything. */

import { firstState, stateAfter } from '#core/routing/routing-log.ts';
import { buildSimulation, type Simulation } from './build-system.ts';
import { openWork } from './checkers/open-work.ts';
import { REGIONS } from './faults/fault-spec.ts';
import type { SimHost } from './kernel/world.ts';
import type { SimPlan } from './plan.ts';
import type { SimOptions, SimResult } from './sim-result.ts';
import { drawPlan } from './swarm/draw-plan.ts';
import type { System } from './system.ts';

/** Payments that must be acknowledged for a run to count as a complete failover. */
const ACKNOWLEDGED_MIN = 40;
/** Between two looks at whether the world is quiet. */
const LOOK_MS = 2_000;
/**
 * How long after the last heal everything may take to come to rest. The longest wait that a payment can have
 * collected by then: it was open for as long as the safety phase, at most four attempts, so it is due within
 * eight minutes; the sweep after that, and the client that comes back late, take two more.
 */
const SETTLE_MS_MAX = 600_000;
/**
 * The same where clocks were wrong: what is due up to 16 minutes ahead may have been put there by a right clock, and
 * waits for its time (src/core/sweep.ts, `DUE_AHEAD_MAX_MS`); then come two sweeps.
 */
const SETTLE_SKEWED_MS_MAX = 1_200_000;
/** After the last heal, until what died last is up again: a check before that is of the fault. */
const UP_AGAIN_MS = 1_000;
/** When what sits in dead-letter queues is redriven, after the last heal. */
const REDRIVE_AFTER_MS = 45_000;

/** Simulates a seed. Rejects only when the simulator itself is broken. */
export function simulateSeed(
  seed: number,
  host: SimHost,
  options: SimOptions = {},
): Promise<SimResult> {
  return simulatePlan(drawPlan(seed, options.mode ?? 'any'), host, options);
}

/** Simulates a plan, drawn or made by hand. The same plan gives the same result, event by event. */
export async function simulatePlan(
  plan: SimPlan,
  host: SimHost,
  options: Pick<SimOptions, 'keepTrace'> = {},
): Promise<SimResult> {
  const simulation = buildSimulation(plan, options.keepTrace ?? false);
  const { system, injector, workload, orchestrators, operators } = simulation;
  const { world } = system;
  let isQuiet = false;
  for (const region of REGIONS) {
    orchestrators[region].start();
    startSweeps(simulation, region);
  }
  system.dns.start();
  workload.start();
  injector.start();
  operators.start();
  world.after(redriveAtMs(plan), () => {
    for (const region of REGIONS) operators.redrive(region);
  });
  endWhenSettled(simulation, () => {
    isQuiet = true;
  });
  await world.run(host);

  const { violations, coverage, control } = system;
  const faultHits = coverage.counts.byStage.reduce((sum, count) => sum + count, 0);
  const { acknowledged } = workload;
  return {
    ...{ seed: plan.seed, plan, hash: world.trace.hash, events: world.happened },
    ...{ virtualMs: world.nowMs, acknowledged, faultHits, violations },
    moves: control.entries.filter(({ epoch, moved }) => moved?.epoch === epoch).length,
    isComplete: isQuiet && acknowledged >= ACKNOWLEDGED_MIN && faultHits > 0,
    ...{ coverage: coverage.counts, boundaries: injector.boundaries, trace: world.trace.events },
  };
}

function redriveAtMs({ safetyMs }: SimPlan): number {
  return safetyMs + REDRIVE_AFTER_MS;
}

/** The schedule of a Region's sweeper; the two Regions' are apart by a drawn time. */
function startSweeps({ system }: Simulation, region: (typeof REGIONS)[number]): void {
  const { world, plan, regions } = system;
  const { sweepIntervalMs } = plan.timings;
  const tick = (): void => {
    regions[region].sweep(() => undefined);
    world.after(sweepIntervalMs, tick);
  };
  world.after(world.random('schedules').int(1_000, sweepIntervalMs), tick);
}

/**
 * The liveness phase: from the last heal on, looks until nothing is left to do, then lets two new clients prove that
 * service is back, then until their payments are at rest too, judges, and ends the run.
 */
function endWhenSettled(simulation: Simulation, quiet: () => void): void {
  const { system, workload, checks, operators, orchestrators } = simulation;
  const { world, plan } = system;
  let probed: 'not-yet' | 'going-on' | 'done' = 'not-yet';
  const wasSkewed = plan.faults.some(({ id }) => id === 'F22');
  const settleMsMax = wasSkewed ? SETTLE_SKEWED_MS_MAX : SETTLE_MS_MAX;
  const endAtMs = plan.safetyMs + settleMsMax;

  const end = (): void => {
    const moves = REGIONS.flatMap((region) => orchestrators[region].moves);
    checks.settled(operators.outcomes, moves);
    for (const region of REGIONS) {
      if (!simulation.injector.isLost(region)) system.regions[region].claims.settled();
    }
    world.stop();
  };
  const look = (): void => {
    const left = unsettled(simulation);
    if (world.nowMs >= endAtMs) {
      const what = probed === 'done' ? left : [...left, `service probe ${probed}`];
      system.violate(13, `not at rest ${settleMsMax / 1_000} s after the heal: ${what.join('; ')}`);
      end();
      return;
    }
    if (left.length === 0) simulation.stage.quiet();
    if (left.length === 0 && probed === 'done') {
      quiet();
      end();
      return;
    }
    if (left.length === 0 && probed === 'not-yet') {
      probed = 'going-on';
      workload.probe((outcomes) => {
        probed = 'done';
        for (const { client, ok, tookMs } of outcomes) {
          if (!ok)
            system.violate(13, `a new payment of a ${client} client failed after ${tookMs} ms`);
        }
      });
    }
    world.after(LOOK_MS, look);
  };
  world.after(Math.max(plan.safetyMs, plan.failbackAtMs ?? 0) + LOOK_MS, look);
}

/** What still has to come to rest, in words; empty: nothing. */
function unsettled({
  system,
  workload,
  injector,
  orchestrators,
  operators,
}: Simulation): readonly string[] {
  const left: string[] = [];
  if (!workload.isDone) left.push('clients are waiting');
  if (!injector.isHealed) left.push('faults are in force that are to be healed');
  if (!operators.isDone) left.push('operators are at work');
  const active = activeRegions(system);
  const isBeforeRedrive = system.world.nowMs < redriveAtMs(system.plan);
  for (const region of REGIONS) {
    if (injector.isLost(region)) {
      // An orchestrator that died itself begins anew with the next minute, and then has to be sure.
      if (active.includes(region)) left.push(`traffic goes to ${region}, which is lost`);
      continue;
    }
    const { queue } = system.regions[region];
    if (queue.length > 0) left.push(`messages in ${region}`);
    if (isBeforeRedrive && queue.deadLetters.some((letter) => letter !== null)) {
      left.push(`dead letters of ${region} that people will look at`);
    }
    const { journals, payments } = system.payments;
    if (!injector.isAnyLost && journals.backlog(region) + payments.backlog(region) > 0) {
      left.push(`writes not replicated from ${region}`);
    }
    if (!orchestrators[region].isAtRest) left.push(`the orchestrator of ${region} has work left`);
  }
  const { topology } = system.plan;
  if (topology.failback === 'automatic' && !injector.isAnyLost && !isAtHome(system)) {
    left.push('traffic is not back where it goes while all is well');
  }
  // Where one Region alone serves, a name server that turned away from it takes three good checks to come back.
  const isOneAlone = topology.consistency === 'eventual' || injector.isAnyLost;
  if (isOneAlone && !system.dns.isSettled(lastTurnMs(system.plan, orchestrators) + UP_AGAIN_MS)) {
    left.push('name servers answer by what checks found before');
  }
  const open = openWork(system);
  if (open.length > 0) left.push(`open: ${open.slice(0, 5).join(', ')} (${open.length})`);
  return left;
}

/** When what checks find was last changed: by the heal, or by a move after it. */
function lastTurnMs({ safetyMs }: SimPlan, orchestrators: Simulation['orchestrators']): number {
  const moves = REGIONS.flatMap((region) => orchestrators[region].moves);
  return Math.max(safetyMs, ...moves.map(({ atMs }) => atMs));
}

/** Whether traffic goes where it would go by an empty log. */
function isAtHome(system: System): boolean {
  const { active } = firstState(system.plan.topology.policy, REGIONS);
  return active.join() === activeRegions(system).join();
}

/** Where the routing log sends traffic. */
function activeRegions({ control, plan }: System): readonly string[] {
  return stateAfter(control.entries.at(-1) ?? null, firstState(plan.topology.policy, REGIONS))
    .active;
}
