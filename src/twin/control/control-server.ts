/** The HTTP API by which a twin is watched and broken, and the page that uses it. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FaultRequestError } from '../faults/fault.ts';
import { QueueRequestError } from '../messaging/queue-request-error.ts';
import { LOOPBACK } from './addresses.ts';
import { checkCaller } from './check-caller.ts';
import { loadPageFiles, type PageFile } from './page-files.ts';
import { parseDuplicatesRequest } from './parse-duplicates-request.ts';
import { parseFaultRequest } from './parse-fault-request.ts';
import { type Problem, sendProblem } from './send-problem.ts';
import type { TwinController } from './twin-status.ts';

export interface ControlServerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly controller: TwinController;
  /** Folder with `index.html` and what it loads, all in one level. */
  readonly pageDirectory: string;
  /** Told of what went wrong within the controller; the caller is told only that something did. */
  readonly onError: (error: unknown) => void;
}

export interface ControlServer {
  readonly port: number;
  close(): Promise<void>;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;
type Methods = Readonly<Record<string, Handler>>;

const QUEUE_DUPLICATES =
  /^\/queues\/(?<region>[a-z0-9-]{1,64})\/(?<name>[A-Za-z0-9_-]{1,80}(?:\.fifo)?)\/duplicates$/;

const BODY_BYTES_MAX = 16_384;
const REQUEST_TIMEOUT_MS = 10_000;

/** The page loads its own files only, runs no inline code and can't be framed. */
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

/** Carries an answer other than the one asked for out of a handler. */
class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }
}

/** Listens on loopback until `close`. Rejects, naming the port, when it can't listen. */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const { controller, onError } = options;
  const page = await loadPageFiles(options.pageDirectory);

  const http = createServer((request, response) => {
    response.setHeader('x-content-type-options', 'nosniff');
    serve(request, response, controller, page).catch((error: unknown) => {
      const problem = problemFrom(error);
      if (problem.status === 500) onError(error);
      if (response.headersSent) response.destroy();
      else sendProblem(request, response, problem);
    });
  });
  http.requestTimeout = REQUEST_TIMEOUT_MS;
  http.headersTimeout = REQUEST_TIMEOUT_MS;
  http.listen(options.port, LOOPBACK);
  try {
    await once(http, 'listening');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new Error(`the control server cannot listen on ${LOOPBACK}:${options.port} (${code})`, {
      cause,
    });
  }
  return {
    port: (http.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      http.closeAllConnections();
      await closed;
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  controller: TwinController,
  page: ReadonlyMap<string, PageFile>,
): Promise<void> {
  const method = request.method ?? 'GET';
  const refusal = checkCaller(method, request.headers);
  if (refusal !== null) return sendProblem(request, response, refusal);

  const path = (request.url ?? '/').split('?', 1)[0] as string;
  const methods = methodsAt(path, controller, page);
  if (methods === null) {
    return sendProblem(request, response, {
      status: 404,
      code: 'not_found',
      title: 'No such resource',
      detail:
        'There are /status, /faults, /faults/<region>, /queues/<region>/<name>/duplicates, /healthz and the page at /.',
    });
  }
  const allowed = [...Object.keys(methods), ...('GET' in methods ? ['HEAD'] : []), 'OPTIONS'];
  if (method === 'OPTIONS') {
    response.writeHead(204, { allow: allowed.join(', ') }).end();
    return;
  }
  const handler = methods[method === 'HEAD' ? 'GET' : method];
  if (handler === undefined) {
    const problem = {
      status: 405,
      code: 'method_not_allowed',
      title: `${path} takes no ${method}`,
      detail: `Use ${allowed.join(', ')}.`,
    };
    return sendProblem(request, response, problem, { allow: allowed.join(', ') });
  }
  await handler(request, response);
}

/** The handlers of one path by method, or null where there is nothing. HEAD and OPTIONS follow. */
function methodsAt(
  path: string,
  controller: TwinController,
  page: ReadonlyMap<string, PageFile>,
): Methods | null {
  const heal = (region?: string): Handler => {
    return async (request, response) => {
      sendJson(response, 200, await controller.heal(region, faultIdOf(request)));
    };
  };
  if (path === '/status') {
    return {
      GET: async (_request, response) => sendJson(response, 200, await controller.status()),
    };
  }
  if (path === '/healthz') {
    return { GET: (_request, response) => sendJson(response, 200, { status: 'ok' }) };
  }
  if (path === '/faults') {
    return {
      POST: async (request, response) => {
        const fault = await controller.inject(parseFaultRequest(await readBody(request)));
        sendJson(response, 201, fault);
      },
      DELETE: heal(),
    };
  }
  const region = /^\/faults\/([a-z0-9-]{1,64})$/.exec(path)?.[1];
  if (region !== undefined) return { DELETE: heal(region) };
  const queue = QUEUE_DUPLICATES.exec(path)?.groups;
  if (queue !== undefined) return { POST: duplicates(controller, queue) };
  const file = page.get(path);
  if (file === undefined) return null;
  return {
    GET: (_request, response) => {
      response.writeHead(200, {
        ...PAGE_HEADERS,
        'content-type': file.contentType,
        'content-length': file.body.length,
      });
      response.end(file.body);
    },
  };
}

function duplicates(
  controller: TwinController,
  { region = '', name = '' }: Readonly<Record<string, string>>,
): Handler {
  return async (request, response) => {
    const on = parseDuplicatesRequest(await readBody(request));
    controller.duplicateDeliveries(region, name, on);
    sendJson(response, 200, { region, queue: name, duplicates: on });
  };
}

/** `?id=fault-3` of a DELETE; undefined where every fault is meant. */
function faultIdOf({ url = '' }: IncomingMessage): string | undefined {
  const mark = url.indexOf('?');
  if (mark === -1) return undefined;
  const query = new URLSearchParams(url.slice(mark + 1));
  const unknown = [...query.keys()].find((name) => name !== 'id');
  // Taken for a request without it, a misspelt one would end every fault.
  if (unknown !== undefined || query.getAll('id').length > 1) {
    throw new FaultRequestError('A DELETE takes one query parameter, id, as in ?id=fault-3.');
  }
  return query.get('id') ?? undefined;
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(body);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Ending the stream early would end the connection, and the refusal below could not be sent.
  const body = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) {
      throw new ProblemError({
        status: 413,
        code: 'body_too_large',
        title: 'Request body is too large',
        detail: `Send at most ${BODY_BYTES_MAX} bytes.`,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function problemFrom(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof FaultRequestError) {
    const { message } = error;
    return { status: 400, code: 'invalid_fault', title: 'Invalid fault', detail: message };
  }
  if (error instanceof QueueRequestError) {
    const { message } = error;
    return {
      status: 400,
      code: 'invalid_queue_request',
      title: 'Invalid request',
      detail: message,
    };
  }
  return {
    status: 500,
    code: 'internal_error',
    title: 'The twin could not do this',
    detail: 'The reason is in the output of the process that runs the twin.',
  };
}
