import { describe, expect, it } from 'vitest';
import { type CallEnd, paymentCall, refundCall } from '#sim/clients/client-call.ts';
import { RetryingClient } from '#sim/clients/retrying-client.ts';
import { REGIONS } from '#sim/faults/fault-spec.ts';
import { createFakeSystem, MEANING, respond, type Script, soon } from './fake-system.ts';

const CALL = paymentCall('process', MEANING, '{}');

function createClient(script: Script) {
  const fake = createFakeSystem({ script });
  const client = new RetryingClient(fake.parts, 'sdk-1', REGIONS);
  const ends: CallEnd[] = [];
  const end = (it: CallEnd): void => void ends.push(it);
  return { ...fake, client, ends, end };
}

describe('a call', () => {
  it('takes the first final answer, and writes it down', async () => {
    const { client, ends, end, run } = createClient(() => soon(respond(200, null, 'paid')));
    client.call(CALL, end);
    await run();
    expect(ends).toHaveLength(1);
    const { operation, mayHaveTakenEffect } = ends[0] as CallEnd;
    expect(mayHaveTakenEffect).toBe(false);
    expect(operation).toMatchObject({
      ...{ kind: 'process', transactionId: 't1', meaning: MEANING, client: 'sdk-1' },
      ...{ calledAtMs: 0, silent: [] },
    });
    expect(operation.answers).toHaveLength(1);
    expect(operation.final).toBe(operation.answers[0]);
    expect(operation.final?.response.body).toBe('paid');
    expect(operation.endedAtMs).toBe(operation.final?.atMs);
  });

  it('goes to the other Region at once when the first one is silent, and remembers it', async () => {
    const { client, ends, end, run, world, arrivals } = createClient((region) =>
      region === 'us-east-1' ? null : soon(respond(200)),
    );
    client.call(CALL, end);
    world.after(3_000, () => client.call(CALL, end));
    await run();
    expect(arrivals.map(({ region }) => region)).toEqual(['us-east-1', 'us-east-2', 'us-east-2']);
    expect(ends[0]?.operation.silent).toEqual([{ region: 'us-east-1', sentAtMs: 0 }]);
    expect(ends[0]?.operation.answers[0]).toMatchObject({ region: 'us-east-2', sentAtMs: 2_000 });
    expect(ends[0]?.mayHaveTakenEffect).toBe(true);
    expect(ends[1]?.operation.answers[0]).toMatchObject({ region: 'us-east-2', sentAtMs: 3_000 });
  });

  it('ends at a conflict', async () => {
    const answer = respond(409, 'transaction_conflict');
    const { client, ends, end, run, arrivals } = createClient(() => soon(answer));
    client.call(CALL, end);
    await run();
    expect(arrivals).toHaveLength(1);
    expect(ends[0]?.operation.final?.response).toEqual(answer);
  });

  it('waits for a payment that is not finished before it asks for a refund again', async () => {
    let asked = 0;
    const { client, ends, end, run } = createClient(() => {
      asked += 1;
      return soon(asked < 3 ? respond(409, 'payment_still_open') : respond(200));
    });
    client.call(refundCall('t1', { refundId: 'r', amountMinor: null }, '{}'), end);
    await run();
    expect(ends[0]?.operation.answers.map(({ response }) => response.status)).toEqual([
      ...[409, 409, 200],
    ]);
    expect(ends[0]?.operation.final?.response.status).toBe(200);
  });

  it('gives up at its deadline, with nothing taken for an answer', async () => {
    const { client, ends, end, run } = createClient(() => null);
    client.call(CALL, end);
    await run();
    const { operation, mayHaveTakenEffect } = ends[0] as CallEnd;
    expect(mayHaveTakenEffect).toBe(true);
    expect(operation.final).toBeNull();
    expect(operation.endedAtMs).toBeGreaterThan(9_000);
    expect(operation.endedAtMs).toBeLessThanOrEqual(10_000);
    expect(operation.silent.length).toBeGreaterThan(3);
  });

  it('knows that nothing happened where every try said so', async () => {
    const { client, ends, end, run } = createClient(() => soon(respond(503, 'unavailable')));
    client.call(CALL, end);
    await run();
    expect(ends[0]?.mayHaveTakenEffect).toBe(false);
    expect(ends[0]?.operation.mayHaveTakenEffect).toBe(false);
    expect(ends[0]?.operation.final).toBeNull();
    expect(ends[0]?.operation.answers).toHaveLength(10);
  });
});
