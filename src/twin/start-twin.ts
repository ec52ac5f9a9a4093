/**
 * The supervisor: boots a twin from a cloud assembly and stands for AWS while it runs.
 *
 * One process is the supervisor (AWS endpoint, tables' coordination, queues, topics, DNS, health
 * checks, entry, control); each Region's API and functions are a child process; each replica's
 * storage is a child process. Source: docs/twin.md.
 */

import { join } from 'node:path';
import { readAssembly } from './assembly/read-assembly.ts';
import { addressesOf, portsFrom, type TwinAddresses } from './control/addresses.ts';
import { startControlServer } from './control/control-server.ts';
import {
  findTwin,
  removeTwinFile,
  TWIN_FILE_VERSION,
  type TwinFile,
  TwinFileError,
  writeTwinFile,
} from './control/twin-file.ts';
import type { TwinController, TwinStatus } from './control/twin-status.ts';
import { replicatesEventually } from './dynamodb/table/table-definition.ts';
import { apiHosts } from './egress/api-hosts.ts';
import { type AsyncInvocation, createAsyncInvoker } from './events/async-invoker.ts';
import { SYSTEM_CLOCK } from './events/event-clock.ts';
import { createFailedEvents } from './events/failed-events.ts';
import { regionPresence } from './events/region-presence.ts';
import { startEventSources } from './events/start-event-sources.ts';
import { createFaultBoard } from './faults/fault-board.ts';
import type { RegionExit } from './region/region-process.ts';
import type { TwinModel } from './region-model.ts';
import { type RoutingProfileName, SCHEDULE_SPEEDS } from './routing/routing-profile.ts';
import { configureRegion } from './supervisor/configure-region.ts';
import { describeTwin } from './supervisor/describe-twin.ts';
import { issueCredentials, principalOf } from './supervisor/function-credentials.ts';
import { createLastingGuard } from './supervisor/lasting-guard.ts';
import { createRegionFleet } from './supervisor/region-fleet.ts';
import { requireFreePorts } from './supervisor/require-free-ports.ts';
import { startAws } from './supervisor/start-aws.ts';
import { startRouting } from './supervisor/start-routing.ts';
import { TwinStartError } from './twin-start-error.ts';

export interface TwinOptions {
  /** Folder of the cloud assembly to boot. */
  readonly assemblyDirectory: string;
  readonly basePort: number;
  /** Environment suffix, for the status; the names are the assembly's. */
  readonly suffix: string;
  /** Absolute path, or null: the tables are gone when the twin stops. */
  readonly dataDirectory: string | null;
  /** Folder whose `.holdfast/` gets the twin file and the functions' logs. */
  readonly directory: string;
  readonly profile: RoutingProfileName;
  /** How many times as fast as on AWS schedules fire. @default the profile's */
  readonly scheduleSpeed?: number;
  /** Folder of the console page. */
  readonly pageDirectory: string;
  /** By component, for the status. */
  readonly versions: Readonly<Record<string, string>>;
  /** Told, in a sentence, of what goes on while starting and of what goes wrong later. */
  readonly report: (message: string) => void;
}

export interface Twin {
  readonly addresses: TwinAddresses;
  readonly model: TwinModel;
  readonly controller: TwinController;
  /** Ends everything that was started; safe to call twice. */
  stop(): Promise<void>;
}

/** For the twin that may run here already to answer. */
const STATUS_TIMEOUT_MS = 2_000;

/**
 * Says early whether a twin could start here, before anything slow is done for it. Rejects with
 * `TwinStartError`: a twin runs in `directory` already, or one of the six ports is taken.
 */
export async function preflightTwin(basePort: number, directory: string): Promise<void> {
  await refuseSecondTwin(directory);
  await requireFreePorts(portsFrom(basePort, ['the first Region', 'the second Region']));
}

/**
 * Boots a twin and resolves when both Regions serve and the twin file is written.
 *
 * Rejects with `TwinStartError` or `AssemblyError`, worded for a person, or with the reason of the
 * part that could not start; nothing is left running then.
 */
