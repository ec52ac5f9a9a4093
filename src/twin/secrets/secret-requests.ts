/** What callers ask of Secrets Manager, checked: parameters of its operations. */

import type { SecretValue } from './secret-versions.ts';
import { CURRENT } from './secret-versions.ts';

export type SecretParameters = Readonly<Record<string, unknown>>;

export interface PutRequest {
  readonly value: SecretValue;
  /** Null: the caller left it to the service. */
  readonly versionId: string | null;
  readonly labels: readonly string[];
}

export interface ListRequest {
  readonly countMax: number;
  /** Names that begin with any of these; null: all. */
  readonly prefixes: readonly string[] | null;
  /** Name of the last secret that the caller has; empty: none. */
  readonly afterName: string;
}

/** Bytes. Source: Secrets Manager API reference, PutSecretValue. */
const VALUE_BYTES_MAX = 65_536;
const LABELS_MAX = 20;
const LIST_MAX = 100;

/** The request, or what is wrong with it in a sentence. Pure. */
export function readPut(parameters: SecretParameters): PutRequest | string {
  const { SecretString: text, SecretBinary: binary } = parameters;
  if ((text === undefined) === (binary === undefined)) {
    return 'You must provide either SecretString or SecretBinary, and not both.';
  }
  const given = text ?? binary;
  if (typeof given !== 'string' || given === '') return 'The secret value must not be empty.';
  const bytes = Buffer.byteLength(given, text === undefined ? 'base64' : 'utf8');
  if (bytes > VALUE_BYTES_MAX) return `The secret value is longer than ${VALUE_BYTES_MAX} bytes.`;
  const token = parameters['ClientRequestToken'];
  if (token !== undefined && !(typeof token === 'string' && /^.{32,64}$/.test(token))) {
    return 'ClientRequestToken must have 32 to 64 characters: use a UUID.';
  }
  const labels = parameters['VersionStages'] ?? [CURRENT];
  if (!isTextList(labels) || labels.length === 0 || labels.length > LABELS_MAX) {
    return `VersionStages must be a list of 1 to ${LABELS_MAX} labels.`;
  }
  return {
    value: text === undefined ? { binary: given } : { text: given },
    versionId: token ?? null,
    labels,
  };
}

/** The request, or what is wrong with it in a sentence. Pure. */
export function readList(parameters: SecretParameters): ListRequest | string {
  const countMax = parameters['MaxResults'] ?? LIST_MAX;
  if (!(typeof countMax === 'number' && countMax >= 1 && countMax <= LIST_MAX)) {
    return `MaxResults must be from 1 to ${LIST_MAX}.`;
  }
  const token = parameters['NextToken'] ?? '';
  if (typeof token !== 'string') return 'NextToken must be one that ListSecrets gave.';
  const filters = parameters['Filters'] ?? [];
  if (!Array.isArray(filters) || filters.length > 1) return ONE_FILTER;
  const [filter] = filters as readonly SecretParameters[];
  const values = filter?.['Values'];
  if (filter !== undefined && !(filter['Key'] === 'name' && isTextList(values))) return ONE_FILTER;
  return {
    countMax: Math.floor(countMax),
    prefixes: isTextList(values) ? values : null,
    afterName: Buffer.from(token, 'base64').toString('utf8'),
  };
}

const ONE_FILTER = 'The twin filters secrets by Key name only, with one filter.';

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
