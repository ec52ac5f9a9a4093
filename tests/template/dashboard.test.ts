/** The dashboard: one for the account, with both Regions in each of its graphs. */

import { describe, expect, test } from 'vitest';
import { METRICS } from '#contract/metrics.ts';
import { resourceNames } from '#contract/names.ts';
import { resourceNamed, resourcesOf, synthesized, textOf } from './support.ts';

const DASHBOARD = 'AWS::CloudWatch::Dashboard';

interface Widget {
  readonly type: string;
  readonly properties: {
    readonly title: string;
    readonly metrics?: readonly (readonly unknown[])[];
    readonly alarms?: readonly string[];
  };
}

function widgetsOf(context: Readonly<Record<string, string>> = {}): readonly Widget[] {
  const { primary } = synthesized(context);
  const { Properties } = resourceNamed(primary, DASHBOARD, 'DashboardName', 'payment-dr-dev');
  const body = JSON.parse(textOf(Properties['DashboardBody'])) as { widgets: readonly Widget[] };
  return body.widgets;
}

const graphs = widgetsOf().filter(({ type }) => type === 'metric');

describe('the dashboard', () => {
  test('belongs to the primary alone, since its name is global to the account', () => {
    expect(resourcesOf(synthesized().primary, DASHBOARD)).toHaveLength(1);
    expect(resourcesOf(synthesized().secondary, DASHBOARD)).toEqual([]);
  });

  test('has the graphs of the contract and those of failing over', () => {
    expect(graphs.map(({ properties }) => properties.title)).toEqual([
      'API Gateway Requests',
      'Lambda Function Metrics',
      'DynamoDB Operations',
      'SQS Queue Metrics',
      'Open Payments',
      'Payment Requests',
      'Failover',
    ]);
  });

  test.each(graphs)('shows both Regions in "$properties.title"', ({ properties }) => {
    const labels = (properties.metrics ?? []).map((metric) =>
      String((metric.at(-1) as { label?: string }).label),
    );
    const inRegion = (region: string) =>
      labels.filter((label) => label.startsWith(region)).map((it) => it.slice(region.length));
    expect(inRegion('us-east-1')).not.toEqual([]);
    expect(inRegion('us-east-2')).toEqual(inRegion('us-east-1'));
  });

  test('names only metrics of our own that the functions emit', () => {
    const named = [...JSON.stringify(graphs).matchAll(/"PaymentProcessing","(\w+)"/g)].map(
      ([, name]) => name ?? '',
    );
    expect(new Set(named).size).toBe(9);
    expect(named.filter((name) => !Object.hasOwn(METRICS, name))).toEqual([]);
  });

  test('shows what Lambda throttled, of every function together', () => {
    const lambda = graphs.find(({ properties }) => properties.title === 'Lambda Function Metrics');
    const metrics = lambda?.properties.metrics ?? [];
    const throttled = metrics.filter((metric) => metric.includes('Throttles'));
    const functions = throttled.map(([, , , name]) => name);
    for (const name of [
      'payment-processor-dev',
      'payment-health-dev',
      'failover-orchestrator-dev',
    ]) {
      expect(functions.filter((it) => it === name)).toHaveLength(2);
    }
    const labels = metrics.map((metric) => (metric.at(-1) as { label?: string }).label);
    expect(labels).toContain('us-east-2 function_throttles');
  });

  test('counts failovers of each Region, whatever led to them', () => {
    const failover = graphs.find(({ properties }) => properties.title === 'Failover');
    const expression = `SEARCH('{PaymentProcessing,AlarmName} MetricName="FailoverTriggered"', 'Sum', 60)`;
    // A widget's own Region is the one of its stack, and goes without saying.
    expect(failover?.properties.metrics).toContainEqual([
      { expression, label: 'us-east-1 FailoverTriggered' },
    ]);
    expect(failover?.properties.metrics).toContainEqual([
      { expression, label: 'us-east-2 FailoverTriggered', region: 'us-east-2' },
    ]);
  });

  test.each([
    ['strong', 0],
    ['eventual', 1],
  ])('shows the state of every alarm of both Regions (%s)', (consistency, extra) => {
    const status = widgetsOf({ consistency }).filter(({ type }) => type === 'alarm');
    const { replicationLatency, ...always } = resourceNames('dev').alarms;
    expect(status.map(({ properties }) => properties.title)).toEqual([
      'Alarms us-east-1',
      'Alarms us-east-2',
    ]);
    for (const [index, region] of ['us-east-1', 'us-east-2'].entries()) {
      const arns = status[index]?.properties.alarms ?? [];
      expect(arns).toHaveLength(Object.keys(always).length + extra);
      const inRegion = `arn:\${AWS::Partition}:cloudwatch:${region}:\${AWS::AccountId}:alarm:`;
      expect(arns.filter((arn) => !arn.startsWith(inRegion))).toEqual([]);
      const names = arns.map((arn) => arn.slice(inRegion.length));
      expect(names).toEqual(expect.arrayContaining(Object.values(always)));
      expect(names.includes(replicationLatency)).toBe(extra === 1);
    }
  });
});
