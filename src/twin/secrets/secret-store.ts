/**
 * The secrets of every Region, in memory. A secret is written in its own Region; replicas in other
 * Regions follow as soon as that Region reaches them.
 */

import { randomInt, randomUUID } from 'node:crypto';
import type { Network } from '../faults/fault.ts';
import type { RegionModel, SecretModel } from '../region-model.ts';
import { generateSecret } from './generate-secret.ts';
import {
  CURRENT,
  NO_VERSIONS,
  type SecretValue,
  type SecretVersions,
  withVersion,
} from './secret-versions.ts';

/** A secret as one Region has it. */
export interface StoredSecret {
  readonly name: string;
  readonly arn: string;
  readonly description: string | null;
  /** Where it is written. */
  readonly primaryRegion: string;
  /** Regions of the twin that follow, in the template's order. */
  readonly replicaRegions: readonly string[];
  readonly createdEpochMs: number;
  readonly changedEpochMs: number;
  readonly contents: SecretVersions;
}

export interface SecretStore {
  /**
   * By name, ARN, or ARN without the random end. An ARN of another Region is not found, as on AWS.
   */
  find(region: string, secretId: string): StoredSecret | null;
  /** Sorted by name. */
  list(region: string): readonly StoredSecret[];
  /**
   * Adds a version in the secret's own Region and hands it on. `conflict`: the id is taken by
   * another value; `replica`: the secret is written in another Region.
   */
  put(region: string, secret: StoredSecret, order: PutOrder): 'done' | 'conflict' | 'replica';
  /** Whether a replica has what its primary has. */
  isInSync(secret: StoredSecret, replicaRegion: string): boolean;
  stop(): void;
}

export interface PutOrder {
  readonly versionId: string;
  readonly value: SecretValue;
  readonly labels: readonly string[];
}

export interface SecretStoreOptions {
  readonly models: readonly RegionModel[];
  readonly network: Network;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** AWS puts a hyphen and six characters after the name. */
const RANDOM_END = /-[A-Za-z0-9]{6}$/;

/** Creates the templates' secrets, with new random values where the template asks for such. */
export function createSecretStore({ models, network, now }: SecretStoreOptions): SecretStore {
  const regions = models.map(({ region }) => region);
  const byRegion = new Map(regions.map((region) => [region, new Map<string, StoredSecret>()]));
  for (const { region, secrets } of models) {
    for (const model of secrets) {
      const secret = created(model, region, regions, now());
      for (const place of [region, ...secret.replicaRegions]) hold(place, secret);
    }
  }
  const stop = network.onChange(() => {
    for (const region of regions) for (const secret of own(region)) replicate(secret);
  });

  function hold(region: string, secret: StoredSecret): void {
    const arn = arnIn(region, secret.arn);
    byRegion.get(region)?.set(secret.name, { ...secret, arn });
  }

  function own(region: string): readonly StoredSecret[] {
    const held = [...(byRegion.get(region)?.values() ?? [])];
    return held.filter(({ primaryRegion }) => primaryRegion === region);
  }

  function replicate(secret: StoredSecret): void {
    for (const replica of secret.replicaRegions) {
      if (network.reaches(secret.primaryRegion, replica)) hold(replica, secret);
    }
  }

  return {
    find(region, secretId) {
      const held = byRegion.get(region);
      const byName = held?.get(secretId);
      if (byName !== undefined) return byName;
      const all = [...(held?.values() ?? [])];
      return (
        all.find(({ arn }) => arn === secretId) ??
        all.find(({ arn }) => arn.replace(RANDOM_END, '') === secretId) ??
        null
      );
    },
    list: (region) =>
      [...(byRegion.get(region)?.values() ?? [])].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    put(region, secret, { versionId, value, labels }) {
      if (secret.primaryRegion !== region) return 'replica';
      const version = { id: versionId, value, createdEpochMs: now() };
      const contents = withVersion(secret.contents, version, labels);
      if (contents === null) return 'conflict';
      if (contents === secret.contents) return 'done';
      const changed = { ...secret, contents, changedEpochMs: now() };
      hold(region, changed);
      replicate(changed);
      return 'done';
    },
    isInSync: (secret, replicaRegion) =>
      byRegion.get(replicaRegion)?.get(secret.name)?.contents === secret.contents,
    stop,
  };
}

function created(
  model: SecretModel,
  primaryRegion: string,
  regions: readonly string[],
  nowEpochMs: number,
): StoredSecret {
  const { name, arn, description, value } = model;
  const text =
    value.kind === 'generated'
      ? generateSecret(value, (limit) => randomInt(limit))
      : value.kind === 'given'
        ? value.text
        : null;
  const version = { id: randomUUID(), value: { text: text ?? '' }, createdEpochMs: nowEpochMs };
  return {
    name,
    arn,
    description,
    primaryRegion,
    replicaRegions: model.replicaRegions.filter((region) => regions.includes(region)),
    createdEpochMs: nowEpochMs,
    changedEpochMs: nowEpochMs,
    contents:
      text === null ? NO_VERSIONS : (withVersion(NO_VERSIONS, version, [CURRENT]) ?? NO_VERSIONS),
  };
}

/** A replica's ARN differs in the Region alone. */
function arnIn(region: string, arn: string): string {
  return arn.split(':').with(3, region).join(':');
}
