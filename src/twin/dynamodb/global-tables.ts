/**
 * The twin's DynamoDB tables: one storage engine for each replica Region, and replication between
 * them that the network's faults can break.
 */

import type { ReplicationNetwork } from '../faults/fault.ts';
import type { GlobalTableModel } from '../region-model.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { type EngineProgram, findEngine, launchEngine } from './engine/launch-engine.ts';
import type { StorageEngine } from './engine/storage-engine.ts';
import { superviseEngine } from './engine/supervise-engine.ts';
import { EventualTable } from './table/eventual-table.ts';
import type { GlobalTable } from './table/global-table.ts';
import { keyAttributesOf } from './table/item-key.ts';
import { PendingLog } from './table/pending-log.ts';
import { recoverTable } from './table/recover-table.ts';
import type { Replica, TableStatus } from './table/replica.ts';
import { ReplicatedTable } from './table/replicated-table.ts';
import {
  createTable,
  hasTable,
  replicatesEventually,
  requireRunnable,
} from './table/table-definition.ts';

export interface GlobalTablesOptions {
  readonly tables: readonly GlobalTableModel[];
  readonly network: ReplicationNetwork;
  /** Folder that keeps the tables; null: they last as long as the twin. */
  readonly dataDirectory: string | null;
  /** Told each engine's process id, so that a guard can end it when the twin is killed. */
  readonly onSpawn?: (pid: number) => void;
  readonly onExit?: (pid: number) => void;
  /** Told in one sentence what a person should know: restarts, recovery, degraded behaviour. */
  readonly report?: (message: string) => void;
  /** @default 10,000: an engine that takes longer for one operation is taken for hung. */
  readonly engineTimeoutMs?: number;
  /** @default the best engine installed. */
  readonly engine?: EngineProgram;
  /** Stamps the writes of eventually consistent tables. @default the machine's. */
  readonly clock?: { nowEpochMs(): number };
}

export interface GlobalTables {
  readonly engine: Pick<EngineProgram, 'kind' | 'degraded'>;
  /** By name; undefined where the template has no such table. */
  table(name: string): GlobalTable | undefined;
  /** The tables that have a replica in a Region, by name. */
  tablesIn(region: string): readonly GlobalTable[];
  status(): readonly TableStatus[];
  /**
   * Tries once more to start the storage engine of a Region that was lost, and resolves when that is
   * decided: `status` says how, and a failure is reported. Does nothing where the engine runs, or
   * where there is none. Safe to repeat; never rejects.
   */
  revive(region: string): Promise<void>;
  /**
   * Lets what is in flight end, stops the engines, marks the folder clean. Not clean when a table
   * has a write of which nobody could say what became: the next start compares the replicas then.
   */
  stop(): Promise<void>;
}

const ENGINE_TIMEOUT_MS = 10_000;
/** Items between two reports of a long recovery. */
const PROGRESS_EVERY_ITEMS = 20_000;

/**
 * Starts the engines and the tables. After a stop that was not clean the replicas are compared and
 * repaired first. Rejects with what to mend; nothing is left running then.
 */
