import { beforeEach, describe, expect, it } from 'vitest';
import type { FaultBoard } from '#twin/faults/fault.ts';
import { createFaultBoard } from '#twin/faults/fault-board.ts';
import {
  type CrossRegionDeliveries,
  createCrossRegionDeliveries,
  WAITING_MAX,
} from '#twin/messaging/cross-region-deliveries.ts';
import type { Queue } from '#twin/messaging/fauxqs-types.ts';
import { bodiesOf, createTestQueues, message, queueArn, REGION } from './test-queues.ts';

const OHIO = 'us-east-2';
const NOW = 1_767_225_600_000;

let faults: FaultBoard;
let queue: Queue;
let reports: string[];
let deliveries: CrossRegionDeliveries;

beforeEach(async () => {
  const queues = await createTestQueues();
  queue = queues.create('audit');
  reports = [];
  faults = createFaultBoard({
    regions: [REGION, OHIO],
    witness: null,
    clock: { nowEpochMs: () => NOW },
    random: () => 0,
  });
  deliveries = createCrossRegionDeliveries({
    network: faults,
    regions: [REGION, OHIO],
    queueOf: (arn) => queues.store.getQueueByArn(arn),
    nowEpochMs: () => NOW,
    report: (text) => reports.push(text),
  });
});

function send(body: string, arn = queue.arn): void {
  deliveries.routeTo(OHIO, arn)?.(message(body));
}

describe('deliveries between Regions', () => {
  it('arrive at once while the Regions reach each other', () => {
    send('now');
    expect(bodiesOf(queue)).toEqual(['now']);
    expect(queue.inspectMessages().ready[0]?.sentTimestamp).toBe(NOW);
    expect(deliveries.waiting()).toBe(0);
  });

  it.each([
    ['the target is killed', REGION, 'kill'],
    ['the target is frozen', REGION, 'freeze'],
    ['the target is isolated', REGION, 'isolate'],
    ['the source is isolated', OHIO, 'isolate'],
  ] as const)('wait, in order, while %s', (_name, region, kind) => {
    faults.inject({ region, kind });
    send('first');
    send('second');
    expect([bodiesOf(queue), deliveries.waiting()]).toEqual([[], 2]);
    faults.heal();
    expect([bodiesOf(queue), deliveries.waiting()]).toEqual([['first', 'second'], 0]);
  });

  it('go on waiting while another fault keeps the Regions apart', () => {
    faults.inject({ region: REGION, kind: 'isolate' });
    faults.inject({ region: OHIO, kind: 'isolate' });
    send('patient');
    faults.heal(OHIO);
    expect(deliveries.waiting()).toBe(1);
    faults.heal(REGION);
    expect(bodiesOf(queue)).toEqual(['patient']);
  });

  it('report a queue that is gone and drop its message', () => {
    send('lost', queueArn('gone'));
    expect(reports).toEqual([expect.stringMatching(/:gone: the queue does not exist/)]);
    expect(deliveries.waiting()).toBe(0);
  });

  it('wait in bounded number, and report once that more are lost', () => {
    faults.inject({ region: REGION, kind: 'isolate' });
    for (let count = 0; count < WAITING_MAX + 2; count += 1) send('m');
    expect(deliveries.waiting()).toBe(WAITING_MAX);
    expect(reports).toEqual([expect.stringMatching(/from us-east-2 to us-east-1 are lost/)]);
    faults.heal();
    expect(bodiesOf(queue)).toHaveLength(WAITING_MAX);
  });

  it('wait no more once they are stopped', () => {
    faults.inject({ region: REGION, kind: 'isolate' });
    send('late');
    deliveries.stop();
    faults.heal();
    expect(bodiesOf(queue)).toEqual([]);
  });

  it.each([
    ['a queue of the same Region', queueArn('audit', OHIO)],
    ['a Region that is not there', queueArn('audit', 'eu-west-1')],
    ['what is no queue', `arn:aws:lambda:${REGION}:123456789012:function:f`],
  ])('have no route to %s', (_name, arn) => {
    expect(deliveries.routeTo(OHIO, arn)).toBeNull();
  });
});
