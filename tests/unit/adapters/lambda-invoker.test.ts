import { describe, expect, it } from 'vitest';
import { createLambdaInvoker } from '#adapters/lambda-invoker.ts';

const soon = { atEpochMs: 10_000 };

function invokerOf(answer: unknown) {
  const inputs: Record<string, unknown>[] = [];
  const send = async ({ input }: { readonly input: Record<string, unknown> }): Promise<unknown> => {
    inputs.push(input);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const invoker = createLambdaInvoker({
    client: { send } as never,
    clock: { nowEpochMs: () => 0 },
  });
  return { invoker, inputs };
}

const payload = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

describe('createLambdaInvoker', () => {
  it('asks and returns the answer', async () => {
    const { invoker, inputs } = invokerOf({ Payload: payload({ processed: true }) });
    expect(await invoker.ask('processor', { epoch: 1 }, soon)).toEqual({ processed: true });
    expect(inputs).toEqual([
      {
        FunctionName: 'processor',
        InvocationType: 'RequestResponse',
        Payload: payload({ epoch: 1 }),
      },
    ]);
  });

  it('tells without waiting for the function', async () => {
    const { invoker, inputs } = invokerOf({ StatusCode: 202 });
    await invoker.tell('sweeper', {}, soon);
    expect(inputs).toMatchObject([{ InvocationType: 'Event' }]);
  });

  it('takes an error of the function for a fault', async () => {
    const { invoker } = invokerOf({ FunctionError: 'Unhandled', Payload: payload({}) });
    await expect(invoker.ask('processor', {}, soon)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('takes an answer that is no JSON for a fault', async () => {
    const { invoker } = invokerOf({ Payload: new TextEncoder().encode('{') });
    await expect(invoker.ask('processor', {}, soon)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('keeps the words of a foreign error out of its own', async () => {
    const { invoker } = invokerOf(Object.assign(new Error('arn:secret'), { name: 'Throttled' }));
    await expect(invoker.ask('processor', {}, soon)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'processor: Throttled',
    });
  });

  it('invokes nothing after the deadline', async () => {
    const { invoker, inputs } = invokerOf({});
    await expect(invoker.tell('sweeper', {}, { atEpochMs: 0 })).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(inputs).toEqual([]);
  });
});
