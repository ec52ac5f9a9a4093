/** Tells people what the orchestrator did: a log line, a metric, and a message on the ops topic. */

import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { attemptAws } from '#adapters/aws-attempts.ts';
import type { Telemetry } from '#adapters/telemetry.ts';
import { ENVIRONMENT, OPS_MESSAGE_KIND_ATTRIBUTE, OPS_REPORT_KIND } from '#contract/names.ts';
import { AppError } from '#core/app-error.ts';
import type { Deadline } from '#core/ports.ts';
import { evidenceOf, type MoveReport } from '#core/routing/orchestrate.ts';
import { attemptOptions, CLIENT_OPTIONS, environment } from './runtime.ts';

/**
 * Creates the reporter of moves: every step with its time. A report that can't be sent undoes nothing: it is
 * logged, and rejects with `AppError`, so that it is told again. The metric counts a move once.
 */
export function createReporter(
  telemetry: Telemetry,
): (report: MoveReport, trigger: string, deadline: Deadline) => Promise<void> {
  const client = new SNSClient(CLIENT_OPTIONS);
  let counted: string | null = null;
  return async (report, trigger, deadline) => {
    if (counted !== report.entry.entryId) {
      telemetry.metric('FailoverTriggered', 1, { dimensions: { AlarmName: trigger } });
      counted = report.entry.entryId;
    }
    const failed = report.steps.some(({ outcome }) => outcome === 'failed');
    telemetry.log(failed ? 'ERROR' : 'WARN', 'traffic was moved', { reason: report.entry.reason });
    const command = new PublishCommand({
      TopicArn: environment(ENVIRONMENT.opsAlertTopicArn),
      Subject: `Traffic moved to ${report.entry.active.join(', ')}`,
      Message: JSON.stringify(messageOf(report, trigger)),
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
      throw error;
    }
  };
}

function messageOf({ kind, entry, steps, seen }: MoveReport, trigger: string): object {
  return {
    change: entry.change,
    epoch: entry.epoch,
    at: new Date(entry.atEpochMs).toISOString(),
    to: entry.active,
    actor: entry.actor,
    reason: entry.reason,
    trigger,
    // What was seen when it was decided, which a later round no longer sees.
    saw: kind === 'moved' ? evidenceOf(seen) : (JSON.parse(entry.evidence) as unknown),
    did: steps,
    resumed: kind === 'followed-up',
  };
}
