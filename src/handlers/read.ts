/** GET /payments/{transaction_id} and GET /customers/{customer_id}/payments. */

import { createDynamoPaymentReader } from '#adapters/dynamo-payment-reader.ts';
import { systemClock } from '#adapters/system.ts';
import { ENVIRONMENT } from '#contract/names.ts';
import { PAGE_LIMIT } from '#contract/routes.ts';
import { answerOfList, answerOfRead } from '#core/answers.ts';
import { knownRead } from '#core/app-error.ts';
import type { RequestFault } from '#core/request-members.ts';
import { BUDGET_MS } from '#core/time-budgets.ts';
import type { ApiEvent, InvocationContext } from './api-event.ts';
import { createApiHandler, type Route, type RouteResult } from './api-handler.ts';
import { decodeCursor, encodeCursor } from './page-cursor.ts';
import { pathIdentifier } from './path-identifier.ts';
import {
  attemptOptions,
  createDynamoClient,
  createFunctionTelemetry,
  deadlineOf,
  environment,
} from './runtime.ts';

const telemetry = createFunctionTelemetry('read');
const reader = createDynamoPaymentReader({
  client: createDynamoClient(),
  tableName: environment(ENVIRONMENT.paymentsTable),
  attempts: attemptOptions,
});

const read: Route = async (event, context) => {
  const parameters = event.pathParameters ?? {};
  if (parameters['transaction_id'] !== undefined) return readPayment(event, context);
  if (parameters['customer_id'] !== undefined) return listPayments(event, context);
  return refuse({ code: 'route_not_found' });
};

export const handler = createApiHandler('read', read, { telemetry, clock: systemClock });

async function readPayment(event: ApiEvent, context: InvocationContext): Promise<RouteResult> {
  const transactionId = pathIdentifier(event, 'transaction_id');
  if (transactionId.kind === 'refused') return transactionId;
  const deadline = deadlineOf(context, BUDGET_MS.read);
  return answerOfRead(await knownRead(reader.readPayment(transactionId.value, deadline)));
}

async function listPayments(event: ApiEvent, context: InvocationContext): Promise<RouteResult> {
  const identifier = pathIdentifier(event, 'customer_id');
  if (identifier.kind === 'refused') return identifier;
  const customerId = identifier.value;
  const query = readQuery(event, customerId);
  if (query.kind === 'refused') return query;
  const deadline = deadlineOf(context, BUDGET_MS.read);
  const page = await knownRead(
    reader.listCustomerPayments({ customerId, limit: query.limit, after: query.after }, deadline),
  );
  return answerOfList(
    page.payments,
    page.next === null ? null : encodeCursor(customerId, page.next),
  );
}

type ListQuery =
  | {
      readonly kind: 'query';
      readonly limit: number;
      readonly after: ReturnType<typeof decodeCursor>;
    }
  | Extract<RouteResult, { kind: 'refused' }>;

function readQuery(event: ApiEvent, customerId: string): ListQuery {
  const parameters = event.multiValueQueryStringParameters ?? {};
  for (const [name, values = []] of Object.entries(parameters)) {
    if (name !== 'limit' && name !== 'cursor') {
      const detail = 'This list takes limit and cursor only.';
      return refuse({ code: 'invalid_parameter', detail });
    }
    if (values.length !== 1) {
      return refuse({ code: 'invalid_parameter', field: name, detail: `Send ${name} once.` });
    }
  }
  const limitText = parameters.limit?.[0] ?? String(PAGE_LIMIT.default);
  const limit = /^[0-9]{1,3}$/.test(limitText) ? Number(limitText) : 0;
  if (limit < PAGE_LIMIT.min || limit > PAGE_LIMIT.max) {
    const detail = `limit is a whole number from ${PAGE_LIMIT.min} to ${PAGE_LIMIT.max}.`;
    return refuse({ code: 'invalid_parameter', field: 'limit', detail });
  }
  const cursor = parameters.cursor?.[0];
  if (cursor === undefined) return { kind: 'query', limit, after: null };
  const after = decodeCursor(cursor, customerId);
  if (after === null) return refuse({ code: 'invalid_cursor', field: 'cursor' });
  return { kind: 'query', limit, after };
}

function refuse(fault: RequestFault): Extract<RouteResult, { kind: 'refused' }> {
  return { kind: 'refused', fault };
}
