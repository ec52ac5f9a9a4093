import { describe, expect, it } from 'vitest';
import type { ActionResult } from '#twin/cloudwatch/alarm-actions.ts';
import type { AlarmNotification } from '#twin/cloudwatch/alarm-notification.ts';
import { cloudWatchTime } from '#twin/cloudwatch/cloudwatch-time.ts';
import { createRegionCloudWatch } from '#twin/cloudwatch/region-cloudwatch.ts';
import type { AlarmModel, CompositeAlarmModel } from '#twin/region-model.ts';
import { manualClock, switchablePresence } from '../events/manual-clock.ts';
import { regionOf } from '../region/api/request-fixture.ts';
import { alarm, composite, FAULTS, metricQuery } from './alarm-model.ts';

const START = Date.UTC(2026, 0, 15, 12);
const TOPIC = 'arn:aws:sns:us-east-1:123456789012:ops';
const ACTING = { alarmActions: [TOPIC], okActions: [TOPIC] };

/** At 10 faults in one minute of one; silence is fine. */
const quick = (parts: Partial<AlarmModel> = {}): AlarmModel =>
  alarm({
    ...{ evaluationPeriods: 1, datapointsToAlarm: 1, treatMissingData: 'notBreaching' },
    ...parts,
  });

function setUp(
  alarms: readonly AlarmModel[],
  composites: readonly CompositeAlarmModel[] = [],
  { speed = 1, outcome = 'done' as ActionResult } = {},
) {
  const clock = manualClock(START);
  const presence = switchablePresence();
  const reports: string[] = [];
  const sent: AlarmNotification[] = [];
  const samples: number[] = [];
  const cloudWatch = createRegionCloudWatch({
    model: { ...regionOf(), alarms, compositeAlarms: composites },
    time: cloudWatchTime(START, speed),
    ...{ clock, presence },
    actions: {
      run(_alarmArn, _topicArn, notification) {
        sent.push(notification);
        return Promise.resolve(outcome);
      },
      stop: () => undefined,
    },
    sample: (_aggregator, nowEpochMs) => samples.push((nowEpochMs - START) / 1000),
    report: (message) => reports.push(message),
  });
  cloudWatch.start();
  const fault = (value: number, more: { namespace?: string; highResolution?: boolean } = {}) =>
    cloudWatch.ingest([
      {
        ...{ namespace: FAULTS.namespace, metricName: FAULTS.metricName, dimensionSets: [{}] },
        ...{ highResolution: false, ...more },
        points: [{ value, count: 1, atEpochMs: clock.nowEpochMs() }],
      },
    ]);
  const stateOf = (name: string) => cloudWatch.alarms.find(name)?.state;
  const subjects = () => sent.map(({ subject }) => subject.split(' in ')[0]);
  return { cloudWatch, clock, presence, reports, sent, samples, fault, stateOf, subjects };
}

