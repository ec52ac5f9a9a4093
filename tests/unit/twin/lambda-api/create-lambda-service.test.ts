import { describe, expect, it } from 'vitest';
import type { ServiceCall } from '#twin/endpoint/aws-service.ts';
import type { AsyncInvocation } from '#twin/events/async-invoker.ts';
import { createLambdaService } from '#twin/lambda-api/create-lambda-service.ts';
import type { InvocationOutcome } from '#twin/region/lambda/invocation.ts';
import { FUNCTION, regionOf } from '../region/api/request-fixture.ts';

const REGION = regionOf();
const ARN = FUNCTION.arn;
const BASE = '/2015-03-31/functions';
const INVOKE = `${BASE}/${FUNCTION.name}/invocations`;

function setUp(
  outcome: InvocationOutcome = { kind: 'answered', payload: '{"n":1}' },
  regions = [REGION],
) {
  const invoked: AsyncInvocation[] = [];
  const submitted: AsyncInvocation[] = [];
  const service = createLambdaService({
    regions,
    async invoke(invocation) {
      invoked.push(invocation);
      return outcome;
    },
    submit: (invocation) => submitted.push(invocation),
  });
  async function request(
    method: string,
    url: string,
    body = '',
    headers: Record<string, string> = {},
  ) {
    const bytes = Buffer.from(body);
    const operation = service.operationOf(headers, url, bytes, method);
    if (operation === null) return null;
    const call: ServiceCall = {
      ...{ region: REGION.region, operation, headers, url, body: bytes },
      requestId: 'r-1',
      signal: new AbortController().signal,
    };
    const { status, headers: sent, body: text } = await service.handle(call);
    return { status, headers: sent, text: String(text), permissions: service.permissionsOf(call) };
  }
  return { request, invoked, submitted };
}

const withType = (type: string) => ({ 'x-amz-invocation-type': type });

describe('Invoke', () => {
  it("answers with the function's payload", async () => {
    const { request, invoked } = setUp();
    const answer = await request('POST', INVOKE, '{"a":1}');
    expect(answer).toMatchObject({ status: 200, text: '{"n":1}' });
    expect(answer?.headers).not.toHaveProperty('x-amz-function-error');
    expect(answer?.permissions).toEqual([{ action: 'lambda:InvokeFunction', resourceArn: ARN }]);
    const event = '{"a":1}';
    expect(invoked).toEqual([{ region: REGION.region, functionArn: ARN, event, requestId: 'r-1' }]);
  });

  it.each([
    encodeURIComponent(ARN),
    ARN,
    `${REGION.accountId}:function:${FUNCTION.name}`,
    `${FUNCTION.name}:$LATEST`,
  ])('finds the function named %s', async (named) => {
    const answer = await setUp().request('POST', `${BASE}/${named}/invocations`, '{}');
    expect(answer?.status).toBe(200);
  });

  it('sends an empty object when there is no payload', async () => {
    const { request, invoked } = setUp();
    await request('POST', INVOKE);
    expect(invoked[0]?.event).toBe('{}');
  });

  it.each<[InvocationOutcome, string, RegExp]>([
    [{ kind: 'function-error', errorType: 'TypeError', errorMessage: 'x' }, 'TypeError', /^x$/],
    [{ kind: 'timed-out', timeoutMs: 3_000 }, 'Sandbox.Timedout', /timed out after 3\.00 seconds/],
    [{ kind: 'crashed', reason: 'it ended' }, 'Runtime.ExitError', /RequestId: r-1.*it ended/],
  ])('reports a failed function with status 200: %j', async (outcome, errorType, message) => {
    const answer = await setUp(outcome).request('POST', INVOKE, '{}');
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'x-amz-function-error': 'Unhandled' },
    });
    expect(JSON.parse(answer?.text ?? '')).toMatchObject({
      errorType,
      errorMessage: expect.stringMatching(message),
    });
  });

  it('reports a throttled invocation as an error of its own, which callers may repeat', async () => {
    const { request } = setUp({ kind: 'throttled', reservedConcurrency: 5 });
    const answer = await request('POST', INVOKE, '{}');
    expect(answer).toMatchObject({
      status: 429,
      headers: { 'x-amzn-errortype': 'TooManyRequestsException' },
    });
    expect(answer?.headers).not.toHaveProperty('x-amz-function-error');
    expect(JSON.parse(answer?.text ?? '')).toMatchObject({
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      message: 'Rate Exceeded.',
    });
  });

  it('takes an Event without waiting, and does nothing for a DryRun', async () => {
    const { request, invoked, submitted } = setUp();
    expect(await request('POST', INVOKE, '{"a":1}', withType('Event'))).toMatchObject({
      status: 202,
      text: '',
    });
    expect(submitted).toMatchObject([{ functionArn: ARN, event: '{"a":1}' }]);
    expect(await request('POST', INVOKE, '{}', withType('DryRun'))).toMatchObject({ status: 204 });
    expect([invoked.length, submitted.length]).toEqual([0, 1]);
  });

  it.each([
    ['another function', `${BASE}/other/invocations`, '{}', {}, 404, 'ResourceNotFoundException'],
    ['a version', `${INVOKE}?Qualifier=1`, '{}', {}, 404, 'ResourceNotFoundException'],
    [
      'another Region',
      `${BASE}/${ARN.replace(REGION.region, 'eu-west-1')}/invocations`,
      '{}',
      {},
      404,
      'ResourceNotFoundException',
    ],
    ['a payload that is no JSON', INVOKE, '{', {}, 400, 'InvalidRequestContentException'],
    ['an unknown type', INVOKE, '{}', withType('Now'), 400, 'InvalidParameterValueException'],
    [
      'a long event that nobody waits for',
      INVOKE,
      `"${'x'.repeat(1_048_575)}"`,
      withType('Event'),
      413,
      'RequestTooLargeException',
    ],
  ])('rejects %s', async (_, url, body, headers, status, code) => {
    const { request, invoked, submitted } = setUp();
    const answer = await request('POST', url, body, headers as Record<string, string>);
    expect(answer).toMatchObject({ status, headers: { 'x-amzn-errortype': code } });
    expect([invoked, submitted]).toEqual([[], []]);
  });
});

