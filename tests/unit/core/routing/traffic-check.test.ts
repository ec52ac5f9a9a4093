import { describe, expect, it } from 'vitest';
import { AppError } from '#core/app-error.ts';
import type { Deadline } from '#core/ports.ts';
import { firstState, type RoutingEntry } from '#core/routing/routing-log.ts';
import { createTrafficCheck } from '#core/routing/traffic-check.ts';

const REGIONS = ['us-east-1', 'us-east-2'];
const deadline = { atEpochMs: 10_000 };

function entry(epoch: number, active: readonly string[]): RoutingEntry {
  return {
    ...{ epoch, active, entryId: `e${epoch}`, atEpochMs: 0, actor: 'a', change: 'failover' },
    ...{ reason: '', mode: 'auto', drained: [], evidence: '{}', previousHash: '', moved: null },
  };
}

const unavailable = new AppError('unavailable', 'no control table');

/** A log that answers what `answer` and `here` are at the time, and counts. */
function checkOver(
  region: string,
  policy: 'active-passive' | 'active-active' = 'active-passive',
  blindMsMax: number | null = null,
) {
  const world = {
    answer: null as RoutingEntry | null | Error,
    /** The replica's; by default it can't be read either. */
    here: unavailable as RoutingEntry | null | Error,
    ...{ nowMs: 0, clockMs: 0, reads: 0 },
    /** For so long the process stands still while it reads strongly. */
    freezeMs: 0,
    deadlines: [] as number[],
  };
  const read = (which: 'answer' | 'here') => async (until: Deadline) => {
    if (which === 'answer') world.reads += 1;
    world.deadlines.push(until.atEpochMs);
    const answer = world[which];
    if (which === 'answer') world.nowMs += world.freezeMs;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const check = createTrafficCheck(
    { region, first: firstState(policy, REGIONS), blindMsMax },
    {
      log: { newest: read('answer'), newestHere: read('here') },
      clock: { nowEpochMs: () => world.nowMs + world.clockMs },
      stopwatch: { elapsedMs: () => Math.max(0, world.nowMs) },
    },
  );
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
    world.answer = unavailable;
    expect(await later(5_000)).toBe('elsewhere');
    expect(await later(3_600_000)).toBe('elsewhere');
  });

  it('keeps the configured state when it has never read the log', async () => {
    const { world, later } = checkOver('us-east-1');
    world.answer = unavailable;
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
    world.clockMs = -1;
    await later(0);
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

  it("takes its own replica's entry while the log can not be read strongly", async () => {
    const { world, later } = checkOver('us-east-1');
    world.answer = unavailable;
    world.here = entry(1, ['us-east-2']);
    expect(await later(0)).toBe('elsewhere');
    world.here = entry(2, ['us-east-1']);
    expect(await later(1_000)).toBe('here');
  });

  it('does not go back to an older entry of its replica', async () => {
    const { world, later } = checkOver('us-east-1');
    world.answer = entry(2, ['us-east-2']);
    await later(0);
    world.answer = unavailable;
    world.here = null;
    expect(await later(1_000)).toBe('elsewhere');
    world.here = entry(1, ['us-east-1']);
    expect(await later(1_000)).toBe('elsewhere');
  });

  it('asks its replica only when the strong read failed, and leaves it half of the time', async () => {
    const { world, later } = checkOver('us-east-1');
    await later(0);
    expect(world.deadlines).toEqual([deadline.atEpochMs / 2]);
    world.answer = unavailable;
    await later(2_000);
    expect(world.deadlines.slice(1)).toEqual([6_000, deadline.atEpochMs]);
  });

  it.each([null, 8_000])(
    'lets a defect of the replica through, blind after %s ms',
    async (blind) => {
      const { world, later } = checkOver('us-east-1', 'active-passive', blind);
      world.answer = unavailable;
      world.here = new TypeError('a defect');
      await expect(later(0)).rejects.toThrow('a defect');
    },
  );

  describe('where tables are eventually consistent', () => {
    const eventual = () => checkOver('us-east-1', 'active-passive', 8_000);

    it('sends traffic elsewhere after 8 s without a strong read, and here again after one', async () => {
      const { world, later } = eventual();
      expect(await later(0)).toBe('here');
      world.answer = unavailable;
      world.here = entry(1, ['us-east-1']);
      expect(await later(4_000)).toBe('here');
      expect(await later(4_000)).toBe('here');
      expect(await later(1)).toBe('elsewhere');
      expect(await later(3_600_000)).toBe('elsewhere');
      world.answer = entry(1, ['us-east-1']);
      expect(await later(1_000)).toBe('here');
    });

    it('is blind until it has read once, however young the process is', async () => {
      const { world, later } = eventual();
      const { answer } = world;
      world.answer = unavailable;
      expect(await later(1)).toBe('elsewhere');
      world.answer = answer;
      expect(await later(1_000)).toBe('here');
      world.answer = unavailable;
      expect(await later(7_000)).toBe('here');
      expect(await later(1_001)).toBe('elsewhere');
    });

    it('is not made blind by a clock that is set, nor kept from it', async () => {
      const { world, later } = eventual();
      await later(0);
      world.answer = unavailable;
      world.clockMs = 3_600_000;
      expect(await later(8_000)).toBe('here');
      world.clockMs = -3_600_000;
      expect(await later(1)).toBe('elsewhere');
    });

    it('takes an answer to be as old as its question', async () => {
      const { world, later } = eventual();
      world.freezeMs = 8_001;
      expect(await later(0)).toBe('elsewhere');
      world.freezeMs = 8_000;
      expect(await later(1_000)).toBe('here');
    });

    it('does not make a Region active that is not', async () => {
      const { later } = checkOver('us-east-2', 'active-passive', 8_000);
      expect(await later(0)).toBe('elsewhere');
    });
  });
});
