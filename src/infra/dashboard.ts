/** The dashboard with both Regions side by side. */

import { Dashboard, GraphWidget, type IMetric, PeriodOverride } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { DASHBOARD_GRAPHS, resourceNames } from '#contract/names.ts';
import { regionMetrics } from './metrics.ts';

export interface PaymentDashboardProps {
  readonly environmentSuffix: string;
  readonly regions: readonly string[];
}

const COLUMN_WIDTH = 12;

/**
 * One dashboard for the environment. Dashboards belong to the account and not to a Region, so only
 * one stack may create this name: the primary's (docs/adr/0004-stack-per-region.md).
 */
export class PaymentDashboard extends Construct {
  constructor(scope: Construct, id: string, props: PaymentDashboardProps) {
    super(scope, id);
    const ofEachRegion = props.regions.map(
      (region) => regionMetrics(props.environmentSuffix, region).graph,
    );
    type RegionGraphs = (typeof ofEachRegion)[number];
    const axes: Record<
      (typeof DASHBOARD_GRAPHS)[number],
      { readonly left: keyof RegionGraphs; readonly right: keyof RegionGraphs }
    > = {
      'API Gateway Requests': { left: 'apiRequests', right: 'apiLatency' },
      'Lambda Function Metrics': { left: 'functionInvocations', right: 'functionErrors' },
      'DynamoDB Operations': { left: 'tableConsumption', right: 'tableThrottles' },
      'SQS Queue Metrics': { left: 'queueMessages', right: 'dlqMessages' },
      'Open Payments': { left: 'openPayments', right: 'openAge' },
    };
    const ofBoth = (name: keyof RegionGraphs): IMetric[] =>
      ofEachRegion.flatMap((graphs): readonly IMetric[] => graphs[name]);

    const widgets = DASHBOARD_GRAPHS.map(
      (title) =>
        new GraphWidget({
          title,
          width: COLUMN_WIDTH,
          left: ofBoth(axes[title].left),
          right: ofBoth(axes[title].right),
        }),
    );
    new Dashboard(this, 'Dashboard', {
      dashboardName: resourceNames(props.environmentSuffix).dashboard,
      // Widgets keep their one-minute period however long a range is looked at.
      periodOverride: PeriodOverride.INHERIT,
      widgets: [widgets.slice(0, 2), widgets.slice(2, 4), widgets.slice(4)],
    });
  }
}
