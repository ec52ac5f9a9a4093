import { describe, expect, it } from 'vitest';
import { AppError } from '#core/app-error.ts';
import { createHealthCheck } from '#core/health.ts';

function world(outcomes: readonly ('ok' | 'fails')[]) {
  let now = 1_000_000;
  let probes = 0;
  const check = createHealthCheck(
    {
      probe: async () => {
        probes += 1;
        if (outcomes[probes - 1] === 'fails') throw new AppError('unavailable', 'no quorum');
      },
    },
    { nowEpochMs: () => now },
  );
  const at = async (epochMs: number) => {
    now = epochMs;
    return (await check({ atEpochMs: now + 1_000 })).kind;
  };
  return { at, probes: () => probes };
}

describe('createHealthCheck', () => {
  it('shares one probe for a second', async () => {
    const { at, probes } = world(['ok', 'ok']);
    expect(await Promise.all([at(0), at(1), at(999)])).toEqual(['healthy', 'healthy', 'healthy']);
    expect(probes()).toBe(1);
    await at(1_000);
    expect(probes()).toBe(2);
  });

  it('turns unhealthy and healthy again with the probe', async () => {
    const { at } = world(['ok', 'fails', 'ok']);
    expect([await at(0), await at(1_000), await at(1_500), await at(2_000)]).toEqual([
      'healthy',
      'unhealthy',
      'unhealthy',
      'healthy',
    ]);
  });

  it('asks again when the clock was set back', async () => {
    const { at, probes } = world(['ok', 'fails']);
    await at(3_600_000);
    expect(await at(0)).toBe('unhealthy');
    expect(probes()).toBe(2);
  });
});
