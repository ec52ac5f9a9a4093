/**
 * The twin's AWS: one loopback HTTP endpoint for every service of every Region. Region, service and
 * caller are read off the credential scope of each request, as AWS's own front ends do.
 */

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delayTimer } from 'node:timers/promises';
import type { ApiEgress } from '../egress/api-egress.ts';
import type { FaultBoard } from '../faults/fault.ts';
import type { Authorizer, Refusal, RolePrincipal } from './authorizer.ts';
import type {
  AwsService,
  AwsWireError,
  Principal,
  ServiceAnswer,
  ServiceCall,
} from './aws-service.ts';
import { type CallCount, createCallCounters } from './call-counters.ts';
import { type CallObservation, type CallResult, createCallPipeline } from './call-pipeline.ts';
import { type CredentialScope, credentialScope } from './credential-scope.ts';
import { crossSiteReason } from './loopback-guard.ts';
import { BODY_BYTES_MAX, type ReadBody, readBody } from './read-body.ts';
import { plainErrorAnswer } from './wire-errors.ts';

export interface AwsEndpointOptions {
  readonly services: readonly AwsService[];
  /** By access key id. Looked up anew for each call; a key that is not in it is the operator's. */
  readonly principals: ReadonlyMap<string, RolePrincipal>;
  readonly authorizer: Authorizer;
  readonly faults: FaultBoard;
  /** Regions that serve; at least one. */
  readonly regions: readonly string[];
  readonly witness: string | null;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly onRefusal: (refusal: Refusal) => void;
  /** Told of each answer of a service, for the metrics. @default nobody is */
  readonly observe?: (observation: CallObservation) => void;
  /** Told of what a service throws; the caller receives AWS's internal error. */
  readonly onServiceError: (error: unknown, call: ServiceCall) => void;
  /**
   * Kills the process of a Region for a `crash` fault; resolves when it is gone.
   * Default: no Region has a process.
   */
  readonly crash?: (region: string) => Promise<void>;
  /** Takes the requests of functions that are for no AWS service. Default: there are none. */
  readonly egress?: Pick<ApiEgress, 'accepts' | 'serve'>;
  /** How injected latency is waited out. Default: a timer that the client's leaving cancels. */
  readonly delay?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface AwsEndpoint {
  /** Listens on 127.0.0.1; port 0 takes a free one. Returns the port. Rejects if it is taken. */
  listen(port: number): Promise<number>;
  /**
   * Carries out a call made inside the twin, by an event source: as one that came over the wire, with
   * its reachability, IAM, faults and counters. Never rejects.
   */
  call(service: AwsService['name'], call: ServiceCall, principal: Principal): Promise<CallResult>;
  /** Cuts every connection, calls on hold included, and stops listening. */
  close(): Promise<void>;
  counters(): readonly CallCount[];
  /** The latest refusals by IAM, newest last, at most 100. */
  refusals(): readonly Refusal[];
  /** Calls that were read and have not been answered. */
  inFlight(): number;
}

const REFUSALS_MAX = 100;
/** Longer than SDK clients keep a connection idle, so that the client is the one to close it. */
const KEEP_ALIVE_MS = 65_000;
const OPERATOR: Principal = { kind: 'operator' };

interface Flight {
  readonly region: string;
  readonly request: IncomingMessage;
}

/** Creates the endpoint; nothing listens before `listen`. */
export function createAwsEndpoint(options: AwsEndpointOptions): AwsEndpoint {
  const { faults, principals } = options;
  const services = new Map<string, AwsService>(options.services.map((one) => [one.name, one]));
  const counters = createCallCounters();
  const refusals: Refusal[] = [];
  const flights = new Set<Flight>();
  const pipeline = createCallPipeline({
    authorizer: options.authorizer,
    faults,
    counters,
    nowEpochMs: options.now,
    delay: options.delay ?? defaultDelay,
    crash: options.crash ?? (async () => {}),
    onServiceError: options.onServiceError,
    ...(options.observe === undefined ? {} : { observe: options.observe }),
    onRefusal(refusal) {
      refusals.push(refusal);
      if (refusals.length > REFUSALS_MAX) refusals.shift();
      options.onRefusal(refusal);
    },
  });
  const stopListening = faults.onChange(() => {
    for (const { region, request } of flights) {
      const condition = faults.conditionOf(region);
      if (condition === 'killed' || condition === 'dead') request.socket.destroy();
    }
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    const { headers } = request;
    const reason = crossSiteReason(headers.origin, headers.host);
    if (reason !== null) return refuse(response, requestId, 403, 'CrossSiteRequest', reason);
    const scope = credentialScope(headers.authorization, request.url ?? '/');
    if (scope === null) return refuse(response, requestId, 403, ...MISSING_TOKEN);

    const leaving = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished) leaving.abort();
    });
    const read = await readBody(request);
    if (read.kind === 'cut-off') return undefined;
    if (read.kind !== 'body') {
      response.setHeader('connection', 'close');
      return refuse(response, requestId, ...unreadableBody(read));
    }
    const received: ServiceCall = {
      region: scope.region,
      operation: '',
      headers: serviceHeaders(request),
      url: request.url ?? '/',
      body: read.body,
      requestId,
      signal: leaving.signal,
    };
    const service = services.get(scope.service);
    const misdirected = misdirection(scope, service);
    if (service === undefined || misdirected !== null) {
      const error = misdirected ?? unknownService(scope.service);
      const answer = service?.errorAnswer(received, error) ?? plainErrorAnswer(error);
      return write(response, requestId, answer);
    }
    const { url, body } = received;
    const method = request.method ?? 'POST';
    const operation = service.operationOf(received.headers, url, body, method);
    if (operation === null) {
      return write(response, requestId, service.errorAnswer(received, UNKNOWN_OPERATION));
    }
    return dispatch(request, response, service, { ...received, operation }, scope.accessKeyId);
  }

  async function dispatch(
    request: IncomingMessage,
    response: ServerResponse,
    service: AwsService,
    call: ServiceCall,
    accessKeyId: string,
  ): Promise<void> {
    const flight: Flight = { region: call.region, request };
    flights.add(flight);
    const principal = principals.get(accessKeyId) ?? OPERATOR;
    const result = await pipeline.run(service, call, principal);
    flights.delete(flight);
    if (result.kind === 'answer') write(response, call.requestId, result.answer);
    else if (result.kind === 'cut') request.socket.destroy();
  }

  function misdirection(
    { region }: CredentialScope,
    service: AwsService | undefined,
  ): AwsWireError | null {
    if (service === undefined || options.regions.includes(region)) return null;
    const known = options.regions.join(', ');
    const why =
      region === options.witness
        ? `${region} is the witness Region: it keeps a vote and serves nothing.`
        : `${region} is not a Region of this twin.`;
    return {
      status: 400,
      code: 'UnknownRegion',
      message: `${why} Use one of ${known} (--region, or AWS_REGION).`,
    };
  }

  function unknownService(name: string): AwsWireError {
    return {
      status: 404,
      code: 'UnknownService',
      message: `This twin does not serve ${name}. It serves ${[...services.keys()].join(', ')}.`,
    };
  }

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    if (options.egress?.accepts(request)) return options.egress.serve(request, response);
    serve(request, response).catch((error: unknown) => {
      // Nothing above is expected to throw. If it does, the caller must not wait for ever.
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });

  function listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve((server.address() as AddressInfo).port);
      });
    });
  }

  function close(): Promise<void> {
    stopListening();
    pipeline.stop();
    return new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  function callInside(
    name: AwsService['name'],
    call: ServiceCall,
    principal: Principal,
  ): Promise<CallResult> {
    const service = services.get(name);
    if (service === undefined) throw new Error(`This endpoint has no service ${name}.`);
    return pipeline.run(service, call, principal);
  }

  return {
    listen,
    call: callInside,
    close,
    counters: () => counters.list(),
    refusals: () => [...refusals],
    inFlight: () => flights.size,
  };
}

