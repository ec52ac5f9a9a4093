import { describe, expect, it } from 'vitest';
import { PROFILE_CONTEXT } from '#cli/prepare-assembly.ts';
import { type FaultScript, planOf, spreadMsOf } from '#sim/faults/fault-script.ts';
import { ROUTING_PROFILES, SCHEDULE_SPEEDS } from '#twin/routing/routing-profile.ts';

const fault = { id: 'F1', region: 'us-east-1', atMs: 1_000, forMs: 4_000 } as const;
const SCRIPT: FaultScript = {
  ...{ name: 'one', about: 'One.', consistency: 'strong', payments: 20, faults: [fault] },
  expect: { moved: false, lost: 0, duplicated: 0, back: true },
};

describe('a script in the simulator', () => {
  it('has the times of a twin with the profile fast', () => {
    const seconds = (key: string): number => Number(PROFILE_CONTEXT.fast[key]) * 1_000;
    const { checkSpeed, ttlMaxSeconds } = ROUTING_PROFILES.fast;
    expect(planOf(SCRIPT).timings).toMatchObject({
      probeIntervalMs: seconds('failoverProbeSeconds'),
      silenceMs: seconds('failoverSilenceSeconds'),
      cooldownMs: seconds('failoverCooldownSeconds'),
      soakMs: seconds('failbackSoakSeconds'),
      healthIntervalMs: 10_000 / checkSpeed,
      dnsTtlMs: (ttlMaxSeconds ?? 0) * 1_000,
      sweepIntervalMs: 60_000 / SCHEDULE_SPEEDS.fast,
      alarmPeriodMs: Math.floor(10_000 / SCHEDULE_SPEEDS.fast),
    });
  });

  it('has payments as often as in the twin', () => {
    const { workload } = planOf(SCRIPT);
    const perSecond = 20 / spreadMsOf(SCRIPT);
    expect(workload.payments / workload.spreadMs).toBeCloseTo(perSecond, 4);
  });
});
