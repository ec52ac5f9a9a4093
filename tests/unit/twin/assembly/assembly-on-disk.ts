/** Writes small cloud assemblies for the tests of the assembly reader. */

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { readAssembly } from '#twin/assembly/read-assembly.ts';
import type { RegionModel, TwinModel } from '#twin/region-model.ts';

const root = inject('scratch');

/** Key of the one code asset that every assembly here has. */
export const CODE = { S3Bucket: 'assets', S3Key: 'c0de.zip' };

export interface StackOnDisk {
  readonly region?: string;
  readonly stackName?: string;
  /** As the manifest writes it. @default aws://unknown-account/<region> */
  readonly environment?: string;
  readonly template: object;
}

/** Writes an assembly and returns its folder. */
export function writeAssembly(
  stacks: readonly StackOnDisk[],
  manifest: Readonly<Record<string, unknown>> = {},
): string {
  const directory = mkdtempSync(join(root, 'cdk.out-'));
  mkdirSync(join(directory, 'asset.c0de'));
  writeFileSync(join(directory, 'asset.c0de', 'index.mjs'), 'export const handler = () => 1;\n');
  const artifacts: Record<string, unknown> = {
    Assets: { type: 'cdk:asset-manifest', properties: { file: 'assets.json' } },
  };
  for (const [index, stack] of stacks.entries()) {
    const { region = 'us-east-1', stackName = 'TapStack', template } = stack;
    const templateFile = `${index}.template.json`;
    writeJson(directory, templateFile, template);
    artifacts[`Stack${index}`] = {
      type: 'aws:cloudformation:stack',
      environment: stack.environment ?? `aws://unknown-account/${region}`,
      properties: { templateFile, stackName },
    };
  }
  writeJson(directory, 'assets.json', {
    version: '55.0.0',
    files: {
      c0de: {
        source: { path: 'asset.c0de', packaging: 'zip' },
        destinations: { here: { bucketName: 'assets', objectKey: 'c0de.zip' } },
      },
      archive: {
        source: { path: 'asset.archive.zip', packaging: 'file' },
        destinations: { here: { bucketName: 'assets', objectKey: 'archive.zip' } },
      },
      gone: {
        source: { path: 'asset.gone', packaging: 'zip' },
        destinations: { here: { bucketName: 'assets', objectKey: 'gone.zip' } },
      },
    },
  });
  writeJson(directory, 'manifest.json', { version: '55.0.0', artifacts, ...manifest });
  return directory;
}

export function writeJson(directory: string, file: string, content: unknown): void {
  writeFileSync(join(directory, file), JSON.stringify(content));
}

/** A folder with nothing in it. */
export function emptyFolder(): string {
  return mkdtempSync(join(root, 'empty-'));
}

/** The model of an assembly with one stack in us-east-1 that has these resources. */
export function readResources(
  resources: Readonly<Record<string, object>>,
  sections: Readonly<Record<string, unknown>> = {},
): { readonly model: TwinModel; readonly region: RegionModel } {
  const model = readAssembly(writeAssembly([{ template: { Resources: resources, ...sections } }]));
  const [region] = model.regions;
  if (region === undefined) throw new Error('the assembly has no Region');
  return { model, region };
}

/** Outputs of a stack in us-east-1, each the value of an expression. */
export function evaluateOutputs(
  expressions: Readonly<Record<string, unknown>>,
  template: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, string>> {
  const outputs = Object.fromEntries(
    Object.entries(expressions).map(([name, Value]) => [name, { Value }]),
  );
  return readResources({}, { ...template, Outputs: outputs }).region.outputs;
}

/** A role that Lambda may assume. */
export function functionRole(properties: object = {}): object {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'lambda.amazonaws.com' },
            Action: 'sts:AssumeRole',
          },
        ],
      },
      ...properties,
    },
  };
}

/** A function with the code asset and the role `Role`. */
export function lambdaFunction(properties: object = {}): object {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: CODE,
      Handler: 'index.handler',
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      Runtime: 'nodejs24.x',
      ...properties,
    },
  };
}
