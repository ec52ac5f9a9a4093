/** The alarms of one Region with their states, and what happens when a state changes. */

import type { AlarmModel, CompositeAlarmModel } from '../region-model.ts';
import { type AlarmEvaluation, type AlarmState, reasonDataJson } from './alarm-state.ts';
import type { CloudWatchTime } from './cloudwatch-time.ts';

export type AnyAlarm =
  | { readonly kind: 'metric'; readonly model: AlarmModel }
  | { readonly kind: 'composite'; readonly model: CompositeAlarmModel };

/** Times are the world's. */
export interface AlarmRecord {
  readonly alarm: AnyAlarm;
  readonly state: AlarmState;
  readonly reason: string;
  /** JSON text; null where there is none. */
  readonly reasonData: string | null;
  /** When the state or its reason was last written. */
  readonly updatedAtEpochMs: number;
  /** When the state last became another one. */
  readonly changedAtEpochMs: number;
}

export interface AlarmTransition {
  readonly alarm: AnyAlarm;
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly reason: string;
  readonly reasonData: string | null;
  /** The world's time. */
  readonly atEpochMs: number;
  /** ARNs of what to do; empty where actions are switched off. */
  readonly actions: readonly string[];
}

export interface RegionAlarms {
  /** Evaluates the alarms that are due at a whole second of CloudWatch's time, then the composites. */
  evaluate(nowEpochMs: number): void;
  /**
   * Puts an alarm into a state until its next evaluation says otherwise; its composites follow.
   * False: there is no such alarm.
   */
  set(name: string, state: AlarmState, reason: string, reasonData: string | null): boolean;
  /** Metric alarms and composite ones, by name. */
  list(): readonly AlarmRecord[];
  find(name: string): AlarmRecord | undefined;
}

export interface RegionAlarmsOptions {
  readonly alarms: readonly AlarmModel[];
  /** Each after those that it depends on. */
  readonly composites: readonly CompositeAlarmModel[];
  readonly time: CloudWatchTime;
  /** Of the alarm's periods before `nowEpochMs`, CloudWatch's time. */
  readonly evaluate: (
    model: AlarmModel,
    previous: AlarmState,
    nowEpochMs: number,
  ) => AlarmEvaluation;
  /** `stateOf`: by name. */
  readonly evaluateComposite: (
    model: CompositeAlarmModel,
    stateOf: (name: string) => AlarmState,
  ) => AlarmEvaluation;
  /** Between two evaluations of an alarm, seconds of CloudWatch's time. */
  readonly intervalSeconds: (model: AlarmModel) => number;
  /** The world's. */
  readonly nowEpochMs: () => number;
  readonly onTransition: (transition: AlarmTransition) => void;
  /** Told of an alarm that can't be evaluated: a defect of the twin. It keeps its state. */
  readonly report: (message: string) => void;
}

/** Source: CloudWatch user guide, "Alarm states": a new alarm has just started. */
const UNCHECKED = 'Unchecked: Initial alarm creation';

/** Every alarm begins in INSUFFICIENT_DATA; nothing is evaluated before the first call. */
export function createRegionAlarms(options: RegionAlarmsOptions): RegionAlarms {
  const { time } = options;
  const createdAtEpochMs = options.nowEpochMs();
  const records = new Map<string, AlarmRecord>();
  const all: AnyAlarm[] = [
    ...options.alarms.map((model): AnyAlarm => ({ kind: 'metric', model })),
    ...options.composites.map((model): AnyAlarm => ({ kind: 'composite', model })),
  ];
  for (const alarm of all.toSorted((a, b) => (a.model.name < b.model.name ? -1 : 1))) {
    records.set(alarm.model.name, {
      alarm,
      state: 'INSUFFICIENT_DATA',
      reason: UNCHECKED,
      reasonData: null,
      updatedAtEpochMs: createdAtEpochMs,
      changedAtEpochMs: createdAtEpochMs,
    });
  }
  const failing = new Set<string>();

  /** AWS writes no new reason while the state stays. */
  function enter(
    record: AlarmRecord,
    state: AlarmState,
    reason: string,
    data: string | null,
  ): void {
    if (record.state === state) return;
    areCompositesDue = true;
    const { alarm } = record;
    const atEpochMs = options.nowEpochMs();
    const changed = { alarm, state, reason, reasonData: data };
    const times = { updatedAtEpochMs: atEpochMs, changedAtEpochMs: atEpochMs };
    records.set(alarm.model.name, { ...changed, ...times });
    const actions = alarm.model.actionsEnabled ? actionsFor(alarm, state) : [];
    const transition = { from: record.state, to: state, reason, reasonData: data };
    options.onTransition({ alarm, ...transition, atEpochMs, actions });
  }

  function guarded(record: AlarmRecord, evaluate: () => AlarmEvaluation): void {
    const { name } = record.alarm.model;
    try {
      const { state, reason, reasonData } = evaluate();
      failing.delete(name);
      const data = reasonData === null ? null : reasonDataJson(reasonData, time.toWorld);
      enter(record, state, reason, data);
    } catch (error) {
      // Said once: the next evaluation is seconds away.
      if (!failing.has(name)) options.report(`alarm ${name} can't be evaluated: ${String(error)}`);
      failing.add(name);
    }
  }

  // The reader of the templates has found every alarm that a rule names.
  const stateOf = (name: string): AlarmState => records.get(name)?.state ?? 'INSUFFICIENT_DATA';

  /** A composite alarm is evaluated when an alarm below it has changed, and at the start. */
  let areCompositesDue = true;
  function settleComposites(except?: string): void {
    if (!areCompositesDue) return;
    areCompositesDue = false;
    for (const model of options.composites) {
      const record = records.get(model.name);
      if (record === undefined || model.name === except) continue;
      guarded(record, () => options.evaluateComposite(model, stateOf));
    }
    // What changed in this pass was looked at in it by those that come after.
    areCompositesDue = false;
  }

  return {
    evaluate(nowEpochMs) {
      for (const record of [...records.values()]) {
        const { alarm, state } = record;
        if (alarm.kind !== 'metric') continue;
        if (nowEpochMs % (options.intervalSeconds(alarm.model) * 1000) !== 0) continue;
        guarded(record, () => options.evaluate(alarm.model, state, nowEpochMs));
      }
      settleComposites();
    },
    set(name, state, reason, reasonData) {
      const record = records.get(name);
      if (record === undefined) return false;
      enter(record, state, reason, reasonData);
      // A composite one that was set keeps its state until an alarm below it changes.
      settleComposites(name);
      return true;
    },
    list: () => [...records.values()],
    find: (name) => records.get(name),
  };
}

function actionsFor({ model }: AnyAlarm, state: AlarmState): readonly string[] {
  switch (state) {
    case 'ALARM':
      return model.alarmActions;
    case 'OK':
      return model.okActions;
    case 'INSUFFICIENT_DATA':
      return model.insufficientDataActions;
  }
}
