/**
 * A Region that is killed at each boundary between two steps of a payment: before a step takes effect,
 * and after it has but before anybody heard of it. Whatever is left is finished elsewhere, once.
 */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type GatewayTwin,
  type Moment,
  startGatewayTwin,
  sweepByHand,
} from '../../support/gateway-twin.ts';
import {
  collectEvidence,
  EFFECTS,
  type Effect,
  type Evidence,
  makeDue,
} from '../../support/payment-evidence.ts';
import {
  type Answer,
  apiOf,
  call,
  EAST_1,
  EAST_2,
  newPayment,
  type RunningTwin,
} from '../../support/running-twin.ts';

let world: GatewayTwin;
let twin: RunningTwin;
let evidence: Evidence;
beforeAll(async () => {
  // A heartbeat is an update too, and would be struck in the place of the journal's.
  world = await startGatewayTwin(undefined, 'off');
  ({ twin } = world);
  evidence = await collectEvidence(world);
});
// A row that failed half way must not strike in the next one.
afterEach(async () => {
  await twin.heal();
});
afterAll(async () => {
  await world?.stop();
});

/** A call of a function: to AWS, the `skip`th after the next, or to the gateway. */
type Step =
  | { readonly service: string; readonly operation: string; readonly skip?: number }
  | { readonly gateway: 'GET' | 'POST' };

const PUT_JOURNAL: Step = { service: 'dynamodb', operation: 'PutItem' };
const LOOK_UP: Step = { gateway: 'GET' };
const CHARGE: Step = { gateway: 'POST' };
const RECORD: Step = { service: 'dynamodb', operation: 'PutItem', skip: 1 };
const PUBLISH: Step = { service: 'sns', operation: 'Publish' };
const SETTLE: Step = { service: 'dynamodb', operation: 'UpdateItem' };
const SEND: Step = { service: 'sqs', operation: 'SendMessage' };
const READ_JOURNAL: Step = { service: 'dynamodb', operation: 'BatchGetItem' };

interface Row {
  readonly name: string;
  readonly step: Step;
  readonly moment: Moment;
  /** How many of the payment's effects the kill leaves behind. */
  readonly left: number;
}

/** Two rows of each step; `before` and `after`: the effects that each of them leaves. */
function rows(name: string, step: Step, before: number, after: number): readonly Row[] {
  return [
    { name: `before ${name}`, step, moment: 'before', left: before },
    { name: `after ${name}`, step, moment: 'after', left: after },
  ];
}

/** us-east-1 dies at the step. */
async function arm(step: Step, moment: Moment): Promise<void> {
  if ('gateway' in step) {
    world.strikeAt(step.gateway, moment, () => twin.fault(EAST_1, 'kill'));
    return;
  }
  await twin.fault(EAST_1, 'crash', { ...step, moment });
}

/** Fails unless the kill has struck, and struck where it was to: that is seen by what it leaves. */
async function expectKilled(transactionId: string, left: number): Promise<void> {
  const region = async () => (await twin.status()).regions.find(({ name }) => name === EAST_1);
  const killed = { condition: 'killed', pid: null, faults: [{ kind: 'kill' }] };
  await expect.poll(region, PATIENCE).toMatchObject(killed);
  await expectEffects(transactionId, EFFECTS.slice(0, left));
}

/** A notification takes a moment to its subscriber. */
async function expectEffects(transactionId: string, effects: readonly Effect[]): Promise<void> {
  await expect.poll(() => evidence.effectsOf(transactionId), PATIENCE).toEqual(effects);
}
const PATIENCE = { timeout: 20_000, interval: 50 } as const;

function pay(region: string, payment: object): Promise<Answer> {
  return call(`${apiOf(twin, region)}/process`, { body: payment });
}

function accept(region: string, payment: object): Promise<Answer> {
  return call(`${apiOf(twin, region)}/payments`, { body: payment });
}

function expectSame(status: number, answers: readonly (Answer | null)[]): void {
  const texts = answers.flatMap((answer) => answer ?? []);
  expect(texts.map((answer) => answer.status)).toEqual(texts.map(() => status));
  expect(new Set(texts.map(({ text }) => text)).size).toBe(1);
}

