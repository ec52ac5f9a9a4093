/** Everything that one Region runs. The primary Region's stack also owns what exists only once. */

import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  exportName,
  resourceNames,
  STACK_NAME,
  STACK_OUTPUTS,
  type StackOutput,
} from '#contract/names.ts';
import { PaymentAlarms } from './alarms.ts';
import { regionsOf } from './configuration.ts';
import { PaymentDashboard } from './dashboard.ts';
import { createGatewaySecret } from './gateway-secret.ts';
import { Messaging } from './messaging.ts';
import { PaymentApi, type SchemaSource } from './payment-api.ts';
import { PaymentFunctions } from './payment-functions.ts';
import { createControlTable, createPaymentsTable, replicaOfTable } from './payments-table.ts';
import {
  type RegionStackProps,
  regionOf,
  regionStackProps,
  stackId,
} from './region-stack-props.ts';

/** `role`: the primary's stack owns the global tables and the dashboard. */
export interface TapStackProps extends RegionStackProps {
  /** Folder with the bundles, `<job>/index.mjs`. */
  readonly functionsDir: string;
  readonly schemaOf: SchemaSource;
}

/** The stack of one Region; both Regions' differ only in what `role` says. */
export class TapStack extends Stack {
  constructor(scope: Construct, props: TapStackProps) {
    const { configuration, role } = props;
    const region = regionOf(props);
    super(scope, stackId(STACK_NAME, region), regionStackProps(props, STACK_NAME, 'payments'));

    const { environmentSuffix } = configuration;
    const names = resourceNames(environmentSuffix);
    const isPrimary = role === 'primary';
    const table = isPrimary
      ? createPaymentsTable(this, names.paymentsTable, configuration)
      : replicaOfTable(this, names.paymentsTable);
    const controlTable = isPrimary
      ? createControlTable(this, names.controlTable, configuration)
      : replicaOfTable(this, names.controlTable);
    const messaging = new Messaging(this, 'Messaging', { environmentSuffix });
    const functions = new PaymentFunctions(this, 'Functions', {
      configuration,
      functionsDir: props.functionsDir,
      table,
      controlTable,
      transactionTopicArn: messaging.transactionTopic.topicArn,
      paymentQueue: messaging.paymentQueue,
      gatewaySecret:
        configuration.gateway === 'http' ? createGatewaySecret(this, configuration) : null,
    });
    const { api } = new PaymentApi(this, 'PaymentApi', {
      configuration,
      functions,
      schemaOf: props.schemaOf,
    });
    new PaymentAlarms(this, 'Alarms', {
      environmentSuffix,
      region,
      peerRegion: isPrimary ? configuration.secondaryRegion : configuration.primaryRegion,
      consistency: configuration.consistency,
      opsAlertTopic: messaging.opsAlertTopic,
    });
    if (role === 'primary') {
      new PaymentDashboard(this, 'PaymentDashboard', {
        environmentSuffix,
        regions: regionsOf(configuration),
        consistency: configuration.consistency,
      });
    }

    this.#addOutputs(environmentSuffix, {
      PaymentsTableName: table.tableName,
      PaymentsTableArn: table.tableArn,
      PaymentValidatorArn: functions.byJob.validate.functionArn,
      PaymentProcessorArn: functions.byJob.process.functionArn,
      PaymentQueueUrl: messaging.paymentQueue.queueUrl,
      PaymentQueueArn: messaging.paymentQueue.queueArn,
      PaymentDLQUrl: messaging.paymentDlq.queueUrl,
      APIEndpoint: api.url,
      APIId: api.restApiId,
      OpsAlertTopicArn: messaging.opsAlertTopic.topicArn,
      TransactionTopicArn: messaging.transactionTopic.topicArn,
      DashboardName: names.dashboard,
      Region: region,
    });
  }

  /** Each output is exported: names of exports need to differ only within a Region. */
  #addOutputs(environmentSuffix: string, values: Readonly<Record<StackOutput, string>>): void {
    for (const output of STACK_OUTPUTS) {
      new CfnOutput(this, output, {
        value: values[output],
        exportName: exportName(output, environmentSuffix),
      });
    }
  }
}
