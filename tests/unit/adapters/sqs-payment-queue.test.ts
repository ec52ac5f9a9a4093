import type { SQSClient } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSqsPaymentQueue, readPaymentMessage } from '#adapters/sqs-payment-queue.ts';
import { adapterOptions, awsError } from './dynamo-world.ts';

const deadline = { atEpochMs: 10_000 };
const MESSAGE = { transactionId: 't', fingerprint: 'abc' };

function queueOver(...answers: unknown[]) {
  const { options, inputs } = adapterOptions(...answers);
  const queue = createSqsPaymentQueue({
    client: options.client as unknown as SQSClient,
    queueUrl: 'http://127.0.0.1/111111111111/payment-queue-test',
    attempts: options.attempts,
  });
  return { queue, inputs };
}

describe('createSqsPaymentQueue', () => {
  it.each([
    ['abc', ',"fingerprint":"abc"'],
    [null, ''],
  ])(
    'sends the transaction_id, the fingerprint %s, and nothing else',
    async (fingerprint, text) => {
      const { queue, inputs } = queueOver({});
      await queue.enqueue({ transactionId: 'txn-"1"', fingerprint }, deadline);
      expect(inputs).toEqual([
        {
          QueueUrl: 'http://127.0.0.1/111111111111/payment-queue-test',
          MessageBody: `{"transaction_id":"txn-\\"1\\""${text}}`,
        },
      ]);
    },
  );

  it.each([
    ['InternalServerError', 500, 'outcome_unknown'],
    ['ThrottlingException', 400, 'unavailable'],
    ['AccessDenied', 403, 'internal_error'],
  ])('rejects after %s %i with %s', async (name, status, code) => {
    const error = awsError(name, status);
    await expect(queueOver(error, error).queue.enqueue(MESSAGE, deadline)).rejects.toMatchObject({
      code,
    });
  });
});

describe('readPaymentMessage', () => {
  it.each(['t', '"', '\\', 'a\u2028b', '💳', '{"transaction_id":"u"}', '__proto__'])(
    'reads what the queue sends for the id %s',
    async (transactionId) => {
      for (const fingerprint of ['abc', null]) {
        const { queue, inputs } = queueOver({});
        await queue.enqueue({ transactionId, fingerprint }, deadline);
        const body = String(inputs[0]?.['MessageBody']);
        expect(readPaymentMessage(body)).toEqual({ transactionId, fingerprint });
      }
    },
  );

  it('takes a fingerprint that is none for a message without one', () => {
    const read = readPaymentMessage('{"transaction_id":"t","fingerprint":7}');
    expect(read).toEqual({ transactionId: 't', fingerprint: null });
  });

  it.each(['', '{', 'null', '"txn-1"', '[]', '{}', '{"transaction_id":7}', '{"id":"t"}'])(
    'takes %s for none of ours',
    (body) => {
      expect(readPaymentMessage(body)).toBeNull();
    },
  );

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        expect(() => readPaymentMessage(body)).not.toThrow();
      }),
    );
  });
});
