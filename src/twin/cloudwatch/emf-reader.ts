/**
 * Finds metrics in what a function writes: log lines in CloudWatch's embedded metric format.
 *
 * Source: Amazon CloudWatch user guide, "Specification: Embedded metric format".
 */

import type { MetricSeries } from './metric-batch.ts';

export interface EmfReader {
  /** Takes text as the function wrote it, a whole line or not. Never throws. */
  write(text: string): void;
}

export type EmfObserver = (series: MetricSeries, value: number, atEpochMs: number) => void;

type Members = Readonly<Record<string, unknown>>;

/** Of one log event; a longer line is cut there, and is no metric any more. */
const LINE_CHARACTERS_MAX = 1_048_576;
/** Limits of the specification: metrics of a directive, values of a metric, dimensions of a set. */
const METRICS_MAX = 100;
const VALUES_MAX = 100;
const DIMENSIONS_MAX = 30;

/** `observe` is told of each value. Most lines are no metrics, and cost one look. */
export function createEmfReader(observe: EmfObserver): EmfReader {
  let rest = '';
  return {
    write(text) {
      if (rest === '' && text.endsWith('\n') && !text.includes('"_aws"')) return;
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LINE_CHARACTERS_MAX) rest = '';
      for (const line of lines) readEmfLine(line, observe);
    },
  };
}

/** Reads one line. What breaks the specification is left out, as CloudWatch does. */
export function readEmfLine(line: string, observe: EmfObserver): void {
  if (!line.includes('"_aws"')) return;
  const document = parseObject(line);
  const metadata = document?.['_aws'];
  if (document === null || !isObject(metadata)) return;
  const { Timestamp: atEpochMs, CloudWatchMetrics: directives } = metadata;
  if (typeof atEpochMs !== 'number' || !Array.isArray(directives)) return;
  for (const directive of directives.filter(isObject)) {
    readDirective(document, directive, (series, value) => observe(series, value, atEpochMs));
  }
}

function readDirective(
  document: Members,
  directive: Members,
  observe: (series: MetricSeries, value: number) => void,
): void {
  const { Namespace: namespace, Metrics: metrics } = directive;
  if (typeof namespace !== 'string' || namespace === '' || !Array.isArray(metrics)) return;
  const dimensionSets = dimensionSetsOf(document, directive['Dimensions']);
  if (dimensionSets.length === 0) return;
  for (const metric of metrics.slice(0, METRICS_MAX).filter(isObject)) {
    const { Name: metricName, StorageResolution: resolution } = metric;
    if (typeof metricName !== 'string' || metricName === '') continue;
    const highResolution = resolution === 1;
    const series = { namespace, metricName, dimensionSets, highResolution };
    for (const value of [document[metricName]].flat().slice(0, VALUES_MAX)) {
      if (typeof value === 'number') observe(series, value);
    }
  }
}

/** Without a set, or with the empty one, a metric has no dimension; a set that names what is no text is left out. */
function dimensionSetsOf(
  document: Members,
  sets: unknown,
): readonly Readonly<Record<string, string>>[] {
  if (sets === undefined || (Array.isArray(sets) && sets.length === 0)) return [{}];
  if (!Array.isArray(sets)) return [];
  return sets.flatMap((names: unknown) => {
    if (!Array.isArray(names) || names.length > DIMENSIONS_MAX) return [];
    const entries: [string, string][] = [];
    for (const name of names) {
      const value = typeof name === 'string' ? document[name] : undefined;
      if (typeof value !== 'string') return [];
      entries.push([name as string, value]);
    }
    return [Object.fromEntries(entries)];
  });
}

function parseObject(text: string): Members | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
