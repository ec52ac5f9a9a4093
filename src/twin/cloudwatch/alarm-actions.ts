/** Carries out what alarms do: publishes to topics of their own Region. */

import { randomUUID } from 'node:crypto';
import type { AwsEndpoint } from '../endpoint/aws-endpoint.ts';
import type { Principal } from '../endpoint/aws-service.ts';
import { type EventClock, pause } from '../events/event-clock.ts';
import { authorizeWithResourcePolicy } from '../iam/authorize-with-resource-policy.ts';
import type { PolicyDocument, RegionModel } from '../region-model.ts';
import type { AlarmNotification } from './alarm-notification.ts';

export interface AlarmActions {
  /** Resolves when it is published, or given up and reported. Never rejects. */
  run(alarmArn: string, topicArn: string, notification: AlarmNotification): Promise<ActionResult>;
  /** Gives up what is under way. */
  stop(): void;
}

/** `refused`: by the topic, until a template is mended. `failed`: at each attempt. */
export type ActionResult = 'done' | 'refused' | 'failed';

export interface AlarmActionsOptions {
  readonly model: Pick<RegionModel, 'region' | 'accountId' | 'topics'>;
  readonly call: AwsEndpoint['call'];
  readonly clock: EventClock;
  readonly report: (message: string) => void;
}

/** CloudWatch calls by itself: no role of the account stands behind it. */
const CLOUDWATCH: Principal = { kind: 'operator' };
const CLOUDWATCH_SERVICE = 'cloudwatch.amazonaws.com';

/** How often an action is tried, and the pause before the next. AWS publishes neither. */
const ATTEMPTS = 3;
const RETRY_AFTER_MS = 1_000;

/**
 * Publishing meets the same faults and the same reachability as any call: in a Region that is down
 * it is lost, in a frozen one it waits.
 *
 * A topic without a policy takes what the account's alarms send; one with a policy needs an Allow
 * for CloudWatch in it. Source: SNS developer guide, "Example cases for Amazon SNS access control".
 */
export function createAlarmActions(options: AlarmActionsOptions): AlarmActions {
  const { model, call, clock, report } = options;
  const { region } = model;
  const stopping = new AbortController();
  const refused = new Set<string>();

  async function publish(
    topicArn: string,
    notification: AlarmNotification,
  ): Promise<string | null> {
    const form = new URLSearchParams({
      Action: 'Publish',
      Version: '2010-03-31',
      TopicArn: topicArn,
      Subject: notification.subject,
      Message: notification.message,
    });
    const result = await call(
      'sns',
      {
        ...{ region, operation: 'Publish', url: '/', requestId: randomUUID() },
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: Buffer.from(form.toString()),
        signal: stopping.signal,
      },
      CLOUDWATCH,
    );
    if (result.kind !== 'answer') return 'the Region did not answer';
    const { status, body } = result.answer;
    return status === 200
      ? null
      : (/<Message>(.*?)<\/Message>/.exec(String(body))?.[1] ?? 'refused');
  }

  return {
    async run(alarmArn, topicArn, notification) {
      const why = whyRefused(model, alarmArn, topicArn);
      if (why !== null) {
        // Said once: it stays so, and a flapping alarm would repeat it for ever.
        if (!refused.has(`${alarmArn} ${topicArn}`)) report(`${region}: ${why}`);
        refused.add(`${alarmArn} ${topicArn}`);
        return 'refused';
      }
      for (let attempt = 1; !stopping.signal.aborted; attempt += 1) {
        const failure = await publish(topicArn, notification);
        if (failure === null) return 'done';
        if (attempt >= ATTEMPTS) {
          if (!stopping.signal.aborted)
            report(`${region}: alarm ${alarmArn} told nobody: ${failure}`);
          return 'failed';
        }
        await pause(clock, RETRY_AFTER_MS, stopping.signal);
      }
      return 'failed';
    },
    stop: () => stopping.abort(),
  };
}

/** Null: the action may be carried out. Pure. */
export function whyRefused(
  { region, accountId, topics }: AlarmActionsOptions['model'],
  alarmArn: string,
  actionArn: string,
): string | null {
  if (!actionArn.startsWith('arn:aws:sns:')) {
    return `the twin runs SNS actions of alarms only, not ${actionArn} of ${alarmArn}`;
  }
  const topic = topics.find(({ arn }) => arn === actionArn);
  if (topic === undefined) {
    return `${actionArn}, the action of ${alarmArn}, is no topic of ${region}: name one of its own Region`;
  }
  if (topic.policy === null || topic.policy === undefined) return null;
  const { decision } = authorizeWithResourcePolicy({
    caller: { kind: 'service', service: CLOUDWATCH_SERVICE },
    // The assembly reader has checked the document's form.
    resourcePolicy: topic.policy as PolicyDocument,
    action: 'sns:Publish',
    resourceArn: actionArn,
    context: {
      'aws:sourcearn': alarmArn,
      'aws:sourceaccount': accountId,
      'aws:sourceowner': accountId,
      'aws:resourceaccount': accountId,
      'aws:requestedregion': region,
      'aws:principalisawsservice': 'true',
      'aws:principalservicename': CLOUDWATCH_SERVICE,
      'aws:securetransport': 'true',
    },
  });
  if (decision === 'allowed') return null;
  return `the policy of ${actionArn} does not let ${alarmArn} publish: allow sns:Publish to the service ${CLOUDWATCH_SERVICE}`;
}
