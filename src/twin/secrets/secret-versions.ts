/**
 * The versions of one secret and the staging labels that point to them. A label stands on one
 * version; a version without labels is on its way out.
 *
 * Source: Secrets Manager user guide, "What's in a Secrets Manager secret?", and PutSecretValue.
 */

/** Exactly one of the two. `binary` is Base64. */
export type SecretValue = { readonly text: string } | { readonly binary: string };

export interface SecretVersion {
  readonly id: string;
  readonly value: SecretValue;
  readonly createdEpochMs: number;
}

/** Plain and never changed in place: a replica may hold an older one. */
export interface SecretVersions {
  /** Oldest first. */
  readonly versions: readonly SecretVersion[];
  /** Label → version id. */
  readonly stages: Readonly<Record<string, string>>;
}

export const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';
/** Versions beyond this that carry no label are removed. */
const VERSIONS_MAX = 100;

export const NO_VERSIONS: SecretVersions = { versions: [], stages: {} };

/**
 * Adds a version under the labels. AWSCURRENT goes to a first version in any case; the version
 * that it leaves gets AWSPREVIOUS. Pure.
 *
 * `null`: a version of that id exists already with another value.
 */
export function withVersion(
  before: SecretVersions,
  version: SecretVersion,
  labels: readonly string[],
): SecretVersions | null {
  const known = before.versions.find(({ id }) => id === version.id);
  if (known !== undefined) return isSame(known.value, version.value) ? before : null;
  const isFirst = before.versions.length === 0;
  const given = isFirst && !labels.includes(CURRENT) ? [...labels, CURRENT] : labels;
  const stages = { ...before.stages };
  const current = stages[CURRENT];
  if (given.includes(CURRENT) && current !== undefined) stages[PREVIOUS] = current;
  for (const label of given) stages[label] = version.id;
  return { versions: pruned([...before.versions, version], stages), stages };
}

/** The labels of a version. Pure. */
export function stagesOf({ stages }: SecretVersions, versionId: string): readonly string[] {
  return Object.keys(stages).filter((label) => stages[label] === versionId);
}

/** Labels by version, of versions that carry any. Pure. */
export function stagesByVersion(
  secret: SecretVersions,
): Readonly<Record<string, readonly string[]>> {
  const entries = secret.versions.map(({ id }) => [id, stagesOf(secret, id)] as const);
  return Object.fromEntries(entries.filter(([, labels]) => labels.length > 0));
}

function pruned(
  versions: readonly SecretVersion[],
  stages: SecretVersions['stages'],
): readonly SecretVersion[] {
  const labelled = new Set(Object.values(stages));
  let surplus = versions.length - VERSIONS_MAX;
  return versions.filter(({ id }) => {
    if (surplus <= 0 || labelled.has(id)) return true;
    surplus -= 1;
    return false;
  });
}

function isSame(one: SecretValue, other: SecretValue): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
