import { describe, expect, it } from 'vitest';
import { paymentCall, readCall } from '#sim/clients/client-call.ts';
import { Errands } from '#sim/clients/errands.ts';
import { RetryStorm } from '#sim/clients/retry-storm.ts';
import { phaseCount } from '#sim/faults/coverage.ts';
import { createFakeSystem, MEANING, respond, soon } from './fake-system.ts';

const CALL = paymentCall('process', MEANING, '{}');

function createStorm(status = 200) {
  const fake = createFakeSystem({ script: () => soon(respond(status)) });
  const errands = new Errands(fake.system, fake.parts.random);
  const storm = new RetryStorm(fake.system, errands);
  const hits = (): number => phaseCount(fake.system.coverage.counts, 'F26', 'request');
  return { ...fake, storm, errands, hits };
}

describe('a retry storm', () => {
  it('sends each payment so many times at once, to both Regions', async () => {
    const { storm, arrivals, system, run, hits } = createStorm();
    storm.copies = 4;
    storm.multiply(CALL);
    await run();
    expect(arrivals.map(({ region }) => region).toSorted()).toEqual([
      ...['us-east-1', 'us-east-2', 'us-east-2'],
    ]);
    expect(system.ledger.operations.map(({ calledAtMs }) => calledAtMs)).toEqual([0, 0, 0]);
    expect(hits()).toBe(3);
  });

  it('repeats what failed in the other Region at once, but no copy and no read', async () => {
    const { storm, arrivals, run, hits } = createStorm(502);
    storm.copies = 2;
    storm.repeatElsewhere(CALL, 'us-east-2');
    storm.repeatElsewhere(readCall('t1'), 'us-east-2');
    await run();
    expect(arrivals.map(({ region, request }) => [region, request.route])).toEqual([
      ['us-east-1', 'process'],
    ]);
    expect(hits()).toBe(1);
  });

  it.each([0, 1])('sends nothing with %i copies: it is over', async (copies) => {
    const { storm, arrivals, run, hits } = createStorm();
    storm.copies = copies;
    storm.multiply(CALL);
    storm.repeatElsewhere(CALL, 'us-east-1');
    await run();
    expect(arrivals).toEqual([]);
    expect(hits()).toBe(0);
  });
});
