/** Looks at the target again and again while a drill runs. */

import type { DrillWorld } from './drill-world.ts';
import type { Observation } from './observation.ts';

export interface Observer {
  /** Oldest first. */
  observations(): readonly Observation[];
  /** Resolves with the next look, which begins after this call. */
  next(): Promise<Observation>;
  stop(): Promise<void>;
}

/** Starts at once; a look begins when the one before it has ended and `everyMs` have passed. */
export function startObserver(world: DrillWorld, everyMs: number): Observer {
  const { clock, sleep } = world;
  const seen: Observation[] = [];
  let waiting: ((observation: Observation) => void)[] = [];
  let stopped = false;

  const loop = async (): Promise<void> => {
    while (!stopped) {
      const asked = waiting;
      waiting = [];
      const startedAtEpochMs = clock.nowEpochMs();
      const observation = await observe(world);
      seen.push(observation);
      for (const tell of asked) tell(observation);
      await sleep(Math.max(1, everyMs - (clock.nowEpochMs() - startedAtEpochMs)));
    }
    for (const tell of waiting) tell(seen.at(-1) ?? (await observe(world)));
  };
  const looping = loop();

  return {
    observations: () => seen,
    next: () => new Promise((resolve) => waiting.push(resolve)),
    async stop() {
      stopped = true;
      await looping;
    },
  };
}

/** One look at everything, all at once. Never rejects: what does not answer is null. */
export async function observe(world: DrillWorld): Promise<Observation> {
  const { target, clock } = world;
  const names = target.facts.regions;
  const atEpochMs = clock.nowEpochMs();
  const [snapshot, api, entry, serves, alarms] = await Promise.all([
    orNull(() => target.snapshot()),
    orNull(() => world.resolve()),
    orNull(async () => ({ newest: await world.newestEntry() })),
    Promise.all(names.map((name) => world.serves(name))),
    Promise.all(names.map((name) => orNull(() => world.ringingAlarms(name)))),
  ]);
  const first = names.slice(0, 1);
  return {
    atEpochMs,
    regions:
      snapshot?.regions.map((region) => ({
        ...region,
        serves: serves[names.indexOf(region.name)] ?? null,
      })) ?? null,
    dnsRegion: api?.region ?? null,
    routing:
      entry === null
        ? null
        : { epoch: entry.newest?.epoch ?? 0, active: entry.newest?.active ?? first },
    alarms: Object.fromEntries(names.map((name, index) => [name, alarms[index] ?? null])),
  };
}

async function orNull<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch {
    return null;
  }
}
