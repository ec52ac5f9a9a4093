/**
 * The Regions' processes, and what faults do to them: `kill` is SIGKILL, `freeze` is SIGSTOP, and
 * healing starts or wakes them again.
 */

import type { MetricBatch } from '../cloudwatch/metric-batch.ts';
import type { HealResult } from '../control/twin-status.ts';
import type { ActiveFault, FaultBoard, FaultRequest } from '../faults/fault.ts';
import type { InvocationOutcome } from '../region/lambda/invocation.ts';
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
  /** Told of what a Region's API and functions report. */
  readonly onMetrics: (region: string, batch: MetricBatch) => void;
}

export interface RegionFleet {
  /** Starts every Region. Rejects with the first reason; what had started is gone by then. */
  start(): Promise<void>;
  inject(request: FaultRequest): Promise<ActiveFault>;
  /**
   * Resolves when the healed Regions serve again. When one can't be brought back the others are
   * healed all the same, and it rejects with the reason.
   *
   * With `faultId` that fault alone ends, while others of its Region stand: a `kill` starts the
   * process again, a `freeze` wakes it. Rejects with `FaultRequestError` when it is not in force there.
   */
  heal(region?: string, faultId?: string): Promise<HealResult>;
  pidOf(region: string): number | null;
  /**
   * Invokes a function. `event`: JSON text. Never rejects: `crashed` when no process runs for the
   * Region, or it ends meanwhile. A frozen Region answers when it is thawed or killed.
   */
  invoke(
    region: string,
    functionArn: string,
    event: string,
    requestId: string,
  ): Promise<InvocationOutcome>;
  stop(): Promise<void>;
}

/** Creates the fleet; nothing runs before `start`. */
export function createRegionFleet(options: RegionFleetOptions): RegionFleet {
  const { faults } = options;
  const configs = new Map(options.configs.map((config) => [config.model.region, config]));
  const processes = new Map<string, RegionProcess>();
  /** Processes that exist and do not serve yet. */
  const starting = new Set<number>();
  let stopping = false;
  // In one Region, injecting and healing take turns: a kill in the middle of a start would be undone
  // by it. A Region that does not start must not keep the others waiting.
  const turns = new Map<string, Promise<unknown>>();

  const inTurn = <T>(region: string, work: () => Promise<T>): Promise<T> => {
    const before = turns.get(region) ?? Promise.resolve();
    const mine = before.then(work, work);
    turns.set(
      region,
      mine.catch(() => undefined),
    );
    return mine;
  };

  const startRegion = async (config: RegionProcessConfig): Promise<void> => {
    if (stopping) return;
    const { region } = config.model;
    let pid = 0;
    try {
      const started = await spawnRegion(config, {
        onSpawn: (spawned) => {
          pid = spawned;
          starting.add(spawned);
          options.onSpawn(spawned);
        },
        onMetrics: (batch) => options.onMetrics(region, batch),
        onExit: (exit) => {
          if (pid !== 0) options.onExit(pid);
          if (processes.get(region)?.pid !== pid) return;
          processes.delete(region);
          if (exit.expected || stopping) return;
          faults.markDead(region);
          options.onDeath(region, exit);
        },
      });
      processes.set(region, started);
      started.setApiFaults(apiFaultsOf(region, faults.active()));
    } finally {
      starting.delete(pid);
    }
  };

  const applyApiFaults = (region: string): void => {
    processes.get(region)?.setApiFaults(apiFaultsOf(region, faults.active()));
  };

  /** First the process, then the reachability: a Region that is said to be back serves. */
  const healOne = (region: string): Promise<HealResult> =>
    inTurn(region, async () => {
      const config = configs.get(region);
      const running = processes.get(region);
      const restarted: string[] = [];
      if (running !== undefined) running.thaw();
      else if (config !== undefined) {
        await startRegion(config);
        restarted.push(region);
      }
      const healed = faults.heal(region);
      // It may have died again while it was being healed; healing must not hide that.
      if (config !== undefined && !processes.has(region) && !stopping) faults.markDead(region);
      applyApiFaults(region);
      return { healed, restarted };
    });

  /** As `healOne`, of one fault: what else stands in the Region stays as it is. */
  const healFault = ({ id, region, kind }: ActiveFault): Promise<HealResult> =>
    inTurn(region, async () => {
      const stands = faults.active();
      // Somebody else may have healed it while this waited.
      if (!stands.some((fault) => fault.id === id)) return { healed: [], restarted: [] };
      const config = configs.get(region);
      const restarted: string[] = [];
      if (kind === 'freeze') processes.get(region)?.thaw();
      if (kind === 'kill' && config !== undefined && !processes.has(region)) {
        await startRegion(config);
        restarted.push(region);
        const staysFrozen = stands.some((one) => one.region === region && one.kind === 'freeze');
        if (staysFrozen) processes.get(region)?.freeze();
      }
      const healed = faults.healOne(id);
      if (restarted.length > 0 && !processes.has(region) && !stopping) faults.markDead(region);
      applyApiFaults(region);
      return { healed: healed === null ? [] : [healed], restarted };
    });

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
      inTurn(request.region, async () => {
        const fault = faults.inject(request);
        const running = processes.get(request.region);
        if (fault.kind === 'kill') await running?.kill();
        else if (fault.kind === 'freeze') running?.freeze();
        applyApiFaults(request.region);
        return fault;
      }),
    async heal(region, faultId) {
      if (faultId !== undefined) return healFault(faults.find(faultId, region));
      if (region !== undefined) faults.conditionOf(region); // throws for a Region that is none
      const faulty = faults.active().map((fault) => fault.region);
      const places = region === undefined ? new Set([...configs.keys(), ...faulty]) : [region];
      const results = await Promise.allSettled([...places].map(healOne));
      const failed = results.find((one) => one.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      const done = results.filter((one) => one.status === 'fulfilled').map(({ value }) => value);
      return {
        healed: done.flatMap(({ healed }) => healed),
        restarted: done.flatMap(({ restarted }) => restarted),
      };
    },
    pidOf: (region) => processes.get(region)?.pid ?? null,
    async invoke(region, functionArn, event, requestId) {
      const running = processes.get(region);
      if (running !== undefined) return running.invoke(functionArn, event, requestId);
      return { kind: 'crashed', reason: `no process runs for ${region}` };
    },
    async stop() {
      stopping = true;
      // One that is still starting would keep its turn until it times out.
      for (const pid of starting) killIfThere(pid);
      await Promise.all([...turns.values()]);
      await Promise.all([...processes.values()].map((running) => running.stop()));
    },
  };
}

/** One that has just ended by itself must not keep the others from being stopped. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
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
    latencyMs: met
      .filter((fault) => fault.kind === 'latency')
      .reduce((sum, fault) => sum + (fault.latencyMs ?? 0), 0),
    errorRate: rate('errors'),
    throttleRate: rate('throttle'),
  };
}
