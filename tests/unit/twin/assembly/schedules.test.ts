import { describe, expect, it } from 'vitest';
import { functionRole, lambdaFunction, readResources } from './assembly-on-disk.ts';

const TARGET = { Id: 'sweep', Arn: { 'Fn::GetAtt': ['Sweeper', 'Arn'] } };
const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:111111111111:function:sweeper';

function read(properties: object) {
  return readResources({
    Role: functionRole(),
    Sweeper: lambdaFunction({ FunctionName: 'sweeper' }),
    Rule: { Type: 'AWS::Events::Rule', Properties: { Name: 'every-minute', ...properties } },
  }).region;
}

describe('scheduled rules', () => {
  it('has the expression, the state and the targets', () => {
    const { schedules, notRun } = read({
      ScheduleExpression: 'rate(1 minute)',
      Targets: [TARGET, { ...TARGET, Id: 'again', Input: '{"shard":1}' }],
    });
    expect(schedules).toEqual([
      {
        ruleName: 'every-minute',
        ruleArn: 'arn:aws:events:us-east-1:111111111111:rule/every-minute',
        expression: 'rate(1 minute)',
        enabled: true,
        targets: [
          { id: 'sweep', functionArn: FUNCTION_ARN, input: null },
          { id: 'again', functionArn: FUNCTION_ARN, input: '{"shard":1}' },
        ],
      },
    ]);
    expect(notRun).toEqual([]);
  });

  it('knows a disabled rule', () => {
    const { schedules } = read({ ScheduleExpression: 'rate(1 minute)', State: 'DISABLED' });
    expect(schedules[0]?.enabled).toBe(false);
  });

  it('names patterns, other targets, and what changes the event', () => {
    const { schedules, notRun } = read({
      ScheduleExpression: 'rate(1 minute)',
      EventPattern: { source: ['aws.ec2'] },
      Targets: [
        { Id: 'queue', Arn: 'arn:aws:sqs:us-east-1:111111111111:jobs' },
        { ...TARGET, Id: 'path', InputPath: '$.time' },
        { ...TARGET, RetryPolicy: { MaximumRetryAttempts: 1 } },
      ],
    });
    expect(schedules[0]?.targets.map(({ id }) => id)).toEqual(['sweep']);
    expect(notRun.map(({ type }) => type)).toEqual([
      'AWS::Events::Rule.EventPattern',
      'AWS::Events::Rule.Targets (sqs)',
      'AWS::Events::Rule.Targets.InputPath',
      'AWS::Events::Rule.Targets.RetryPolicy',
    ]);
  });

  it('leaves a rule with a pattern alone to the list of what is not run', () => {
    const { schedules, notRun } = read({ EventPattern: {}, Targets: [TARGET] });
    expect(schedules).toEqual([]);
    expect(notRun).toEqual([{ type: 'AWS::Events::Rule.EventPattern', logicalIds: ['Rule'] }]);
  });

  it.each([
    ['a rule without either', {}, /needs a ScheduleExpression or an EventPattern/],
    ['an expression', { ScheduleExpression: 'rate(1 minutes)' }, /"rate\(1 minutes\)" is no sche/],
    ['a state', { ScheduleExpression: 'rate(1 day)', State: 'ON' }, /State must be/],
    [
      'an input that is no JSON',
      { ScheduleExpression: 'rate(1 day)', Targets: [{ ...TARGET, Input: '{' }] },
      /Input must be JSON/,
    ],
    [
      'two targets of one id',
      { ScheduleExpression: 'rate(1 day)', Targets: [TARGET, TARGET] },
      /has a target sweep already/,
    ],
  ])('rejects %s', (_, properties, message) => {
    expect(() => read(properties)).toThrow(message);
  });
});
