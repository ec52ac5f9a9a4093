/** One drill from its preflight to its record. */

import { OpsError, reasonOf } from '../ops-error.ts';
import { awaitCondition, type CourseContext, followCourse, interruptible } from './course.ts';
import { type DrillEvent, latencyMsOf } from './drill-event.ts';
import type { DrillRecord } from './drill-record.ts';
import type { DrillWorld } from './drill-world.ts';
import { paymentNumber } from './load/send-payment.ts';
import { startLoad } from './load/start-load.ts';
import type { DrillObjectives } from './objectives.ts';
import { startObserver } from './observer.ts';
import type { Pace } from './pace.ts';
import { type Baseline, preflight } from './preflight.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { verify } from './verify.ts';

export interface DrillRequest {
  readonly scenario: Scenario;
  readonly objectives: DrillObjectives;
  readonly pace: Pace;
}

export interface DrillProgress {
  readonly phase: string;
  readonly elapsedMs: number;
  /** Of the payments that ended in the last seconds; null: none did. */
  readonly succeeding: number | null;
}

const RECENT_MS = 2_000;
/** A machine that is too busy for a while gets a chance to calm down. */
const WARM_UPS_MAX = 6;
/** A payment takes some tens of milliseconds where all is well. */
const CALM_MS = 1_000;
/** In each Region: as many execution environments as the drill's traffic keeps busy. */
const WAKE_AT_ONCE = 3;
const WAKE_QUICK_MS = 400;
const WAKE_ROUNDS_MAX = 12;

/**
 * Runs it. `onProgress` is told of each phase and of how payments fare, about once a second. Whatever
 * happens after the preflight, every fault is healed before this settles.
 *
 * Rejects with `OpsError`: refused by the preflight, or when payments fail before anything is broken; fault
 * when it was interrupted by `signal` or the target can't be driven. An objective that is missed is no
 * rejection: the record has it.
 */
export async function runDrill(
  request: DrillRequest,
  world: DrillWorld,
  onProgress: (progress: DrillProgress) => void,
  signal: AbortSignal,
): Promise<DrillRecord> {
  const { scenario, pace } = request;
  const { clock, target } = world;
  const startedAtEpochMs = clock.nowEpochMs();
  const baseline = await untilReady(request, world, signal, (phase) =>
    onProgress({ phase, elapsedMs: clock.nowEpochMs() - startedAtEpochMs, succeeding: null }),
  );

  const id = world.newId();
  await interruptible(wake(`warm-${id}`, world), signal);
  const prefix = `drill-${id}`;
  const { ratePerSecond } = pace;
  const { clients, sleep } = world;
  const load = startLoad({ ratePerSecond, prefix, clients, clock, sleep });
  const observer = startObserver(world, pace.observeEveryMs);
  let phase = '';
  const tell = (): void => {
    const now = clock.nowEpochMs();
    const recent = load.events().filter(({ endedAtEpochMs }) => endedAtEpochMs >= now - RECENT_MS);
    const succeeded = recent.filter(({ outcome }) => outcome === 'ok').length;
    const succeeding = recent.length === 0 ? null : succeeded / recent.length;
    onProgress({ phase, elapsedMs: now - startedAtEpochMs, succeeding });
  };
  const onPhase = (text: string): void => {
    phase = text;
    tell();
  };
  const context: CourseContext = {
    ...{ scenario, world, pace, load, observer, onPhase, signal },
    baselineEpoch: baseline.epoch,
  };

  let ended = false;
  const telling = (async (): Promise<void> => {
    for (; !ended; await sleep(1_000)) if (phase !== '') tell();
  })();
  try {
    await flowAsUsual(context);
    const course = await followCourse(context);
    await load.stop();
    const endedAtEpochMs = clock.nowEpochMs();
    const during = (await world.allEntries()).filter(({ epoch }) => epoch > baseline.epoch);
    const returned = target.facts.isOwn ? [] : await putBack(context);
    onPhase('looking at every payment');
    const verification = await interruptible(
      verify(
        {
          prefix,
          acknowledged: load.acknowledged(),
          sent: load.sent(),
          entries: await world.allEntries(),
          settleWithinMs: pace.settleWithinMs,
        },
        world,
      ),
      signal,
    );
    return {
      ...{ ...request, ...course, startedAtEpochMs, endedAtEpochMs, verification },
      facts: target.facts,
      impairedAlarm: world.impairedAlarm,
      events: load.events(),
      observations: observer.observations().filter(({ atEpochMs }) => atEpochMs <= endedAtEpochMs),
      entries: during,
      unmet: [...course.unmet, ...returned],
    };
  } catch (error) {
    onPhase('healing every fault');
    await healOrSay(world, error);
    throw error;
  } finally {
    ended = true;
    await Promise.all([load.stop(), observer.stop(), telling]);
  }
}

