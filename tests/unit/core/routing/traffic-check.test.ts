import { describe, expect, it } from 'vitest';
import { AppError } from '#core/app-error.ts';
import { firstState, type RoutingEntry } from '#core/routing/routing-log.ts';
import { createTrafficCheck } from '#core/routing/traffic-check.ts';

const REGIONS = ['us-east-1', 'us-east-2'];
const deadline = { atEpochMs: 10_000 };

function entry(epoch: number, active: readonly string[]): RoutingEntry {
  return {
    ...{ epoch, active, entryId: `e${epoch}`, atEpochMs: 0, actor: 'a', change: 'failover' },
    ...{ reason: '', mode: 'auto', drained: [], evidence: '{}', previousHash: '' },
  };
}

/** A log that answers what `answer` is at the time, and counts. */
function checkOver(region: string, policy: 'active-passive' | 'active-active' = 'active-passive') {
  const world = { answer: null as RoutingEntry | null | Error, nowMs: 0, reads: 0 };
  const newest = async () => {
    world.reads += 1;
    if (world.answer instanceof Error) throw world.answer;
    return world.answer;
  };
  const check = createTrafficCheck(region, firstState(policy, REGIONS), {
    log: { newest },
    clock: { nowEpochMs: () => world.nowMs },
  });
  const later = (ms: number) => {
    world.nowMs += ms;
    return check(deadline);
  };
  return { world, later };
}

describe('createTrafficCheck', () => {
  it('sends traffic to the primary while the log is empty', async () => {
    expect(await checkOver('us-east-1').later(0)).toBe('here');
    expect(await checkOver('us-east-2').later(0)).toBe('elsewhere');
    expect(await checkOver('us-east-2', 'active-active').later(0)).toBe('here');
  });

  it('follows the newest entry within a second', async () => {
    const { world, later } = checkOver('us-east-1');
    expect(await later(0)).toBe('here');
    world.answer = entry(1, ['us-east-2']);
    expect(await later(999)).toBe('here');
    expect(await later(1)).toBe('elsewhere');
    expect(world.reads).toBe(2);
  });

  it('keeps what it last knew while the log can not be read', async () => {
    const { world, later } = checkOver('us-east-1');
    world.answer = entry(1, ['us-east-2']);
    expect(await later(0)).toBe('elsewhere');
    world.answer = new AppError('unavailable', 'no control table');
    expect(await later(5_000)).toBe('elsewhere');
    expect(await later(3_600_000)).toBe('elsewhere');
  });

  it('keeps the configured state when it has never read the log', async () => {
    const { world, later } = checkOver('us-east-1');
    world.answer = new AppError('unavailable', 'no control table');
    expect(await later(0)).toBe('here');
  });

  it('asks once for many that ask at once', async () => {
    const { world, later } = checkOver('us-east-1');
    await Promise.all([later(0), later(0), later(0)]);
    expect(world.reads).toBe(1);
  });

  it('asks anew when the clock was set back', async () => {
    const { world, later } = checkOver('us-east-1');
    await later(5_000);
    await later(-1);
    expect(world.reads).toBe(2);
  });

  it('never takes back an epoch', async () => {
    const { world, later } = checkOver('us-east-1');
    world.answer = entry(2, ['us-east-2']);
    await later(0);
    world.answer = entry(1, ['us-east-1']);
    expect(await later(2_000)).toBe('elsewhere');
  });

  it('lets a defect through', async () => {
    const { world, later } = checkOver('us-east-1');
    world.answer = new TypeError('a defect');
    await expect(later(0)).rejects.toThrow('a defect');
  });
});
