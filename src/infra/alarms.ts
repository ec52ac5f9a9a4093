/** The contract's alarms of one Region. */

import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { resourceNames } from '#contract/names.ts';
import { regionMetrics } from './metrics.ts';

export interface PaymentAlarmsProps {
  readonly environmentSuffix: string;
  readonly region: string;
  readonly opsAlertTopic: ITopic;
}

interface AlarmSettings {
  readonly alarmName: string;
  readonly metric: IMetric;
  /** Breaches at this sum, or above, within one minute. */
  readonly threshold: number;
  readonly description: string;
  /** @default breaches at the threshold or above in one minute of `PERIODS` */
  readonly silence?: { readonly minutes: number };
}

/** Minutes looked at. CloudWatch may get a minute's data late, after it was first evaluated. */
const PERIODS = 3;

const ONE_MINUTE_IS_ENOUGH = {
  comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  evaluationPeriods: PERIODS,
  datapointsToAlarm: 1,
  treatMissingData: TreatMissingData.NOT_BREACHING,
} as const;

/** For what must happen each minute: too little of it, or no data at all, for so long. */
function silentFor({ minutes }: { readonly minutes: number }) {
  return {
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: minutes,
    datapointsToAlarm: minutes,
    treatMissingData: TreatMissingData.BREACHING,
  } as const;
}

/**
 * The alarms, each telling `ops-alerts` when it begins and when it ends.
 *
 * One minute of three is enough to breach: an alarm calls for attention, it does not fail anything over
 * by itself, and a minute whose data came late still counts. No data is not a breach, since an idle
 * Region has none; only of the sweeper, which is never idle, it is.
 */
export class PaymentAlarms extends Construct {
  constructor(scope: Construct, id: string, props: PaymentAlarmsProps) {
    super(scope, id);
    const { alarms } = resourceNames(props.environmentSuffix);
    const metrics = regionMetrics(props.environmentSuffix, props.region).alarm;
    const action = new SnsAction(props.opsAlertTopic);

    const create = (alarmId: string, settings: AlarmSettings): void => {
      const alarm = new Alarm(this, alarmId, {
        alarmName: settings.alarmName,
        alarmDescription: settings.description,
        metric: settings.metric,
        threshold: settings.threshold,
        ...(settings.silence === undefined ? ONE_MINUTE_IS_ENOUGH : silentFor(settings.silence)),
      });
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    };

    create('ApiErrors', {
      alarmName: alarms.apiErrors,
      metric: metrics.apiErrors,
      threshold: 10,
      description: '10 or more 5XX answers of the API within a minute.',
    });
    create('LambdaErrors', {
      alarmName: alarms.lambdaErrors,
      metric: metrics.functionErrors,
      threshold: 5,
      description: '5 or more failed invocations of the payment functions within a minute.',
    });
    create('DynamodbThrottle', {
      alarmName: alarms.dynamodbThrottle,
      metric: metrics.tableThrottles,
      threshold: 10,
      description: '10 or more throttled reads and writes of the payments table within a minute.',
    });
    create('DlqMessages', {
      alarmName: alarms.dlqMessages,
      metric: metrics.dlqMessages,
      threshold: 1,
      description: 'A message failed 3 times and waits in the dead-letter queue.',
    });
    create('OpenBacklog', {
      alarmName: alarms.openBacklog,
      metric: metrics.overduePayments,
      threshold: 1_000,
      description: '1,000 or more open payments that no sweeper has taken up in time.',
    });
    create('OpenAge', {
      alarmName: alarms.openAge,
      metric: metrics.oldestOpenPaymentAge,
      threshold: 900,
      description: 'A payment was accepted 15 minutes ago or longer and is still not finished.',
    });
    create('ParkedPayments', {
      alarmName: alarms.parkedPayments,
      metric: metrics.parkedPayments,
      threshold: 1,
      description: 'A payment was given up after 20 attempts: see "holdfast dlq list".',
    });
    create('InvariantViolated', {
      alarmName: alarms.invariantViolated,
      metric: metrics.invariantsViolated,
      threshold: 1,
      description: 'An assertion failed in a function: what is stored contradicts itself.',
    });
    create('SweeperSilent', {
      alarmName: alarms.sweeperSilent,
      metric: metrics.sweeps,
      threshold: 1,
      description: 'No sweep for 5 minutes: nothing finishes what is left open in this Region.',
      silence: { minutes: 5 },
    });
  }
}