const MISSING_TOKEN = [
  'MissingAuthenticationToken',
  'Request is missing Authentication Token. Any access key will do: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
] as const;

const UNKNOWN_OPERATION: AwsWireError = {
  status: 400,
  code: 'UnknownOperationException',
  message: 'The request names no operation of this service.',
};

function unreadableBody(
  read: Extract<ReadBody, { kind: 'too-large' | 'unreadable' }>,
): [number, string, string] {
  return read.kind === 'too-large'
    ? [413, 'RequestEntityTooLarge', `The body is longer than ${BODY_BYTES_MAX} bytes.`]
    : [
        415,
        'UnsupportedContentEncoding',
        `A body with Content-Encoding ${read.encoding} can't be read: send it plain, or as valid gzip.`,
      ];
}

/** The headers as the service sees them: the body that goes with them is decompressed. */
function serviceHeaders(request: IncomingMessage): ServiceCall['headers'] {
  // Node joins repeated headers; only Set-Cookie stays a list, and requests carry none.
  const headers = request.headers as Record<string, string | undefined>;
  if (headers['content-encoding'] === undefined) return headers;
  const { 'content-encoding': _encoding, 'content-length': _length, ...rest } = headers;
  return rest;
}

function refuse(
  response: ServerResponse,
  requestId: string,
  status: number,
  code: string,
  message: string,
): void {
  write(response, requestId, plainErrorAnswer({ status, code, message }));
}

function write(response: ServerResponse, requestId: string, answer: ServiceAnswer): void {
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-length': Buffer.byteLength(answer.body),
    'x-amzn-requestid': requestId,
  });
  response.end(answer.body);
}

async function defaultDelay(ms: number, signal: AbortSignal): Promise<void> {
  await delayTimer(ms, undefined, { signal });
}
