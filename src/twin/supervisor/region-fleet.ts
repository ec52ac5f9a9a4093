/**
 * The Regions' processes, and what faults do to them: `kill` is SIGKILL, `freeze` is SIGSTOP, and
 * healing starts or wakes them again.
 */

import type { ActiveFault, FaultBoard, FaultRequest } from '../faults/fault.ts';
import type { ApiFaults, RegionProcessConfig } from '../region/protocol.ts';
import { type RegionExit, type RegionProcess, spawnRegion } from '../region/region-process.ts';

export interface RegionFleetOptions {
  /** One for each Region. */
  readonly configs: readonly RegionProcessConfig[];
  readonly faults: FaultBoard;
  readonly onSpawn: (pid: number) => void;
  readonly onExit: (pid: number) => void;
  /** Told of a process that ended by itself. */
  readonly onDeath: (region: string, exit: RegionExit) => void;
}

export interface RegionFleet {
  /** Starts every Region. Rejects with the first reason; what had started is gone by then. */
  start(): Promise<void>;
  inject(request: FaultRequest): Promise<ActiveFault>;
  /** Resolves when the healed Regions serve again. */
  heal(region?: string): Promise<readonly ActiveFault[]>;
  pidOf(region: string): number | null;
  stop(): Promise<void>;
}

/** Creates the fleet; nothing runs before `start`. */
export function createRegionFleet(options: RegionFleetOptions): RegionFleet {
  const { faults } = options;
  const configs = new Map(options.configs.map((config) => [config.model.region, config]));
  const processes = new Map<string, RegionProcess>();
  let stopping = false;
  // Injecting and healing take turns: a kill in the middle of a start would be undone by it.
  let turn: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work, work);
    turn = mine.catch(() => undefined);
    return mine;
  };

  const startRegion = async (config: RegionProcessConfig): Promise<void> => {
    const { region } = config.model;
    let pid: number | null = null;
    const started = await spawnRegion(config, {
      onSpawn: (spawned) => {
        pid = spawned;
        options.onSpawn(spawned);
      },
      onExit: (exit) => {
        if (pid !== null) options.onExit(pid);
        if (processes.get(region)?.pid === pid) processes.delete(region);
        if (exit.expected || stopping) return;
        faults.markDead(region);
        options.onDeath(region, exit);
      },
    });
    processes.set(region, started);
    started.setApiFaults(apiFaultsOf(region, faults.active()));
  };

  const applyApiFaults = (): void => {
    for (const [region, running] of processes) {
      running.setApiFaults(apiFaultsOf(region, faults.active()));
    }
  };

  const bringBack = async (region: string): Promise<void> => {
    const config = configs.get(region);
    if (config === undefined) return;
    const running = processes.get(region);
    if (running === undefined) await startRegion(config);
    else running.thaw();
  };

  return {
    async start() {
      const started = await Promise.allSettled([...configs.values()].map(startRegion));
      const failed = started.find((one) => one.status === 'rejected');
      if (failed === undefined) return;
      stopping = true;
      await Promise.all([...processes.values()].map((running) => running.kill()));
      throw failed.reason;
    },
    inject: (request) =>
      inTurn(async () => {
        const fault = faults.inject(request);
        const running = processes.get(request.region);
        if (fault.kind === 'kill') await running?.kill();
        else if (fault.kind === 'freeze') running?.freeze();
        applyApiFaults();
        return fault;
      }),
    heal: (region) =>
      inTurn(async () => {
        if (region !== undefined) faults.conditionOf(region); // throws for a Region that is none
        const healed = region === undefined ? [...configs.keys()] : [region];
        // First the process, then the reachability: a Region that is said to be back serves.
        for (const one of healed) await bringBack(one);
        const ended = faults.heal(region);
        applyApiFaults();
        return ended;
      }),
    pidOf: (region) => processes.get(region)?.pid ?? null,
    async stop() {
      stopping = true;
      await inTurn(async () => {
        await Promise.all([...processes.values()].map((running) => running.stop()));
      });
    },
  };
}

/** What the Region's own API meets of the faults in force. */
function apiFaultsOf(region: string, active: readonly ActiveFault[]): ApiFaults {
  const met = active.filter(
    (fault) => fault.region === region && (fault.service ?? 'api') === 'api',
  );
  const rate = (kind: 'errors' | 'throttle'): number =>
    1 -
    met
      .filter((fault) => fault.kind === kind)
      .reduce((spared, fault) => spared * (1 - (fault.rate ?? 0)), 1);
  return {
    latencyMs: met.reduce((sum, fault) => sum + (fault.latencyMs ?? 0), 0),
    errorRate: rate('errors'),
    throttleRate: rate('throttle'),
  };
}
