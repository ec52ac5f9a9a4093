/** CloudWatch of every Region of the twin. */

import type { TwinStatus } from '../control/twin-status.ts';
import type { TableStatus } from '../dynamodb/table/replica.ts';
import type { AwsEndpoint } from '../endpoint/aws-endpoint.ts';
import type { AwsService } from '../endpoint/aws-service.ts';
import type { CallObservation } from '../endpoint/call-pipeline.ts';
import { type EventClock, SYSTEM_CLOCK } from '../events/event-clock.ts';
import { regionPresence } from '../events/region-presence.ts';
import type { Network } from '../faults/fault.ts';
import type { QueueBacklog } from '../messaging/region-messaging.ts';
import type { RegionModel } from '../region-model.ts';
import { createAlarmActions } from './alarm-actions.ts';
import type { AlarmState } from './alarm-state.ts';
import { createCloudWatchService } from './cloudwatch-service.ts';
import { cloudWatchTime } from './cloudwatch-time.ts';
import { observeDynamoDb } from './dynamodb-metrics.ts';
import type { MetricBatch } from './metric-batch.ts';
import { createRegionCloudWatch, type RegionCloudWatch } from './region-cloudwatch.ts';
import { sampleQueues, sampleReplication } from './sampled-metrics.ts';
import { metricsNotSupplied } from './supplied-metrics.ts';

export interface CloudWatchOptions {
  readonly regions: readonly RegionModel[];
  readonly network: Pick<Network, 'conditionOf' | 'onChange'>;
  /** How many times as fast as on AWS metrics' periods pass. */
  readonly speed: number;
  /** How alarms publish. Not called before `start`. */
  readonly call: AwsEndpoint['call'];
  /** Queues of a Region, now. */
  readonly backlogs: (region: string) => readonly QueueBacklog[];
  readonly tables: () => readonly TableStatus[];
  readonly report: (message: string) => void;
  /** @default the machine's own time */
  readonly clock?: EventClock;
}

export interface AlarmStatus {
  readonly name: string;
  readonly state: AlarmState;
  /** Since when, epoch milliseconds. */
  readonly sinceEpochMs: number;
}

export interface CloudWatch {
  readonly service: AwsService;
  /** Takes what a Region's process reports. */
  ingest(region: string, batch: MetricBatch): void;
  /** Takes what the endpoint answered. */
  observe(observation: CallObservation): void;
  /** By name. */
  alarms(region: string): readonly AlarmStatus[];
  /** What alarms read and the twin does not have. */
  readonly notRun: TwinStatus['notRun'];
  /** Begins to evaluate. */
  start(): void;
  stop(): void;
}

export function createCloudWatch(options: CloudWatchOptions): CloudWatch {
  const { network, report, call, backlogs, tables, clock = SYSTEM_CLOCK } = options;
  const time = cloudWatchTime(clock.nowEpochMs(), options.speed);
  const byRegion = new Map<string, RegionCloudWatch>();
  for (const model of options.regions) {
    const { region } = model;
    const created = createRegionCloudWatch({
      ...{ model, time, clock, report },
      presence: regionPresence(network, region),
      actions: createAlarmActions({ model, call, clock, report }),
      sample(aggregator, nowEpochMs) {
        sampleQueues(backlogs(region), aggregator, nowEpochMs);
        sampleReplication(region, tables(), aggregator, nowEpochMs);
      },
    });
    byRegion.set(region, created);
  }
  return {
    service: createCloudWatchService(byRegion),
    ingest: (region, batch) => byRegion.get(region)?.ingest(batch),
    observe({ service, call: answered, throttled, answer }) {
      const aggregator = byRegion.get(answered.region)?.aggregator;
      if (service !== 'dynamodb' || aggregator === undefined) return;
      observeDynamoDb({ call: answered, throttled, answer }, aggregator, clock.nowEpochMs());
    },
    alarms: (region) =>
      (byRegion.get(region)?.alarms.list() ?? []).map(({ alarm, state, changedAtEpochMs }) => ({
        name: alarm.model.name,
        state,
        sinceEpochMs: changedAtEpochMs,
      })),
    notRun: metricsNotSupplied(options.regions),
    start() {
      for (const one of byRegion.values()) one.start();
    },
    stop() {
      for (const one of byRegion.values()) one.stop();
    },
  };
}
