/** The dashboard with both Regions side by side. */

import { Aws } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  PeriodOverride,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { DASHBOARD_GRAPHS, resourceNames } from '#contract/names.ts';
import type { ConsistencyMode } from './configuration.ts';
import { graphMetrics } from './metrics.ts';

export interface PaymentDashboardProps {
  readonly environmentSuffix: string;
  readonly regions: readonly string[];
  readonly consistency: ConsistencyMode;
}

type RegionGraphs = ReturnType<typeof graphMetrics>;

const COLUMN_WIDTH = 12;

const AXES: Record<
  (typeof DASHBOARD_GRAPHS)[number],
  { readonly left: keyof RegionGraphs; readonly right: keyof RegionGraphs }
> = {
  'API Gateway Requests': { left: 'apiRequests', right: 'apiLatency' },
  'Lambda Function Metrics': { left: 'functionInvocations', right: 'functionErrors' },
  'DynamoDB Operations': { left: 'tableConsumption', right: 'tableThrottles' },
  'SQS Queue Metrics': { left: 'queueMessages', right: 'dlqMessages' },
  'Open Payments': { left: 'openPayments', right: 'openAge' },
  'Payment Requests': { left: 'paymentRequests', right: 'paymentLatency' },
  Failover: { left: 'failovers', right: 'orchestratorErrors' },
};

/**
 * One dashboard for the environment. Dashboards belong to the account and not to a Region, so only
 * one stack may create this name: the primary's (docs/adr/0004-stack-per-region.md).
 */
export class PaymentDashboard extends Construct {
  constructor(scope: Construct, id: string, props: PaymentDashboardProps) {
    super(scope, id);
    const ofEachRegion = props.regions.map((region) =>
      graphMetrics(props.environmentSuffix, region),
    );
    const ofAll = (name: keyof RegionGraphs): IMetric[] =>
      ofEachRegion.flatMap((graphs): readonly IMetric[] => graphs[name]);

    const graphs = DASHBOARD_GRAPHS.map(
      (title) =>
        new GraphWidget({
          title,
          width: COLUMN_WIDTH,
          left: ofAll(AXES[title].left),
          right: ofAll(AXES[title].right),
        }),
    );
    new Dashboard(this, 'Dashboard', {
      dashboardName: resourceNames(props.environmentSuffix).dashboard,
      // Widgets keep their one-minute period however long a range is looked at.
      periodOverride: PeriodOverride.INHERIT,
      widgets: [props.regions.map((region) => this.#alarmsOf(region, props)), ...rowsOf(graphs, 2)],
    });
  }

  /** By ARN: the alarms of the other Region are in another stack, and the orchestrator's in a later one. */
  #alarmsOf(region: string, props: PaymentDashboardProps): AlarmStatusWidget {
    const { replicationLatency, ...always } = resourceNames(props.environmentSuffix).alarms;
    const names = [
      ...Object.values(always),
      ...(props.consistency === 'eventual' ? [replicationLatency] : []),
    ];
    return new AlarmStatusWidget({
      title: `Alarms ${region}`,
      width: COLUMN_WIDTH,
      alarms: names.map((name) =>
        Alarm.fromAlarmArn(
          this,
          `${region} ${name}`,
          `arn:${Aws.PARTITION}:cloudwatch:${region}:${Aws.ACCOUNT_ID}:alarm:${name}`,
        ),
      ),
    });
  }
}

function rowsOf<T>(widgets: readonly T[], columns: number): T[][] {
  const rows = Math.ceil(widgets.length / columns);
  return Array.from({ length: rows }, (_, row) =>
    widgets.slice(row * columns, (row + 1) * columns),
  );
}
