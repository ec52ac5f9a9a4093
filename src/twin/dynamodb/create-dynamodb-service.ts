/** DynamoDB's wire protocol over the twin's global tables. */

import type {
  AwsService,
  AwsWireError,
  ServiceAnswer,
  ServiceCall,
} from '../endpoint/aws-service.ts';
import type { EngineAnswer } from './engine/storage-engine.ts';
import type { GlobalTables } from './global-tables.ts';
import { batchGet } from './service/batch-get.ts';
import { batchWrite } from './service/batch-write.ts';
import { runItemOperation } from './service/item-operations.ts';
import { isRunOperation, operationInTarget, refusalOf } from './service/operations.ts';
import { permissionsOf } from './service/permissions.ts';
import { parseRequest, tablesNamedIn } from './service/request.ts';
import { runTableOperation } from './service/table-operations.ts';
import { asWireFault, WireFault } from './wire-fault.ts';

export interface DynamoDbServiceOptions {
  readonly tables: GlobalTables;
  /** Account in the ARNs, 12 digits. */
  readonly accountId: string;
  /** Told of faults that are the twin's own. */
  readonly report?: (message: string) => void;
}

const CONTENT_TYPE = 'application/x-amz-json-1.0';

/** Errors that every AWS service has, with the prefixes that DynamoDB puts before them. */
const TYPE_PREFIX: Readonly<Record<string, string>> = {
  ValidationException: 'com.amazon.coral.validate#',
  SerializationException: 'com.amazon.coral.service#',
  UnknownOperationException: 'com.amazon.coral.service#',
  AccessDeniedException: 'com.amazon.coral.service#',
  UnrecognizedClientException: 'com.amazon.coral.service#',
  MissingAuthenticationTokenException: 'com.amazon.coral.service#',
  IncompleteSignatureException: 'com.amazon.coral.service#',
  ThrottlingException: 'com.amazon.coral.availability#',
};
const OWN_PREFIX = 'com.amazonaws.dynamodb.v20120810#';

/** `handle` never rejects: what goes wrong is an answer in DynamoDB's wire format. */
export function createDynamoDbService(options: DynamoDbServiceOptions): AwsService {
  const { tables, accountId } = options;
  return {
    name: 'dynamodb',
    operationOf: (headers) => operationInTarget(headers['x-amz-target']),
    permissionsOf: (call) => permissionsOf(tables, accountId, call),
    async handle(call) {
      try {
        const { status, body } = await run(tables, call);
        return { status, headers: headersOf(call), body };
      } catch (error) {
        if (!(error instanceof WireFault)) {
          options.report?.(`DynamoDB ${call.operation} failed in the twin: ${String(error)}`);
        }
        return errorAnswer(call, asWireFault(error));
      }
    },
    errorAnswer,
  };
}

async function run(tables: GlobalTables, call: ServiceCall): Promise<EngineAnswer> {
  const { operation } = call;
  if (!isRunOperation(operation)) throw refusalOf(operation, namesStrongTable(tables, call));
  switch (operation) {
    case 'GetItem':
    case 'PutItem':
    case 'UpdateItem':
    case 'DeleteItem':
    case 'Query':
    case 'Scan':
      return runItemOperation(tables, call, operation);
    case 'BatchGetItem':
      return batchGet(tables, call);
    case 'BatchWriteItem':
      return batchWrite(tables, call);
    case 'DescribeTable':
    case 'ListTables':
    case 'DescribeTimeToLive':
    case 'DescribeContinuousBackups':
      return runTableOperation(tables, call, operation);
  }
}

/** Whether the call names a table with multi-Region strong consistency, alone or in a transaction. */
function namesStrongTable(tables: GlobalTables, call: ServiceCall): boolean {
  return tablesNamedIn(parseRequest(call).request).some(
    (name) => tables.table(name)?.model.consistency === 'STRONG',
  );
}

function errorAnswer(call: ServiceCall, { status, code, message }: AwsWireError): ServiceAnswer {
  const body = JSON.stringify({ __type: `${TYPE_PREFIX[code] ?? OWN_PREFIX}${code}`, message });
  return { status, headers: headersOf(call), body };
}

function headersOf(call: ServiceCall): Record<string, string> {
  return { 'content-type': CONTENT_TYPE, 'x-amzn-requestid': call.requestId };
}