export async function createGlobalTables(options: GlobalTablesOptions): Promise<GlobalTables> {
  for (const model of options.tables) requireRunnable(model, options.dataDirectory);
  const program = options.engine ?? findEngine();
  const report = options.report ?? (() => {});
  if (program.degraded !== null) report(program.degraded);
  const folder = await openDataFolder(options.dataDirectory, program.kind);
  const engines = new Map<string, StorageEngine>();
  const tables = new Map<string, GlobalTable>();
  const opened = { folder, engines, tables };
  try {
    await startEngines(options, program, opened, report);
    const leaders: Record<string, string> = { ...folder.before?.leaders };
    for (const model of options.tables) {
      tables.set(model.name, await openTable(options, model, opened, leaders, report));
    }
    folder.save({ leaders });
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
  return {
    engine: program,
    table: (name) => tables.get(name),
    tablesIn: (region) =>
      [...tables.values()]
        .filter((table) => table.hasReplicaIn(region))
        .toSorted((a, b) => (a.model.name < b.model.name ? -1 : 1)),
    status: () => [...tables.values()].map((table) => table.status()),
    revive: async (region) => engines.get(region)?.revive(),
    async stop() {
      await Promise.all([...tables.values()].map((table) => table.stop()));
      for (const engine of engines.values()) await engine.stop();
      const clean = ![...tables.values()].some((table) => table.hasUnsettledWrites);
      folder.save({ clean, enginePids: {} });
      folder.close();
    },
  };
}

interface Opened {
  readonly folder: DataFolder;
  readonly engines: Map<string, StorageEngine>;
  readonly tables: Map<string, GlobalTable>;
}

/** Not marked clean: whatever was going on did not come to its end. */
async function closeAll({ folder, engines, tables }: Opened): Promise<void> {
  await Promise.all([...tables.values()].map((table) => table.stop()));
  for (const engine of engines.values()) await engine.stop();
  folder.close();
}

async function startEngines(
  options: GlobalTablesOptions,
  program: EngineProgram,
  { folder, engines }: Opened,
  report: (message: string) => void,
): Promise<void> {
  const regions = new Set(options.tables.flatMap(({ replicas }) => replicas));
  const enginePids: Record<string, number> = {};
  const callTimeoutMs = options.engineTimeoutMs ?? ENGINE_TIMEOUT_MS;
  const keepPid = (region: string, pid: number) => {
    options.onSpawn?.(pid);
    enginePids[region] = pid;
    try {
      folder.save({ enginePids });
    } catch (error) {
      // Only a start after a twin that was killed needs it: no reason to go without the engine.
      report(
        `Process ${pid}, the storage engine of ${region}, could not be written down ` +
          `(${String(error)}): if the twin is killed now, see that it has ended before the next start.`,
      );
    }
  };
  const starts = [...regions].map(async (region) => {
    const engine = await superviseEngine({
      region,
      launch: () =>
        launchEngine(program, folder.enginePath(region), {
          callTimeoutMs,
          onSpawn: (pid) => keepPid(region, pid),
          onExit: (pid) => options.onExit?.(pid),
        }),
      report,
    });
    engines.set(region, engine);
  });
  const ends = await Promise.allSettled(starts);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** Creates or checks the table in each engine, and repairs it where that is needed. */
async function openTable(
  options: GlobalTablesOptions,
  model: GlobalTableModel,
  { folder, engines }: Opened,
  leaders: Record<string, string>,
  report: (message: string) => void,
): Promise<GlobalTable> {
  if (replicatesEventually(model)) return openEventualTable(options, model, engines, report);
  const leaderBefore = leaders[model.name];
  const leader = leaderBefore ?? model.replicas[0];
  if (leader === undefined) throw new Error(`Table ${model.name} has no replica.`);
  const replicas = model.replicas.map((region): Replica => {
    const pending = PendingLog.open(folder.pendingLogPath(region, model.name));
    return { region, engine: engineIn(region, engines), pending };
  });
  const missing = await replicasWithout(model, replicas);
  if (folder.before === null && missing.length < replicas.length) {
    throw new Error(
      `The data folder has table ${model.name}, but no state.json that says who led it: it is ` +
        'damaged. Bring the file back, or start with a fresh --data folder.',
    );
  }
  if (leaderBefore !== undefined) requireLeader(model, leaderBefore, missing);
  for (const { engine } of missing) await createTable(engine, model);

  const unclean = folder.before?.clean === false;
  if (leaderBefore !== undefined && (unclean || missing.length > 0)) {
    await recover(model, replicas, leader, report);
  }
  leaders[model.name] = leader;
  return new ReplicatedTable({
    model,
    replicas,
    network: options.network,
    leader,
    recordLeader(region) {
      leaders[model.name] = region;
      try {
        folder.save({ leaders });
      } catch (error) {
        // To go on is right as long as the twin lives; only a crash would need what is missing now.
        report(`The new leader of ${model.name}, ${region}, could not be kept: ${String(error)}`);
      }
    },
    report,
  });
}

/** Its folder lasts as long as the twin: there is never anything to recover. */
async function openEventualTable(
  { network, clock = { nowEpochMs: Date.now } }: GlobalTablesOptions,
  model: GlobalTableModel,
  engines: Opened['engines'],
  report: (message: string) => void,
): Promise<GlobalTable> {
  const replicas = model.replicas.map((region) => ({ region, engine: engineIn(region, engines) }));
  for (const { engine } of replicas) await createTable(engine, model);
  return new EventualTable({ model, replicas, network, clock, report });
}

function engineIn(region: string, engines: Opened['engines']): StorageEngine {
  const engine = engines.get(region);
  if (engine === undefined) throw new Error(`Region ${region} has no storage engine.`);
  return engine;
}

async function replicasWithout(
  model: GlobalTableModel,
  replicas: readonly Replica[],
): Promise<readonly Replica[]> {
  const missing: Replica[] = [];
  for (const replica of replicas) {
    if (!(await hasTable(replica.engine, model))) missing.push(replica);
  }
  return missing;
}

/** Before any table is made: an empty one in the leader's place would wipe the others. */
function requireLeader(model: GlobalTableModel, leader: string, missing: readonly Replica[]): void {
  if (!model.replicas.includes(leader)) {
    throw new Error(
      `Table ${model.name} was last led by ${leader}, where the template has no replica ` +
        'any more. Start with a fresh --data folder.',
    );
  }
  if (missing.some(({ region }) => region === leader)) {
    throw new Error(
      `The data folder has lost the replica of ${model.name} in ${leader}, which holds its ` +
        'latest state. Bring its file back, or start with a fresh --data folder.',
    );
  }
}

async function recover(
  model: GlobalTableModel,
  replicas: readonly Replica[],
  leaderRegion: string,
  report: (message: string) => void,
): Promise<void> {
  const leader = replicas.find(({ region }) => region === leaderRegion);
  if (leader === undefined) throw new Error(`${model.name} has no replica in ${leaderRegion}.`);
  let reported = 0;
  const repaired = await recoverTable({
    tableName: model.name,
    keyAttributes: keyAttributesOf(model.keySchema, model.attributeDefinitions),
    leader,
    others: replicas.filter((replica) => replica !== leader),
    progress(items) {
      if (items < reported + PROGRESS_EVERY_ITEMS) return;
      reported = items;
      report(`Comparing the replicas of ${model.name} after an unclean stop: ${items} items.`);
    },
  });
  report(
    `The last stop was not clean: the replicas of ${model.name} were compared with the one in ` +
      `${leaderRegion}, and ${repaired} items repaired.`,
  );
}
