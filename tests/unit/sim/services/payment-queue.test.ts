import { expect, it } from 'vitest';
import type { PaymentPorts } from '#core/ports.ts';
import { SimProcess } from '#sim/kernel/sim-process.ts';
import type { SimPlan } from '#sim/plan.ts';
import { RegionQueue } from '#sim/services/payment-queue.ts';
import { createDrivenWires } from '../../../support/driven-world.ts';

const VISIBILITY_MS = 30_000;
const MESSAGE = { transactionId: 't-1', fingerprint: null };

/** `reads`: what the consumer's read of journals does; a payment that is not there is poison. */
function open(reads: () => Promise<ReadonlyMap<string, never>>) {
  const wires = createDrivenWires();
  const { world, conditions } = wires;
  const consumer = new SimProcess(world, 'us-east-1', 'consume');
  const store = { readJournals: reads } as unknown as PaymentPorts['store'];
  const queue = new RegionQueue(wires, {
    plan: { timings: { visibilityTimeoutMs: VISIBILITY_MS } } as SimPlan,
    ...{ conditions, consumer, ports: () => ({ store, clock: consumer.clock }) as PaymentPorts },
  });
  return { world, queue, consumer };
}

it('has a message for as long as it may come again: lent, held, or on its way back', async () => {
  const { world, queue, consumer } = open(() => new Promise(() => undefined));
  queue.send(MESSAGE);
  expect(queue.length).toBe(1);
  await world.sleep(1_000);
  // Lent to a consumer that never answers.
  expect(queue.length).toBe(1);
  consumer.crash('test');
  await world.sleep(VISIBILITY_MS + 1_000);
  expect(queue.length).toBe(1);
});

it('gives up a message after three receives, and has it no more', async () => {
  const { world, queue } = open(() => Promise.resolve(new Map<string, never>()));
  queue.send(MESSAGE);
  await world.sleep(10_000);
  expect(queue.deadLetters).toEqual([MESSAGE]);
  expect(queue.length).toBe(0);
});
