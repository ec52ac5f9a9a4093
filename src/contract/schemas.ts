/**
 * The shapes of bodies, once: OpenAPI, API Gateway's models and the tests are made from these.
 *
 * The functions do not import this file: they read JSON with its number text kept (src/core), which
 * no schema library does. A property test holds the two together.
 */

import * as z from 'zod';
import { ERRORS, type ErrorCode } from './errors.ts';

/** Longest id in characters; the real bound is 2,048 bytes of UTF-8, which JSON Schema can't say. */
const ID_MAX_LENGTH = 2_048;

/** Without control characters. White space at either end is refused too; see src/core/identifier.ts. */
const ID_PATTERN = '^[^\\u0000-\\u001f\\u007f-\\u009f]+$';
const DECIMAL_PATTERN = '^(0|[1-9][0-9]*)(\\.[0-9]+)?$';

const id = (description: string) =>
  z.string().min(1).max(ID_MAX_LENGTH).regex(new RegExp(ID_PATTERN)).describe(description);

const transactionId = id(
  'Chosen by the caller, unique for each payment: the idempotency key. Repeat it to retry.',
);
const customerId = id('Chosen by the caller.');
const currency = z
  .string()
  .regex(/^[A-Z]{3}$/)
  .describe('ISO 4217 code of a currency in use, upper case.');
const epochSeconds = z.int().min(0).describe('Seconds since 1970-01-01T00:00:00Z.');

const amountAsked = z
  .union([
    z.number().positive().describe('Read from its source text, never through a float.'),
    z.string().regex(new RegExp(DECIMAL_PATTERN)),
  ])
  .describe("Major units: a number or a decimal string, exact in the currency's minor unit.");

const PaymentRequest = z
  .strictObject({
    transaction_id: transactionId,
    customer_id: customerId,
    amount: amountAsked,
    currency,
  })
  .describe('A payment to validate or to process.');

const refundId = id('Chosen by the caller, unique for each payment: the key of the refund.');
const declineReason = z
  .string()
  .describe("The gateway's reason, short and stable, such as `insufficient_funds`.");
const amountAnswered = z
  .string()
  .regex(new RegExp(DECIMAL_PATTERN))
  .describe('All decimals of the currency.');

const RefundRequest = z
  .strictObject({
    refund_id: refundId,
    amount: amountAsked.optional().describe('Absent: all that is left of the charge.'),
  })
  .describe('A refund of a payment, whole or in part.');

const refund = {
  refund_id: refundId,
  amount: amountAnswered,
  status: z
    .enum(['ACCEPTED', 'REFUNDED', 'DECLINED'])
    .describe('ACCEPTED has work left; the others are final.'),
  timestamp: epochSeconds.describe('When it was accepted, epoch seconds.'),
  decline_reason: declineReason.optional(),
};

const payment = {
  transaction_id: transactionId,
  timestamp: epochSeconds,
  customer_id: customerId,
  amount: amountAnswered,
  currency,
  status: z
    .enum(['ACCEPTED', 'PROCESSED', 'DECLINED'])
    .describe(
      'ACCEPTED has work left. Final: PROCESSED, charged and recorded; DECLINED by the gateway.',
    ),
  processed_at: epochSeconds.optional(),
  decline_reason: declineReason.optional(),
  region: z.string().describe('The AWS Region that accepted the payment.'),
};

const Payment = z.strictObject(payment).describe('A payment, the same from every Region.');

const PaymentDetail = z
  .strictObject({
    ...payment,
    refunded: amountAnswered.optional().describe('What went back so far; once there is a refund.'),
    refunds: z.array(z.strictObject(refund)).optional(),
  })
  .describe('A payment with its refunds.');

export const SCHEMAS = {
  PaymentRequest,
  RefundRequest,
  ValidateAnswer: z.strictObject({
    message: z.literal('Payment validated successfully'),
    transaction_id: transactionId,
  }),
  ProcessAnswer: z
    .strictObject({
      message: z.literal('Payment processed successfully'),
      transaction_id: transactionId,
      timestamp: epochSeconds,
    })
    .describe('The same bytes for every repeat, from every Region.'),
  AcceptAnswer: z
    .strictObject({
      message: z.literal('Payment accepted'),
      transaction_id: transactionId,
      status: z
        .literal('ACCEPTED')
        .describe('As of the acceptance, also in the answer to a repeat.'),
      timestamp: epochSeconds,
    })
    .describe('The same bytes for every repeat; `Location` leads to the payment as it is now.'),
  RefundAnswer: z
    .strictObject({
      message: z.literal('Refund processed successfully'),
      transaction_id: transactionId,
      refund_id: refundId,
      amount: amountAnswered,
      currency,
      timestamp: epochSeconds,
    })
    .describe('The same bytes for every repeat, from every Region.'),
  Payment,
  PaymentDetail,
  PaymentPage: z.strictObject({
    payments: z.array(Payment),
    next_cursor: z
      .string()
      .nullable()
      .describe('Send as `cursor` for the next page; null: the last.'),
  }),
  HealthAnswer: z.strictObject({ status: z.literal('healthy') }),
  Problem: z
    .strictObject({
      error: z.string().describe("The original's error text."),
      code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
      type: z.string().describe('RFC 9457: a URN of the code.'),
      title: z.string(),
      status: z.int(),
      detail: z.string().describe('What to mend or what to do next.'),
      request_id: z.string(),
      field: z.string().optional().describe('The field or parameter at fault.'),
      decline_reason: declineReason.optional(),
    })
    .describe('RFC 9457 problem details.'),
} as const;

export type SchemaName = keyof typeof SCHEMAS;

/**
 * The JSON Schema of a body. `draft-4` is what API Gateway's models are written in, without `exclusiveMinimum`, which it
 * does not support; `2020-12` is what OpenAPI 3.1 uses. Source: Amazon API Gateway developer guide, "Amazon API Gateway
 * important notes".
 */
export function jsonSchemaOf(
  name: SchemaName,
  draft: 'draft-4' | '2020-12' = 'draft-4',
): Record<string, unknown> {
  const schema = z.toJSONSchema(SCHEMAS[name], {
    target: draft === 'draft-4' ? 'draft-04' : 'draft-2020-12',
    unrepresentable: 'throw',
    override: ({ jsonSchema }) => {
      if (draft === 'draft-4') delete jsonSchema.exclusiveMinimum;
    },
  });
  const { $schema: _dialect, ...rest } = schema as Record<string, unknown>;
  return draft === 'draft-4'
    ? { $schema: 'http://json-schema.org/draft-04/schema#', title: name, ...rest }
    : rest;
}
