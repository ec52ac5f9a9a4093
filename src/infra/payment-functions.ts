/** The Lambda functions, one for each job, each with its own role, log group and least rights. */

import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import {
  Effect,
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type CfnFunction,
  Code,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { type LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import {
  ENVIRONMENT,
  FUNCTION_JOBS,
  type FunctionJob,
  HEALTH_PROBE,
  PAYMENTS_TABLE,
  resourceNames,
} from '#contract/names.ts';
import { createLogGroup } from './logs.ts';
import type { TableReference } from './payments-table.ts';

export interface PaymentFunctionsProps {
  readonly environmentSuffix: string;
  readonly throwAway: boolean;
  /** Folder with `<job>/index.mjs` for each job. */
  readonly functionsDir: string;
  readonly table: TableReference;
  readonly transactionTopicArn: string;
}

interface FunctionSettings {
  readonly constructId: string;
  readonly description: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
}

/**
 * Sizes of the contract. API Gateway gives up after 29 s; the code's own budgets end well before
 * these time-outs, which only stop an invocation that has lost its way.
 */
export const FUNCTION_SETTINGS: Record<FunctionJob, FunctionSettings> = {
  validate: {
    constructId: 'Validate',
    description: 'Checks a payment without storing anything',
    memoryMb: 512,
    timeoutSeconds: 30,
  },
  process: {
    constructId: 'Process',
    description: 'Charges a payment once and answers a repeat from its journal',
    memoryMb: 1024,
    timeoutSeconds: 15,
  },
  read: {
    constructId: 'Read',
    description: "Reads one payment or lists a customer's",
    memoryMb: 512,
    timeoutSeconds: 15,
  },
  health: {
    constructId: 'Health',
    description: 'Tells whether this Region can serve a payment now',
    memoryMb: 256,
    timeoutSeconds: 5,
  },
};

const LOG_RETENTION = RetentionDays.ONE_MONTH;

/** The functions of one Region, by job. */
export class PaymentFunctions extends Construct {
  readonly byJob: Readonly<Record<FunctionJob, LambdaFunction>>;

  constructor(scope: Construct, id: string, props: PaymentFunctionsProps) {
    super(scope, id);
    this.byJob = {
      validate: this.#create('validate', props),
      process: this.#create('process', props),
      read: this.#create('read', props),
      health: this.#create('health', props),
    };
  }

  get all(): readonly LambdaFunction[] {
    return FUNCTION_JOBS.map((job) => this.byJob[job]);
  }

  #create(job: FunctionJob, props: PaymentFunctionsProps): LambdaFunction {
    const settings = FUNCTION_SETTINGS[job];
    const scope = new Construct(this, settings.constructId);
    const functionName = resourceNames(props.environmentSuffix).functionName(job);
    const logGroup = createLogGroup(scope, 'Logs', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: LOG_RETENTION,
      throwAway: props.throwAway,
    });
    const lambda = new LambdaFunction(scope, 'Function', {
      functionName,
      description: settings.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(join(props.functionsDir, job)),
      memorySize: settings.memoryMb,
      timeout: Duration.seconds(settings.timeoutSeconds),
      logGroup,
      // No role name: it would be global to the account and collide in the second Region.
      role: new Role(scope, 'Role', {
        assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
        inlinePolicies: {
          work: new PolicyDocument({
            statements: [writeLogs(logGroup), ...statementsOf(job, props)],
          }),
        },
        // The rights above are all there are: no grant made elsewhere adds to them unseen.
      }).withoutPolicyUpdates(),
      environment: {
        [ENVIRONMENT.paymentsTable]: props.table.tableName,
        [ENVIRONMENT.suffix]: props.environmentSuffix,
        ...(job === 'process'
          ? { [ENVIRONMENT.transactionTopicArn]: props.transactionTopicArn }
          : {}),
      },
    });
    // The CDK orders the function after its role and the role's later policies. There are none of
    // those, and the role's ARN orders it already.
    (lambda.node.defaultChild as CfnFunction).addDeletionOverride('DependsOn');
    return lambda;
  }
}

/** What a job may do besides logging: the calls that its code makes, on the resources it makes them on. */
function statementsOf(job: FunctionJob, props: PaymentFunctionsProps): readonly PolicyStatement[] {
  const { tableArn } = props.table;
  switch (job) {
    case 'validate':
      return [];
    case 'process':
      return [
        allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], [tableArn]),
        allow(['sns:Publish'], [props.transactionTopicArn]),
      ];
    case 'read':
      return [
        allow(['dynamodb:Query'], [tableArn, `${tableArn}/index/${PAYMENTS_TABLE.customerIndex}`]),
      ];
    case 'health':
      return [
        new PolicyStatement({
          effect: Effect.ALLOW,
          actions: ['dynamodb:GetItem'],
          resources: [tableArn],
          // An open route's function can read one key, which no payment has.
          conditions: {
            'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [HEALTH_PROBE.transactionId] },
          },
        }),
      ];
  }
}

/** Instead of AWSLambdaBasicExecutionRole, which may write to every log group of the account. */
function writeLogs(logGroup: LogGroup): PolicyStatement {
  return allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
}

function allow(actions: readonly string[], resources: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    effect: Effect.ALLOW,
    actions: [...actions],
    resources: [...resources],
  });
}
