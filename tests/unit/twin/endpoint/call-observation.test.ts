import { expect, it } from 'vitest';
import type { AwsService, Principal } from '#twin/endpoint/aws-service.ts';
import { createCallCounters } from '#twin/endpoint/call-counters.ts';
import { createCallPipeline } from '#twin/endpoint/call-pipeline.ts';
import { createFaultBoard } from '#twin/faults/fault-board.ts';

const EAST = 'us-east-1';
const ROLE: Principal = { kind: 'role', roleArn: 'role', sessionArn: 'session', region: EAST };

it('tells of each answer, injected throttling and errors included, unless IAM refused the call', async () => {
  const observed: unknown[] = [];
  const clock = { nowEpochMs: () => 0 };
  const faults = createFaultBoard({ regions: [EAST], witness: null, clock, random: () => 0 });
  const service: AwsService = {
    name: 'dynamodb',
    operationOf: () => 'PutItem',
    permissionsOf: () => [{ action: 'dynamodb:PutItem', resourceArn: 'table' }],
    handle: () => Promise.resolve({ status: 200, headers: {}, body: '' }),
    errorAnswer: (_call, { status, code }) => ({ status, headers: {}, body: code }),
  };
  const pipeline = createCallPipeline({
    authorizer: { permits: () => ({ decision: 'implicit-deny', source: null }) },
    ...{ faults, counters: createCallCounters(), nowEpochMs: () => 0 },
    delay: () => Promise.resolve(),
    crash: () => Promise.resolve(),
    onRefusal: () => undefined,
    onServiceError: () => undefined,
    observe: ({ service: name, call, answer, throttled }) =>
      observed.push([name, call.operation, answer.status, throttled]),
  });
  const call = {
    ...{ region: EAST, operation: 'PutItem', headers: {}, url: '/', requestId: 'id' },
    ...{ body: Buffer.from('{}'), signal: new AbortController().signal },
  };
  const run = (principal: Principal) => pipeline.run(service, call, principal);

  await run({ kind: 'operator' });
  await run(ROLE);
  faults.inject({ region: EAST, kind: 'errors', rate: 1 });
  await run({ kind: 'operator' });
  faults.inject({ region: EAST, kind: 'throttle', rate: 1 });
  await run({ kind: 'operator' });
  expect(observed).toEqual([
    ['dynamodb', 'PutItem', 200, false],
    ['dynamodb', 'PutItem', 500, false],
    ['dynamodb', 'PutItem', 400, true],
  ]);
});
