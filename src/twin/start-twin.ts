/**
 * The supervisor: boots a twin from a cloud assembly and stands for AWS while it runs.
 *
 * One process is the supervisor (AWS endpoint, tables' coordination, queues, topics, DNS, health
 * checks, entry, control); each Region's API and functions are a child process; each replica's
 * storage is a child process. Source: docs/twin.md.
 */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readAssembly } from './assembly/read-assembly.ts';
import { addressesOf, portsFrom, type TwinAddresses } from './control/addresses.ts';
import { startControlServer } from './control/control-server.ts';
import { findTwin, removeTwinFile, TwinFileError, writeTwinFile } from './control/twin-file.ts';
import type { TwinController, TwinStatus } from './control/twin-status.ts';
import { createDynamoDbService } from './dynamodb/create-dynamodb-service.ts';
import { createGlobalTables } from './dynamodb/global-tables.ts';
import { createAwsEndpoint } from './endpoint/aws-endpoint.ts';
import { createFaultBoard } from './faults/fault-board.ts';
import { createAuthorizer } from './iam/create-authorizer.ts';
import { resourcePolicies } from './iam/resource-policies.ts';
import { createMessaging } from './messaging/messaging.ts';
import type { SubscriptionNotRun } from './messaging/region-messaging.ts';
import { createProcessGuard } from './process-guard.ts';
import type { TwinModel } from './region-model.ts';
import { startDnsServer } from './routing/dns-server.ts';
import { chooseRegion } from './routing/failover-record.ts';
import { startGlobalEntry } from './routing/global-entry.ts';
import { createHealthChecker } from './routing/health-checker.ts';
import { ROUTING_PROFILES, type RoutingProfileName } from './routing/routing-profile.ts';
import { issueCredentials } from './supervisor/function-credentials.ts';
import { createRegionFleet } from './supervisor/region-fleet.ts';
import { requireFreePorts } from './supervisor/require-free-ports.ts';
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

