/** Queues and topics of one Region. */

import { Duration, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { PAYMENT_QUEUE, resourceNames, TOPIC_DISPLAY_NAMES } from '#contract/names.ts';
import { FUNCTION_SETTINGS } from './payment-functions.ts';

export interface MessagingProps {
  readonly environmentSuffix: string;
}

/** The contract's 300 s, or 6 times what carries out a message if that is longer (Lambda's advice). */
const VISIBILITY_TIMEOUT_SECONDS = Math.max(300, 6 * FUNCTION_SETTINGS.consume.timeoutSeconds);
const DLQ_RETENTION_DAYS = 14;

/**
 * `payment-queue` with its dead letters, and the topics for operators and for payments.
 *
 * All four refuse connections without TLS. Encryption at rest:
 * - queues: SQS's own keys (SSE-SQS), at no cost and with no key policy to get wrong;
 * - `transactions`: the account's `alias/aws/sns`. It carries payment records, and only the
 *   processor publishes to it, which that key's policy allows through SNS;
 * - `ops-alerts`: none. CloudWatch may not use `alias/aws/sns`, whose policy can't be changed, so an
 *   encrypted topic would lose every alarm silently. Alarms carry no payment data. A
 *   customer-managed key would do, and would put KMS on the way of every alarm.
 */
export class Messaging extends Construct {
  readonly paymentQueue: Queue;
  readonly paymentDlq: Queue;
  readonly opsAlertTopic: Topic;
  readonly transactionTopic: Topic;

  constructor(scope: Construct, id: string, props: MessagingProps) {
    super(scope, id);
    const names = resourceNames(props.environmentSuffix);

    this.paymentDlq = new Queue(this, 'PaymentDlq', {
      queueName: names.paymentDlq,
      retentionPeriod: Duration.days(DLQ_RETENTION_DAYS),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    this.paymentQueue = new Queue(this, 'PaymentQueue', {
      queueName: names.paymentQueue,
      visibilityTimeout: Duration.seconds(VISIBILITY_TIMEOUT_SECONDS),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      deadLetterQueue: { queue: this.paymentDlq, maxReceiveCount: PAYMENT_QUEUE.receivesMax },
    });
    this.transactionTopic = new Topic(this, 'TransactionTopic', {
      topicName: names.transactionTopic,
      displayName: TOPIC_DISPLAY_NAMES.transactions,
      masterKey: Alias.fromAliasName(this, 'SnsKey', 'alias/aws/sns'),
      enforceSSL: true,
    });
    this.opsAlertTopic = new Topic(this, 'OpsAlertTopic', {
      topicName: names.opsAlertTopic,
      displayName: TOPIC_DISPLAY_NAMES.opsAlerts,
      enforceSSL: true,
    });
    this.opsAlertTopic.addToResourcePolicy(
      publishAlarms(this, this.opsAlertTopic, Object.values(names.alarms)),
    );
  }
}

/** A topic with a policy of its own lacks the default one, which let the account's alarms publish. */
function publishAlarms(
  scope: Construct,
  topic: Topic,
  alarmNames: readonly string[],
): PolicyStatement {
  const stack = Stack.of(scope);
  return new PolicyStatement({
    sid: 'AlarmsOfThisRegionPublish',
    effect: Effect.ALLOW,
    principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
    actions: ['sns:Publish'],
    resources: [topic.topicArn],
    conditions: {
      StringEquals: { 'aws:SourceAccount': stack.account },
      ArnEquals: {
        // By name: the alarms refer to the topic, so the topic can't refer to the alarms.
        'aws:SourceArn': alarmNames.map((name) =>
          stack.formatArn({ service: 'cloudwatch', resource: `alarm:${name}` }),
        ),
      },
    },
  });
}
