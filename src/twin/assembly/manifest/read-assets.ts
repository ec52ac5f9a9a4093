/** Finds the folders behind the S3 objects that a template names. */

import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { AssemblyError } from '../assembly-error.ts';
import { readJsonFile } from './read-json-file.ts';
import { assertSchemaVersion } from './read-manifest.ts';

export interface FileAsset {
  /** Absolute path in the assembly. */
  readonly path: string;
  /** `zip`: the path is a folder that the CDK would zip. `file`: the path is uploaded as it is. */
  readonly packaging: string;
}

/** Key of the S3 object → asset. Keys are content hashes, so all stacks share one map. */
export type Assets = ReadonlyMap<string, FileAsset>;

/** Reads asset manifests. Throws `AssemblyError` for an unreadable one. */
export function readAssets(assetManifestFiles: readonly string[]): Assets {
  const assets = new Map<string, FileAsset>();
  for (const path of assetManifestFiles) {
    const manifest = readJsonFile(path);
    assertSchemaVersion(manifest);
    const files = manifest.object('files');
    for (const id of files.names()) {
      const source = files.object(id).object('source');
      // An asset made by a command (`executable`) has no path until the CDK publishes it.
      const sourcePath = source.optionalString('path');
      if (sourcePath === null) continue;
      const asset = {
        path: resolve(dirname(path), sourcePath),
        packaging: source.optionalString('packaging') ?? 'file',
      };
      const destinations = files.object(id).object('destinations');
      for (const name of destinations.names()) {
        assets.set(destinations.object(name).string('objectKey'), asset);
      }
    }
  }
  return assets;
}

/**
 * The folder of a function's code, absolute. `owner` names the function in messages.
 * Throws `AssemblyError` for an unknown key, an archive, or a folder that is not there.
 */
export function codeDirectoryOf(assets: Assets, s3Key: string, owner: string): string {
  const asset = assets.get(s3Key);
  if (asset === undefined) {
    throw new AssemblyError(`${owner}: no asset manifest of the assembly has the code ${s3Key}.`);
  }
  if (asset.packaging !== 'zip') {
    throw new AssemblyError(
      `${owner}: its code is the file ${asset.path}. The twin runs code from a folder: use ` +
        'Code.fromAsset with the folder instead of an archive.',
    );
  }
  if (!existsSync(asset.path) || !statSync(asset.path).isDirectory()) {
    throw new AssemblyError(
      `${owner}: the asset folder ${asset.path} is missing. Synthesize again.`,
    );
  }
  return asset.path;
}
