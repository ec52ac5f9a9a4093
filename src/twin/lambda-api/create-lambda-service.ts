/** Lambda at the twin's endpoint: invoking functions, and saying which there are. */

import type {
  AwsService,
  AwsWireError,
  NeededPermission,
  ServiceAnswer,
  ServiceCall,
} from '../endpoint/aws-service.ts';
import type { AsyncInvocation } from '../events/async-invoker.ts';
import { EVENT_LIMIT_BYTES, type InvocationOutcome } from '../region/lambda/invocation.ts';
import type { FunctionModel, RegionModel } from '../region-model.ts';
import { functionConfiguration } from './function-configuration.ts';
import { functionError } from './function-error.ts';
import { functionPath } from './function-path.ts';

export interface LambdaServiceOptions {
  readonly regions: readonly RegionModel[];
  /** Invokes a function and waits for it. Never rejects. */
  readonly invoke: (invocation: AsyncInvocation) => Promise<InvocationOutcome>;
  /** Takes an asynchronous invocation. */
  readonly submit: (invocation: AsyncInvocation) => void;
}

/** Largest event of an asynchronous invocation. Source: Lambda developer guide, "Lambda quotas". */
const ASYNC_EVENT_LIMIT_BYTES = 1_048_576;

const JSON_HEADERS = { 'content-type': 'application/json' } as const;

/**
 * Lambda of every Region. It serves `Invoke` (RequestResponse, Event, DryRun; neither logs nor client
 * contexts), `ListFunctions` in one page and `GetFunction` without the code's address.
 * Source: Lambda API reference.
 */
export function createLambdaService(options: LambdaServiceOptions): AwsService {
  const functions = new Map(options.regions.map((one) => [one.region, one.functions]));

  function functionOf(call: ServiceCall): FunctionModel | null {
    const named = functionPath(call.url);
    if (named === null || named.qualifier !== '$LATEST') return null;
    if (named.region !== null && named.region !== call.region) return null;
    return (functions.get(call.region) ?? []).find(({ name }) => name === named.name) ?? null;
  }

  /** ARN of what the caller named, whether it is there or not: IAM decides before Lambda looks. */
  function arnOf(call: ServiceCall): string {
    const found = functionOf(call);
    if (found !== null) return found.arn;
    const account = options.regions.find(({ region }) => region === call.region)?.accountId ?? '';
    const name = functionPath(call.url)?.name ?? '*';
    return `arn:aws:lambda:${call.region}:${account}:function:${name}`;
  }

  async function invoke(call: ServiceCall, fn: FunctionModel): Promise<ServiceAnswer> {
    const type = call.headers['x-amz-invocation-type'] ?? 'RequestResponse';
    const event = call.body.length === 0 ? '{}' : call.body.toString('utf8');
    const refusal = refuseEvent(type, event, call.body.length);
    if (refusal !== null) return errorAnswer(call, refusal);
    if (type === 'DryRun') return { status: 204, headers: {}, body: '' };
    const { region, requestId } = call;
    const invocation = { region, functionArn: fn.arn, event, requestId };
    if (type === 'Event') {
      options.submit(invocation);
      return { status: 202, headers: JSON_HEADERS, body: '' };
    }
    const outcome = await options.invoke(invocation);
    if (outcome.kind === 'throttled') return THROTTLED;
    const version = { 'x-amz-executed-version': '$LATEST' };
    if (outcome.kind === 'answered') {
      return { status: 200, headers: { ...JSON_HEADERS, ...version }, body: outcome.payload };
    }
    const headers = { ...JSON_HEADERS, ...version, 'x-amz-function-error': 'Unhandled' };
    return { status: 200, headers, body: functionError(outcome, requestId) };
  }

  async function handle(call: ServiceCall): Promise<ServiceAnswer> {
    if (call.operation === 'ListFunctions') {
      const Functions = (functions.get(call.region) ?? []).map(functionConfiguration);
      return { status: 200, headers: JSON_HEADERS, body: JSON.stringify({ Functions }) };
    }
    const fn = functionOf(call);
    if (fn === null) return errorAnswer(call, notFound(arnOf(call)));
    if (call.operation === 'Invoke') return invoke(call, fn);
    const Configuration = functionConfiguration(fn);
    const { reservedConcurrency: ReservedConcurrentExecutions } = fn;
    const Concurrency =
      ReservedConcurrentExecutions === undefined
        ? {}
        : { Concurrency: { ReservedConcurrentExecutions } };
    const body = JSON.stringify({ Configuration, ...Concurrency, Code: {} });
    return { status: 200, headers: JSON_HEADERS, body };
  }

  function permissionsOf(call: ServiceCall): readonly NeededPermission[] {
    if (call.operation === 'ListFunctions') {
      return [{ action: 'lambda:ListFunctions', resourceArn: '*' }];
    }
    const action = call.operation === 'Invoke' ? 'lambda:InvokeFunction' : 'lambda:GetFunction';
    return [{ action, resourceArn: arnOf(call) }];
  }

  return { name: 'lambda', operationOf, permissionsOf, handle, errorAnswer };
}

function operationOf(
  _headers: ServiceCall['headers'],
  url: string,
  _body: Buffer,
  method: string,
): string | null {
  const [path = ''] = url.split('?');
  if (method === 'POST' && functionPath(url)?.action === 'invocations') return 'Invoke';
  if (method !== 'GET') return null;
  if (/^\/2015-03-31\/functions\/?$/.test(path)) return 'ListFunctions';
  return functionPath(url)?.action === null ? 'GetFunction' : null;
}

function refuseEvent(type: string, event: string, sizeBytes: number): AwsWireError | null {
  if (!['RequestResponse', 'Event', 'DryRun'].includes(type)) {
    const message = `InvocationType ${type} is none of RequestResponse, Event and DryRun.`;
    return { status: 400, code: 'InvalidParameterValueException', message };
  }
  const limitBytes = type === 'Event' ? ASYNC_EVENT_LIMIT_BYTES : EVENT_LIMIT_BYTES;
  if (sizeBytes > limitBytes) {
    const message = `${sizeBytes} byte payload is too large for the ${type} invocation type (limit ${limitBytes} bytes)`;
    return { status: 413, code: 'RequestTooLargeException', message };
  }
  try {
    JSON.parse(event);
    return null;
  } catch (error) {
    const message = `Could not parse request body into json: ${(error as Error).message}`;
    return { status: 400, code: 'InvalidRequestContentException', message };
  }
}

/** Source: Lambda API reference, Invoke, `TooManyRequestsException`. */
const THROTTLED: ServiceAnswer = {
  status: 429,
  headers: { ...JSON_HEADERS, 'x-amzn-errortype': 'TooManyRequestsException' },
  body: JSON.stringify({
    Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    Type: 'User',
    message: 'Rate Exceeded.',
  }),
};

function notFound(arn: string): AwsWireError {
  return { status: 404, code: 'ResourceNotFoundException', message: `Function not found: ${arn}` };
}

function errorAnswer(_call: ServiceCall, error: AwsWireError): ServiceAnswer {
  return {
    status: error.status,
    headers: { ...JSON_HEADERS, 'x-amzn-errortype': error.code },
    body: JSON.stringify({ Type: error.status < 500 ? 'User' : 'Service', message: error.message }),
  };
}
