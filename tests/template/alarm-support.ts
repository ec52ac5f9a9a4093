/** Reads alarms out of a template. */

import { type JsonObject, type Resource, resourcesOf, type Template, textOf } from './support.ts';

export const METRIC_ALARM = 'AWS::CloudWatch::Alarm';
export const COMPOSITE = 'AWS::CloudWatch::CompositeAlarm';

/** The one alarm of a name, of either kind. Throws when there is none or several. */
export function alarmNamed(
  template: Template,
  name: string,
): Resource & { readonly logicalId: string } {
  const [only, ...more] = [METRIC_ALARM, COMPOSITE]
    .flatMap((type) => resourcesOf(template, type))
    .filter(({ Properties }) => Properties['AlarmName'] === name);
  if (only === undefined || more.length > 0) throw new Error(`none or several alarms ${name}`);
  return only;
}

/** Names of the alarms that a composite's rule joins with OR. Throws for a rule of another form. */
export function childrenOf(template: Template, composite: string): readonly string[] {
  const rule = textOf(alarmNamed(template, composite).Properties['AlarmRule']);
  const terms = /^\((ALARM\("[^"]+"\)(?: OR ALARM\("[^"]+"\))*)\)$/.exec(rule)?.[1]?.split(' OR ');
  if (terms === undefined) throw new Error(`not a rule of alarms joined with OR: ${rule}`);
  return terms
    .map((term) => {
      const logicalId = /\$\{(\w+)\.Arn\}/.exec(term)?.[1] ?? term;
      const child = template.Resources[logicalId];
      if (child?.Type !== METRIC_ALARM) throw new Error(`${composite}: ${term} is no alarm here`);
      return textOf(child.Properties['AlarmName']);
    })
    .toSorted();
}

export interface WatchedMetric {
  /** Within the alarm's expression. */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  /** Values of its dimensions, in the order of their names, with blanks between. */
  readonly of: string;
  readonly statistic: string;
  readonly periodSeconds: number;
}

/** The metrics of an alarm, in their order. */
export function metricsOf(properties: JsonObject): readonly WatchedMetric[] {
  const plain =
    properties['MetricName'] === undefined ? [] : [{ Id: 'm1', MetricStat: properties }];
  const queries = (properties['Metrics'] ?? plain) as readonly JsonObject[];
  return queries.flatMap(({ Id, MetricStat }) => {
    if (MetricStat === undefined) return [];
    const stat = MetricStat as JsonObject;
    const metric = (stat['Metric'] ?? stat) as JsonObject;
    const dimensions = (metric['Dimensions'] ?? []) as readonly JsonObject[];
    return [
      {
        id: textOf(Id),
        namespace: textOf(metric['Namespace']),
        name: textOf(metric['MetricName']),
        of: dimensions.map(({ Value }) => textOf(Value)).join(' '),
        statistic: textOf(stat['Stat'] ?? stat['Statistic']),
        periodSeconds: Number(stat['Period']),
      },
    ];
  });
}
