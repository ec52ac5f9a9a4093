/** Each row of the contract's HTTP table, through the global entry and through both Regions. */

import { ListTopicsCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCHEMAS } from '#contract/schemas.ts';
import { itemsOf } from '../../support/payments-table.ts';
import {
  apiOf,
  call,
  EAST_1,
  newPayment,
  REGIONS,
  type RunningTwin,
  startTwinProcess,
  until,
} from '../../support/running-twin.ts';

let twin: RunningTwin;
beforeAll(async () => {
  twin = await startTwinProcess();
});
afterAll(async () => {
  await twin.stop();
});

const places = ['entry', ...REGIONS].flatMap((where) =>
  ['', '/prod'].map((stage) => ({ where, stage })),
);

describe.each(places)('the API at $where$stage', ({ where, stage }) => {
  const url = (path: string) => `${apiOf(twin, where)}${stage}${path}`;

  it('validates a payment and stores nothing', async () => {
    const payment = newPayment();
    const answer = await call(url('/validate'), { body: payment });
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({
      message: 'Payment validated successfully',
      transaction_id: payment.transaction_id,
    });
    expect(await itemsOf(twin.dynamodb(EAST_1), payment.transaction_id, true)).toEqual([]);
  });

  it('processes a payment, and answers a repeat with the same bytes', async () => {
    const payment = newPayment();
    const before = Math.floor(Date.now() / 1000);
    const answer = await call(url('/process'), { body: payment });
    expect(answer.status).toBe(200);
    const body = SCHEMAS.ProcessAnswer.parse(answer.json());
    expect(body.transaction_id).toBe(payment.transaction_id);
    expect(body.timestamp).toBeGreaterThanOrEqual(before);
    expect(answer.headers.get('x-request-id')).toMatch(/\S/);
    const repeat = await call(url('/process'), { body: payment });
    expect(repeat.status).toBe(200);
    expect(repeat.text).toBe(answer.text);
  });

  it('accepts a payment for later, leads to it, and answers a repeat with the same bytes', async () => {
    const payment = newPayment();
    const answer = await call(url('/payments'), { body: payment });
    expect(answer.status).toBe(202);
    const body = SCHEMAS.AcceptAnswer.parse(answer.json());
    expect(body.transaction_id).toBe(payment.transaction_id);
    const location = answer.headers.get('location') ?? '';
    expect(location).toBe(`${stage}/payments/${payment.transaction_id}`);
    const follow = `${apiOf(twin, where)}${location}`;
    await until('it is processed', async () => {
      const { status } = SCHEMAS.PaymentDetail.parse((await call(follow)).json());
      return status === 'PROCESSED';
    });
    const repeat = await call(url('/payments'), { body: payment });
    expect([repeat.status, repeat.text]).toEqual([202, answer.text]);
    const waited = await call(url('/process'), { body: payment });
    expect([waited.status, waited.json()['timestamp']]).toEqual([200, body.timestamp]);
    const other = await call(url('/payments'), { body: { ...payment, amount: 1 } });
    expect([other.status, other.json()['code']]).toEqual([409, 'transaction_conflict']);
  });

  it('refunds a payment once for each refund_id', async () => {
    const payment = newPayment();
    await call(url('/process'), { body: payment });
    const refunds = url(`/payments/${payment.transaction_id}/refunds`);
    const answer = await call(refunds, { body: { refund_id: 'r-1', amount: '9.99' } });
    expect(answer.status).toBe(200);
    expect(SCHEMAS.RefundAnswer.parse(answer.json()).amount).toBe('9.99');
    const repeat = await call(refunds, { body: { refund_id: 'r-1', amount: 9.99 } });
    expect([repeat.status, repeat.text]).toEqual([200, answer.text]);
    const { refunded } = (await call(url(`/payments/${payment.transaction_id}`))).json();
    expect(refunded).toBe('9.99');
  });

  it.each(['/validate', '/process', '/payments'])(
    '%s names a missing field in the order of the contract',
    async (path) => {
      const fields = ['transaction_id', 'customer_id', 'amount', 'currency'];
      for (const [index, field] of fields.entries()) {
        const body = Object.fromEntries(Object.entries(newPayment()).slice(0, index));
        const answer = await call(url(path), { body });
        expect(answer.status).toBe(400);
        expect(answer.headers.get('content-type')).toBe('application/problem+json');
        expect(answer.json()).toMatchObject({
          error: `Missing required field: ${field}`,
          code: 'missing_field',
          field,
          request_id: answer.headers.get('x-request-id'),
        });
      }
    },
  );

  it.each(['/validate', '/process', '/payments'])('%s asks for a positive amount', async (path) => {
    for (const amount of [0, -1, '-0.01']) {
      const answer = await call(url(path), { body: newPayment({ amount }) });
      expect(answer.status).toBe(400);
      expect(answer.json()).toMatchObject({ error: 'Amount must be positive' });
    }
  });

  it('is healthy', async () => {
    const answer = await call(url('/health'));
    expect([answer.status, answer.text]).toEqual([200, '{"status":"healthy"}']);
  });

  it('reads a payment back, whatever its id looks like', async () => {
    for (const suffix of ['', ' with spaces', '/a/b', '?x=1&y#z', '%2F', '订单 é', '+plus', '..']) {
      const plain = newPayment();
      const payment = { ...plain, transaction_id: plain.transaction_id + suffix };
      const processed = await call(url('/process'), { body: payment });
      expect(processed.status).toBe(200);
      const { timestamp } = processed.json();
      const id = encodeURIComponent(payment.transaction_id);
      const answer = await call(url(`/payments/${id}`));
      expect(answer.status).toBe(200);
      expect(SCHEMAS.Payment.parse(answer.json())).toEqual({
        ...payment,
        amount: '99.99',
        status: 'PROCESSED',
        timestamp,
        processed_at: timestamp,
        region: where === 'entry' ? EAST_1 : where,
      });
    }
  });

  it('answers 404 for a payment and for a route that do not exist', async () => {
    const absent = await call(url('/payments/none-such'));
    expect([absent.status, absent.json()['code']]).toEqual([404, 'payment_not_found']);
    const route = await call(url('/nowhere'));
    expect([route.status, route.json()['code']]).toEqual([404, 'route_not_found']);
    const method = await call(url('/process'), { method: 'DELETE' });
    expect([method.status, method.json()['code']]).toEqual([404, 'route_not_found']);
    for (const answer of [route, method]) {
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(answer.json()['request_id']).toBe(answer.headers.get('x-request-id'));
    }
  });

  it("lists a customer's payments, newest first, page by page", async () => {
    const customer_id = `cust ${where}${stage}/é`;
    const ids: unknown[] = [];
    for (let index = 0; index < 5; index += 1) {
      const payment = newPayment({ customer_id });
      ids.push(payment.transaction_id);
      expect((await call(url('/process'), { body: payment })).status).toBe(200);
    }
    const list = url(`/customers/${encodeURIComponent(customer_id)}/payments`);
    const seen: { transaction_id: string; timestamp: number }[] = [];
    let cursor = '';
    do {
      const answer = await call(`${list}?limit=2${cursor}`);
      expect(answer.status).toBe(200);
      const page = SCHEMAS.PaymentPage.parse(answer.json());
      expect(page.payments.length).toBeLessThanOrEqual(2);
      seen.push(...page.payments);
      cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`;
    } while (cursor !== '');
    expect(new Set(seen.map((payment) => payment.transaction_id))).toEqual(new Set(ids));
    expect(seen).toHaveLength(5);
    const times = seen.map((payment) => payment.timestamp);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });

  it.each(['limit=0', 'limit=101', 'limit=x', 'cursor=x', 'limit=1&limit=2', 'color=red'])(
    'rejects the query %s',
    async (query) => {
      const answer = await call(url(`/customers/cust-1/payments?${query}`));
      expect(answer.status).toBe(400);
      expect(answer.json()['code']).toMatch(/^invalid_(parameter|cursor)$/);
    },
  );
});

describe('the transactions topic', () => {
  it.each(REGIONS)(
    'of %s gets the payment item, its subject and its deterministic id',
    async (region) => {
      const sns = twin.sns(region);
      const sqs = twin.sqs(region);
      const { Topics: topics = [] } = await sns.send(new ListTopicsCommand({}));
      const topicArn = topics.find(({ TopicArn: arn }) =>
        arn?.endsWith(':transactions-dev'),
      )?.TopicArn;
      expect(topicArn).toContain(`:sns:${region}:`);
      const { QueueUrl } = await sqs.send(
        new CreateQueueCommand({ QueueName: 'notification-spy' }),
      );
      const { Attributes: attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
      );
      await sns.send(
        new SubscribeCommand({
          TopicArn: topicArn,
          Protocol: 'sqs',
          Endpoint: attributes?.['QueueArn'],
        }),
      );
      const payment = newPayment();
      const { timestamp } = (
        await call(`${apiOf(twin, region)}/process`, { body: payment })
      ).json();
      const { Messages: messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }),
      );
      expect(messages).toHaveLength(1);
      const envelope = JSON.parse(messages[0]?.Body ?? '') as {
        Subject: string;
        Message: string;
        MessageAttributes: Record<string, { Value: string }>;
      };
      expect(envelope.Subject).toBe('Payment Processed');
      expect(JSON.parse(envelope.Message)).toEqual({
        ...payment,
        amount: '99.99',
        status: 'PROCESSED',
        timestamp,
        processed_at: timestamp,
        region,
      });
      expect(envelope.MessageAttributes['notification_id']?.Value).toBe(
        `${payment.transaction_id}#PROCESSED`,
      );
    },
  );
});
