import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { type AttemptOptions, attemptAws, classifyAwsFault } from '#adapters/aws-attempts.ts';

function awsError(name: string, httpStatusCode?: number, clockSkewCorrected?: boolean): Error {
  const $metadata = { httpStatusCode, clockSkewCorrected };
  return Object.assign(new Error('secret text'), { name, $metadata });
}

function systemError(code: string, syscall?: string): Error {
  return Object.assign(new Error('secret text'), { code, syscall });
}

/** Options on a clock that moves only by sleeping and by what calls cost. */
function world(attemptsMax = 5) {
  let now = 0;
  const sleeps: number[] = [];
  const options: AttemptOptions = {
    clock: { nowEpochMs: () => now },
    attemptTimeoutMs: 1_500,
    attemptsMax,
    random: () => 1,
    sleep: async (ms) => {
      sleeps.push(ms);
      now += ms;
    },
  };
  return { options, sleeps, spend: (ms: number) => (now += ms) };
}

const deadline = { atEpochMs: 10_000 };

describe('classifyAwsFault', () => {
  it.each([
    ['a throttled call', awsError('ThrottlingException', 400), 'none', true],
    ['a capacity refusal', awsError('ProvisionedThroughputExceededException', 400), 'none', true],
    [
      'a replicated write conflict',
      awsError('ReplicatedWriteConflictException', 400),
      'none',
      true,
    ],
    ['SQS, throttled', awsError('RequestThrottled', 403), 'none', true],
    ['SQS, by its key', awsError('KmsThrottled', 400), 'none', true],
    ['SQS, by its key, unnamed', awsError('KMS.ThrottlingException', 400), 'none', true],
    ['SNS, throttled', awsError('Throttled', 400), 'none', true],
    ['SNS, by its key', awsError('KMSThrottlingException', 400), 'none', true],
    ['SNS, by its key, unnamed', awsError('KMSThrottling', 400), 'none', true],
    ['Lambda, throttled', awsError('TooManyRequestsException', 400), 'none', true],
    ['a key that is disabled', awsError('KmsDisabled', 400), 'none', false],
    ['HTTP 429', awsError('Anything', 429), 'none', true],
    ['a refused connection', systemError('ECONNREFUSED'), 'none', true],
    ['a name that is not found', systemError('ENOTFOUND', 'getaddrinfo'), 'none', true],
    ['a name server that is gone', systemError('EAI_AGAIN', 'getaddrinfo'), 'none', true],
    ['no way to connect', systemError('EHOSTUNREACH', 'connect'), 'none', true],
    ['a way that is lost while sending', systemError('EHOSTUNREACH', 'write'), 'unknown', true],
    ['a way that is lost while waiting', systemError('EHOSTUNREACH', 'read'), 'unknown', true],
    ['a way that is lost nobody knows when', systemError('EHOSTUNREACH'), 'unknown', true],
    [
      'a refusal that broke off',
      Object.assign(awsError('Error', 400), { code: 'ECONNRESET' }),
      'none',
      true,
    ],
    ['a missing permission', awsError('AccessDeniedException', 400), 'none', false],
    [
      'the same with a clock put right',
      awsError('AccessDeniedException', 400, true),
      'none',
      false,
    ],
    ['a clock put right', awsError('InvalidSignatureException', 400, true), 'none', true],
    ['a clock put right, of SNS', awsError('RequestExpired', 400, true), 'none', true],
    ['a wrong secret', awsError('InvalidSignatureException', 400), 'none', false],
    ['a wrong secret, of SNS', awsError('SignatureDoesNotMatch', 403), 'none', false],
    ['a missing table', awsError('ResourceNotFoundException', 400), 'none', false],
    ['a validation error', awsError('ValidationException', 400), 'none', false],
    ['HTTP 403 of SNS', awsError('AuthorizationErrorException', 403), 'none', false],
    ['HTTP 408', awsError('RequestTimeout', 408), 'unknown', true],
    ['HTTP 500', awsError('InternalServerError', 500), 'unknown', true],
    ['HTTP 503', awsError('ServiceUnavailable', 503), 'unknown', true],
    ['a reset connection', systemError('ECONNRESET'), 'unknown', true],
    ['a time-out', awsError('TimeoutError'), 'unknown', true],
    ['an abort', awsError('AbortError'), 'unknown', true],
    ['something that is no error', 'x', 'unknown', true],
    ['null', null, 'unknown', true],
  ] as const)('of %s: effect %s', (_name, error, effect, retryable) => {
    expect(classifyAwsFault(error)).toMatchObject({ effect, retryable });
  });
});

