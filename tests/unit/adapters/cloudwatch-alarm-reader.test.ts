import { describe, expect, it } from 'vitest';
import { createAlarmReader } from '#adapters/cloudwatch-alarm-reader.ts';

const NAME = 'payment-region-impaired-dev';
const soon = { atEpochMs: 10_000 };

function readerOf(answer: unknown) {
  const faults: string[] = [];
  const inputs: unknown[] = [];
  const send = async ({ input }: { readonly input: unknown }): Promise<unknown> => {
    inputs.push(input);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const read = createAlarmReader({
    clientOf: () => ({ send }) as never,
    alarmName: NAME,
    timeoutMs: 2_000,
    clock: { nowEpochMs: () => 0 },
    onFault: (region, reason) => faults.push(`${region}: ${reason}`),
  });
  return { read, faults, inputs };
}

describe('createAlarmReader', () => {
  it.each([
    ['ALARM', 'impaired'],
    ['OK', 'clear'],
    ['INSUFFICIENT_DATA', 'clear'],
  ])('takes %s for %s', async (StateValue, evidence) => {
    const { read, inputs } = readerOf({ CompositeAlarms: [{ AlarmName: NAME, StateValue }] });
    expect(await read('us-east-1', soon)).toBe(evidence);
    expect(inputs).toEqual([{ AlarmNames: [NAME], AlarmTypes: ['CompositeAlarm'] }]);
  });

  it('does not know an alarm that is not there, or that can not be asked', async () => {
    const missing = readerOf({ CompositeAlarms: [] });
    expect(await missing.read('us-east-1', soon)).toBe('unknown');
    expect(missing.faults).toEqual([`us-east-1: there is no alarm ${NAME}`]);
    const failing = readerOf(Object.assign(new Error('secret text'), { name: 'TimeoutError' }));
    expect(await failing.read('us-east-2', soon)).toBe('unknown');
    expect(failing.faults).toEqual(['us-east-2: TimeoutError']);
  });

  it('asks nothing after the deadline', async () => {
    const { read, inputs } = readerOf({});
    expect(await read('us-east-1', { atEpochMs: 0 })).toBe('unknown');
    expect(inputs).toEqual([]);
  });
});
