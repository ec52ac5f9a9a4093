/** What has to be true before anything is broken, or the drill would measure something else. */

import type { RoutingEntry } from '#core/routing/routing-log.ts';
import { OpsError, reasonOf } from '../ops-error.ts';
import type { DrillWorld } from './drill-world.ts';
import type { Pace } from './pace.ts';
import { reliesOnImpairment, type Scenario } from './scenarios/scenario.ts';

/** What the drill starts from. */
export interface Baseline {
  /** 0: the routing log is empty. */
  readonly epoch: number;
}

/**
 * Checks everything, and throws one `OpsError` (refused) that lists all that is wrong, with the mends.
 * Nothing is changed. `scenario`: null where nothing in particular has to come of it.
 */
export async function preflight(
  world: DrillWorld,
  pace: Pick<Pace, 'cooldownMs' | 'soakMs'>,
  scenario: Pick<Scenario, 'steps' | 'transitions'> | null,
): Promise<Baseline> {
  const { target } = world;
  const [primary] = target.facts.regions;
  const snapshot = await target.snapshot();
  const problems: string[] = [];

  if (snapshot.faults.length > 0) {
    problems.push(`faults are in force (${snapshot.faults.join(', ')}); end them: holdfast heal`);
  }
  for (const { name, condition, checkHealthy } of snapshot.regions) {
    if (condition !== 'up') problems.push(`${name} is ${condition}; bring it back: holdfast heal`);
    else if (!checkHealthy)
      problems.push(`the health check of ${name} is unhealthy; wait, or see: holdfast status`);
    else if (!(await world.serves(name)))
      problems.push(`/health of ${name} does not answer 200; see: holdfast status`);
  }
  const entry = await tried(problems, 'the routing log', async () => ({
    newest: await world.newestEntry(),
  }));
  if (entry !== null) {
    problems.push(...routingProblems(entry.newest, primary));
    const needsSoak = scenario !== null && reliesOnImpairment(scenario);
    problems.push(...restAfterMove(entry.newest, needsSoak, pace, world.clock.nowEpochMs()));
  }
  const api = await tried(problems, 'DNS', () => world.resolve());
  if (api !== null && api.region !== primary) {
    problems.push(
      `DNS answers with ${api.region}, not with ${primary}; wait, or: holdfast failback`,
    );
  }
  for (const name of target.facts.regions) {
    const ringing = await tried(problems, `CloudWatch in ${name}`, () => world.ringingAlarms(name));
    if (ringing !== null && ringing.length > 0) {
      problems.push(
        `in ${name} ${ringing.join(', ')} is in ALARM; wait until it is over, or mend it`,
      );
    }
  }
  const backlog = await tried(problems, 'the open payments', () => world.backlog());
  if (backlog !== null && backlog.overdue > 0) {
    problems.push(`${backlog.overdue} open payments are overdue; wait for the sweepers`);
  }
  if (backlog !== null && backlog.parked > 0) {
    problems.push(`${backlog.parked} payments are parked; see: holdfast dlq list`);
  }

  if (problems.length > 0) {
    throw new OpsError('refused', `the target is not ready for a drill: ${problems.join('; ')}`);
  }
  return { epoch: entry?.newest?.epoch ?? 0 };
}

/** An empty log is the configured state: automation on, traffic on the primary, nobody drained. Pure. */
function routingProblems(newest: RoutingEntry | null, primary: string): readonly string[] {
  if (newest === null) return [];
  const { active, mode, drained } = newest;
  return [
    ...(active.length === 1 && active[0] === primary
      ? []
      : [
          `traffic goes to ${active.join(' and ')}, not to ${primary} alone; first: holdfast failback`,
        ]),
    ...(mode === 'auto' ? [] : ['automation is off; first: holdfast mode auto']),
    ...drained.map((name) => `${name} is drained; first: holdfast drain ${name} --end`),
  ];
}

/**
 * How long automation still rests, as a problem. It counts since traffic was moved, whatever was written after.
 * After a `failback` a Region that only serves badly may be left once the cooldown is over, after any other move
 * not before the soak; a later entry hides from new processes that it was one. Pure.
 */
function restAfterMove(
  newest: RoutingEntry | null,
  needsSoak: boolean,
  { cooldownMs, soakMs }: Pick<Pace, 'cooldownMs' | 'soakMs'>,
  nowEpochMs: number,
): readonly string[] {
  const moved = newest?.moved ?? null;
  if (newest === null || moved === null) return [];
  const sinceMs = nowEpochMs - moved.atEpochMs;
  const wasReturn = newest.change === 'failback' && newest.epoch === moved.epoch;
  if (needsSoak && !wasReturn && sinceMs < soakMs && soakMs > cooldownMs) {
    return [
      'traffic moved lately, and automation takes it off a Region that only serves badly ' +
        `${soakMs / 1_000} s after that at the earliest; wait ${secondsOf(soakMs - sinceMs)} s`,
    ];
  }
  if (sinceMs >= cooldownMs) return [];
  return [
    `traffic moved lately, and automation rests after that; wait ${secondsOf(cooldownMs - sinceMs)} s`,
  ];
}

function secondsOf(ms: number): number {
  return Math.ceil(ms / 1_000);
}

async function tried<T>(
  problems: string[],
  what: string,
  ask: () => Promise<T>,
): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    const why = error instanceof OpsError ? error.message : reasonOf(error);
    problems.push(`${what} can't be asked (${why})`);
    return null;
  }
}