/** Route 53 watches the primary's health; this is the path of the check. */
const HEALTH_PATH = '/health';

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
  const closers: (() => Promise<void> | void)[] = [];
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
  closers: (() => Promise<void> | void)[],
  stop: () => Promise<void>,
): Promise<Twin> {
  const { report } = options;
  const startedAt = new Date().toISOString();
  await refuseSecondTwin(options.directory);
  const model = readAssembly(options.assemblyDirectory);
  const names = model.regions.map(({ region }) => region);
  const ports = portsFrom(options.basePort, names);
  const addresses = addressesOf(ports);
  await requireFreePorts(ports);

  const guard = createProcessGuard();
  closers.push(() => guard.release());
  const witness = model.tables.find((table) => table.witness !== null)?.witness ?? null;
  const faults = createFaultBoard({
    regions: names,
    witness,
    clock: { nowEpochMs: Date.now },
    random: Math.random,
  });
  const children = { onSpawn: guard.add, onExit: guard.remove };

  const tables = await createGlobalTables({
    tables: model.tables,
    network: faults,
    dataDirectory: options.dataDirectory,
    report,
    ...children,
  });
  closers.push(() => tables.stop());
  const messaging = await createMessaging(model.regions);
  closers.push(() => messaging.stop());

  const credentials = issueCredentials(model.regions);
  const endpoint = createAwsEndpoint({
    services: [
      createDynamoDbService({ tables, accountId: accountOf(model), report }),
      messaging.services.sqs,
      messaging.services.sns,
    ],
    principals: credentials.principals,
    authorizer: createAuthorizer(
      model.regions.flatMap(({ roles }) => roles),
      { resourcePolicies: new Map(model.regions.flatMap((one) => [...resourcePolicies(one)])) },
    ),
    faults,
    regions: names,
    witness,
    now: Date.now,
    onRefusal: ({ sessionArn, action, resourceArn }) =>
      report(`IAM refused ${action} on ${resourceArn} to ${sessionArn}`),
    onServiceError: (error, call) =>
      report(`${call.operation} in ${call.region} failed inside the twin: ${String(error)}`),
  });
  closers.push(() => endpoint.close());
  await endpoint.listen(ports.aws);

  const fleet = createRegionFleet({
    configs: model.regions.map((region) => ({
      model: region,
      apiPort: ports.regions[region.region] ?? 0,
      awsEndpoint: addresses.aws,
      credentials: credentials.byRegion.get(region.region) ?? {},
      logDirectory: join(options.directory, '.holdfast', 'logs', region.region),
    })),
    faults,
    ...children,
    onDeath: (region, { code, signal, stderrTail }) =>
      report(
        `${region} ended by itself (${signal ?? `exit ${code}`}); holdfast heal ${region} starts it again` +
          (stderrTail === '' ? '' : `\n${stderrTail.trimEnd()}`),
      ),
  });
  closers.push(() => fleet.stop());
  await mkdir(join(options.directory, '.holdfast', 'logs'), { recursive: true });
  await fleet.start();

  const profile = ROUTING_PROFILES[options.profile];
  const checker = createHealthChecker({
    targets: names.map((region) => ({
      region,
      url: `${addresses.regions[region]}${HEALTH_PATH}`,
    })),
    profile,
    onChange: (region, { status }) => report(`health check: ${region} is ${status}`),
  });
  closers.push(() => checker.stop());
  const activeRegion = (): string =>
    chooseRegion(names, (region) => checker.healthOf(region).status === 'healthy');
  const dns = await startDnsServer({
    port: ports.dns,
    zone: () => ({
      endpoints: names.map((region) => ({
        region,
        address: '127.0.0.1',
        port: ports.regions[region] ?? 0,
      })),
      activeRegion: activeRegion(),
      ttlSeconds: profile.ttlSeconds,
    }),
  });
  closers.push(() => dns.close());
  const entry = await startGlobalEntry({ port: ports.entry, dnsPort: dns.port });
  closers.push(() => entry.close());
  checker.start();

  const controller: TwinController = {
    inject: fleet.inject,
    heal: fleet.heal,
    status: async (): Promise<TwinStatus> => ({
      pid: process.pid,
      startedAt,
      suffix: options.suffix,
      assembly: options.assemblyDirectory,
      dataDirectory: options.dataDirectory,
      profile: options.profile,
      addresses,
      regions: names.map((name) => ({
        name,
        condition: faults.conditionOf(name),
        pid: fleet.pidOf(name),
        health: checker.healthOf(name),
        active: name === activeRegion(),
        faults: faults.active().filter((fault) => fault.region === name),
      })),
      tables: tables.status().flatMap(({ table, replicas }) =>
        replicas.map(({ region, pendingItems, caughtUp }) => ({
          table,
          replica: region,
          pendingItems,
          caughtUp,
        })),
      ),
      notRun: notRunOf(model, messaging.notRun),
      counters: {
        'entry requests': entry.counters().requests,
        ...Object.fromEntries(
          endpoint
            .counters()
            .map((count) => [`${count.region} ${count.service} ${count.operation}`, count.calls]),
        ),
      },
      versions: options.versions,
    }),
  };
  const control = await startControlServer({
    port: ports.control,
    controller,
    pageDirectory: options.pageDirectory,
    onError: (error) => report(`control API: ${String(error)}`),
  });
  closers.push(() => control.close());

  await writeTwinFile(options.directory, {
    version: 1,
    pid: process.pid,
    startedAt,
    suffix: options.suffix,
    addresses,
    dataDirectory: options.dataDirectory,
  });
  closers.push(() => removeTwinFile(options.directory, process.pid));
  const note = guard.note();
  if (note !== null) report(note);
  return { addresses, model, controller, stop };
}

/** Undoes what was started, last first; one that fails does not keep the others from ending. */
async function closeAll(closers: readonly (() => Promise<void> | void)[]): Promise<void> {
  for (const close of closers.toReversed()) {
    try {
      await close();
    } catch (error) {
      process.emitWarning(`while stopping: ${String(error)}`);
    }
  }
}

async function refuseSecondTwin(directory: string): Promise<void> {
  try {
    const { pid, addresses } = await findTwin(directory);
    throw new TwinStartError(
      `a twin runs here already (process ${pid}, ${addresses.control}); stop it first, or start this one in another folder`,
    );
  } catch (error) {
    if (!(error instanceof TwinFileError)) throw error;
  }
}

function notRunOf(
  model: TwinModel,
  subscriptions: readonly SubscriptionNotRun[],
): TwinStatus['notRun'] {
  return [
    ...model.regions.flatMap(({ region, notRun }) => notRun.map((one) => ({ region, ...one }))),
    ...subscriptions.map(({ region, subscription }) => ({
      region,
      type: `AWS::SNS::Subscription (${subscription.protocol})`,
      logicalIds: [subscription.endpoint],
    })),
  ];
}

/** One account owns every Region's stack: a global table can't be shared between accounts here. */
function accountOf(model: TwinModel): string {
  const [first] = model.regions;
  if (first === undefined) throw new TwinStartError('the assembly has no Region to run');
  return first.accountId;
}
