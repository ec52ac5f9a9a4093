/** The OpenAPI 3.1 document, made from the routes, the schemas and the error catalogue. */

import { ERRORS, type ErrorCode, PROBLEM_MEDIA_TYPE } from './errors.ts';
import { API_STAGE, REQUEST_ID_HEADER } from './names.ts';
import { PAGE_LIMIT, ROUTES, type Route, type RouteId } from './routes.ts';
import { jsonSchemaOf, SCHEMAS, type SchemaName } from './schemas.ts';

const BODY_FAULTS = [
  'missing_field',
  'unknown_field',
  'duplicate_field',
  'invalid_json',
  'invalid_encoding',
  'invalid_body',
  'nesting_too_deep',
  'invalid_transaction_id',
  'invalid_customer_id',
  'invalid_amount',
  'amount_not_positive',
  'amount_too_large',
  'amount_too_precise',
  'invalid_currency',
  'body_too_large',
  'unsupported_media_type',
] as const satisfies readonly ErrorCode[];

const EVERYWHERE = [
  'bad_request',
  'unauthorized',
  'too_many_requests',
  'internal_error',
  'outcome_unknown',
  'gateway_timeout',
] as const satisfies readonly ErrorCode[];

const REFUND_FAULTS = [
  ...BODY_FAULTS.filter((code) => code !== 'invalid_customer_id' && code !== 'invalid_currency'),
  'invalid_refund_id',
  'refund_declined',
  'payment_not_found',
  'refund_conflict',
  'refund_exceeds_charge',
  'too_many_refunds',
  'payment_not_charged',
  'payment_still_open',
  'region_not_active',
  'unavailable',
] as const satisfies readonly ErrorCode[];

interface Answers {
  readonly ok: SchemaName;
  /** @default 200 */
  readonly status?: 202;
  readonly faults: readonly ErrorCode[];
}

const ANSWERS: Record<RouteId, Answers> = {
  validatePayment: { ok: 'ValidateAnswer', faults: BODY_FAULTS },
  processPayment: {
    ok: 'ProcessAnswer',
    faults: [
      ...BODY_FAULTS,
      'payment_declined',
      'transaction_conflict',
      'region_not_active',
      'unavailable',
    ],
  },
  acceptPayment: {
    ok: 'AcceptAnswer',
    status: 202,
    faults: [...BODY_FAULTS, 'transaction_conflict', 'region_not_active', 'unavailable'],
  },
  refundPayment: { ok: 'RefundAnswer', faults: REFUND_FAULTS },
  getPayment: {
    ok: 'PaymentDetail',
    faults: ['invalid_transaction_id', 'payment_not_found', 'unavailable'],
  },
  listCustomerPayments: {
    ok: 'PaymentPage',
    faults: ['invalid_customer_id', 'invalid_parameter', 'invalid_cursor', 'unavailable'],
  },
  getHealth: { ok: 'HealthAnswer', faults: ['unavailable'] },
  getTrafficHealth: { ok: 'HealthAnswer', faults: ['traffic_elsewhere', 'unavailable'] },
};

/** Builds the document. Pure; the same input gives the same text. */
export function openApiDocument(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of ROUTES) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) };
  }
  const names = Object.keys(SCHEMAS) as SchemaName[];
  return {
    openapi: '3.1.0',
    info: {
      title: 'Holdfast payments',
      version,
      summary: 'Payments that survive losing an AWS Region: each charged once, none lost.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      { url: 'http://127.0.0.1:8080', description: 'The twin: global entry' },
      {
        url: `https://{api}.execute-api.{region}.amazonaws.com/${API_STAGE}`,
        variables: {
          api: { default: 'api-id' },
          region: { default: 'us-east-1', enum: ['us-east-1', 'us-east-2'] },
        },
      },
    ],
    security: [{ sigv4: [] }],
    paths,
    components: {
      securitySchemes: {
        sigv4: {
          type: 'apiKey',
          name: 'Authorization',
          in: 'header',
          description: 'AWS Signature Version 4, service execute-api.',
          'x-amazon-apigateway-authtype': 'awsSigv4',
        },
      },
      headers: {
        RequestId: { description: 'Quote it when you ask for help.', schema: { type: 'string' } },
        Location: {
          description: 'Path of the payment, relative to the stage.',
          schema: { type: 'string' },
        },
        RetryAfter: {
          description: 'Seconds to wait; absent where a retry would not help.',
          schema: { type: 'integer' },
        },
      },
      schemas: Object.fromEntries(names.map((name) => [name, jsonSchemaOf(name, '2020-12')])),
    },
  };
}

function operation(route: Route & { readonly id: RouteId }): Record<string, unknown> {
  const answers = ANSWERS[route.id];
  return {
    operationId: route.id,
    summary: route.summary,
    ...(route.open ? { security: [] } : {}),
    ...parametersOf(route),
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: json('application/json', route.body) } }),
    responses: {
      [String(answers.status ?? 200)]: {
        description: answers.status === 202 ? 'Accepted.' : 'Done.',
        headers: {
          [REQUEST_ID_HEADER]: { $ref: '#/components/headers/RequestId' },
          ...(answers.status === 202
            ? { location: { $ref: '#/components/headers/Location' } }
            : {}),
        },
        content: json('application/json', answers.ok),
      },
      ...problemsOf([...answers.faults, ...EVERYWHERE]),
    },
  };
}

function parametersOf(route: Route): { parameters?: readonly unknown[] } {
  const inPath = [...route.path.matchAll(/\{([a-z_]+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', minLength: 1 },
  }));
  const inQuery = (route.query ?? []).map((name) => ({
    name,
    in: 'query',
    schema:
      name === 'limit'
        ? {
            type: 'integer',
            minimum: PAGE_LIMIT.min,
            maximum: PAGE_LIMIT.max,
            default: PAGE_LIMIT.default,
          }
        : { type: 'string' },
  }));
  const parameters = [...inPath, ...inQuery];
  return parameters.length === 0 ? {} : { parameters };
}

/** One answer for each status; its description lists the codes with their next step. */
function problemsOf(codes: readonly ErrorCode[]): Record<string, unknown> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = ERRORS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, at]) => [
      String(status),
      {
        description: at.map((code) => `\`${code}\`: ${ERRORS[code].nextStep}`).join('\n'),
        headers: {
          [REQUEST_ID_HEADER]: { $ref: '#/components/headers/RequestId' },
          ...(at.some((code) => ERRORS[code].retry !== 'never')
            ? { 'retry-after': { $ref: '#/components/headers/RetryAfter' } }
            : {}),
        },
        content: json(PROBLEM_MEDIA_TYPE, 'Problem'),
      },
    ]),
  );
}

function json(mediaType: string, schema: SchemaName): Record<string, unknown> {
  return { [mediaType]: { schema: { $ref: `#/components/schemas/${schema}` } } };
}
