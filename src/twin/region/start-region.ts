/** Starts everything that runs in a Region's process: its functions, then its REST API. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  createMetricAggregator,
  type MetricAggregator,
  type MetricBatch,
} from '#twin/cloudwatch/metric-batch.ts';
import { createApiMetrics, createFunctionMetrics } from '#twin/cloudwatch/service-metrics.ts';
import type { FunctionModel, RestApiModel } from '#twin/region-model.ts';
import { startHttpServer } from './api/http-server.ts';
import { createRestApi } from './api/rest-api.ts';
import { environmentVariables } from './lambda/environment-variables.ts';
import { startExecutionEnvironment } from './lambda/execution-environment.ts';
import { findHandler } from './lambda/find-handler.ts';
import { createFunctionRuntime, type FunctionRuntime } from './lambda/function-runtime.ts';
import type { InvocationOutcome } from './lambda/invocation.ts';
import type { ApiFaults, RegionProcessConfig } from './protocol.ts';
import { RegionStartError } from './region-start-error.ts';
import { openRotatingLog } from './rotating-log.ts';

export interface RunningRegion {
  /** Null without a REST API. */
  readonly apiPort: number | null;
  setApiFaults(faults: ApiFaults): void;
  /** Invokes a function, whatever leads to it. Never rejects. */
  invoke(functionArn: string, event: string, requestId: string): Promise<InvocationOutcome>;
  /** Lets the requests in flight finish, at most `graceMs`, then ends every environment. */
  stop(graceMs: number): Promise<void>;
}

/**
 * How long an environment is kept without invocations. Lambda's own time is unpublished; a standby
 * Region's functions are cold after it, as they are on AWS, and their memory is free.
 */
const ENVIRONMENT_IDLE_MS = 60_000;

/** How often what was observed goes to the supervisor, while there is something. */
const METRICS_EVERY_MS = 250;

/** One JSON line for each 5xx that API Gateway, not a function, gave. */
export const API_LOG_NAME = 'api-gateway.log';

/**
 * Loads the functions that the REST API leads to, and listens; the others load at their first
 * invocation. Throws `RegionStartError` for what a person can mend; then
 * nothing is listening, but environments may be running: end the process.
 *
 * `sendMetrics` takes what API and functions report, a few times a second while there is something.
 */
export async function startRegion(
  config: RegionProcessConfig,
  sendMetrics: (batch: MetricBatch) => void,
): Promise<RunningRegion> {
  const { model } = config;
  const [api, ...more] = model.restApis;
  if (more.length > 0) {
    throw new RegionStartError(
      `Stack ${model.stackName} in ${model.region} has ${model.restApis.length} REST APIs ` +
        `(${model.restApis.map(({ name }) => name).join(', ')}); the twin runs one a Region.`,
    );
  }
  makeLogDirectory(config.logDirectory);

  const runtimes = new Map<string, FunctionRuntime>();
  const metrics = createMetricAggregator(() => {
    setTimeout(() => sendMetrics(metrics.take()), METRICS_EVERY_MS).unref();
  });
  for (const fn of model.functions) {
    runtimes.set(
      fn.arn,
      createRuntime(fn, config, (batch) => metrics.add(batch)),
    );
  }
  const invoke = counted(createInvoke(config, runtimes), metrics);
  const apiLog = openRotatingLog(join(config.logDirectory, API_LOG_NAME));
  const restApi =
    api === undefined
      ? null
      : createRestApi({
          api,
          region: model,
          invoke,
          logFailure(context, status, reason) {
            const { requestId, httpMethod, path } = context;
            const time = new Date(context.requestTimeEpochMs).toISOString();
            const line = { time, requestId, httpMethod, path, status, reason };
            apiLog.write(`${JSON.stringify(line)}\n`);
          },
          observe: createApiMetrics(api, metrics),
          epochMs: Date.now,
          monotonicMs: () => performance.now(),
          random: Math.random,
          sleep: (delayMs) => sleep(delayMs),
        });

  const served = new Set(api === undefined ? [] : functionsBehind(api));
  await Promise.all(
    model.functions.filter(({ arn }) => served.has(arn)).map((fn) => startRuntime(fn, runtimes)),
  );
  const server =
    restApi === null
      ? null
      : await startHttpServer(config.apiPort, (request) => restApi.serve(request)).catch(
          (error: unknown) => {
            throw cannotListen(config, error as NodeJS.ErrnoException);
          },
        );

  return {
    apiPort: server?.port ?? null,
    setApiFaults: (faults) => restApi?.setFaults(faults),
    invoke,
    async stop(graceMs) {
      await server?.close(graceMs);
      await Promise.all([...runtimes.values()].map((runtime) => runtime.stop()));
      apiLog.close();
    },
  };
}

