/** Secrets Manager at the twin's endpoint: JSON 1.1, over the secrets of each Region. */

import { randomUUID } from 'node:crypto';
import type {
  AwsService,
  AwsWireError,
  NeededPermission,
  ServiceAnswer,
  ServiceCall,
} from '../endpoint/aws-service.ts';
import { readList, readPut, type SecretParameters } from './secret-requests.ts';
import type { SecretStore, StoredSecret } from './secret-store.ts';
import { CURRENT, stagesByVersion, stagesOf } from './secret-versions.ts';

const OPERATIONS = ['DescribeSecret', 'GetSecretValue', 'ListSecrets', 'PutSecretValue'] as const;
type Operation = (typeof OPERATIONS)[number];

type Outcome = Readonly<Record<string, unknown>> | AwsWireError;

const TARGET_PREFIX = 'secretsmanager.';
const CONTENT_TYPE = { 'content-type': 'application/x-amz-json-1.1' };

/** The store's secrets, for callers of `accountId`. No value is ever reported or part of an error. */
export function createSecretsService(store: SecretStore, accountId: string): AwsService {
  // A call is looked at twice, for its permissions and to be done: its body is parsed once.
  const parsed = new WeakMap<ServiceCall, SecretParameters | null>();

  function parametersOf(call: ServiceCall): SecretParameters | null {
    const known = parsed.get(call);
    if (known !== undefined) return known;
    const parameters = parseParameters(call.body);
    parsed.set(call, parameters);
    return parameters;
  }

  async function handle(call: ServiceCall): Promise<ServiceAnswer> {
    const parameters = parametersOf(call);
    const outcome =
      parameters === null ? MALFORMED : operate(store, call.region, call.operation, parameters);
    if (isError(outcome)) return errorAnswer(call, outcome);
    return { status: 200, headers: CONTENT_TYPE, body: JSON.stringify(outcome) };
  }

  function permissionsOf(call: ServiceCall): readonly NeededPermission[] {
    const action = `secretsmanager:${call.operation}`;
    // Listing is granted for all secrets or for none. Source: IAM service authorization reference.
    if (call.operation === 'ListSecrets') return [{ action, resourceArn: '*' }];
    const { SecretId: id, VersionId: version, VersionStage: stage } = parametersOf(call) ?? {};
    const given = typeof id === 'string' ? id : '*';
    const found = store.find(call.region, given)?.arn;
    const named = given.startsWith('arn:')
      ? given
      : `arn:aws:secretsmanager:${call.region}:${accountId}:secret:${given}`;
    const context = {
      'secretsmanager:secretid': given,
      ...(typeof version === 'string' ? { 'secretsmanager:versionid': version } : {}),
      ...(typeof stage === 'string' ? { 'secretsmanager:versionstage': stage } : {}),
    };
    return [{ action, resourceArn: found ?? named, context }];
  }

  return { name: 'secretsmanager', operationOf, permissionsOf, handle, errorAnswer };
}

function operate(
  store: SecretStore,
  region: string,
  operation: string,
  parameters: SecretParameters,
): Outcome {
  if (!isOperation(operation)) {
    const known = OPERATIONS.join(', ');
    return invalid(`The twin does not run secretsmanager:${operation}. It runs ${known}.`);
  }
  if (operation === 'ListSecrets') return listSecrets(store, region, parameters);
  const { SecretId: id } = parameters;
  if (typeof id !== 'string' || id === '') return invalid('SecretId is missing.');
  const secret = store.find(region, id);
  if (secret === null) return notFound("Secrets Manager can't find the specified secret.");
  switch (operation) {
    case 'GetSecretValue':
      return getSecretValue(secret, parameters);
    case 'PutSecretValue':
      return putSecretValue(store, region, secret, parameters);
    case 'DescribeSecret':
      return describeSecret(store, region, secret);
  }
}

function getSecretValue(secret: StoredSecret, parameters: SecretParameters): Outcome {
  const { VersionId: id, VersionStage: stage } = parameters;
  if (!isOptionalText(id) || !isOptionalText(stage)) {
    return invalid('VersionId and VersionStage must be texts.');
  }
  const label = stage ?? (id === undefined ? CURRENT : undefined);
  const { versions, stages } = secret.contents;
  const wanted = id ?? stages[label ?? CURRENT];
  const version = versions.find((one) => one.id === wanted);
  const labels = version === undefined ? [] : stagesOf(secret.contents, version.id);
  if (version === undefined || (label !== undefined && !labels.includes(label))) {
    const what = id === undefined ? `staging label: ${label}` : `VersionId: ${id}`;
    return notFound(`Secrets Manager can't find the specified secret value for ${what}`);
  }
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    ...('text' in version.value
      ? { SecretString: version.value.text }
      : { SecretBinary: version.value.binary }),
    VersionStages: labels,
    CreatedDate: version.createdEpochMs / 1000,
  };
}

