import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readManifest, TWIN_ACCOUNT_ID } from '#twin/assembly/manifest/read-manifest.ts';
import { emptyFolder, writeAssembly, writeJson } from './assembly-on-disk.ts';

const template = { Resources: {} };

describe('readManifest', () => {
  it('reads stacks with Region, name and template in their order', () => {
    const directory = writeAssembly([
      { region: 'us-east-2', template },
      { region: 'us-east-1', stackName: 'Other', template },
    ]);
    expect(readManifest(directory).stacks).toEqual([
      {
        id: 'Stack0',
        environment: {
          stackName: 'TapStack',
          region: 'us-east-2',
          accountId: TWIN_ACCOUNT_ID,
          partition: 'aws',
          urlSuffix: 'amazonaws.com',
        },
        templateFile: join(directory, '0.template.json'),
      },
      expect.objectContaining({ environment: expect.objectContaining({ stackName: 'Other' }) }),
    ]);
  });

  it('takes the account that the environment names', () => {
    const environment = 'aws://222222222222/eu-west-1';
    const [stack] = readManifest(writeAssembly([{ environment, template }])).stacks;
    expect(stack?.environment).toMatchObject({ accountId: '222222222222', region: 'eu-west-1' });
  });

  it('reads the stacks of nested assemblies', () => {
    const directory = writeAssembly([{ template }], {});
    const nested = writeAssembly([{ region: 'us-east-2', template }]);
    writeJson(directory, 'manifest.json', {
      version: '55.0.0',
      artifacts: {
        stage: {
          type: 'cdk:cloud-assembly',
          properties: { directoryName: join('..', nested.split('/').at(-1) ?? '') },
        },
      },
    });
    expect(readManifest(directory).stacks.map((stack) => stack.environment.region)).toEqual([
      'us-east-2',
    ]);
  });

  const broken: readonly [name: string, directory: () => string, message: RegExp][] = [
    [
      'a folder that is not there',
      () => join(emptyFolder(), 'cdk.out'),
      /There is no folder .*cdk\.out/,
    ],
    ['a folder without a manifest', emptyFolder, /not a cloud assembly: it has no manifest\.json/],
    ['an assembly without stacks', () => writeAssembly([]), /names no stack/],
    [
      'a newer schema',
      () => writeAssembly([{ template }], { version: '56.0.0' }),
      /schema 56\.0\.0 is newer than 55/,
    ],
    [
      'a schema version that is none',
      () => writeAssembly([{ template }], { version: 'latest' }),
      /latest is no schema version/,
    ],
    [
      'a stack without a Region',
      () => writeAssembly([{ environment: 'aws://unknown-account/unknown-region', template }]),
      /Stack Stack0 has no explicit Region.*env: \{ region \}/,
    ],
    [
      'stacks of two accounts',
      () =>
        writeAssembly([
          { environment: 'aws://222222222222/us-east-1', template },
          { environment: 'aws://333333333333/us-east-2', template },
        ]),
      /2 accounts \(222222222222, 333333333333\)/,
    ],
    [
      'a manifest that is no JSON',
      () => {
        const directory = emptyFolder();
        writeFileSync(join(directory, 'manifest.json'), '{');
        return directory;
      },
      /manifest\.json is not JSON/,
    ],
  ];
  it.each(broken)('rejects %s', (_name, directory, message) => {
    expect(() => readManifest(directory())).toThrow(message);
  });
});