/**
 * The preflight. A target of one's own is new, so its alarms have seen nothing yet, and it is waited for;
 * what is wrong with another one is for whoever runs it to mend.
 */
export async function untilReady(
  { pace, scenario }: Pick<DrillRequest, 'pace'> & { readonly scenario: Scenario | null },
  world: DrillWorld,
  signal: AbortSignal,
  onPhase: (text: string) => void,
): Promise<Baseline> {
  const patienceMs = world.target.facts.isOwn ? pace.readyWithinMs : 0;
  const endAtEpochMs = world.clock.nowEpochMs() + patienceMs;
  for (;;) {
    onPhase('waiting until the target is ready');
    try {
      return await interruptible(preflight(world, pace, scenario), signal);
    } catch (error) {
      const mayPass = error instanceof OpsError && error.kind === 'refused';
      if (!mayPass || world.clock.nowEpochMs() >= endAtEpochMs) throw error;
    }
    await interruptible(world.sleep(1_000), signal);
  }
}

/**
 * Pays in both Regions until answers come quickly: cold starts are no outage, and the Region that traffic
 * will move to has had none so far. These payments are no part of the drill. Gives up without a word, since
 * the traffic that follows tells.
 */
export async function wake(prefix: string, { target, post, clock }: DrillWorld): Promise<void> {
  const { regions, apiUrls } = target.facts;
  for (let round = 0; round < WAKE_ROUNDS_MAX; round += 1) {
    const startedAtEpochMs = clock.nowEpochMs();
    const answers = await Promise.all(
      regions.flatMap((region, place) =>
        Array.from({ length: WAKE_AT_ONCE }, (_unused, index) => {
          const number = (round * regions.length + place) * WAKE_AT_ONCE + index;
          return post({ region, url: apiUrls[region] ?? '' }, paymentNumber(number, prefix));
        }),
      ),
    );
    const isQuick = clock.nowEpochMs() - startedAtEpochMs <= WAKE_QUICK_MS;
    if (isQuick && answers.every(({ outcome }) => outcome === 'ok')) return;
  }
}

/**
 * Lets traffic flow until nothing has failed or been slow for the whole of a warm-up: what a busy machine does to
 * payments must not be taken for the scenario's doing.
 */
async function flowAsUsual({ world, pace, load, onPhase, signal }: CourseContext): Promise<void> {
  for (let round = 1; ; round += 1) {
    onPhase(`traffic as usual for ${pace.warmUpMs / 1_000} s`);
    const sinceEpochMs = world.clock.nowEpochMs();
    await interruptible(world.sleep(pace.warmUpMs), signal);
    const recent = load.events().filter(({ endedAtEpochMs }) => endedAtEpochMs >= sinceEpochMs);
    const hurt = recent.filter((one) => one.outcome === 'failed' || latencyMsOf(one) > CALM_MS);
    const inFlight = load.sent().length - load.events().length;
    // Those that hang say nothing yet, and would be counted once something is broken.
    if (hurt.length === 0 && inFlight <= pace.ratePerSecond) return;
    if (round === WARM_UPS_MAX) throw notCalm(hurt, inFlight);
  }
}

function notCalm(hurt: readonly DrillEvent[], inFlight: number): OpsError {
  const kinds = Map.groupBy(hurt, ({ fault, region }) => `${fault ?? 'slow'} in ${region}`);
  const faults = [...kinds].map(([kind, own]) => `${kind} ×${own.length}`);
  const found = [...faults, ...(inFlight > 0 ? [`${inFlight} unanswered`] : [])].join(', ');
  return new OpsError(
    'refused',
    `payments fail or take long before anything is broken (${found}), so a drill would show ` +
      'nothing: leave the machine to it, lower --rate, or see: holdfast status',
  );
}

/** Leaves a target that others use as it was. Returns what did not come true. */
async function putBack(context: CourseContext): Promise<readonly string[]> {
  const { world, baselineEpoch, onPhase, pace } = context;
  const [primary] = world.target.facts.regions;
  const newest = await world.newestEntry();
  if (newest === null || newest.epoch === baselineEpoch || newest.active[0] === primary) return [];
  onPhase('putting traffic back');
  const scenario = {
    ...context.scenario,
    steps: [{ do: 'verb', verb: 'failback' }] as const,
  };
  const { unmet } = await followCourse({ ...context, scenario });
  const back = await awaitCondition('returned', context);
  if (back) return unmet;
  return [...unmet, `traffic was not back within ${pace.withinMs.returned / 1_000} s`];
}

/** A fault that outlives its drill is worse than a drill without an end: its failure has the last word. */
async function healOrSay(world: DrillWorld, cause: unknown): Promise<void> {
  try {
    await world.target.heal();
  } catch (error) {
    throw new OpsError(
      'fault',
      `faults may still be in force (${reasonOf(error)}); run: holdfast heal`,
      cause,
    );
  }
}
