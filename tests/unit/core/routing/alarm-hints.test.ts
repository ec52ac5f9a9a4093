import { beforeEach, describe, expect, it } from 'vitest';
import { createAlarmHints } from '#core/routing/alarm-hints.ts';

const REGION = 'us-east-1';
let now: number;
let clockMs: number;
let hints: ReturnType<typeof createAlarmHints>;

beforeEach(() => {
  now = 0;
  clockMs = 0;
  const nowEpochMs = () => 1_700_000_000_000 + now + clockMs;
  hints = createAlarmHints({ nowEpochMs }, { elapsedMs: () => now });
});

/** A message of so long ago. */
function hear(impaired: boolean, ageMs = 0, region = REGION): void {
  hints.hear({ region, impaired, changedAtEpochMs: 1_700_000_000_000 + now - ageMs });
}

describe('createAlarmHints', () => {
  it('knows nothing of a Region that it has heard nothing of', () => {
    hear(true, 0, 'us-east-2');
    hints.hear(null);
    expect(hints.of(REGION)).toBe('unknown');
  });

  it('keeps a message for two minutes from its time on', () => {
    hear(true, 20_000);
    now += 100_000;
    expect(hints.of(REGION)).toBe('impaired');
    now += 1;
    expect(hints.of(REGION)).toBe('unknown');
  });

  it.each([120_001, -120_001])('takes one that is %d ms old for none', (ageMs) => {
    hear(true, ageMs);
    expect(hints.of(REGION)).toBe('unknown');
  });

  it('goes by the newest, in whatever order they come', () => {
    hear(true, 10_000);
    hear(false, 5_000);
    expect(hints.of(REGION)).toBe('clear');
    hear(true, 10_000);
    expect(hints.of(REGION)).toBe('clear');
    hear(true, 1_000);
    expect(hints.of(REGION)).toBe('impaired');
  });

  it('is not kept alive by a repeat, or by a clock that is set back', () => {
    const first = { region: REGION, impaired: true, changedAtEpochMs: 1_700_000_000_000 };
    hints.hear(first);
    now += 119_000;
    clockMs = -3_600_000;
    hints.hear(first);
    now += 1_001;
    expect(hints.of(REGION)).toBe('unknown');
  });
});
