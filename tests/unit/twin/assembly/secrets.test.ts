import { describe, expect, it } from 'vitest';
import { readAssembly } from '#twin/assembly/read-assembly.ts';
import { readResources, writeAssembly } from './assembly-on-disk.ts';

const TYPE = 'AWS::SecretsManager::Secret';
const RULES = {
  kind: 'generated',
  passwordLength: 32,
  excludeCharacters: '',
  excludeLowercase: false,
  excludeNumbers: false,
  excludePunctuation: false,
  excludeUppercase: false,
  includeSpace: false,
  requireEachIncludedType: true,
  template: null,
};

function read(properties: object) {
  const { region } = readResources(
    { Secret: { Type: TYPE, Properties: properties } },
    { Outputs: { Ref: { Value: { Ref: 'Secret' } } } },
  );
  return { secret: region.secrets[0], ref: region.outputs['Ref'], notRun: region.notRun };
}

function inStack(region: string, properties: object) {
  const Resources = { Secret: { Type: TYPE, Properties: properties } };
  return { region, stackName: `Stack-${region}`, template: { Resources } };
}

describe('secrets', () => {
  it('have an ARN that ends in six characters, the same at every start', () => {
    const first = read({ Name: 'app/gateway', SecretString: 'x', Description: 'Keys' });
    const second = read({ Name: 'app/gateway', SecretString: 'x', Description: 'Keys' });
    expect(first.ref).toMatch(
      /^arn:aws:secretsmanager:us-east-1:111111111111:secret:app\/gateway-[a-z0-9]{6}$/,
    );
    expect(first.secret).toEqual({
      name: 'app/gateway',
      arn: first.ref,
      description: 'Keys',
      replicaRegions: [],
      value: { kind: 'given', text: 'x' },
    });
    expect(second.ref).toBe(first.ref);
  });

  it('have a name of their own when the template gives none', () => {
    expect(read({}).secret).toMatchObject({
      name: expect.stringMatching(/^TapStack-Secret-[a-z0-9]{8}$/),
      value: { kind: 'none' },
    });
  });

  it('have the rules of their generated value, with the defaults of AWS', () => {
    expect(read({ GenerateSecretString: {} }).secret?.value).toEqual(RULES);
    const GenerateSecretString = {
      PasswordLength: 64,
      ExcludePunctuation: true,
      ExcludeCharacters: '"@/\\',
      SecretStringTemplate: '{"user":"app"}',
      GenerateStringKey: 'password',
    };
    expect(read({ GenerateSecretString }).secret?.value).toEqual({
      ...RULES,
      passwordLength: 64,
      excludePunctuation: true,
      excludeCharacters: '"@/\\',
      template: { secretStringTemplate: '{"user":"app"}', generateStringKey: 'password' },
    });
  });

  it('have replicas in other Regions, whichever keys they name', () => {
    const ReplicaRegions = [{ Region: 'us-east-2', KmsKeyId: 'alias/x' }];
    const { secret, notRun } = read({ KmsKeyId: 'alias/x', ReplicaRegions });
    expect(secret?.replicaRegions).toEqual(['us-east-2']);
    expect(notRun).toEqual([]);
  });

  it.each([
    ['two sources of a value', { SecretString: 'x', GenerateSecretString: {} }, /exclude each/],
    ['a replica at home', { ReplicaRegions: [{ Region: 'us-east-1' }] }, /own Region/],
    ['half a template', { GenerateSecretString: { GenerateStringKey: 'k' } }, /need each other/],
    [
      'a template that is no object',
      { GenerateSecretString: { GenerateStringKey: 'k', SecretStringTemplate: '[]' } },
      /must be a JSON object/,
    ],
    ['an endless password', { GenerateSecretString: { PasswordLength: 4097 } }, /from 1 to 4096/],
    ['a password too short', { GenerateSecretString: { PasswordLength: 3 } }, /no password of 3/],
    [
      'a type with nothing left',
      { GenerateSecretString: { ExcludeCharacters: '0123456789' } },
      /no password of 32/,
    ],
  ])('reject %s', (_name, properties, words) => {
    expect(() => read(properties)).toThrow(words);
  });

  it('of one name may stand in two Regions', () => {
    const stacks = ['us-east-1', 'us-east-2'].map((region) => inStack(region, { Name: 'key' }));
    const { regions } = readAssembly(writeAssembly(stacks));
    expect(regions.map(({ secrets }) => secrets.map(({ name }) => name))).toEqual([
      ['key'],
      ['key'],
    ]);
  });

  it('reject a replica where a secret of that name is', () => {
    const ReplicaRegions = [{ Region: 'us-east-2' }];
    const stacks = [
      inStack('us-east-1', { Name: 'key', ReplicaRegions }),
      inStack('us-east-2', { Name: 'key' }),
    ];
    expect(() => readAssembly(writeAssembly(stacks))).toThrow(/key exists twice in us-east-2/);
  });
});
