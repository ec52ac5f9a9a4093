/**
 * A function's execution environment, inside its worker thread: imports the bundle once, then runs
 * the handler for every invocation that it is sent, many at a time.
 */

import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';

import { createEmfReader } from '#twin/cloudwatch/emf-reader.ts';
import { createMetricAggregator } from '#twin/cloudwatch/metric-batch.ts';
import { createKnownHostFetch } from '#twin/egress/known-host-fetch.ts';
import { openRotatingLog } from '#twin/region/rotating-log.ts';
import type {
  EnvironmentMessage,
  EnvironmentSettings,
  InvokeMessage,
} from './environment-messages.ts';
import { LOG_STREAM_NAME, logGroupName } from './environment-variables.ts';
import { ANSWER_LIMIT_BYTES } from './invocation.ts';

type Handler = (event: unknown, context: unknown) => unknown;

if (parentPort === null) throw new Error('This module runs as a worker thread of a Region.');
const port = parentPort;
const settings = workerData as EnvironmentSettings;
const log = openRotatingLog(settings.logFile);
/** How long metrics are gathered before they leave the thread: one message for many requests. */
const METRICS_EVERY_MS = 100;
const metrics = createMetricAggregator(() => {
  setTimeout(() => send({ type: 'metrics', batch: metrics.take() }), METRICS_EVERY_MS).unref();
});

divert(process.stdout);
divert(process.stderr);
// Before the function's code, which may keep the `fetch` that it finds.
globalThis.fetch = createKnownHostFetch(globalThis.fetch, settings.egress);

try {
  const handler = await loadHandler();
  port.on('message', (message: InvokeMessage) => void run(handler, message));
  send({ type: 'ready' });
} catch (error) {
  // The Region ends this thread when it has read why.
  send({ type: 'init-failed', reason: describe(error) });
}

async function loadHandler(): Promise<Handler> {
  const module = (await import(pathToFileURL(settings.handlerFile).href)) as Record<
    string,
    unknown
  >;
  // A CommonJS module's exports may show only under `default`.
  const fallback = module['default'] as Record<string, unknown> | null | undefined;
  const handler = module[settings.handlerExport] ?? fallback?.[settings.handlerExport];
  if (typeof handler !== 'function') {
    throw new Error(
      `it exports no function "${settings.handlerExport}" ` +
        `(its exports: ${Object.keys(module).join(', ') || 'none'})`,
    );
  }
  // Lambda's Node.js 24 runtime refuses callback handlers in the same way.
  if (handler.length > 2) {
    throw new Error(
      `its handler "${settings.handlerExport}" takes a callback; make it an async function of ` +
        '(event, context)',
    );
  }
  return handler as Handler;
}

async function run(handler: Handler, message: InvokeMessage): Promise<void> {
  const { id } = message;
  let answer: unknown;
  try {
    answer = await handler(JSON.parse(message.event), contextOf(message));
  } catch (error) {
    fail(id, errorTypeOf(error), errorMessageOf(error), error);
    return;
  }
  let payload: string;
  try {
    // A function that returns nothing answers null; stringify gives undefined for a function too.
    payload = JSON.stringify(answer ?? null) ?? 'null';
  } catch (error) {
    fail(id, 'Runtime.JSONStringifyError', 'Unable to stringify response body', error);
    return;
  }
  if (Buffer.byteLength(payload) > ANSWER_LIMIT_BYTES) {
    fail(
      id,
      'Function.ResponseSizeTooLarge',
      `Response payload size exceeded maximum allowed payload size (${ANSWER_LIMIT_BYTES} bytes).`,
    );
    return;
  }
  send({ type: 'answer', id, payload });
}

function contextOf(message: InvokeMessage) {
  return {
    functionName: settings.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: settings.functionArn,
    memoryLimitInMB: String(settings.memoryMb),
    awsRequestId: message.id,
    logGroupName: logGroupName(settings.functionName),
    logStreamName: LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, message.deadlineEpochMs - Date.now()),
  };
}

/** Reports a failed invocation to the Region and, as the runtime does on AWS, to the log. */
function fail(id: string, errorType: string, errorMessage: string, cause?: unknown): void {
  const line = {
    timestamp: new Date().toISOString(),
    level: 'ERROR',
    requestId: id,
    message: { errorType, errorMessage, stackTrace: stackOf(cause) },
  };
  log.write(`${JSON.stringify(line)}\n`);
  send({ type: 'error', id, errorType, errorMessage });
}

function send(message: EnvironmentMessage): void {
  port.postMessage(message);
}

/**
 * Sends a stream's writes to the function's log: lines stay as the code wrote them. Metrics among
 * them are gathered on the way, as CloudWatch Logs does.
 */
function divert(stream: NodeJS.WriteStream): void {
  const emf = createEmfReader(metrics.observe);
  const write = (
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | ((error?: Error | null) => void),
    callback?: (error?: Error | null) => void,
  ): boolean => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    log.write(text);
    emf.write(text);
    const done = typeof encoding === 'function' ? encoding : callback;
    if (done !== undefined) queueMicrotask(() => done());
    return true;
  };
  stream.write = write as typeof stream.write;
}

function errorTypeOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function errorMessageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function stackOf(error: unknown): readonly string[] {
  return error instanceof Error ? (error.stack ?? '').split('\n').slice(0, 20) : [];
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
