/** Tells people what the orchestrator did: a log line, a metric, and a message on the ops topic. */

import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { attemptAws } from '#adapters/aws-attempts.ts';
import type { Telemetry } from '#adapters/telemetry.ts';
import { ENVIRONMENT, OPS_MESSAGE_KIND_ATTRIBUTE, OPS_REPORT_KIND } from '#contract/names.ts';
import { AppError } from '#core/app-error.ts';
import type { Deadline } from '#core/ports.ts';
import { evidenceOf, type RoundReport } from '#core/routing/orchestrate.ts';
import { attemptOptions, CLIENT_OPTIONS, environment } from './runtime.ts';

/**
 * Creates the reporter. A round that changed nothing is told only when it could not see; a move is
 * published, with every step and its time. A report that can't be sent undoes nothing: it is logged.
 */
export function createReporter(
  telemetry: Telemetry,
): (round: RoundReport, trigger: string, deadline: Deadline) => Promise<void> {
  const client = new SNSClient(CLIENT_OPTIONS);
  return async (round, trigger, deadline) => {
    if (round.kind === 'blind') {
      telemetry.log('ERROR', 'the routing log is out of reach', { reason: round.because.message });
    }
    if (round.kind !== 'moved') return;
    telemetry.metric('FailoverTriggered', 1, { dimensions: { AlarmName: trigger } });
    const failed = round.steps.filter(({ outcome }) => outcome === 'failed');
    telemetry.log(failed.length === 0 ? 'WARN' : 'ERROR', 'traffic was moved', {
      reason: round.entry.reason,
    });
    const command = new PublishCommand({
      TopicArn: environment(ENVIRONMENT.opsAlertTopicArn),
      Subject: `Traffic moved to ${round.entry.active.join(', ')}`,
      Message: JSON.stringify(reportOf(round, trigger)),
      MessageAttributes: {
        [OPS_MESSAGE_KIND_ATTRIBUTE]: { DataType: 'String', StringValue: OPS_REPORT_KIND },
      },
    });
    try {
      await attemptAws(
        'publish report',
        (abortSignal) => client.send(command, { abortSignal }),
        deadline,
        attemptOptions,
      );
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      telemetry.log('ERROR', 'the report was not published', { reason: error.message });
    }
  };
}

function reportOf(round: Extract<RoundReport, { kind: 'moved' }>, trigger: string): object {
  const { entry, from, steps, seen } = round;
  return {
    change: entry.change,
    epoch: entry.epoch,
    at: new Date(entry.atEpochMs).toISOString(),
    from,
    to: entry.active,
    actor: entry.actor,
    reason: entry.reason,
    trigger,
    saw: evidenceOf(seen),
    did: steps,
  };
}