describe('attemptAws', () => {
  it('repeats until it succeeds, waiting longer each time', async () => {
    const { options, sleeps } = world();
    let calls = 0;
    const answer = await attemptAws(
      'put',
      async () => {
        calls += 1;
        if (calls < 5) throw awsError('ThrottlingException', 400);
        return 'done';
      },
      deadline,
      options,
    );
    expect(answer).toBe('done');
    expect(sleeps).toEqual([25, 50, 100, 200]);
  });

  it('keeps racing for an item until it wins', async () => {
    const { options } = world(2);
    let calls = 0;
    const call = async () => {
      calls += 1;
      if (calls <= 15) throw awsError('ReplicatedWriteConflictException', 400);
      return 'won';
    };
    expect(await attemptAws('put', call, deadline, options)).toBe('won');
    expect(calls).toBe(16);
  });

  it('gives up a race at the deadline, and nothing was written', async () => {
    const { options, spend } = world(2);
    const call = async () => {
      spend(100);
      throw awsError('ReplicatedWriteConflictException', 400);
    };
    await expect(attemptAws('put', call, deadline, options)).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  it('is unknown when one attempt may have taken effect, though a later one was refused', async () => {
    const { options } = world(2);
    const faults = [awsError('InternalServerError', 500), awsError('ThrottlingException', 400)];
    const call = async () => {
      throw faults.shift();
    };
    await expect(attemptAws('put', call, deadline, options)).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
  });

  it('is unavailable when every attempt was refused', async () => {
    const { options } = world(2);
    const call = async () => {
      throw awsError('ThrottlingException', 400);
    };
    await expect(attemptAws('put', call, deadline, options)).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  it('gives up at once on what can never work', async () => {
    const { options } = world();
    let calls = 0;
    const call = async () => {
      calls += 1;
      throw awsError('AccessDeniedException', 400);
    };
    await expect(attemptAws('put', call, deadline, options)).rejects.toMatchObject({
      code: 'internal_error',
    });
    expect(calls).toBe(1);
  });

  it.each([
    ['that is put right once', 1, 'read', 2],
    ['that stays wrong', 9, 'internal_error', 2],
  ])('repeats a clock %s', async (_name, refusals, end, tries) => {
    // Not counted: one attempt is enough for it.
    const { options } = world(1);
    let calls = 0;
    const call = async () => {
      calls += 1;
      if (calls <= refusals) throw awsError('InvalidSignatureException', 400, true);
      return 'read';
    };
    const answer = attemptAws('read', call, deadline, options);
    expect(await answer.catch((error: { code: string }) => error.code)).toBe(end);
    expect(calls).toBe(tries);
  });

  it("repeats by the service's clock what a clock that is an hour ahead was refused with", async () => {
    const refusals: boolean[] = [];
    const serverNow = () => Date.now() - 3_600_000;
    const handle = async ({ headers }: { headers: Record<string, string> }) => {
      const found = /^(....)(..)(..T..)(..)(..Z)$/.exec(headers['x-amz-date'] ?? '') ?? [];
      const [, year, month, hour, minute, second] = found;
      const skewMs = Date.parse(`${year}-${month}-${hour}:${minute}:${second}`) - serverNow();
      const isRefused = Math.abs(skewMs) > 300_000;
      refusals.push(isRefused);
      const body = isRefused
        ? '{"__type":"com.amazon.coral.service#InvalidSignatureException"}'
        : '{}';
      const date = new Date(serverNow()).toUTCString();
      const response = {
        statusCode: isRefused ? 400 : 200,
        headers: { date, 'content-type': 'application/x-amz-json-1.0' },
        body: new TextEncoder().encode(body),
      };
      return { response };
    };
    const client = new DynamoDBClient({
      region: 'us-east-1',
      maxAttempts: 1,
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
      requestHandler: { handle } as never,
    });
    const command = new GetItemCommand({ TableName: 't', Key: { id: { S: 'x' } } });
    const call = (abortSignal: AbortSignal) => client.send(command, { abortSignal });
    await attemptAws('read', call, deadline, world(1).options);
    expect(refusals).toEqual([true, false]);
  });

  it('begins nothing after the deadline', async () => {
    const { options, spend } = world();
    let calls = 0;
    const call = async () => {
      calls += 1;
      spend(6_000);
      throw awsError('TimeoutError');
    };
    await expect(attemptAws('put', call, deadline, options)).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
    expect(calls).toBe(2);
    await expect(attemptAws('put', call, deadline, options)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'put: no time left to begin',
    });
    expect(calls).toBe(2);
  });

  it('gives no more time when the wall clock is set back under way: a lease may end at the deadline', async () => {
    const { options, spend } = world();
    let calls = 0;
    const call = async () => {
      calls += 1;
      spend(calls === 2 ? -3_600_000 : 3_000);
      throw awsError('ReplicatedWriteConflictException', 400);
    };
    await expect(attemptAws('put', call, deadline, options)).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(calls).toBeLessThan(10);
  });

  it('passes expected outcomes through', async () => {
    const { options } = world();
    const outcome = awsError('ConditionalCheckFailedException', 400);
    const call = async () => {
      throw outcome;
    };
    const run = attemptAws('put', call, deadline, options, (error) => error === outcome);
    await expect(run).rejects.toBe(outcome);
  });

  it('names the kind of a fault and never its text', async () => {
    const { options } = world(1);
    const call = async () => {
      throw awsError('ValidationException', 400);
    };
    await expect(attemptAws('put', call, deadline, options)).rejects.toMatchObject({
      message: 'put: ValidationException 400',
    });
  });

  it('aborts a call that hangs, so that nothing of it is sent later', async () => {
    const { options } = world(1);
    let seen: AbortSignal | null = null;
    const call = (signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) => {
        seen = signal;
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    const hanging = attemptAws('put', call, { atEpochMs: 20 }, options);
    await expect(hanging).rejects.toMatchObject({ code: 'outcome_unknown' });
    expect((seen as AbortSignal | null)?.aborted).toBe(true);
  });
});
