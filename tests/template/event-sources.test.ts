/** What invokes functions besides the API: the queue and the clock. */

import { describe, expect, test } from 'vitest';
import { EVENTUAL, functionOf, HTTP_GATEWAY, referenceTo, STRONG } from './function-support.ts';
import {
  flat,
  type Json,
  resourceNamed,
  resourcesOf,
  synthesized,
  type Template,
} from './support.ts';

function onlyOf(template: Template, type: string) {
  const [only, ...others] = resourcesOf(template, type);
  if (only === undefined || others.length > 0) throw new Error(`expected one ${type}`);
  return only;
}

function arnOf(reference: string): string {
  return `${reference.slice(0, -1)}.Arn}`;
}

describe.each([
  ...synthesized(STRONG).regions,
  ...synthesized(EVENTUAL).regions,
  ...synthesized(HTTP_GATEWAY).regions,
])('in $region', ({ template }) => {
  const mapping = onlyOf(template, 'AWS::Lambda::EventSourceMapping').Properties;

  test('the payment queue feeds the consumer, ten messages at a time, each by itself', () => {
    const queue = referenceTo(template, 'queue', 'payment-queue-dev');
    expect(flat(mapping)).toEqual({
      EventSourceArn: arnOf(queue),
      FunctionName: `\${${functionOf(template, 'payment-consumer-dev').logicalId}}`,
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 20 },
    });
  });

  test('the queue hides a message six times as long as the consumer may take', () => {
    const { Properties } = resourceNamed(
      template,
      'AWS::SQS::Queue',
      'QueueName',
      'payment-queue-dev',
    );
    const timeout = functionOf(template, 'payment-consumer-dev').Properties['Timeout'];
    expect(Number(Properties['VisibilityTimeout'])).toBeGreaterThanOrEqual(6 * Number(timeout));
  });

  test('nothing consumes the dead letters', () => {
    expect(flat(mapping['EventSourceArn'])).not.toBe(
      arnOf(referenceTo(template, 'queue', 'payment-dlq-dev')),
    );
  });

  test('the sweeper runs every minute, and by no other clock', () => {
    const sweeper = functionOf(template, 'payment-sweeper-dev').logicalId;
    const { Properties } = onlyOf(template, 'AWS::Events::Rule');
    expect(Properties).toMatchObject({
      Name: 'payment-sweep-dev',
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
    });
    expect(flat(Properties['Targets'])).toEqual([
      expect.objectContaining({ Arn: `\${${sweeper}.Arn}` }) as Json,
    ]);
  });

  test('only that rule may invoke the sweeper', () => {
    const sweeper = `\${${functionOf(template, 'payment-sweeper-dev').logicalId}.Arn}`;
    const rule = onlyOf(template, 'AWS::Events::Rule').logicalId;
    const permissions = resourcesOf(template, 'AWS::Lambda::Permission')
      .map((it) => flat(it.Properties))
      .filter((it) => JSON.stringify(it).includes(sweeper));
    expect(permissions).toEqual([
      {
        Action: 'lambda:InvokeFunction',
        FunctionName: sweeper,
        Principal: 'events.amazonaws.com',
        SourceArn: `\${${rule}.Arn}`,
      },
    ]);
  });

  test('nobody is permitted to invoke the consumer, which Lambda itself polls for', () => {
    const consumer = functionOf(template, 'payment-consumer-dev').logicalId;
    const permissions = resourcesOf(template, 'AWS::Lambda::Permission').filter((it) =>
      JSON.stringify(it.Properties).includes(consumer),
    );
    expect(permissions).toEqual([]);
  });
});
