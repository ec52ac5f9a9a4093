/** Alarms that tell somebody: each with an action when it begins and when it is over. */

import {
  Alarm,
  type AlarmBase,
  AlarmRule,
  AlarmState,
  ComparisonOperator,
  CompositeAlarm,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** How many of the newest datapoints must breach, and in which direction. */
interface Judgement {
  readonly comparisonOperator: ComparisonOperator;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly treatMissingData: TreatMissingData;
}

export interface AlarmSettings {
  readonly alarmName: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** What is wrong, one sentence. */
  readonly description: string;
  /** Heading of docs/runbook.md that says what to do, as its anchor. */
  readonly runbook: string;
  /** @default ONE_OF_THREE */
  readonly judgement?: Judgement;
}

export interface CompositeSettings {
  readonly alarmName: string;
  /** Rings while any of them does. */
  readonly children: readonly Alarm[];
  readonly description: string;
  readonly runbook: string;
}

/**
 * At the threshold or above in one period of three is enough: an alarm that only calls for attention may
 * be hasty, and a minute whose data came late still counts. No data is no breach: an idle Region has none.
 */
export const ONE_OF_THREE: Judgement = {
  comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  evaluationPeriods: 3,
  datapointsToAlarm: 1,
  treatMissingData: TreatMissingData.NOT_BREACHING,
};

/** Above the threshold in `breaching` of the newest `periods`. No data is no breach. */
export function above(breaching: number, { of: periods }: { readonly of: number }): Judgement {
  return {
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: periods,
    datapointsToAlarm: breaching,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  };
}

/** For what must happen each minute: less than the threshold, or no data at all, for so long. */
export function silentFor({ minutes }: { readonly minutes: number }): Judgement {
  return {
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: minutes,
    datapointsToAlarm: minutes,
    treatMissingData: TreatMissingData.BREACHING,
  };
}

/** Creates alarms below `scope` that tell `topic`. */
export function ringingAlarms(scope: Construct, topic: ITopic) {
  const action = new SnsAction(topic);
  const ringing = <T extends AlarmBase>(alarm: T): T => {
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
    return alarm;
  };
  return {
    alarm: (id: string, settings: AlarmSettings): Alarm =>
      ringing(
        new Alarm(scope, id, {
          alarmName: settings.alarmName,
          alarmDescription: describe(settings),
          metric: settings.metric,
          threshold: settings.threshold,
          ...(settings.judgement ?? ONE_OF_THREE),
        }),
      ),
    composite: (id: string, settings: CompositeSettings): CompositeAlarm =>
      ringing(
        new CompositeAlarm(scope, id, {
          compositeAlarmName: settings.alarmName,
          alarmDescription: describe(settings),
          alarmRule: AlarmRule.anyOf(
            ...settings.children.map((child) => AlarmRule.fromAlarm(child, AlarmState.ALARM)),
          ),
        }),
      ),
  };
}

function describe({ description, runbook }: { description: string; runbook: string }): string {
  return `${description} What to do: docs/runbook.md#${runbook}`;
}