describe('what functions there are', () => {
  it('is listed, without their environment', async () => {
    const answer = await setUp().request('GET', `${BASE}/`);
    const { Functions } = JSON.parse(answer?.text ?? '') as { Functions: object[] };
    expect(Functions).toMatchObject([{ FunctionName: FUNCTION.name, FunctionArn: ARN }]);
    expect(answer?.text).not.toContain('Environment');
    expect(answer?.permissions).toEqual([{ action: 'lambda:ListFunctions', resourceArn: '*' }]);
  });

  it('is described one by one', async () => {
    const answer = await setUp().request('GET', `${BASE}/${FUNCTION.name}`);
    expect(JSON.parse(answer?.text ?? '')).toMatchObject({ Configuration: { FunctionArn: ARN } });
    expect(answer?.permissions).toEqual([{ action: 'lambda:GetFunction', resourceArn: ARN }]);
    expect(await setUp().request('GET', `${BASE}/other`)).toMatchObject({ status: 404 });
  });

  it('says what a function has reserved', async () => {
    const reserved = regionOf([{ ...FUNCTION, reservedConcurrency: 5 }]);
    const answer = await setUp(undefined, [reserved]).request('GET', `${BASE}/${FUNCTION.name}`);
    expect(JSON.parse(answer?.text ?? '')).toMatchObject({
      Concurrency: { ReservedConcurrentExecutions: 5 },
    });
    const other = await setUp().request('GET', `${BASE}/${FUNCTION.name}`);
    expect(other?.text).not.toContain('Concurrency');
  });

  it.each([
    ['POST', BASE],
    ['DELETE', `${BASE}/${FUNCTION.name}`],
    ['GET', INVOKE],
    ['GET', `${BASE}/${FUNCTION.name}/policy`],
    ['GET', '/2015-03-31/event-source-mappings/'],
  ])('cannot be changed: %s %s is no operation here', async (method, url) => {
    expect(await setUp().request(method, url)).toBeNull();
  });
});
