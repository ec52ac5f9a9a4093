/** What each function may do: exactly the calls that its code makes. */

import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { CONTROL_TABLE, HEALTH_PROBE, PAYMENTS_TABLE, type PaymentJob } from '#contract/names.ts';
import type { Configuration } from './configuration.ts';
import type { TableReference } from './payments-table.ts';

/** What the functions of one Region work on. */
export interface FunctionResources {
  readonly configuration: Configuration;
  readonly table: TableReference;
  readonly controlTable: TableReference;
  readonly transactionTopicArn: string;
  readonly paymentQueue: IQueue;
  /** With `gateway=http`: where its secret is. */
  readonly gatewaySecret: Secret | null;
}

/** Jobs that write payments: where the table is eventually consistent, they need the lease. */
export const WRITING_JOBS: readonly PaymentJob[] = [
  'process',
  'accept',
  'consume',
  'refund',
  'sweep',
];
/** Of these, the ones that charge, record and tell. */
export const CARRYING_JOBS: readonly PaymentJob[] = ['process', 'consume', 'refund', 'sweep'];

/**
 * What a job may do besides logging: the calls that its code makes, on the resources it makes them on.
 * tests/template/role-coverage.test.ts holds the actions to the code.
 */
export function rightsOf(
  job: PaymentJob,
  resources: FunctionResources,
): readonly PolicyStatement[] {
  const { tableArn } = resources.table;
  const { queueArn } = resources.paymentQueue;
  const carry = [
    allow(['sns:Publish'], [resources.transactionTopicArn]),
    ...(resources.gatewaySecret === null
      ? []
      : [allow(['secretsmanager:GetSecretValue'], [resources.gatewaySecret.secretArn])]),
  ];
  const lease = needsLease(job, resources.configuration)
    ? [
        allowKeys(['dynamodb:PutItem', 'dynamodb:UpdateItem'], resources.controlTable.tableArn, [
          CONTROL_TABLE.leaseScope,
        ]),
      ]
    : [];
  switch (job) {
    case 'validate':
      return [];
    case 'process':
      return [
        allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], [tableArn]),
        ...carry,
        ...lease,
      ];
    case 'accept':
      return [
        allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [tableArn]),
        allow(['sqs:SendMessage'], [queueArn]),
        ...lease,
      ];
    case 'consume':
      return [
        allow(
          ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
          [tableArn],
        ),
        // Lambda's pollers act with this role too.
        allow(
          [
            'sqs:ReceiveMessage',
            'sqs:DeleteMessage',
            'sqs:GetQueueAttributes',
            'sqs:ChangeMessageVisibility',
          ],
          [queueArn],
        ),
        ...carry,
        ...lease,
      ];
    case 'refund':
      return [
        allow(['dynamodb:BatchGetItem', 'dynamodb:UpdateItem'], [tableArn]),
        ...carry,
        ...lease,
      ];
    case 'sweep':
      return [
        allow(
          ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
          [tableArn],
        ),
        allow(['dynamodb:Query'], [`${tableArn}/index/${PAYMENTS_TABLE.openIndex}`]),
        ...carry,
        ...lease,
      ];
    case 'read':
      return [
        allow(['dynamodb:Query'], [tableArn, `${tableArn}/index/${PAYMENTS_TABLE.customerIndex}`]),
      ];
    case 'health':
      return [
        // An open route's function can read one key, which no payment has, and where traffic goes.
        allowKeys(['dynamodb:GetItem'], tableArn, [HEALTH_PROBE.transactionId]),
        allowKeys(['dynamodb:Query'], resources.controlTable.tableArn, [
          CONTROL_TABLE.routingScope,
        ]),
      ];
  }
}

/** Whether the job asks the control table before it writes. */
export function needsLease(job: PaymentJob, { consistency }: Configuration): boolean {
  return consistency === 'eventual' && WRITING_JOBS.includes(job);
}

/** Instead of AWSLambdaBasicExecutionRole, which may write to every log group of the account. */
export function writeLogs(logGroup: LogGroup): PolicyStatement {
  return allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
}

/** Of a table only the items with these partition keys. */
export function allowKeys(
  actions: readonly string[],
  tableArn: string,
  partitionKeys: readonly string[],
): PolicyStatement {
  return new PolicyStatement({
    effect: Effect.ALLOW,
    actions: [...actions],
    resources: [tableArn],
    conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [...partitionKeys] } },
  });
}

export function allow(actions: readonly string[], resources: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    effect: Effect.ALLOW,
    actions: [...actions],
    resources: [...resources],
  });
}
