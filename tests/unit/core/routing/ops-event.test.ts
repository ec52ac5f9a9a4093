import { describe, expect, it } from 'vitest';
import { readOpsEvents, UnreadableEventError } from '#core/routing/ops-event.ts';

const COMPOSITE = 'payment-region-impaired-dev';
const ARN = `arn:aws:cloudwatch:us-east-1:111122223333:alarm:${COMPOSITE}`;
const read = (event: unknown) => readOpsEvents(event, COMPOSITE, () => 42);

/** An SNS event with one record for each message. */
function sns(...messages: readonly unknown[]) {
  return {
    Records: messages.map((message) => ({
      EventSource: 'aws:sns',
      Sns: { Message: typeof message === 'string' ? message : JSON.stringify(message) },
    })),
  };
}

const alarm = {
  AlarmName: COMPOSITE,
  NewStateValue: 'ALARM',
  AlarmArn: ARN,
  StateChangeTime: '2026-11-23T01:02:03.004+0000',
};

describe('readOpsEvents', () => {
  it('reads a tick', () => {
    expect(read({ source: 'aws.events', detail: {} })).toEqual([{ kind: 'tick' }]);
  });

  it('takes the composite alarm for evidence, with Region and time', () => {
    const hint = { region: 'us-east-1', impaired: true, changedAtEpochMs: 42 };
    expect(read(sns(alarm))).toEqual([
      { kind: 'alarm', alarmName: COMPOSITE, state: 'ALARM', hint },
    ]);
  });

  it('takes any other alarm for a reason to look and no more', () => {
    const other = { AlarmName: 'payment-api-errors-dev', NewStateValue: 'ALARM' };
    expect(read(sns(other))).toMatchObject([{ alarmName: other.AlarmName, hint: null }]);
  });

  it('makes no evidence of a message without Region or time', () => {
    for (const missing of ['AlarmArn', 'StateChangeTime']) {
      expect(read(sns({ ...alarm, [missing]: undefined }))).toMatchObject([{ hint: null }]);
    }
  });

  it('reads every record', () => {
    expect(read(sns(alarm, { ...alarm, NewStateValue: 'OK' }))).toHaveLength(2);
  });

  it.each([
    { verb: 'failover', to: 'us-east-2' },
    { verb: 'failback' },
    { verb: 'drain', region: 'us-east-1' },
    { verb: 'undrain', region: 'us-east-1' },
    { verb: 'mode', mode: 'manual' },
  ])('reads an operator who asks for $verb', (verb) => {
    const request = { actor: 'ann', reason: 'a game day', ...verb };
    expect(read({ operator: request })).toEqual([{ kind: 'operator', request }]);
  });

  it('knows a report of an orchestrator by its attribute, whatever it says', () => {
    const MessageAttributes = { kind: { Type: 'String', Value: 'failover-report' } };
    expect(read({ Records: [{ Sns: { Message: 'x', MessageAttributes } }] })).toEqual([
      { kind: 'report' },
    ]);
    const other = { kind: { Type: 'String', Value: 'other' } };
    expect(() => read({ Records: [{ Sns: { Message: 'x', MessageAttributes: other } }] })).toThrow(
      'is no JSON',
    );
  });

  it.each<[string, unknown, string]>([
    ['null', null, 'the event must be an object'],
    ['text', 'hello', 'the event must be an object'],
    ['an empty object', {}, 'no SNS notification'],
    ['no records', { Records: [] }, 'no SNS notification'],
    ['a record that is none', { Records: [7] }, 'a record must be an object'],
    ['a record without Sns', { Records: [{}] }, 'Sns of a record must be an object'],
    ['a message that is no text', { Records: [{ Sns: { Message: 7 } }] }, 'is no text'],
    ['a message that is no JSON', sns('{'), 'is no JSON'],
    ['a message that is a list', sns([]), 'the SNS message must be an object'],
    ['no alarm name', sns({ ...alarm, AlarmName: '' }), 'AlarmName'],
    ['another state', sns({ ...alarm, NewStateValue: 'RED' }), 'NewStateValue must be one of'],
    ['an operator without a name', { operator: { verb: 'failback', reason: 'x' } }, 'actor'],
    ['an unknown verb', { operator: { verb: 'x', reason: 'x', actor: 'x' } }, 'verb must be'],
    [
      'an unknown mode',
      { operator: { verb: 'mode', mode: 'off', reason: 'x', actor: 'x' } },
      'mode must be',
    ],
  ])('rejects %s', (_name, event, message) => {
    expect(() => read(event)).toThrow(UnreadableEventError);
    expect(() => read(event)).toThrow(message);
  });
});
