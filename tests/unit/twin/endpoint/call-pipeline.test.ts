import { describe, expect, it } from 'vitest';
import type { AuthorizationDecision, Refusal } from '#twin/endpoint/authorizer.ts';
import type {
  AwsService,
  Principal,
  ServiceAnswer,
  ServiceCall,
} from '#twin/endpoint/aws-service.ts';
import { createCallCounters } from '#twin/endpoint/call-counters.ts';
import { createCallPipeline } from '#twin/endpoint/call-pipeline.ts';
import { createFaultBoard } from '#twin/faults/fault-board.ts';

const EAST = 'us-east-1';
const OHIO = 'us-east-2';
const OK: ServiceAnswer = { status: 200, headers: {}, body: 'done' };
const OPERATOR: Principal = { kind: 'operator' };

function role(region: string): Principal {
  return { kind: 'role', roleArn: 'role', sessionArn: 'session', region };
}

/** A pipeline over a service that notes what reaches it and answers with `handle`. */
function world(
  options: {
    handle?: (call: ServiceCall) => Promise<ServiceAnswer>;
    decisions?: Record<string, AuthorizationDecision>;
  } = {},
) {
  const handled: string[] = [];
  const refusals: Refusal[] = [];
  const thrown: unknown[] = [];
  const crashed: string[] = [];
  const delays: { ms: number; end: () => void }[] = [];
  const faults = createFaultBoard({
    regions: [EAST, OHIO],
    witness: null,
    clock: { nowEpochMs: () => 0 },
    random: () => 0,
  });
  const counters = createCallCounters();
  const service: AwsService = {
    name: 'dynamodb',
    operationOf: () => 'PutItem',
    permissionsOf: () => [
      { action: 'dynamodb:PutItem', resourceArn: 'table' },
      { action: 'dynamodb:GetItem', resourceArn: 'table' },
    ],
    handle(call) {
      handled.push(call.region);
      return options.handle?.(call) ?? Promise.resolve(OK);
    },
    errorAnswer: (_call, error) => ({ status: error.status, headers: {}, body: error.code }),
  };
  const pipeline = createCallPipeline({
    authorizer: {
      permits: (_role, needed) => ({
        decision: options.decisions?.[needed.action] ?? 'allowed',
        source: null,
      }),
    },
    faults,
    counters,
    nowEpochMs: () => 77,
    delay: (ms, signal) =>
      new Promise((resolve, reject) => {
        delays.push({ ms, end: resolve });
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
    crash: async (region) => {
      await settle();
      crashed.push(region);
      faults.inject({ region, kind: 'kill' });
    },
    onRefusal: (refusal) => refusals.push(refusal),
    onServiceError: (error) => thrown.push(error),
  });
  function call(region: string, signal: AbortSignal = new AbortController().signal): ServiceCall {
    return {
      region,
      operation: 'PutItem',
      headers: {},
      url: '/',
      body: Buffer.from('{}'),
      requestId: 'id',
      signal,
    };
  }
  function run(region: string, principal: Principal = OPERATOR, signal?: AbortSignal) {
    return pipeline.run(service, call(region, signal), principal);
  }
  return { run, faults, counters, handled, crashed, refusals, thrown, delays, pipeline };
}

/** Lets every promise that can settle do so. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Whether `promise` is still waiting after everything else has settled. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  void promise.then(() => {
    pending = false;
  });
  await settle();
  return pending;
}

describe('a call without faults', () => {
  it('reaches the service and is counted', async () => {
    const { run, counters, handled } = world();
    expect(await run(EAST)).toEqual({ kind: 'answer', answer: OK });
    expect(handled).toEqual([EAST]);
    expect(counters.list()).toEqual([
      { region: EAST, service: 'dynamodb', operation: 'PutItem', calls: 1, errors: 0, refused: 0 },
    ]);
  });

  it('becomes an internal error that is reported when the service throws', async () => {
    const broken = new Error('engine died');
    const { run, counters, thrown } = world({ handle: () => Promise.reject(broken) });
    const result = await run(EAST);
    expect(result).toMatchObject({ answer: { status: 500, body: 'InternalServerError' } });
    expect(thrown).toEqual([broken]);
    expect(counters.list()[0]?.errors).toBe(1);
  });

  it('is not reported when the service gives up because the client left', async () => {
    const leaving = new AbortController();
    const { run, thrown } = world({
      handle: () => {
        leaving.abort();
        return Promise.reject(new Error('aborted'));
      },
    });
    expect(await run(EAST, OPERATOR, leaving.signal)).toEqual({ kind: 'left' });
    expect(thrown).toEqual([]);
  });
});

describe('IAM', () => {
  it('rejects a role that lacks one of the permissions, before the service', async () => {
    const { run, counters, handled, refusals } = world({
      decisions: { 'dynamodb:GetItem': 'implicit-deny' },
    });
    const result = await run(EAST, role(EAST));
    expect(result).toMatchObject({ answer: { status: 400, body: 'AccessDeniedException' } });
    expect(handled).toEqual([]);
    expect(counters.list()[0]).toMatchObject({ calls: 1, errors: 0, refused: 1 });
    expect(refusals).toEqual([
      {
        atEpochMs: 77,
        region: EAST,
        roleArn: 'role',
        sessionArn: 'session',
        action: 'dynamodb:GetItem',
        resourceArn: 'table',
        decision: 'implicit-deny',
      },
    ]);
  });

  it('lets a role with every permission pass, and the operator without any', async () => {
    const { run, handled } = world();
    await run(EAST, role(EAST));
    const denied = world({ decisions: { 'dynamodb:PutItem': 'explicit-deny' } });
    await denied.run(EAST, OPERATOR);
    expect([...handled, ...denied.handled]).toEqual([EAST, EAST]);
  });
});

describe('a killed or dead Region', () => {
  it.each([
    [
      'killed',
      (w: ReturnType<typeof world>) => void w.faults.inject({ region: EAST, kind: 'kill' }),
    ],
    ['dead', (w: ReturnType<typeof world>) => w.faults.markDead(EAST)],
  ])('cuts calls when %s and serves the other Region', async (_name, strike) => {
    const w = world();
    strike(w);
    expect(await w.run(EAST)).toEqual({ kind: 'cut' });
    expect(await w.run(OHIO)).toMatchObject({ kind: 'answer' });
    w.faults.heal(EAST);
    expect(await w.run(EAST)).toMatchObject({ kind: 'answer' });
    expect(w.handled).toEqual([OHIO, EAST]);
  });

  it('cuts the answer of a call that it struck midway', async () => {
    const w: ReturnType<typeof world> = world({
      handle: () => {
        w.faults.inject({ region: EAST, kind: 'kill' });
        return Promise.resolve(OK);
      },
    });
    expect(await w.run(EAST)).toEqual({ kind: 'cut' });
  });

  it('cuts a call that it finds on hold', async () => {
    const w = world();
    w.faults.inject({ region: EAST, kind: 'freeze' });
    const result = w.run(EAST);
    w.faults.inject({ region: EAST, kind: 'kill' });
    expect(await result).toEqual({ kind: 'cut' });
    expect(w.handled).toEqual([]);
  });
});

describe('a frozen Region', () => {
  it('holds a call until it is healed, then serves it', async () => {
    const w = world();
    w.faults.inject({ region: EAST, kind: 'freeze' });
    const result = w.run(EAST);
    expect(await isPending(result)).toBe(true);
    w.faults.inject({ region: OHIO, kind: 'kill' });
    expect(await isPending(result)).toBe(true);
    expect(w.handled).toEqual([]);
    w.faults.heal(EAST);
    expect(await result).toEqual({ kind: 'answer', answer: OK });
  });

  it('forgets a held call whose client leaves', async () => {
    const w = world();
    const leaving = new AbortController();
    w.faults.inject({ region: EAST, kind: 'freeze' });
    const result = w.run(EAST, OPERATOR, leaving.signal);
    leaving.abort();
    expect(await result).toEqual({ kind: 'left' });
    w.faults.heal();
    await settle();
    expect(w.handled).toEqual([]);
  });

  it('holds the answer of a call that it struck midway', async () => {
    const w: ReturnType<typeof world> = world({
      handle: () => {
        w.faults.inject({ region: EAST, kind: 'freeze' });
        return Promise.resolve(OK);
      },
    });
    const result = w.run(EAST);
    expect(await isPending(result)).toBe(true);
    w.faults.heal();
    expect(await result).toEqual({ kind: 'answer', answer: OK });
  });
});

describe('an isolated Region', () => {
  it.each([
    ['out of it', EAST, OHIO],
    ['into it', OHIO, EAST],
  ])('holds calls of functions %s until it is healed', async (_name, from, to) => {
    const w = world();
    w.faults.inject({ region: EAST, kind: 'isolate' });
    const result = w.run(to, role(from));
    expect(await isPending(result)).toBe(true);
    w.faults.heal();
    expect(await result).toMatchObject({ kind: 'answer' });
    expect(w.handled).toEqual([to]);
  });

  it('serves its own functions and clients outside', async () => {
    const w = world();
    w.faults.inject({ region: EAST, kind: 'isolate' });
    expect(await w.run(EAST, role(EAST))).toMatchObject({ kind: 'answer' });
    expect(await w.run(EAST, OPERATOR)).toMatchObject({ kind: 'answer' });
  });
});

describe('a partition', () => {
  it('holds the answer where only the way back is lost: the call has taken effect', async () => {
    const w = world();
    w.faults.inject({ region: EAST, kind: 'partition', direction: 'out' });
    const leaving = new AbortController();
    const result = w.run(EAST, role(OHIO), leaving.signal);
    expect(await isPending(result)).toBe(true);
    expect(w.handled).toEqual([EAST]);
    leaving.abort();
    expect(await result).toEqual({ kind: 'left' });
  });
});

describe('latency', () => {
  it('delays a call before it takes effect', async () => {
    const w = world();
    w.faults.inject({ region: EAST, kind: 'latency', latencyMs: 250 });
    const result = w.run(EAST);
    expect(await isPending(result)).toBe(true);
    expect(w.handled).toEqual([]);
    expect(w.delays.map((delay) => delay.ms)).toEqual([250]);
    w.delays[0]?.end();
    expect(await result).toMatchObject({ kind: 'answer' });
  });

  it('leaves no effect when the client goes away meanwhile', async () => {
    const w = world();
    const leaving = new AbortController();
    w.faults.inject({ region: EAST, kind: 'latency', latencyMs: 250 });
    const result = w.run(EAST, OPERATOR, leaving.signal);
    await settle();
    leaving.abort();
    expect(await result).toEqual({ kind: 'left' });
    w.delays[0]?.end();
    await settle();
    expect(w.handled).toEqual([]);
    expect(w.thrown).toEqual([]);
  });

  it('ends in a hold when the Region froze meanwhile', async () => {
    const w = world();
    w.faults.inject({ region: EAST, kind: 'latency', latencyMs: 250 });
    const result = w.run(EAST);
    await settle();
    w.faults.inject({ region: EAST, kind: 'freeze' });
    w.delays[0]?.end();
    expect(await isPending(result)).toBe(true);
    expect(w.handled).toEqual([]);
    w.faults.heal();
    expect(await result).toMatchObject({ kind: 'answer' });
  });
});

describe('errors and throttling', () => {
  it.each([
    ['errors', 500, 'InternalServerError'],
    ['throttle', 400, 'ThrottlingException'],
  ] as const)('%s answers %i %s without an effect', async (kind, status, body) => {
    const w = world();
    w.faults.inject({ region: EAST, kind, service: 'dynamodb', rate: 1 });
    expect(await w.run(EAST)).toMatchObject({ answer: { status, body } });
    expect(w.handled).toEqual([]);
    expect(w.counters.list()[0]?.errors).toBe(1);
  });

  it('come after the latency that goes with them', async () => {
    const w = world();
    w.faults.inject({ region: EAST, kind: 'errors', rate: 1 });
    w.faults.inject({ region: EAST, kind: 'latency', latencyMs: 9 });
    const result = w.run(EAST);
    expect(await isPending(result)).toBe(true);
    w.delays[0]?.end();
    expect(await result).toMatchObject({ answer: { status: 500 } });
  });
});

describe('a crash', () => {
  const atPut = { region: EAST, kind: 'crash', service: 'dynamodb', operation: 'PutItem' } as const;

  it.each([
    ['before', []],
    ['after', [EAST]],
  ] as const)('%s a call kills the Region first and answers nobody', async (moment, effects) => {
    const w = world();
    w.faults.inject({ ...atPut, moment });
    const result = w.run(EAST, role(EAST));
    expect(await result).toEqual({ kind: 'cut' });
    expect(w.crashed).toEqual([EAST]);
    expect(w.handled).toEqual(effects);
    expect(w.faults.active()).toMatchObject([{ kind: 'kill', region: EAST }]);
  });

  it('is not struck by an operator, nor by a function of another Region', async () => {
    const w = world();
    w.faults.inject({ ...atPut, moment: 'before' });
    expect(await w.run(EAST, OPERATOR)).toMatchObject({ kind: 'answer' });
    expect(await w.run(EAST, role(OHIO))).toMatchObject({ kind: 'answer' });
    expect(w.crashed).toEqual([]);
  });

  it('strikes at a call of its function to another Region', async () => {
    const w = world();
    w.faults.inject({ ...atPut, moment: 'after' });
    expect(await w.run(OHIO, role(EAST))).toEqual({ kind: 'cut' });
    expect([w.handled, w.crashed]).toEqual([[OHIO], [EAST]]);
  });

  it('waits for a call that is allowed to take effect', async () => {
    const w = world({ decisions: { 'dynamodb:PutItem': 'implicit-deny' } });
    w.faults.inject({ ...atPut, moment: 'before' });
    expect(await w.run(EAST, role(EAST))).toMatchObject({ kind: 'answer' });
    expect(w.crashed).toEqual([]);
  });

  it('kills after a service that throws, too', async () => {
    const w = world({ handle: () => Promise.reject(new Error('engine died')) });
    w.faults.inject({ ...atPut, moment: 'after' });
    await w.run(EAST, role(EAST));
    expect(w.crashed).toEqual([EAST]);
  });
});
