import { describe, expect, it } from 'vitest';
import { createAlarmActions, whyRefused } from '#twin/cloudwatch/alarm-actions.ts';
import type { CallResult } from '#twin/endpoint/call-pipeline.ts';
import { manualClock } from '../events/manual-clock.ts';

const REGION = 'us-east-1';
const ACCOUNT = '123456789012';
const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:ops`;
const ALARM = `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:faults`;

function modelWith(policy: unknown) {
  const topics = [{ name: 'ops', arn: TOPIC, displayName: null, policy }];
  return { region: REGION, accountId: ACCOUNT, topics };
}

function policyOf(...statements: readonly object[]) {
  return { Version: '2012-10-17', Statement: statements };
}

const ALLOW = {
  Effect: 'Allow',
  Principal: { Service: 'cloudwatch.amazonaws.com' },
  Action: 'sns:Publish',
  Resource: TOPIC,
};
const TLS_ONLY = {
  Effect: 'Deny',
  Principal: '*',
  Action: 'sns:Publish',
  Resource: TOPIC,
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};

describe('whyRefused', () => {
  it.each([
    ['no policy', null],
    ['an Allow for CloudWatch', policyOf(TLS_ONLY, ALLOW)],
    [
      'an Allow for this account and alarm',
      policyOf({
        ...ALLOW,
        Condition: {
          StringEquals: { 'aws:SourceAccount': ACCOUNT },
          ArnLike: { 'aws:SourceArn': `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:*` },
        },
      }),
    ],
  ])('lets an alarm publish to a topic with %s', (_what, policy) => {
    expect(whyRefused(modelWith(policy), ALARM, TOPIC)).toBeNull();
  });

  it.each([
    ['no Allow at all', policyOf(TLS_ONLY)],
    [
      'an Allow for another service',
      policyOf({ ...ALLOW, Principal: { Service: 'events.amazonaws.com' } }),
    ],
    [
      'an Allow for another alarm',
      policyOf({ ...ALLOW, Condition: { ArnEquals: { 'aws:SourceArn': `${ALARM}-other` } } }),
    ],
    ['a Deny', policyOf(ALLOW, { ...ALLOW, Effect: 'Deny' })],
  ])('rejects an alarm at a topic with %s', (_what, policy) => {
    expect(whyRefused(modelWith(policy), ALARM, TOPIC)).toContain('cloudwatch.amazonaws.com');
  });

  it('rejects actions other than topics of the same Region', () => {
    const far = TOPIC.replace(REGION, 'us-east-2');
    expect(whyRefused(modelWith(null), ALARM, far)).toContain('name one of its own Region');
    const lambda = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:f`;
    expect(whyRefused(modelWith(null), ALARM, lambda)).toContain('SNS actions of alarms only');
  });
});

describe('createAlarmActions', () => {
  const OK: CallResult = { kind: 'answer', answer: { status: 200, headers: {}, body: '' } };
  const FAILED: CallResult = {
    kind: 'answer',
    answer: { status: 500, headers: {}, body: '<Message>Internal failure</Message>' },
  };
  const NOTE = { subject: 'ALARM: "faults"', message: '{"AlarmName":"faults"}' };

  function setUp(results: readonly CallResult[], policy: unknown = null) {
    const clock = manualClock();
    const reports: string[] = [];
    const forms: URLSearchParams[] = [];
    const actions = createAlarmActions({
      model: modelWith(policy),
      call: (_service, { body }, principal) => {
        expect(principal).toEqual({ kind: 'operator' });
        forms.push(new URLSearchParams(body.toString()));
        return Promise.resolve(results[forms.length - 1] ?? FAILED);
      },
      clock,
      report: (message) => reports.push(message),
    });
    return { actions, clock, reports, forms };
  }

  it('publishes subject and message', async () => {
    const { actions, forms, reports } = setUp([OK]);
    expect(await actions.run(ALARM, TOPIC, NOTE)).toBe('done');
    expect(Object.fromEntries(forms[0] ?? [])).toMatchObject({
      ...{ Action: 'Publish', TopicArn: TOPIC, Subject: NOTE.subject, Message: NOTE.message },
    });
    expect(reports).toEqual([]);
  });

  it('tries again, three times in all, and says what it gave up', async () => {
    const again = setUp([FAILED, { kind: 'cut' }, OK]);
    const outcome = again.actions.run(ALARM, TOPIC, NOTE);
    await again.clock.advance(2_000);
    expect(await outcome).toBe('done');
    const never = setUp([]);
    const failing = never.actions.run(ALARM, TOPIC, NOTE);
    await never.clock.advance(10_000);
    expect(await failing).toBe('failed');
    expect(never.forms).toHaveLength(3);
    expect(never.reports).toEqual([expect.stringContaining('Internal failure')]);
  });

  it('calls nobody where the topic refuses, and says so once', async () => {
    const { actions, forms, reports } = setUp([OK], policyOf(TLS_ONLY));
    expect(await actions.run(ALARM, TOPIC, NOTE)).toBe('refused');
    expect(await actions.run(ALARM, TOPIC, NOTE)).toBe('refused');
    expect([forms.length, reports.length]).toEqual([0, 1]);
  });

  it('gives up quietly when it is stopped', async () => {
    const { actions, clock, reports } = setUp([]);
    const outcome = actions.run(ALARM, TOPIC, NOTE);
    await clock.advance(0);
    actions.stop();
    expect(await outcome).toBe('failed');
    expect(reports).toEqual([]);
  });
});
