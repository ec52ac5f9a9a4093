/** The function that moves traffic onto its own Region, and what wakes it. */

import { ArnFormat, Duration, Fn, Stack, Validations } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnPermission, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSubscription } from 'aws-cdk-lib/aws-sns';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { CONTROL_TABLE, ENVIRONMENT, exportName, resourceNames } from '#contract/names.ts';
import { type Configuration, regionsOf } from './configuration.ts';
import { createFunction, type FunctionSettings } from './create-function.ts';
import { allow, allowKeys } from './function-rights.ts';
import { replicaOfTable } from './payments-table.ts';
import { domainNameOf } from './routing-settings.ts';

export interface FailoverOrchestratorProps {
  readonly configuration: Configuration;
  /** The stack's own. */
  readonly region: string;
  /** Folder with `orchestrate/index.mjs`. */
  readonly functionsDir: string;
}

/** Size of the contract. One invocation looks at the Regions until the next one begins, a minute later. */
const SETTINGS: FunctionSettings = {
  constructId: 'Orchestrate',
  description: 'Moves traffic onto this Region when the other one is lost or impaired',
  memoryMb: 256,
  timeoutSeconds: 60,
};
const DLQ_RETENTION_DAYS = 14;

/**
 * The orchestrator of one Region: woken by the alarms of *both* Regions, because the one that fails may be
 * unable to act, and by a clock of its own, because the one that fails may be unable to tell.
 *
 * Everything of `TapStack` is referred to by its name or its export: nothing here is a condition of taking
 * payments.
 */
export class FailoverOrchestrator extends Construct {
  readonly lambda: LambdaFunction;

  constructor(scope: Construct, id: string, props: FailoverOrchestratorProps) {
    super(scope, id);
    const { configuration } = props;
    const names = resourceNames(configuration.environmentSuffix);
    const deadLetterQueue = new Queue(this, 'DeadLetters', {
      queueName: names.orchestratorDlq,
      retentionPeriod: Duration.days(DLQ_RETENTION_DAYS),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    Validations.of(deadLetterQueue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason:
        'It is itself the dead-letter queue: of the asynchronous invocations of a function, which this rule does not look at.',
    });
    this.lambda = createFunction(this, {
      job: 'orchestrate',
      settings: SETTINGS,
      configuration,
      functionsDir: props.functionsDir,
      rights: this.#rights(configuration, deadLetterQueue),
      environment: this.#environment(props),
      deadLetterQueue,
    });
    Validations.of(this.node.findChild(SETTINGS.constructId)).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'CloudWatch tells of composite alarms only whoever may describe any; it is one call that reads states of alarms, in the two Regions alone.',
    });
    new Rule(this, 'Tick', {
      ruleName: names.orchestratorSchedule,
      description: 'Looks at both Regions even when no alarm can tell',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaTarget(this.lambda)],
    });
    for (const region of regionsOf(configuration)) this.#subscribe(names.opsAlertTopic, region);
  }

  /** An SNS topic can invoke a function in another Region. Source: Amazon SNS, "Cross-Region delivery". */
  #subscribe(topicName: string, region: string): void {
    const topicArn = this.#topicArn(topicName, region);
    new CfnPermission(this, `AlarmsMayInvoke-${region}`, {
      action: 'lambda:InvokeFunction',
      functionName: this.lambda.functionArn,
      principal: 'sns.amazonaws.com',
      sourceArn: topicArn,
    });
    new CfnSubscription(this, `Alarms-${region}`, {
      protocol: 'lambda',
      endpoint: this.lambda.functionArn,
      topicArn,
      region,
      // No filter policy: see OPS_MESSAGE_KIND_ATTRIBUTE.
    });
  }

  /** Exactly the calls of src/handlers/orchestrate.ts, on what it makes them on. */
  #rights(configuration: Configuration, deadLetterQueue: IQueue): readonly PolicyStatement[] {
    const names = resourceNames(configuration.environmentSuffix);
    const controlTable = replicaOfTable(this, names.controlTable);
    const scopes: string[] = [CONTROL_TABLE.routingScope, CONTROL_TABLE.presenceScope];
    if (configuration.consistency === 'eventual') scopes.push(CONTROL_TABLE.leaseScope);
    return [
      allowKeys(
        ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:Query'],
        controlTable.tableArn,
        scopes,
      ),
      new PolicyStatement({
        effect: Effect.ALLOW,
        actions: ['cloudwatch:DescribeAlarms'],
        // With a narrower resource CloudWatch leaves composite alarms out of its answer, silently.
        // Source: Amazon CloudWatch API reference, DescribeAlarms.
        resources: ['*'],
        conditions: { StringEquals: { 'aws:RequestedRegion': regionsOf(configuration) } },
      }),
      // A payment of its own shows that the Region takes payments; a sweep takes over what the other left.
      allow(
        ['lambda:InvokeFunction'],
        [names.functionName('process'), names.functionName('sweep')].map((name) =>
          Stack.of(this).formatArn({
            service: 'lambda',
            resource: 'function',
            resourceName: name,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        ),
      ),
      allow(['sns:Publish'], [this.#topicArn(names.opsAlertTopic, Stack.of(this).region)]),
      // Lambda itself sends dead letters, with this role.
      allow(['sqs:SendMessage'], [deadLetterQueue.queueArn]),
    ];
  }

  #environment({ configuration, region }: FailoverOrchestratorProps): Record<string, string> {
    const { environmentSuffix, domain } = configuration;
    const names = resourceNames(environmentSuffix);
    return {
      [ENVIRONMENT.paymentsTable]: names.paymentsTable,
      [ENVIRONMENT.suffix]: environmentSuffix,
      [ENVIRONMENT.transactionTopicArn]: this.#topicArn(names.transactionTopic, region),
      [ENVIRONMENT.controlTable]: names.controlTable,
      [ENVIRONMENT.consistency]: configuration.consistency,
      [ENVIRONMENT.apiUrl]:
        domain === null
          ? Fn.importValue(exportName('APIEndpoint', environmentSuffix))
          : `https://${domainNameOf(domain, region)}`,
      [ENVIRONMENT.regions]: regionsOf(configuration).join(','),
      [ENVIRONMENT.opsAlertTopicArn]: this.#topicArn(names.opsAlertTopic, region),
      [ENVIRONMENT.routingPolicy]: configuration.routing,
      [ENVIRONMENT.failback]: configuration.failback,
      [ENVIRONMENT.probeIntervalSeconds]: String(configuration.failoverProbeSeconds),
      [ENVIRONMENT.silenceSeconds]: String(configuration.failoverSilenceSeconds),
      [ENVIRONMENT.cooldownSeconds]: String(configuration.failoverCooldownSeconds),
      [ENVIRONMENT.soakSeconds]: String(configuration.failbackSoakSeconds),
    };
  }

  #topicArn(topicName: string, region: string): string {
    return Stack.of(this).formatArn({
      service: 'sns',
      region,
      resource: topicName,
      arnFormat: ArnFormat.NO_RESOURCE_NAME,
    });
  }
}
