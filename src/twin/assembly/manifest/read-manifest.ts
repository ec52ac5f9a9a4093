/** Reads the stacks and asset manifests that a cloud assembly's `manifest.json` names. */

import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AssemblyError } from '../assembly-error.ts';
import type { Fields } from '../fields.ts';
import { type StackEnvironment, stackEnvironment } from '../template/stack-environment.ts';
import { readJsonFile } from './read-json-file.ts';

/**
 * Newest major version of the cloud assembly schema that this reader was checked against. Older
 * ones carry the same members; CDK's own readers refuse newer majors in the same way.
 */
export const MANIFEST_MAJOR_MAX = 55;

/** The account of a stack that names none (`unknown-account`): no real one, and 12 digits. */
export const TWIN_ACCOUNT_ID = '111111111111';

export interface StackArtifact {
  /** Id in the manifest, for messages. */
  readonly id: string;
  readonly environment: StackEnvironment;
  /** Absolute path. */
  readonly templateFile: string;
}

export interface Manifest {
  /** In the order of the manifest, which is the order of the app. */
  readonly stacks: readonly StackArtifact[];
  /** Absolute paths. */
  readonly assetManifestFiles: readonly string[];
}

/**
 * Reads `<directory>/manifest.json` and those of nested assemblies (stages).
 * Throws `AssemblyError` for what is no assembly, has no stack, or has a stack without a Region.
 */
export function readManifest(directory: string): Manifest {
  const root = resolve(directory);
  if (!existsSync(root) || !statSync(root).isDirectory()) {
    throw new AssemblyError(`There is no folder ${root}. Synthesize first.`);
  }
  const stacks: StackArtifact[] = [];
  const assetManifestFiles: string[] = [];
  collect(root, stacks, assetManifestFiles);
  if (stacks.length === 0) {
    throw new AssemblyError(`${join(root, 'manifest.json')} names no stack: nothing to run.`);
  }
  const accounts = new Set(stacks.map((stack) => stack.environment.accountId));
  if (accounts.size > 1) {
    throw new AssemblyError(
      `The stacks are for ${accounts.size} accounts (${[...accounts].join(', ')}); the twin stands ` +
        'for one. Give every stack the same account, or none.',
    );
  }
  return { stacks, assetManifestFiles };
}

/** Throws when a file of the assembly is newer than this reader. */
export function assertSchemaVersion(file: Fields): void {
  const version = file.string('version');
  const major = /^(\d+)\./.exec(version)?.[1];
  if (major === undefined) {
    throw new AssemblyError(`${file.where}: version ${version} is no schema version.`);
  }
  if (Number(major) > MANIFEST_MAJOR_MAX) {
    throw new AssemblyError(
      `${file.where}: cloud assembly schema ${version} is newer than ${MANIFEST_MAJOR_MAX}, the ` +
        'newest that the twin reads. Synthesize with an older aws-cdk-lib or update the twin.',
    );
  }
}

function collect(directory: string, stacks: StackArtifact[], assetManifestFiles: string[]): void {
  const file = join(directory, 'manifest.json');
  if (!existsSync(file)) {
    throw new AssemblyError(`${directory} is not a cloud assembly: it has no manifest.json.`);
  }
  const manifest = readJsonFile(file);
  assertSchemaVersion(manifest);
  const artifacts = manifest.object('artifacts');
  for (const id of artifacts.names()) {
    const artifact = artifacts.object(id);
    const properties = artifact.object('properties');
    switch (artifact.string('type')) {
      case 'aws:cloudformation:stack':
        stacks.push({
          id,
          environment: readEnvironment(id, artifact, properties.optionalString('stackName') ?? id),
          templateFile: join(directory, properties.string('templateFile')),
        });
        break;
      case 'cdk:asset-manifest':
        assetManifestFiles.push(join(directory, properties.string('file')));
        break;
      case 'cdk:cloud-assembly':
        collect(join(directory, properties.string('directoryName')), stacks, assetManifestFiles);
        break;
      default: // Trees and reports: nothing to deploy.
    }
  }
}

/** `environment` is `aws://<account>/<region>`, with `unknown-…` for what the app leaves open. */
function readEnvironment(id: string, artifact: Fields, stackName: string): StackEnvironment {
  const environment = artifact.string('environment');
  const [, account, region] = /^aws:\/\/([^/]+)\/([^/]+)$/.exec(environment) ?? [];
  if (account === undefined || region === undefined) {
    throw new AssemblyError(`${artifact.where}: environment ${environment} is not aws://…/….`);
  }
  if (region === 'unknown-region') {
    throw new AssemblyError(
      `Stack ${id} has no explicit Region. Give it one: new Stack(app, id, { env: { region } }).`,
    );
  }
  const accountId = account === 'unknown-account' ? TWIN_ACCOUNT_ID : account;
  if (!/^\d{12}$/.test(accountId)) {
    throw new AssemblyError(`Stack ${id}: account ${accountId} is not twelve digits.`);
  }
  return stackEnvironment(stackName, region, accountId);
}
