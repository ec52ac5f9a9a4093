/** Carries out the steps of a scenario, while load runs and somebody looks. */

import { OpsError } from '../ops-error.ts';
import type { DrillFault } from './drill-target.ts';
import type { DrillWorld } from './drill-world.ts';
import type { RunningLoad } from './load/start-load.ts';
import type { Observation, TimelineEntry } from './observation.ts';
import type { Observer } from './observer.ts';
import type { Pace } from './pace.ts';
import type { Condition, DrillStep, FaultScript, Place, Scenario } from './scenarios/scenario.ts';

export interface CourseContext {
  readonly scenario: Scenario;
  readonly world: DrillWorld;
  readonly pace: Pace;
  readonly load: RunningLoad;
  readonly observer: Observer;
  /** Epoch of the routing log before anything was broken. */
  readonly baselineEpoch: number;
  readonly onPhase: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface Course {
  readonly strikeAtEpochMs: number;
  readonly healedAtEpochMs: number | null;
  readonly deeds: readonly TimelineEntry[];
  readonly unmet: readonly string[];
}

const VERB_AGAIN_MS = 2_000;

/**
 * Carries them out, in order. A condition that does not come true in its time is noted, and the drill goes
 * on: what happens then is worth knowing too. Rejects with `OpsError` when it is interrupted, with what the
 * target throws when it can't be driven; the caller heals.
 */
export async function followCourse(context: CourseContext): Promise<Course> {
  const { scenario, world, onPhase } = context;
  const deeds: TimelineEntry[] = [];
  const unmet: string[] = [];
  let strikeAtEpochMs: number | null = null;
  let healedAtEpochMs: number | null = null;
  let isLeading = true;
  const deed = (tone: TimelineEntry['tone'], text: string): number => {
    const atEpochMs = world.clock.nowEpochMs();
    deeds.push({ atEpochMs, tone, text });
    onPhase(text);
    return atEpochMs;
  };

  for (const step of scenario.steps) {
    // Faults that belong together are put in force one after the other: the last one makes the strike.
    if (step.do !== 'inject' && step.do !== 'verb') isLeading = false;
    switch (step.do) {
      case 'inject': {
        const fault = faultOf(step.fault, world);
        const atEpochMs = deed('bad', `injected: ${faultText(fault)}`);
        if (isLeading) strikeAtEpochMs = atEpochMs;
        await interruptible(world.target.inject(fault), context.signal);
        break;
      }
      case 'verb': {
        const atEpochMs = deed('neutral', `operator: ${step.verb}`);
        if (isLeading) strikeAtEpochMs = atEpochMs;
        const refusal = await operate(step, context);
        if (refusal !== null) unmet.push(`${step.verb} was refused: ${refusal}`);
        break;
      }
      case 'heal':
        deed('neutral', 'healing every fault');
        await world.target.heal();
        healedAtEpochMs = deed('good', 'healed');
        break;
      case 'hold':
        onPhase(`traffic flows for ${context.pace.holdMs[step.what] / 1_000} s`);
        await interruptible(world.sleep(context.pace.holdMs[step.what]), context.signal);
        break;
      case 'await':
        onPhase(`waiting until ${CONDITION_TEXTS[step.until]}`);
        if (!(await awaitCondition(step.until, context))) {
          unmet.push(
            `not within ${context.pace.withinMs[step.until] / 1_000} s: ${CONDITION_TEXTS[step.until]}`,
          );
        }
        break;
    }
  }
  if (strikeAtEpochMs === null) throw new OpsError('fault', `${scenario.name} breaks nothing`);
  return { strikeAtEpochMs, healedAtEpochMs, deeds, unmet };
}

const CONDITION_TEXTS: Readonly<Record<Condition, string>> = {
  moved: 'the routing log sends traffic to the secondary Region',
  'dns-moved': 'DNS answers with the secondary Region',
  returned: 'the routing log and DNS send traffic to the primary Region',
  stable: 'payments succeed without a failure',
  healthy: 'both Regions serve and no alarm says otherwise',
};

/** False: it did not come true in time. */
export async function awaitCondition(
  condition: Condition,
  context: Omit<CourseContext, 'onPhase'>,
): Promise<boolean> {
  const { world, pace, observer, signal } = context;
  const endAtEpochMs = world.clock.nowEpochMs() + pace.withinMs[condition];
  for (;;) {
    const observation = await interruptible(observer.next(), signal);
    if (holds(condition, observation, context)) return true;
    if (world.clock.nowEpochMs() >= endAtEpochMs) return false;
  }
}

function holds(
  condition: Condition,
  { regions, dnsRegion, routing, alarms }: Observation,
  context: Omit<CourseContext, 'onPhase'>,
): boolean {
  const { world, baselineEpoch } = context;
  const [primary, secondary] = world.target.facts.regions;
  const isActive = (region: string): boolean =>
    routing !== null &&
    routing.epoch > baselineEpoch &&
    routing.active.length === 1 &&
    routing.active[0] === region;
  switch (condition) {
    case 'moved':
      return isActive(secondary);
    case 'dns-moved':
      return dnsRegion === secondary;
    case 'returned':
      return isActive(primary) && dnsRegion === primary;
    case 'stable':
      return isQuiet(context);
    case 'healthy':
      return (
        regions !== null &&
        regions.every((region) => region.condition === 'up' && region.serves === true) &&
        Object.values(alarms).every(
          (ringing) => ringing !== null && !ringing.includes(world.impairedAlarm),
        )
      );
  }
}

/** Whether every judged kind succeeded, and none failed, for the quiet time. */
function isQuiet({ scenario, world, pace, load }: Omit<CourseContext, 'onPhase'>): boolean {
  const since = world.clock.nowEpochMs() - pace.quietMs;
  return scenario.judged.every((kind) => {
    const recent = load
      .events()
      .filter(({ client, endedAtEpochMs }) => client === kind && endedAtEpochMs >= since);
    return recent.length > 0 && recent.every(({ outcome }) => outcome === 'ok');
  });
}

/**
 * A guard that refuses may let it through later: a Region that has just come back soaks first. Null: done;
 * else why it was refused to the end.
 */
export async function operate(
  { verb }: Pick<Extract<DrillStep, { do: 'verb' }>, 'verb'>,
  { world, pace, signal }: Pick<CourseContext, 'world' | 'pace' | 'signal'>,
): Promise<string | null> {
  const [, secondary] = world.target.facts.regions;
  const request = verb === 'failover' ? { verb, to: secondary } : { verb };
  const endAtEpochMs = world.clock.nowEpochMs() + pace.verbWithinMs;
  for (;;) {
    const outcome = await interruptible(world.target.operate(request), signal);
    if (outcome.kind === 'done') return null;
    if (world.clock.nowEpochMs() >= endAtEpochMs) return outcome.reason;
    await interruptible(world.sleep(VERB_AGAIN_MS), signal);
  }
}

/** Settles as `promise` does, or rejects as soon as the drill is interrupted. */
export async function interruptible<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(new OpsError('fault', 'the drill was interrupted'));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function faultOf(script: FaultScript, world: DrillWorld): DrillFault {
  const { in: place, from, ...fault } = script;
  const [primary, secondary] = world.target.facts.regions;
  const nameOf = (one: Place): string => (one === 'primary' ? primary : secondary);
  return {
    ...fault,
    region: nameOf(place),
    ...(from === undefined ? {} : { peer: nameOf(from) }),
  };
}

/** `us-east-1 latency 4000 ms, dynamodb PutItem`. Pure. */
export function faultText(fault: DrillFault): string {
  const { region, kind, service, operation, latencyMs, rate, direction, peer } = fault;
  const how = [
    latencyMs === undefined ? null : `${latencyMs} ms`,
    rate === undefined ? null : `${Math.round(rate * 100)} % of`,
    service ?? null,
    operation ?? null,
    direction === undefined ? null : `${direction === 'out' ? 'outwards' : 'inwards'}`,
    peer === undefined ? null : `with ${peer}`,
  ].filter((part) => part !== null);
  return [region, kind, ...how].join(' ');
}
