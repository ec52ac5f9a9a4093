/** Secrets of a stack. */

import type { GeneratedSecret, RegionModel, SecretModel } from '#twin/region-model.ts';
import { characterTypes } from '#twin/secrets/generate-secret.ts';
import { AssemblyError } from '../assembly-error.ts';
import type { Fields } from '../fields.ts';
import type { NotRun } from '../not-run.ts';
import { resourcesOf, type Stack } from '../stack.ts';

const TYPE = 'AWS::SecretsManager::Secret';

/** Source: CloudFormation, AWS::SecretsManager::Secret GenerateSecretString. */
const PASSWORD_LENGTH = { fallback: 32, min: 1, max: 4096 };
const GENERATE_PROPERTIES = [
  'ExcludeCharacters',
  'ExcludeLowercase',
  'ExcludeNumbers',
  'ExcludePunctuation',
  'ExcludeUppercase',
  'GenerateStringKey',
  'IncludeSpace',
  'PasswordLength',
  'RequireEachIncludedType',
  'SecretStringTemplate',
];

/** Throws `AssemblyError` for what Secrets Manager would not accept. */
export function buildSecrets(stack: Stack, notRun: NotRun): SecretModel[] {
  return resourcesOf(stack, TYPE).map(({ logicalId, id, properties }): SecretModel => {
    const replicas = properties.objects('ReplicaRegions');
    const replicaRegions = replicas.map((replica) => replica.string('Region'));
    for (const replica of replicas) {
      const known = ['KmsKeyId', 'Region'];
      notRun.addUnknown(`${TYPE}.ReplicaRegions`, logicalId, replica, known);
    }
    if (replicaRegions.includes(stack.environment.region)) {
      throw new AssemblyError(
        `${properties.where}: ReplicaRegions names the secret's own Region: leave it out.`,
      );
    }
    return {
      // Of the ARN's last part, `<name>-<6 characters>`.
      name: id.slice(id.indexOf(':secret:') + ':secret:'.length, -7),
      arn: id,
      description: properties.optionalString('Description'),
      replicaRegions,
      value: valueOf(properties, notRun, logicalId),
    };
  });
}

/** Throws when two secrets of one name meet in a Region, replicas included. */
export function assertSecretsApart(
  regions: readonly Pick<RegionModel, 'region' | 'secrets'>[],
): void {
  const owners = new Map<string, string>();
  for (const { region, secrets } of regions) {
    for (const { name, replicaRegions } of secrets) {
      for (const place of [region, ...replicaRegions]) {
        const key = `${place}/${name}`;
        const owner = owners.get(key);
        if (owner !== undefined) {
          throw new AssemblyError(
            `Secret ${name} exists twice in ${place}, from ${owner} and from ${region}: rename one, or leave ${place} to the other's ReplicaRegions.`,
          );
        }
        owners.set(key, region);
      }
    }
  }
}

function valueOf(properties: Fields, notRun: NotRun, logicalId: string): SecretModel['value'] {
  const text = properties.optionalString('SecretString');
  if (!properties.has('GenerateSecretString')) {
    return text === null ? { kind: 'none' } : { kind: 'given', text };
  }
  if (text !== null) {
    throw new AssemblyError(
      `${properties.where}: SecretString and GenerateSecretString exclude each other: remove one.`,
    );
  }
  const rules = properties.object('GenerateSecretString');
  notRun.addUnknown(`${TYPE}.GenerateSecretString`, logicalId, rules, GENERATE_PROPERTIES);
  const generated: GeneratedSecret = {
    kind: 'generated',
    passwordLength: rules.number('PasswordLength', PASSWORD_LENGTH.fallback),
    excludeCharacters: rules.optionalString('ExcludeCharacters') ?? '',
    excludeLowercase: rules.boolean('ExcludeLowercase', false),
    excludeNumbers: rules.boolean('ExcludeNumbers', false),
    excludePunctuation: rules.boolean('ExcludePunctuation', false),
    excludeUppercase: rules.boolean('ExcludeUppercase', false),
    includeSpace: rules.boolean('IncludeSpace', false),
    requireEachIncludedType: rules.boolean('RequireEachIncludedType', true),
    template: templateOf(rules),
  };
  assertPossible(generated, rules.where);
  return generated;
}

function templateOf(rules: Fields): GeneratedSecret['template'] {
  const secretStringTemplate = rules.optionalString('SecretStringTemplate');
  const generateStringKey = rules.optionalString('GenerateStringKey');
  if (secretStringTemplate === null && generateStringKey === null) return null;
  if (secretStringTemplate === null || generateStringKey === null) {
    throw new AssemblyError(
      `${rules.where}: SecretStringTemplate and GenerateStringKey need each other: give both.`,
    );
  }
  if (!isJsonObject(secretStringTemplate)) {
    throw new AssemblyError(`${rules.where}: SecretStringTemplate must be a JSON object.`);
  }
  return { secretStringTemplate, generateStringKey };
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function assertPossible(rules: GeneratedSecret, where: string): void {
  const { passwordLength, requireEachIncludedType } = rules;
  const { min, max } = PASSWORD_LENGTH;
  if (!Number.isInteger(passwordLength) || passwordLength < min || passwordLength > max) {
    throw new AssemblyError(`${where}: PasswordLength must be from ${min} to ${max}.`);
  }
  const types = characterTypes(rules);
  const isShort = requireEachIncludedType && passwordLength < types.length;
  const isEmpty = requireEachIncludedType ? types.includes('') : types.join('') === '';
  if (isShort || isEmpty || types.length === 0) {
    throw new AssemblyError(
      `${where}: no password of ${passwordLength} characters fits these rules: exclude less, make it longer, or set RequireEachIncludedType to false.`,
    );
  }
}
