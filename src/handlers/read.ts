/** GET /payments/{transaction_id} and GET /customers/{customer_id}/payments. */

import { createDynamoPaymentReader } from '#adapters/dynamo-payment-reader.ts';
import { systemClock } from '#adapters/system.ts';
import { ENVIRONMENT } from '#contract/names.ts';
import { PAGE_LIMIT } from '#contract/routes.ts';
import { answerOfList, answerOfRead } from '#core/answers.ts';
import { knownRead } from '#core/app-error.ts';
import { identifierFault } from '#core/identifier.ts';
import type { RequestFault } from '#core/request-members.ts';
import { BUDGET_MS } from '#core/time-budgets.ts';
import type { ApiEvent, InvocationContext } from './api-event.ts';
import { createApiHandler, type Route, type RouteResult } from './api-handler.ts';
import { decodeCursor, encodeCursor } from './page-cursor.ts';
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
  const { transaction_id: transactionId, customer_id: customerId } = event.pathParameters ?? {};
  if (transactionId !== undefined) return readPayment(transactionId, context);
  if (customerId !== undefined) return listPayments(customerId, event, context);
  return refuse({ code: 'route_not_found' });
};

export const handler = createApiHandler('read', read, { telemetry, clock: systemClock });

async function readPayment(
  transactionId: string,
  context: InvocationContext,
): Promise<RouteResult> {
  const fault = identifierFault(transactionId);
  if (fault !== null) {
    const detail = `transaction_id ${fault}.`;
    return refuse({ code: 'invalid_transaction_id', field: 'transaction_id', detail });
  }
  const deadline = deadlineOf(context, BUDGET_MS.read);
  return answerOfRead(await knownRead(reader.readPayment(transactionId, deadline)));
}

async function listPayments(
  customerId: string,
  event: ApiEvent,
  context: InvocationContext,
): Promise<RouteResult> {
  const fault = identifierFault(customerId);
  if (fault !== null) {
    const detail = `customer_id ${fault}.`;
    return refuse({ code: 'invalid_customer_id', field: 'customer_id', detail });
  }
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
