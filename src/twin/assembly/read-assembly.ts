/** Reads a cloud assembly into the model that the twin runs. */

import type { RegionModel, TwinModel } from '#twin/region-model.ts';
import { AssemblyError } from './assembly-error.ts';
import { createExports } from './exports.ts';
import { type Assets, readAssets } from './manifest/read-assets.ts';
import { readManifest } from './manifest/read-manifest.ts';
import { buildAlarms, buildCompositeAlarms } from './models/alarms.ts';
import { buildApiDomains } from './models/api-domains.ts';
import { buildAsynchronous } from './models/asynchronous.ts';
import { buildEventSources } from './models/event-sources.ts';
import { buildFunctions, buildPermissions } from './models/functions.ts';
import { buildHealthChecks } from './models/health-checks.ts';
import { buildQueues } from './models/queues.ts';
import { assertRecordsApart, buildRecords } from './models/records.ts';
import { buildRestApis } from './models/rest-apis.ts';
import { assertAssumable } from './models/role-trust.ts';
import { type BuiltRole, buildRoles } from './models/roles.ts';
import { buildSchedules } from './models/schedules.ts';
import { assertSecretsApart, buildSecrets } from './models/secrets.ts';
import { buildTables } from './models/tables.ts';
import { buildSubscriptions, buildTopics } from './models/topics.ts';
import { NotRun } from './not-run.ts';
import { isIgnored, isRun, resourceType } from './resource-types.ts';
import { openStack, type Stack } from './stack.ts';
import { assertNamesUnique, assertTablesApart } from './unique-names.ts';

/**
 * Reads the assembly in `directory` (the CDK's `cdk.out`). Reads files; changes nothing.
 *
 * Same assembly, same model: every name and id that AWS would make up is derived from the stack's
 * Region, name and logical id. Stacks of one Region become one `RegionModel` that carries the name
 * of the first. Throws `AssemblyError` for what is no assembly, for what CloudFormation or the
 * service would refuse, and for what the twin can't run without changing its meaning; what it
 * leaves out is in each Region's `notRun`.
 */
export function readAssembly(directory: string): TwinModel {
  const manifest = readManifest(directory);
  const assets = readAssets(manifest.assetManifestFiles);
  const exports = createExports();
  const stacks = manifest.stacks.map((artifact) => openStack(artifact, exports.importValue));
  exports.provide(stacks);
  assertNamesUnique(stacks);

  const regions = Map.groupBy(stacks, (stack) => stack.environment.region);
  const notRun = new Map([...regions.keys()].map((region) => [region, new NotRun()]));
  const notRunOf = (stack: Stack) => notRun.get(stack.environment.region) ?? new NotRun();
  for (const stack of stacks) nameUnread(stack, notRunOf(stack));

  const roles = buildRoles(stacks, notRunOf);
  const tables = stacks.flatMap((stack) => buildTables(stack, notRunOf(stack)));
  assertTablesApart(tables);
  const models = [...regions].map(([region, members]) =>
    regionModel(members, { assets, roles, notRun: notRun.get(region) ?? new NotRun() }),
  );
  assertSecretsApart(models);
  assertRecordsApart(models);
  return { regions: models, tables };
}

interface RegionParts {
  readonly assets: Assets;
  /** Of the whole account. */
  readonly roles: readonly BuiltRole[];
  readonly notRun: NotRun;
}

function regionModel(stacks: readonly Stack[], parts: RegionParts): RegionModel {
  const [first] = stacks;
  if (first === undefined) throw new AssemblyError('A Region without stacks.');
  const { assets, roles, notRun } = parts;
  const permissions = buildPermissions(stacks, notRun);
  const queues = buildQueues(stacks);
  const asynchronous = buildAsynchronous(stacks, queues, notRun);
  const functions = stacks
    .flatMap((stack) => buildFunctions(stack, assets, notRun))
    .map((each) => {
      const failures = asynchronous.get(each.arn);
      return {
        ...each,
        permissions: permissions.get(each.arn) ?? [],
        ...(failures === undefined ? {} : { asynchronous: failures }),
      };
    });
  for (const each of functions) assertAssumable(each, roles);
  const functionArns = new Set(functions.map((each) => each.arn));
  const alarms = buildAlarms(stacks, notRun);
  const restApis = stacks.flatMap((stack) => buildRestApis(stack, functionArns, notRun));
  return {
    region: first.environment.region,
    accountId: first.environment.accountId,
    stackName: first.environment.stackName,
    functions,
    restApis,
    queues,
    topics: buildTopics(stacks),
    subscriptions: stacks.flatMap((stack) => buildSubscriptions(stack, notRun)),
    secrets: stacks.flatMap((stack) => buildSecrets(stack, notRun)),
    eventSources: buildEventSources(stacks, { functions, queues, notRun }),
    schedules: buildSchedules(stacks, functions, notRun),
    alarms,
    compositeAlarms: buildCompositeAlarms(stacks, alarms, notRun),
    apiDomains: buildApiDomains(stacks, restApis, notRun),
    healthChecks: stacks.flatMap((stack) => buildHealthChecks(stack, notRun)),
    records: stacks.flatMap((stack) => buildRecords(stack, notRun)),
    roles: roles.filter((role) => stacks.includes(role.stack)).map((role) => role.model),
    outputs: outputsOf(stacks),
    notRun: notRun.entries(),
  };
}

/** Names the resources of a type that does not run, and the properties that are not read. */
function nameUnread(stack: Stack, notRun: NotRun): void {
  for (const resource of stack.resources) {
    if (isIgnored(resource.type)) continue;
    if (!isRun(resource.type)) {
      notRun.add(resource.type, resource.logicalId);
      continue;
    }
    const { read, inert } = resourceType(resource.type);
    const known = [...read, ...inert];
    notRun.addUnknown(resource.type, resource.logicalId, resource.properties, known);
  }
}

/** An output that a stack before this one has too is qualified with the stack's name. */
function outputsOf(stacks: readonly Stack[]): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const { environment, outputs: own } of stacks) {
    for (const output of own) {
      const isTaken = Object.hasOwn(outputs, output.name);
      outputs[isTaken ? `${environment.stackName}.${output.name}` : output.name] = output.value();
    }
  }
  return outputs;
}