/** The end of every row. Nobody charges again before he has asked: the gateway heard of one charge. */
async function expectOnce(transactionId: string): Promise<void> {
  await expectEffects(transactionId, EFFECTS);
  await evidence.expectOnePayment(transactionId);
  const { charges } = world.gateway.ledger.view();
  const charge = charges.find(({ key }) => key === transactionId);
  expect(charge?.count_of_requests).toBe(1);
}

const BROKEN = /fetch failed|terminated/;

describe('a Region killed in the first attempt', () => {
  it.each([
    ...rows('putting the journal', PUT_JOURNAL, 0, 1),
    ...rows('the charge', CHARGE, 1, 2),
    ...rows('recording the payment', RECORD, 2, 3),
    ...rows('publishing', PUBLISH, 3, 4),
    ...rows('settling the journal', SETTLE, 4, 5),
  ])('$name leaves $left effects, and a retry in the other one adds the rest', async (row) => {
    const payment = newPayment();
    const id = payment.transaction_id;
    await arm(row.step, row.moment);
    await expect(pay(EAST_1, payment)).rejects.toThrow(BROKEN);
    await expectKilled(id, row.left);

    const [retried] = await Promise.all([pay(EAST_2, payment), twin.heal(EAST_1)]);
    await expectOnce(id);
    expectSame(200, [retried, await pay(EAST_1, payment), await pay(EAST_2, payment)]);
  });
});

describe('a Region killed while it resumes what another left after the journal', () => {
  it.each([
    ...rows('putting the journal', PUT_JOURNAL, 1, 1),
    ...rows('the look-up', LOOK_UP, 1, 1),
    ...rows('the charge', CHARGE, 1, 2),
    ...rows('recording the payment', RECORD, 2, 3),
    ...rows('publishing', PUBLISH, 3, 4),
    ...rows('settling the journal', SETTLE, 4, 5),
  ])('$name leaves $left effects, and a third attempt adds the rest', async (row) => {
    const payment = newPayment();
    const id = payment.transaction_id;
    await twin.fault(EAST_2, 'crash', { ...PUT_JOURNAL, moment: 'after' });
    await expect(pay(EAST_2, payment)).rejects.toThrow(BROKEN);

    // A topic's messages wait where they are while their subscriber's Region is down.
    await twin.heal(EAST_2);
    await arm(row.step, row.moment);
    await expect(pay(EAST_1, payment)).rejects.toThrow(BROKEN);
    await expectKilled(id, row.left);

    const [third] = await Promise.all([pay(EAST_2, payment), twin.heal(EAST_1)]);
    await expectOnce(id);
    expectSame(200, [third, await pay(EAST_1, payment), await pay(EAST_2, payment)]);
  });
});

describe('a Region killed while it accepts a payment and works it off its queue', () => {
  it.each([
    ...rows('putting the journal', PUT_JOURNAL, 0, 1),
    // Before those that may leave a message behind, which is read, and no more, when the Region is back.
    ...rows('reading the journal', READ_JOURNAL, 1, 1),
    ...rows('sending the message', SEND, 1, 1),
    ...rows('the look-up', LOOK_UP, 1, 1),
    ...rows('the charge', CHARGE, 1, 2),
    ...rows('recording the payment', RECORD, 2, 3),
    ...rows('publishing', PUBLISH, 3, 4),
    ...rows('settling the journal', SETTLE, 4, 5),
  ])("$name leaves $left effects, and the other one's sweeper adds the rest", async (row) => {
    const payment = newPayment();
    const id = payment.transaction_id;
    await arm(row.step, row.moment);
    const isAnswered = row.step !== PUT_JOURNAL && row.step !== SEND;
    const first = await accept(EAST_1, payment).catch(() => null);
    expect(first !== null).toBe(isAnswered);
    await expectKilled(id, row.left);

    // Nobody but the client knows of a payment that was never stored.
    if (row.left === 0) expectSame(202, [await accept(EAST_2, payment)]);
    else if (row.left < EFFECTS.length) {
      await makeDue(twin, EAST_2, id);
      await sweepByHand(twin, EAST_2);
    }
    await expectEffects(id, EFFECTS);
    await twin.heal(EAST_1);
    await expectOnce(id);
    expectSame(202, [first, await accept(EAST_1, payment), await accept(EAST_2, payment)]);
  });
});
