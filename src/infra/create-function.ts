/** A Lambda function of ours: its own role with least rights, its own log group, its bundle. */

import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { PolicyDocument, type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type CfnFunction,
  Code,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type FunctionJob, resourceNames } from '#contract/names.ts';
import type { Configuration } from './configuration.ts';
import { writeLogs } from './function-rights.ts';
import { createLogGroup } from './logs.ts';
import { reservedFor } from './reserved-concurrency.ts';

export interface FunctionSettings {
  readonly constructId: string;
  readonly description: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
}

export interface FunctionProps {
  readonly job: FunctionJob;
  readonly settings: FunctionSettings;
  readonly configuration: Configuration;
  /** Folder with `<job>/index.mjs`. */
  readonly functionsDir: string;
  /** All that the function may do, besides writing to its own log group. */
  readonly rights: readonly PolicyStatement[];
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Where asynchronous events go that every attempt failed on; the rights must allow to send there.
   * @default they are dropped: nothing invokes the function asynchronously but a clock
   */
  readonly deadLetterQueue?: IQueue;
}

const LOG_RETENTION = RetentionDays.ONE_MONTH;

/** Creates the function of a job, with its role and its log group, below a construct of their own. */
export function createFunction(parent: Construct, props: FunctionProps): LambdaFunction {
  const { job, settings, configuration, deadLetterQueue } = props;
  const scope = new Construct(parent, settings.constructId);
  const reserved = reservedFor(job, configuration);
  const functionName = resourceNames(configuration.environmentSuffix).functionName(job);
  const logGroup = createLogGroup(scope, 'Logs', {
    logGroupName: `/aws/lambda/${functionName}`,
    retention: LOG_RETENTION,
    throwAway: configuration.throwAway,
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
          statements: [writeLogs(logGroup), ...props.rights],
        }),
      },
      // The rights above are all there are: no grant made elsewhere adds to them unseen.
    }).withoutPolicyUpdates(),
    environment: { ...props.environment },
    ...(deadLetterQueue === undefined ? {} : { deadLetterQueue }),
    ...(reserved === null ? {} : { reservedConcurrentExecutions: reserved }),
  });
  // The CDK orders the function after its role and the role's later policies. There are none of
  // those, and the role's ARN orders it already.
  (lambda.node.defaultChild as CfnFunction).addDeletionOverride('DependsOn');
  return lambda;
}
