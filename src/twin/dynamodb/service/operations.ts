/** DynamoDB's operations: those that the twin runs, and why it refuses each other one. */

import { validationFault, WireFault } from '../wire-fault.ts';

export const RUN_OPERATIONS = [
  'GetItem',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'Query',
  'Scan',
  'BatchGetItem',
  'BatchWriteItem',
  'DescribeTable',
  'ListTables',
  'DescribeTimeToLive',
  'DescribeContinuousBackups',
] as const;
export type RunOperation = (typeof RUN_OPERATIONS)[number];

const TARGET = /^DynamoDB(?:Streams)?_20120810\.([A-Za-z]+)$/;

/** What multi-Region strong consistency refuses on AWS too. The wording there is unpublished. */
const REFUSED_BY_MRSC: Readonly<Record<string, string>> = {
  TransactWriteItems: 'Transactions are not supported',
  TransactGetItems: 'Transactions are not supported',
  UpdateTimeToLive: 'Time To Live is not supported',
};

/** Operations that AWS runs and the twin does not, by the reason. */
const NOT_RUN: readonly { readonly operations: RegExp; readonly reason: string }[] = [
  {
    operations: /^(ExecuteStatement|BatchExecuteStatement|ExecuteTransaction)$/,
    reason: 'the twin does not run PartiQL: use the item operations',
  },
  {
    operations: /^(TransactWriteItems|TransactGetItems)$/,
    reason: 'the twin does not run transactions: use conditional writes of single items',
  },
  {
    operations: /^UpdateTimeToLive$/,
    reason: 'the twin deletes no expired items',
  },
  {
    operations: /^(CreateTable|DeleteTable|UpdateTable)$/,
    reason: "the twin's tables come from the synthesized template: change it and start anew",
  },
  {
    operations: /^(DescribeStream|GetRecords|GetShardIterator|ListStreams)$/,
    reason: 'the twin does not run DynamoDB streams',
  },
];

/** The operation in an `x-amz-target` header; null when it names none of DynamoDB. */
export function operationInTarget(target: string | undefined): string | null {
  return TARGET.exec(target ?? '')?.[1] ?? null;
}

export function isRunOperation(operation: string): operation is RunOperation {
  return (RUN_OPERATIONS as readonly string[]).includes(operation);
}

/**
 * What an operation that the twin does not run is answered. `onStrongTable`: it names a table with
 * multi-Region strong consistency, which refuses more.
 */
export function refusalOf(operation: string, onStrongTable: boolean): WireFault {
  const byMrsc = onStrongTable ? REFUSED_BY_MRSC[operation] : undefined;
  if (byMrsc !== undefined) {
    return validationFault(
      `${byMrsc} on global tables configured for multi-Region strong consistency (MRSC): ` +
        `${operation}`,
    );
  }
  const entry = NOT_RUN.find(({ operations }) => operations.test(operation));
  const reason = entry?.reason ?? 'the twin does not run this operation';
  return new WireFault(400, 'UnknownOperationException', `${operation}: ${reason}.`);
}
