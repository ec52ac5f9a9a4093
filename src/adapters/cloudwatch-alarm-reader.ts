/** Asks CloudWatch for the composite alarm of a Region. */

import { type CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import type { Clock, Deadline } from '#core/ports.ts';
import type { AlarmEvidence } from '#core/routing/judge-region.ts';

export interface AlarmReaderOptions {
  /** A client for each Region; its own retries off. */
  readonly clientOf: (region: string) => Pick<CloudWatchClient, 'send'>;
  readonly alarmName: string;
  /** For one question, milliseconds. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Told, in a few words, why an alarm could not be asked. */
  readonly onFault: (region: string, reason: string) => void;
}

/**
 * Creates the reader. An alarm without enough data is clear: a Region without traffic has none. One that
 * does not exist, or can't be asked in time, is unknown. Never rejects.
 */
export function createAlarmReader(
  options: AlarmReaderOptions,
): (region: string, deadline: Deadline) => Promise<AlarmEvidence> {
  const { alarmName } = options;
  return async (region, deadline) => {
    const leftMs = deadline.atEpochMs - options.clock.nowEpochMs();
    const timeoutMs = Math.floor(Math.min(options.timeoutMs, leftMs));
    if (timeoutMs < 1) return 'unknown';
    try {
      const { CompositeAlarms = [] } = await options
        .clientOf(region)
        .send(
          new DescribeAlarmsCommand({ AlarmNames: [alarmName], AlarmTypes: ['CompositeAlarm'] }),
          { abortSignal: AbortSignal.timeout(timeoutMs) },
        );
      const alarm = CompositeAlarms.find((one) => one.AlarmName === alarmName);
      if (alarm === undefined) {
        options.onFault(region, `there is no alarm ${alarmName}`);
        return 'unknown';
      }
      return alarm.StateValue === 'ALARM' ? 'impaired' : 'clear';
    } catch (error) {
      options.onFault(region, error instanceof Error ? error.name : 'not an error');
      return 'unknown';
    }
  };
}
