import { describe, expect, it } from 'vitest';
import { createScheduler } from '#twin/events/scheduler.ts';
import type { ScheduleModel } from '#twin/region-model.ts';
import { manualClock, switchablePresence } from './manual-clock.ts';

const RULE_ARN = 'arn:aws:events:us-east-1:123456789012:rule/sweep';
const START = Date.parse('2030-01-01T00:00:00Z');

function setUp(rule: Partial<ScheduleModel> = {}, speed = 1) {
  const clock = manualClock(START);
  const presence = switchablePresence();
  const submitted: { readonly functionArn: string; readonly event: string }[] = [];
  const scheduler = createScheduler({
    schedules: [
      {
        ruleName: 'sweep',
        ruleArn: RULE_ARN,
        expression: 'rate(1 minute)',
        enabled: true,
        targets: [{ id: 'a', functionArn: 'sweeper', input: null }],
        ...rule,
      },
    ],
    presence,
    clock,
    speed,
    submit: (functionArn, event) => submitted.push({ functionArn, event }),
  });
  scheduler.start();
  return { clock, presence, scheduler, submitted };
}

describe('createScheduler', () => {
  it('sends a scheduled event for each period, none at the start', async () => {
    const { clock, submitted } = setUp();
    await clock.advance(59_999);
    expect(submitted).toEqual([]);
    await clock.advance(1);
    expect(submitted.map(({ functionArn }) => functionArn)).toEqual(['sweeper']);
    expect(JSON.parse(submitted[0]?.event ?? '')).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: '123456789012',
      time: '2030-01-01T00:01:00Z',
      region: 'us-east-1',
      resources: [RULE_ARN],
      detail: {},
    });
    await clock.advance(120_000);
    expect(submitted).toHaveLength(3);
  });

  it('goes as many times as fast as it is told, cron expressions too', async () => {
    const { clock, submitted } = setUp({}, 12);
    await clock.advance(15_000);
    expect(submitted).toHaveLength(3);
    const hourly = setUp({ expression: 'cron(0 * * * ? *)' }, 12);
    await hourly.clock.advance(299_999);
    expect(hourly.submitted).toHaveLength(0);
    await hourly.clock.advance(1);
    expect(JSON.parse(hourly.submitted[0]?.event ?? '').time).toBe('2030-01-01T00:05:00Z');
  });

  it('gives each target its own input', async () => {
    const targets = [
      { id: 'a', functionArn: 'one', input: '{"shard":1}' },
      { id: 'b', functionArn: 'two', input: null },
    ];
    const { clock, submitted } = setUp({ targets });
    await clock.advance(60_000);
    expect(submitted[0]).toEqual({ functionArn: 'one', event: '{"shard":1}' });
    expect(JSON.parse(submitted[1]?.event ?? '').source).toBe('aws.events');
  });

  it('fires nothing while the Region is down, and does not make up for it', async () => {
    const { clock, presence, submitted } = setUp();
    presence.set(false);
    await clock.advance(180_000);
    presence.set(true);
    expect(submitted).toEqual([]);
    await clock.advance(60_000);
    expect(submitted).toHaveLength(1);
  });

  it('leaves a disabled rule alone, and waits for nothing after it was stopped', async () => {
    expect(setUp({ enabled: false }).clock.pending()).toBe(0);
    const { clock, scheduler, submitted } = setUp();
    scheduler.stop();
    expect(clock.pending()).toBe(0);
    await clock.advance(60_000);
    expect(submitted).toEqual([]);
  });

  it('waits for a firing that is further off than a timer can be', async () => {
    const { clock, submitted } = setUp({ expression: 'cron(0 0 1 3 ? *)' });
    await clock.advance(58 * 86_400_000);
    expect(submitted).toHaveLength(0);
    await clock.advance(86_400_000);
    expect(submitted).toHaveLength(1);
  });
});
