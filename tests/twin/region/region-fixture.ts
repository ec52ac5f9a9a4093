/** A Region with small functions written to a temporary folder, for the tests of its process. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RegionProcessConfig } from '#twin/region/protocol.ts';
import { type RegionExit, type RegionProcess, spawnRegion } from '#twin/region/region-process.ts';
import type { FunctionModel, MethodModel, RegionModel, RestApiModel } from '#twin/region-model.ts';

const ACCOUNT_ID = '123456789012';
export const REGION = 'us-east-1';

/** Handler source by function name. Each is served at `ANY /<function name>`. */
export type Sources = Readonly<Record<string, string>>;

export interface FixtureOptions {
  readonly functions?: Partial<FunctionModel>;
  readonly api?: Partial<RestApiModel>;
  readonly method?: Partial<MethodModel>;
  readonly apiPort?: number;
  /** File name of the bundle. */
  readonly file?: string;
}

export interface Fixture {
  readonly config: RegionProcessConfig;
  readonly directory: string;
  readonly exits: RegionExit[];
  readonly pids: number[];
  /** Starts a Region with `config`, the fixture's own when left out. */
  spawn(config?: RegionProcessConfig): Promise<RegionProcess>;
  /** Ends the process, if any, and removes the folder. */
  dispose(): Promise<void>;
}

export function createFixture(sources: Sources, options: FixtureOptions = {}): Fixture {
  const directory = mkdtempSync(join(tmpdir(), 'region-process-'));
  const functions = Object.entries(sources).map(([name, source]): FunctionModel => {
    const codeDirectory = join(directory, 'code', name);
    mkdirSync(codeDirectory, { recursive: true });
    writeFileSync(join(codeDirectory, options.file ?? 'index.mjs'), source);
    return {
      logicalId: name,
      name,
      arn: functionArn(name),
      roleArn: `arn:aws:iam::${ACCOUNT_ID}:role/${name}`,
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      timeoutSeconds: 10,
      memoryMb: 128,
      environment: { GREETING: `hello from ${name}` },
      codeDirectory,
      permissions: [{ principal: 'apigateway.amazonaws.com', sourceArn: null }],
      ...options.functions,
    };
  });
  const config: RegionProcessConfig = {
    model: model(functions, options),
    apiPort: options.apiPort ?? 0,
    awsEndpoint: 'http://127.0.0.1:4566',
    apiHosts: [],
    credentials: Object.fromEntries(
      functions.map(({ name }) => [
        name,
        { accessKeyId: `AKIA${name}`, secretAccessKey: 'secret', sessionToken: `token-${name}` },
      ]),
    ),
    logDirectory: join(directory, 'logs'),
  };
  const exits: RegionExit[] = [];
  const pids: number[] = [];
  const processes: RegionProcess[] = [];
  return {
    config,
    directory,
    exits,
    pids,
    async spawn(own = config) {
      const region = await spawnRegion(own, {
        onSpawn: (pid) => pids.push(pid),
        onExit: (exit) => exits.push(exit),
      });
      processes.push(region);
      return region;
    },
    async dispose() {
      await Promise.all(processes.map((region) => region.kill()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function functionArn(name: string): string {
  return `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:${name}`;
}

function model(functions: readonly FunctionModel[], options: FixtureOptions): RegionModel {
  const methods = functions.map(
    ({ name, arn }): MethodModel => ({
      httpMethod: 'ANY',
      path: `/${name}`,
      authorizationType: 'NONE',
      requestParameters: {},
      requestModels: {},
      validator: null,
      integration: { type: 'AWS_PROXY', functionArn: arn },
      ...options.method,
    }),
  );
  return {
    region: REGION,
    accountId: ACCOUNT_ID,
    stackName: 'TestStack',
    functions,
    restApis: [
      {
        id: 'abc123',
        name: 'test-api',
        stageName: 'prod',
        methods,
        gatewayResponses: {},
        throttling: null,
        binaryMediaTypes: [],
        ...options.api,
      },
    ],
    queues: [],
    topics: [],
    subscriptions: [],
    secrets: [],
    eventSources: [],
    schedules: [],
    alarms: [],
    compositeAlarms: [],
    apiDomains: [],
    healthChecks: [],
    records: [],
    roles: [],
    outputs: {},
    notRun: [],
  };
}