export async function startTwin(options: TwinOptions): Promise<Twin> {
  const closers: (() => Promise<void>)[] = [];
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> => (stopped ??= closeAll(closers));
  try {
    return await boot(options, closers, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function boot(
  options: TwinOptions,
  closers: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Twin> {
  const { report, dataDirectory, profile, suffix, directory } = options;
  await refuseSecondTwin(directory);
  const model = readAssembly(options.assemblyDirectory);
  const regions = model.regions.map(({ region }) => region);
  const ports = portsFrom(options.basePort, regions);
  const addresses = addressesOf(ports);
  await requireFreePorts(ports);

  const onStarted = (close: () => Promise<void>): void => void closers.push(close);
  const guard = createLastingGuard(report);
  onStarted(() => guard.release());
  const children = { onSpawn: guard.add, onExit: guard.remove };
  const witness = model.tables.find((table) => table.witness !== null)?.witness ?? null;
  const clock = { nowEpochMs: Date.now };
  const laggingRegions = model.tables
    .filter(replicatesEventually)
    .flatMap(({ replicas }) => replicas);
  const random = Math.random;
  const faults = createFaultBoard({ regions, witness, laggingRegions, clock, random });
  const credentials = issueCredentials(model.regions);

  const speed = options.scheduleSpeed ?? SCHEDULE_SPEEDS[profile];
  const invoke = ({ region, functionArn, event, requestId }: AsyncInvocation) =>
    fleet.invoke(region, functionArn, event, requestId);
  const isServing = (region: string): boolean => regionPresence(faults, region).isServing();
  const failedEvents = createFailedEvents({
    ...{ model, report, nowEpochMs: Date.now },
    call: (service, call, principal) => aws.endpoint.call(service, call, principal),
    principalOf: (region, name) => principalOf(credentials, region, name),
  });
  const later = createAsyncInvoker({
    ...{ invoke, isServing, clock: SYSTEM_CLOCK, speed, report },
    retriesMaxOf: failedEvents.retriesMaxOf,
    onExhausted: failedEvents.take,
  });
  onStarted(async () => later.stop());

  const aws = await startAws({
    ...{ model, faults, witness, credentials, dataDirectory, report, onStarted },
    ...children,
    port: ports.aws,
    apiPorts: ports.regions,
    functions: { invoke, submit: later.submit },
    metricSpeed: speed,
    crash: async (region) => void (await fleet.inject({ region, kind: 'kill' })),
  });
  const logDirectory = join(directory, '.holdfast', 'logs');
  const fleet = createRegionFleet({
    ...children,
    faults,
    configs: model.regions.map((region) =>
      configureRegion({
        ...{ model: region, ports, addresses, credentials, logDirectory },
        apiHosts: [...apiHosts(model.regions).keys()],
      }),
    ),
    onDeath: (region, exit) => report(deathNote(region, exit)),
    onMetrics: aws.cloudWatch.ingest,
  });
  onStarted(() => fleet.stop());
  await fleet.start();
  aws.cloudWatch.start();
  const eventSources = startEventSources({
    ...{ model, invoke, report, network: faults, scheduleSpeed: speed },
    submit: later.submit,
    call: aws.endpoint.call,
    principalOf: (region, name) => principalOf(credentials, region, name),
  });
  onStarted(() => eventSources.stop());
  const routing = await startRouting({
    ...{ ports, profile, faults, random, report, onStarted },
    regions: model.regions,
  });

  const startedAt = new Date().toISOString();
  const { assemblyDirectory: assembly, versions } = options;
  const own = { pid: process.pid, startedAt, suffix, addresses, dataDirectory };
  const identity = { ...own, assembly, profile, versions };
  const parts = { identity, model, witness, faults, fleet, aws, eventSources, routing };
  const controller: TwinController = {
    inject: fleet.inject,
    heal: async (region, faultId) => {
      if (faultId !== undefined) return fleet.heal(region, faultId);
      // An engine that was given up is no fault of anybody's asking; healing tries it once more.
      const places = region === undefined ? regions : [region];
      const reviving = places.map((place) => aws.tables.revive(place));
      const [result] = await Promise.all([fleet.heal(region), ...reviving]);
      return result;
    },
    status: async () => describeTwin(parts),
    duplicateDeliveries: aws.messaging.duplicateDeliveries,
  };
  const control = await startControlServer({
    port: ports.control,
    controller,
    pageDirectory: options.pageDirectory,
    onError: (error) => report(`control API: ${String(error)}`),
  });
  onStarted(() => control.close());
  await writeTwinFile(directory, { version: TWIN_FILE_VERSION, ...own });
  onStarted(() => removeTwinFile(directory, process.pid));
  return { addresses, model, controller, stop };
}

function deathNote(region: string, { code, signal, stderrTail }: RegionExit): string {
  const how = signal ?? `exit ${code}`;
  const words = stderrTail === '' ? '' : `\n${stderrTail.trimEnd()}`;
  return `${region} ended by itself (${how}); holdfast heal ${region} starts it again${words}`;
}

/** Undoes what was started, last first; one that fails does not keep the others from ending. */
async function closeAll(closers: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of closers.toReversed()) {
    try {
      await close();
    } catch (error) {
      process.emitWarning(`while stopping: ${String(error)}`);
    }
  }
}

/** A process id alone proves nothing: after a crash it may belong to another process, or to this one. */
async function refuseSecondTwin(directory: string): Promise<void> {
  const file = await findTwin(directory).catch((error: unknown) => {
    if (error instanceof TwinFileError) return null;
    throw error;
  });
  if (file === null || file.pid === process.pid || !(await answers(file))) return;
  throw new TwinStartError(
    `a twin runs here already (process ${file.pid}, ${file.addresses.control}); stop it first, or start this one in another folder`,
  );
}

/** Whether the very twin that wrote the file answers. */
async function answers(file: TwinFile): Promise<boolean> {
  try {
    const response = await fetch(`${file.addresses.control}/status`, {
      signal: AbortSignal.timeout(STATUS_TIMEOUT_MS),
    });
    const { pid, startedAt } = (await response.json()) as Partial<TwinStatus>;
    return pid === file.pid && startedAt === file.startedAt;
  } catch {
    return false;
  }
}
