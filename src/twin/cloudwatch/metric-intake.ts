/** Takes in what a Region observes, at the times at which CloudWatch would show it. */

import type { CloudWatchTime } from './cloudwatch-time.ts';
import type { MetricBatch } from './metric-batch.ts';
import type { MetricStore } from './metric-store.ts';

export interface MetricIntake {
  /** `nowEpochMs`: the world's time. */
  take(batch: MetricBatch, nowEpochMs: number): void;
  /** Records what has become visible by `nowEpochMs`, the world's time. Before each look at the store. */
  settle(nowEpochMs: number): void;
}

/**
 * How long after the event the metrics of AWS's own services show, milliseconds of CloudWatch's time.
 * AWS publishes no figure. Long enough that the newest minute is looked at once without its end.
 */
export const SERVICE_DELAY_MS = 10_000;

/** CloudWatch takes data this old, and this far ahead. Source: CloudWatch API reference, PutMetricData. */
const AGE_MS_MAX = 14 * 24 * 3_600_000;
const AHEAD_MS_MAX = 2 * 3_600_000;

interface Waiting {
  readonly visibleAtEpochMs: number;
  readonly batch: MetricBatch;
}

/** Feeds `store`. What a function reports itself shows at once, what AWS reports shows later. */
export function createMetricIntake(store: MetricStore, time: CloudWatchTime): MetricIntake {
  let waiting: readonly Waiting[] = [];

  function record(batch: MetricBatch, nowEpochMs: number): void {
    for (const { namespace, metricName, dimensionSets, highResolution, points } of batch) {
      for (const { atEpochMs, value, count } of points) {
        const ageMs = nowEpochMs - atEpochMs;
        if (ageMs > AGE_MS_MAX || ageMs < -AHEAD_MS_MAX) continue;
        const at = time.fromWorld(atEpochMs);
        for (const dimensions of dimensionSets) {
          store.record({ namespace, metricName, dimensions }, value, at, { count, highResolution });
        }
      }
    }
  }

  return {
    take(batch, nowEpochMs) {
      const ofServices = batch.filter(({ namespace }) => namespace.startsWith('AWS/'));
      record(
        batch.filter((series) => !ofServices.includes(series)),
        nowEpochMs,
      );
      if (ofServices.length === 0) return;
      const visibleAtEpochMs = nowEpochMs + SERVICE_DELAY_MS / time.speed;
      waiting = [...waiting, { visibleAtEpochMs, batch: ofServices }];
    },
    settle(nowEpochMs) {
      const due = waiting.filter(({ visibleAtEpochMs }) => visibleAtEpochMs <= nowEpochMs);
      if (due.length === 0) return;
      waiting = waiting.filter((one) => !due.includes(one));
      for (const { batch } of due) record(batch, nowEpochMs);
    },
  };
}