function putSecretValue(
  store: SecretStore,
  region: string,
  secret: StoredSecret,
  parameters: SecretParameters,
): Outcome {
  const request = readPut(parameters);
  if (typeof request === 'string') return invalid(request);
  const versionId = request.versionId ?? randomUUID();
  const { value, labels } = request;
  const outcome = store.put(region, secret, { versionId, value, labels });
  if (outcome === 'replica') {
    return invalid(
      `Operation not permitted on a replica secret. Call must be made in primary secret's region: ${secret.primaryRegion}.`,
    );
  }
  if (outcome === 'conflict') {
    const message = `A version of this secret with the ClientRequestToken ${versionId} exists already with another value.`;
    return { status: 400, code: 'ResourceExistsException', message };
  }
  const stored = store.find(region, secret.name) ?? secret;
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: versionId,
    VersionStages: stagesOf(stored.contents, versionId),
  };
}

function describeSecret(store: SecretStore, region: string, secret: StoredSecret): Outcome {
  const { primaryRegion, replicaRegions } = secret;
  const replication =
    primaryRegion === region
      ? replicaRegions.map((replica) => ({
          Region: replica,
          KmsKeyId: 'alias/aws/secretsmanager',
          Status: store.isInSync(secret, replica) ? 'InSync' : 'InProgress',
        }))
      : [];
  return {
    ...entryOf(secret),
    VersionIdsToStages: stagesByVersion(secret.contents),
    ...(replication.length > 0 ? { ReplicationStatus: replication } : {}),
  };
}

function listSecrets(store: SecretStore, region: string, parameters: SecretParameters): Outcome {
  const request = readList(parameters);
  if (typeof request === 'string') return invalid(request);
  const { countMax, prefixes, afterName } = request;
  const matching = store
    .list(region)
    .filter(({ name }) => name > afterName)
    .filter(({ name }) => prefixes?.some((prefix) => name.startsWith(prefix)) ?? true);
  const page = matching.slice(0, countMax);
  const last = page.at(-1);
  return {
    SecretList: page.map((secret) => ({
      ...entryOf(secret),
      SecretVersionsToStages: stagesByVersion(secret.contents),
    })),
    ...(last !== undefined && matching.length > page.length
      ? { NextToken: Buffer.from(last.name).toString('base64') }
      : {}),
  };
}

function entryOf(secret: StoredSecret): Readonly<Record<string, unknown>> {
  return {
    ARN: secret.arn,
    Name: secret.name,
    ...(secret.description === null ? {} : { Description: secret.description }),
    ...(secret.replicaRegions.length > 0 ? { PrimaryRegion: secret.primaryRegion } : {}),
    CreatedDate: secret.createdEpochMs / 1000,
    LastChangedDate: secret.changedEpochMs / 1000,
  };
}

function operationOf(headers: ServiceCall['headers']): string | null {
  const target = headers['x-amz-target'];
  return target?.startsWith(TARGET_PREFIX) === true ? target.slice(TARGET_PREFIX.length) : null;
}

function parseParameters(body: Buffer): SecretParameters | null {
  try {
    const value: unknown = JSON.parse(body.length === 0 ? '{}' : body.toString('utf8'));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as SecretParameters) : null;
  } catch {
    return null;
  }
}

const MALFORMED: AwsWireError = {
  status: 400,
  code: 'SerializationException',
  message: 'The body is not a JSON object.',
};

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

function isOperation(operation: string): operation is Operation {
  return (OPERATIONS as readonly string[]).includes(operation);
}

function isError(outcome: Outcome): outcome is AwsWireError {
  return 'code' in outcome && 'message' in outcome;
}

function invalid(message: string): AwsWireError {
  return { status: 400, code: 'InvalidParameterException', message };
}

function notFound(message: string): AwsWireError {
  return { status: 400, code: 'ResourceNotFoundException', message };
}

function errorAnswer(_call: ServiceCall, error: AwsWireError): ServiceAnswer {
  return {
    status: error.status,
    headers: CONTENT_TYPE,
    body: JSON.stringify({ __type: error.code, message: error.message }),
  };
}
