import { describe, expect, it } from 'vitest';
import { type CallEnd, OneTryClient, paymentCall, refundCall } from '#sim/clients/client-call.ts';
import { Errands, ONCE, PATIENT, SLOW } from '#sim/clients/errands.ts';
import type { Random } from '#sim/kernel/random.ts';
import { createFakeSystem, MEANING, respond, type Script, soon } from './fake-system.ts';

const CALL = paymentCall('process', MEANING, '{"the":"body"}');

/** Everybody comes back, after the shortest wait; or nobody does. */
const random = (comesBack: boolean): Random => ({
  next: () => 0,
  int: (min) => min,
  chance: () => comesBack,
  pick: (list) => list[0] as never,
});

function createErrands(script: Script, comesBack = true) {
  const fake = createFakeSystem({ script });
  const errands = new Errands(fake.system, random(comesBack));
  const here = new OneTryClient(fake.system, 'here', 'us-east-1', 1_000);
  const there = new OneTryClient(fake.system, 'there', 'us-east-2', 1_000);
  return { ...fake, errands, callers: [here, there] };
}

describe('a call without an answer', () => {
  it('is made again by the next caller, with the same body, as an operation of its own', async () => {
    const { errands, callers, system, arrivals, run } = createErrands((region) =>
      region === 'us-east-1' ? null : soon(respond(200)),
    );
    const ends: CallEnd[] = [];
    errands.run(CALL, callers, SLOW, (end) => ends.push(end));
    await run();
    expect(arrivals.map(({ region, request }) => [region, request.body])).toEqual([
      ['us-east-1', '{"the":"body"}'],
      ['us-east-2', '{"the":"body"}'],
    ]);
    expect(system.ledger.operations.map(({ calledAtMs }) => calledAtMs)).toEqual([0, 41_000]);
    expect(ends.map(({ operation }) => operation.index)).toEqual([1]);
  });

  it('is made as often as there is patience, after waits that grow', async () => {
    const { errands, callers, system, run } = createErrands(() => null);
    errands.run(CALL, callers, PATIENT);
    await run();
    expect(system.ledger.operations.map(({ calledAtMs }) => calledAtMs)).toEqual([
      ...[0, 9_000, 26_000, 51_000],
    ]);
    expect(errands.isDone).toBe(true);
  });

  it('stays as it is where nobody comes back', async () => {
    const { errands, callers, system, run } = createErrands(() => null, false);
    errands.run(CALL, callers, PATIENT);
    await run();
    expect(system.ledger.operations).toHaveLength(1);
    expect(errands.isDone).toBe(true);
  });
});

describe('what is in hand', () => {
  it('is not done while anything is planned or under way', async () => {
    const { errands, callers, world, run } = createErrands(() => soon(respond(200)));
    expect(errands.isDone).toBe(true);
    errands.later(5_000, () => errands.run(CALL, callers, ONCE));
    expect(errands.isDone).toBe(false);
    const seen: boolean[] = [];
    world.after(5_005, () => seen.push(errands.isDone));
    await run();
    expect(seen).toEqual([false]);
    expect(errands.isDone).toBe(true);
  });

  it('counts each payment that was taken once, and nothing else', async () => {
    const { errands, callers, run } = createErrands((_, { transactionId, route }) =>
      soon(transactionId === 't3' ? respond(402) : respond(route === 'accept' ? 202 : 200)),
    );
    for (const id of ['t1', 't1', 't3']) {
      errands.run(paymentCall('process', { ...MEANING, transactionId: id }, ''), callers, ONCE);
    }
    errands.run(paymentCall('accept', { ...MEANING, transactionId: 't2' }, ''), callers, ONCE);
    errands.run(refundCall('t4', { refundId: 'r', amountMinor: 1n }, ''), callers, ONCE);
    await run();
    expect(errands.acknowledged).toBe(2);
  });
});
