/** The Lambda functions, one for each job, each with its own role, log group and least rights. */

import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { EventSourceMapping, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ENVIRONMENT, PAYMENT_JOBS, type PaymentJob, resourceNames } from '#contract/names.ts';
import { regionsOf } from './configuration.ts';
import { createFunction, type FunctionSettings } from './create-function.ts';
import {
  CARRYING_JOBS,
  type FunctionResources,
  needsLease,
  rightsOf,
  WRITING_JOBS,
} from './function-rights.ts';
import { RESERVED_CONCURRENCY } from './reserved-concurrency.ts';

export interface PaymentFunctionsProps extends FunctionResources {
  /** Folder with `<job>/index.mjs` for each job. */
  readonly functionsDir: string;
}

/**
 * Sizes of the contract. API Gateway gives up after 29 s; the code's own budgets end well before
 * these time-outs, which only stop an invocation that has lost its way.
 */
export const FUNCTION_SETTINGS: Record<PaymentJob, FunctionSettings> = {
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
  accept: {
    constructId: 'Accept',
    description: 'Accepts a payment, to be charged from the queue or by the sweeper',
    memoryMb: 1024,
    timeoutSeconds: 15,
  },
  consume: {
    constructId: 'Consume',
    description: 'Carries on the payments of a batch of queue messages',
    memoryMb: 1024,
    timeoutSeconds: 30,
  },
  refund: {
    constructId: 'Refund',
    description: 'Refunds a payment, in whole or in part, once for each refund_id',
    memoryMb: 1024,
    timeoutSeconds: 15,
  },
  sweep: {
    constructId: 'Sweep',
    description: 'Carries on open payments that nobody has moved for a while',
    memoryMb: 1024,
    timeoutSeconds: 60,
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

/** Messages carried on together; one that fails does not hold up the others. */
const MESSAGES_PER_BATCH = 10;

/** The functions of one Region, by job. */
export class PaymentFunctions extends Construct {
  readonly byJob: Readonly<Record<PaymentJob, LambdaFunction>>;

  constructor(scope: Construct, id: string, props: PaymentFunctionsProps) {
    super(scope, id);
    this.byJob = Object.fromEntries(
      PAYMENT_JOBS.map((job) => [
        job,
        createFunction(this, {
          job,
          settings: FUNCTION_SETTINGS[job],
          configuration: props.configuration,
          functionsDir: props.functionsDir,
          rights: rightsOf(job, props),
          environment: environmentOf(job, props),
        }),
      ]),
    ) as Record<PaymentJob, LambdaFunction>;
    this.#addEventSources(props);
  }

  get all(): readonly LambdaFunction[] {
    return PAYMENT_JOBS.map((job) => this.byJob[job]);
  }

  /** The queue feeds the consumer, and the clock the sweeper. */
  #addEventSources({ configuration, paymentQueue }: PaymentFunctionsProps): void {
    new EventSourceMapping(this, 'PaymentMessages', {
      target: this.byJob.consume,
      eventSourceArn: paymentQueue.queueArn,
      batchSize: MESSAGES_PER_BATCH,
      reportBatchItemFailures: true,
      // Also where nothing is reserved: a backlog must not take the concurrency of callers who wait.
      maxConcurrency: RESERVED_CONCURRENCY.consume,
    });
    const { sweepSchedule } = resourceNames(configuration.environmentSuffix);
    new Rule(this, 'SweepSchedule', {
      ruleName: sweepSchedule,
      description: 'Sweeps the open payments',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaTarget(this.byJob.sweep)],
    });
  }
}

function environmentOf(job: PaymentJob, props: PaymentFunctionsProps): Record<string, string> {
  const { configuration, gatewaySecret } = props;
  const carries = CARRYING_JOBS.includes(job);
  return {
    [ENVIRONMENT.paymentsTable]: props.table.tableName,
    [ENVIRONMENT.suffix]: configuration.environmentSuffix,
    ...(WRITING_JOBS.includes(job) || job === 'health'
      ? { [ENVIRONMENT.consistency]: configuration.consistency }
      : {}),
    ...(needsLease(job, configuration)
      ? {
          [ENVIRONMENT.controlTable]: props.controlTable.tableName,
          [ENVIRONMENT.primaryRegion]: configuration.primaryRegion,
        }
      : {}),
    ...(job === 'health'
      ? {
          [ENVIRONMENT.controlTable]: props.controlTable.tableName,
          [ENVIRONMENT.regions]: regionsOf(configuration).join(','),
          [ENVIRONMENT.routingPolicy]: configuration.routing,
        }
      : {}),
    ...(carries ? { [ENVIRONMENT.transactionTopicArn]: props.transactionTopicArn } : {}),
    ...(carries && configuration.gatewayUrl !== null && gatewaySecret !== null
      ? {
          [ENVIRONMENT.gatewayUrl]: configuration.gatewayUrl,
          // Not the construct's own: that cuts the name out of the ARN with a page of intrinsic functions.
          [ENVIRONMENT.gatewaySecretName]: resourceNames(configuration.environmentSuffix)
            .gatewaySecret,
        }
      : {}),
    ...(job === 'accept' || job === 'consume'
      ? { [ENVIRONMENT.paymentQueueUrl]: props.paymentQueue.queueUrl }
      : {}),
  };
}
