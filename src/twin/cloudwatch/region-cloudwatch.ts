/** CloudWatch of one Region: its metrics, its alarms, and the clock that drives both. */

import type { EventClock } from '../events/event-clock.ts';
import type { RegionPresence } from '../events/region-presence.ts';
import type { RegionModel } from '../region-model.ts';
import type { AlarmActions } from './alarm-actions.ts';
import { alarmNotification, type TriggeringChild } from './alarm-notification.ts';
import type { CloudWatchTime } from './cloudwatch-time.ts';
import { alarmNameOf, evaluateCompositeAlarm, inEvaluationOrder } from './composite-alarms.ts';
import { childrenOf, parseCompositeRule } from './composite-rule.ts';
import { evaluateAlarm, evaluationIntervalSeconds, evaluationReachMs } from './evaluate-alarm.ts';
import { createMetricAggregator, type MetricAggregator, type MetricBatch } from './metric-batch.ts';
import { createMetricIntake } from './metric-intake.ts';
import { createMetricStore, type MetricStore } from './metric-store.ts';
import { type AlarmTransition, createRegionAlarms, type RegionAlarms } from './region-alarms.ts';

export interface RegionCloudWatch {
  readonly model: RegionModel;
  readonly alarms: RegionAlarms;
  readonly time: CloudWatchTime;
  /** When its alarms were made. */
  readonly startedAtEpochMs: number;
  /** The world's time. */
  nowEpochMs(): number;
  /** What has become visible by now. */
  metrics(): MetricStore;
  /** For what happens in the supervisor; it shows with the next round. */
  readonly aggregator: MetricAggregator;
  ingest(batch: MetricBatch): void;
  /** The latest transitions, newest first, and what became of their actions. */
  history(): readonly AlarmHistoryItem[];
  start(): void;
  stop(): void;
}

export interface AlarmHistoryItem {
  readonly transition: AlarmTransition;
  /** By ARN of the action; absent while it is under way. */
  readonly actions: ReadonlyMap<string, 'done' | 'refused' | 'failed'>;
}

export interface RegionCloudWatchOptions {
  readonly model: RegionModel;
  readonly time: CloudWatchTime;
  readonly presence: RegionPresence;
  readonly clock: EventClock;
  readonly actions: AlarmActions;
  /** Looks up what is reported once a minute, `nowEpochMs` being the world's time. */
  readonly sample: (aggregator: MetricAggregator, nowEpochMs: number) => void;
  readonly report: (message: string) => void;
}

/** Alarms with a period below a minute are looked at so often; seconds of CloudWatch's time. */
const ROUND_MS = 10_000;
const SAMPLE_MS = 60_000;
/**
 * How long after the end of a period it is looked at, so that what happened in it has arrived: the
 * Region's process sends its metrics every 250 ms, and its functions have gathered them for 100 ms.
 */
const ARRIVAL_MS = 500;
const LEAST_DELAY_MS = 5_000;
/** How far back statistics can be asked for, at least. AWS keeps data of one minute for 15 days. */
const RETAIN_MS = 3_600_000;
const HISTORY_MAX = 200;

/**
 * A Region that is down or frozen has no CloudWatch: nothing is evaluated, and what it would have
 * looked at meanwhile is not made up for. An isolated one goes on.
 */
export function createRegionCloudWatch(options: RegionCloudWatchOptions): RegionCloudWatch {
  const { model, time, presence, clock } = options;
  const retainMs = Math.max(RETAIN_MS, ...model.alarms.map(evaluationReachMs));
  const store = createMetricStore({ retainMs });
  const intake = createMetricIntake(store, time);
  const aggregator = createMetricAggregator();
  const startedAtEpochMs = clock.nowEpochMs();
  const history: { transition: AlarmTransition; actions: Map<string, ActionOutcome> }[] = [];
  const delayMs = Math.max(LEAST_DELAY_MS, ARRIVAL_MS * time.speed);
  let cancel: (() => void) | null = null;

  const alarms = createRegionAlarms({
    alarms: model.alarms,
    composites: inEvaluationOrder(model.compositeAlarms, model.alarms),
    time,
    evaluate: (alarm, previous, now) => evaluateAlarm(alarm, store.statistics, previous, now),
    evaluateComposite: evaluateCompositeAlarm,
    intervalSeconds: evaluationIntervalSeconds,
    nowEpochMs: clock.nowEpochMs,
    onTransition: act,
    report: (message) => options.report(`${model.region}: ${message}`),
  });

  function act(transition: AlarmTransition): void {
    const actions = new Map<string, ActionOutcome>();
    history.unshift({ transition, actions });
    if (history.length > HISTORY_MAX) history.pop();
    if (transition.actions.length === 0) return;
    const { region, accountId } = model;
    const notification = alarmNotification(transition, {
      ...{ region, accountId, configuredAtEpochMs: startedAtEpochMs },
      children: triggeringChildren(transition, alarms),
    });
    for (const arn of transition.actions) {
      void options.actions
        .run(transition.alarm.model.arn, arn, notification)
        .then((outcome) => actions.set(arn, outcome));
    }
  }

  /** `boundary`: the end of the newest period that is looked at, CloudWatch's time. */
  function round(boundary: number): void {
    if (!presence.isServing()) return;
    const nowEpochMs = clock.nowEpochMs();
    if (boundary % SAMPLE_MS === 0) options.sample(aggregator, nowEpochMs);
    settle();
    alarms.evaluate(boundary);
  }

  function settle(): void {
    const nowEpochMs = clock.nowEpochMs();
    intake.take(aggregator.take(), nowEpochMs);
    intake.settle(nowEpochMs);
  }

  const newestBoundary = (): number =>
    Math.floor((time.fromWorld(clock.nowEpochMs()) - delayMs) / ROUND_MS) * ROUND_MS;

  function wait(boundary: number): void {
    const dueEpochMs = time.toWorld(boundary + delayMs);
    const waitMs = Math.max(0, Math.ceil(dueEpochMs - clock.nowEpochMs()));
    cancel = clock.schedule(() => {
      round(boundary);
      // A suspended machine misses rounds; they are not made up for.
      wait(Math.max(boundary + ROUND_MS, newestBoundary()));
    }, waitMs);
  }

  return {
    ...{ model, alarms, time, startedAtEpochMs, aggregator },
    nowEpochMs: clock.nowEpochMs,
    metrics() {
      settle();
      return store;
    },
    ingest: (batch) => intake.take(batch, clock.nowEpochMs()),
    history: () => history,
    start: () => wait(newestBoundary() + ROUND_MS),
    stop() {
      cancel?.();
      options.actions.stop();
    },
  };
}

type ActionOutcome = 'done' | 'refused' | 'failed';

/** The children of a composite alarm that changed last: they are why it was evaluated. */
function triggeringChildren(
  { alarm }: AlarmTransition,
  alarms: RegionAlarms,
): readonly TriggeringChild[] {
  if (alarm.kind === 'metric') return [];
  const children = [...childrenOf(parseCompositeRule(alarm.model.rule))].flatMap((child) => {
    const record = alarms.find(alarmNameOf(child));
    if (record === undefined) return [];
    const { state, changedAtEpochMs } = record;
    return [{ arn: record.alarm.model.arn, state, changedAtEpochMs }];
  });
  const newest = Math.max(...children.map(({ changedAtEpochMs }) => changedAtEpochMs));
  return children.filter(({ changedAtEpochMs }) => changedAtEpochMs === newest);
}