function createInvoke(
  { model }: RegionProcessConfig,
  runtimes: ReadonlyMap<string, FunctionRuntime>,
): RunningRegion['invoke'] {
  return async (functionArn, event, requestId) =>
    (await runtimes.get(functionArn)?.invoke(event, requestId)) ?? {
      kind: 'crashed',
      reason: `no function ${functionArn} runs in ${model.region}`,
    };
}

/** The same, with each invocation reported to CloudWatch; one that Lambda refuses is none. */
function counted(
  invoke: RunningRegion['invoke'],
  metrics: MetricAggregator,
): RunningRegion['invoke'] {
  const observe = createFunctionMetrics(metrics);
  return async (functionArn, event, requestId) => {
    const startedAtEpochMs = Date.now();
    const startedAtMs = performance.now();
    const outcome = await invoke(functionArn, event, requestId);
    if (outcome.kind === 'request-too-large') return outcome;
    const functionName = functionArn.slice(functionArn.lastIndexOf(':') + 1);
    if (outcome.kind === 'throttled') {
      observe.throttled({ functionName, atEpochMs: startedAtEpochMs });
      return outcome;
    }
    observe.invoked({
      functionName,
      failed: outcome.kind !== 'answered',
      durationMs: performance.now() - startedAtMs,
      startedAtEpochMs,
    });
    return outcome;
  };
}

/** ARNs of the functions that requests reach. */
function functionsBehind({ methods }: RestApiModel): string[] {
  return methods.flatMap(({ integration }) =>
    integration.type === 'AWS_PROXY' ? [integration.functionArn] : [],
  );
}

function createRuntime(
  fn: FunctionModel,
  config: RegionProcessConfig,
  onMetrics: (batch: MetricBatch) => void,
): FunctionRuntime {
  const handler = findHandler(fn);
  const credentials = config.credentials[fn.name];
  if (credentials === undefined) {
    throw new RegionStartError(`Function ${fn.name} was given no credentials by the supervisor.`);
  }
  const { region } = config.model;
  return createFunctionRuntime({
    startEnvironment: (onEnd) =>
      startExecutionEnvironment({
        settings: {
          functionName: fn.name,
          functionArn: fn.arn,
          memoryMb: fn.memoryMb,
          handlerFile: handler.file,
          handlerExport: handler.exportName,
          logFile: join(config.logDirectory, `${fn.name}.log`),
          egress: { region, hosts: config.apiHosts, forwarder: config.awsEndpoint },
        },
        variables: environmentVariables(fn, region, config.awsEndpoint, credentials),
        timeoutMs: fn.timeoutSeconds * 1000,
        onMetrics,
        onEnd,
      }),
    idleMs: ENVIRONMENT_IDLE_MS,
    ...(fn.reservedConcurrency === undefined
      ? {}
      : { reservedConcurrency: fn.reservedConcurrency }),
    schedule(callback, delayMs) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
  });
}

async function startRuntime(
  fn: FunctionModel,
  runtimes: ReadonlyMap<string, FunctionRuntime>,
): Promise<void> {
  try {
    await runtimes.get(fn.arn)?.start();
  } catch (error) {
    throw new RegionStartError(
      `Function ${fn.name} can't be loaded from ${findHandler(fn).file}: ` +
        `${(error as Error).message}. Mend the handler, bundle and synthesize again.`,
    );
  }
}

function makeLogDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new RegionStartError(
      `The log folder ${directory} can't be made (${(error as Error).message}). Choose another.`,
    );
  }
}

function cannotListen(config: RegionProcessConfig, error: NodeJS.ErrnoException): RegionStartError {
  const where = `Region ${config.model.region}: port ${config.apiPort} on 127.0.0.1`;
  return new RegionStartError(
    error.code === 'EADDRINUSE'
      ? `${where} is taken by another process. Stop that process or choose another port.`
      : `${where} can't be listened on (${error.message}). Choose another port.`,
  );
}