describe('createRegionCloudWatch', () => {
  it('begins without data and looks at each minute a few seconds after its end', async () => {
    const { clock, fault, stateOf, samples } = setUp([quick()]);
    expect(stateOf('faults')).toBe('INSUFFICIENT_DATA');
    await clock.advance(5_000);
    // The minute before the start.
    expect(stateOf('faults')).toBe('OK');
    fault(10);
    await clock.advance(59_999);
    expect(stateOf('faults')).toBe('OK');
    await clock.advance(1);
    expect(stateOf('faults')).toBe('ALARM');
    expect(samples).toEqual([5, 65]);
  });

  it('looks at short periods each ten seconds, and sooner with a higher speed', async () => {
    const model = quick({ queries: [metricQuery(FAULTS, { periodSeconds: 10 })] });
    const slow = setUp([model]);
    slow.fault(10, { highResolution: true });
    await slow.clock.advance(14_999);
    expect(slow.stateOf('faults')).toBe('OK');
    await slow.clock.advance(1);
    expect(slow.stateOf('faults')).toBe('ALARM');

    const fast = setUp([model], [], { speed: 10 });
    fast.fault(10, { highResolution: true });
    await fast.clock.advance(1_499);
    expect(fast.stateOf('faults')).toBe('OK');
    await fast.clock.advance(1);
    expect(fast.stateOf('faults')).toBe('ALARM');
  });

  it('acts on transitions only, and not where actions are switched off', async () => {
    const silent = quick({ name: 'silent', actionsEnabled: false, ...ACTING });
    const { clock, fault, subjects, cloudWatch } = setUp([quick(ACTING), silent]);
    await clock.advance(5_000);
    for (let minute = 0; minute < 3; minute += 1) {
      fault(10);
      await clock.advance(60_000);
    }
    expect(cloudWatch.alarms.find('silent')?.state).toBe('ALARM');
    expect(subjects()).toEqual(['OK: "faults"', 'ALARM: "faults"']);
    await clock.advance(300_000);
    expect(subjects()).toEqual(['OK: "faults"', 'ALARM: "faults"', 'OK: "faults"']);
  });

  it('lets composite alarms follow in the same round, those of composites too', async () => {
    const outer = composite('outer', 'NOT OK("inner")');
    const inner = composite('inner', 'ALARM("faults") OR ALARM("other")');
    const models = [quick(), quick({ name: 'other', threshold: 99 })];
    const { clock, fault, sent, cloudWatch } = setUp(models, [{ ...outer, ...ACTING }, inner]);
    await clock.advance(5_000);
    fault(10);
    await clock.advance(60_000);
    expect(
      cloudWatch.alarms.list().map(({ alarm: { model }, state }) => [model.name, state]),
    ).toEqual([
      ['faults', 'ALARM'],
      ['inner', 'ALARM'],
      ['other', 'OK'],
      ['outer', 'ALARM'],
    ]);
    expect(JSON.parse(sent.at(-1)?.message ?? '')).toMatchObject({
      AlarmName: 'outer',
      NewStateValue: 'ALARM',
      AlarmRule: 'NOT OK("inner")',
      TriggeringChildren: [{ Arn: inner.arn, State: { Value: 'ALARM' } }],
    });
  });

  it('evaluates nothing while its Region is down, and goes on afterwards', async () => {
    const { clock, fault, presence, stateOf, samples } = setUp([quick()]);
    await clock.advance(5_000);
    fault(10);
    presence.set(false);
    await clock.advance(240_000);
    expect([stateOf('faults'), samples]).toEqual(['OK', [5]]);
    presence.set(true);
    fault(10);
    await clock.advance(60_000);
    expect(stateOf('faults')).toBe('ALARM');
  });

  it('looks once more at a minute whose end came late', async () => {
    const model = quick({
      ...{ evaluationPeriods: 3, datapointsToAlarm: 1 },
      queries: [metricQuery({ ...FAULTS, namespace: 'AWS/Lambda' })],
    });
    const { clock, fault, stateOf } = setUp([model]);
    await clock.advance(58_000);
    fault(10, { namespace: 'AWS/Lambda' });
    await clock.advance(7_000);
    // Shown ten seconds later: the first look at the minute misses it.
    expect(stateOf('faults')).toBe('OK');
    await clock.advance(60_000);
    expect(stateOf('faults')).toBe('ALARM');
  });

  it('sets a state by hand until the next look, composites included', async () => {
    const { clock, cloudWatch, stateOf } = setUp([quick()], [composite('all', 'ALARM("faults")')]);
    await clock.advance(5_000);
    expect(cloudWatch.alarms.set('faults', 'ALARM', 'by hand', null)).toBe(true);
    expect([stateOf('faults'), stateOf('all')]).toEqual(['ALARM', 'ALARM']);
    await clock.advance(60_000);
    expect([stateOf('faults'), stateOf('all')]).toEqual(['OK', 'OK']);
    expect(cloudWatch.alarms.set('none', 'OK', 'x', null)).toBe(false);
  });

  it('reports once an alarm that it can not evaluate, and keeps its state', async () => {
    const { clock, reports, stateOf } = setUp([quick({ comparisonOperator: 'IsOdd' })]);
    await clock.advance(200_000);
    expect(stateOf('faults')).toBe('INSUFFICIENT_DATA');
    expect(reports).toEqual([expect.stringContaining('alarm faults')]);
  });

  it('remembers transitions and what became of their actions, and waits for nothing once stopped', async () => {
    const { clock, cloudWatch } = setUp([quick(ACTING)], [], { outcome: 'refused' });
    await clock.advance(5_000);
    const [newest] = cloudWatch.history();
    expect(newest?.transition).toMatchObject({ from: 'INSUFFICIENT_DATA', to: 'OK' });
    expect([...(newest?.actions ?? [])]).toEqual([[TOPIC, 'refused']]);
    cloudWatch.stop();
    expect(clock.pending()).toBe(0);
  });

  it('skips the rounds that a suspended machine has missed', () => {
    let now = START;
    const planned: { callback: () => void; atEpochMs: number }[] = [];
    const samples: number[] = [];
    const cloudWatch = createRegionCloudWatch({
      model: regionOf(),
      time: cloudWatchTime(START, 1),
      clock: {
        nowEpochMs: () => now,
        schedule: (callback, delayMs) => {
          planned.push({ callback, atEpochMs: now + delayMs });
          return () => undefined;
        },
      },
      presence: switchablePresence(),
      actions: { run: () => Promise.resolve('done'), stop: () => undefined },
      sample: (_aggregator, nowEpochMs) => samples.push((nowEpochMs - START) / 1000),
      report: () => undefined,
    });
    cloudWatch.start();
    now += 600_000;
    planned[0]?.callback();
    expect(samples).toEqual([600]);
    // The round that is due, not one of those in between.
    expect(planned[1]?.atEpochMs).toBe(now);
    planned[1]?.callback();
    expect(planned[2]?.atEpochMs).toBe(START + 605_000);
  });
});
