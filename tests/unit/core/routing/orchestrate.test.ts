import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { sha256Hex } from '#adapters/system.ts';
import { AppError } from '#core/app-error.ts';
import type { AlarmEvidence, ProbeSample } from '#core/routing/judge-region.ts';
import { type AlarmHint, createObserver } from '#core/routing/observer.ts';
import { createOrchestrator, type RoundReport } from '#core/routing/orchestrate.ts';
import { chainFault } from '#core/routing/routing-log.ts';
import {
  createMemoryPresenceStore,
  createMemoryRouting,
  createMemoryRoutingLog,
  type MemoryRouting,
} from '../../../support/memory-routing-log.ts';

const EAST_1 = 'us-east-1';
const EAST_2 = 'us-east-2';
const REGIONS = [EAST_1, EAST_2];
const INTERVAL_MS = 10_000;
const policy = 'active-passive';
const never = { atEpochMs: Number.MAX_SAFE_INTEGER };

/** What the world looks like from one Region: the tests change it. */
interface View {
  probes: Record<string, ProbeSample>;
  alarms: Record<string, AlarmEvidence>;
  controlTable: boolean;
}

const SERVED: ProbeSample = { kind: 'served', latencyMs: 20 };
const UNREACHABLE: ProbeSample = { kind: 'unreachable' };

function createWorld(routing: MemoryRouting) {
  const time = { nowMs: 1_000_000 };
  let ids = 0;
  const orchestratorOf = (own: string, more: { clockSkewMs?: number; failing?: boolean } = {}) => {
    const view: View = {
      probes: { [EAST_1]: SERVED, [EAST_2]: SERVED },
      alarms: { [EAST_1]: 'clear', [EAST_2]: 'clear' },
      controlTable: true,
    };
    const around = async <T>(_call: string, effect: () => T): Promise<T> => {
      if (!view.controlTable) throw new AppError('unavailable', 'no control table');
      return effect();
    };
    const clock = { nowEpochMs: () => time.nowMs + (more.clockSkewMs ?? 0) };
    const stopwatch = { elapsedMs: () => time.nowMs };
    const followed: string[] = [];
    const step = (name: string) => ({
      name,
      run: async (epoch: number) => {
        if (more.failing === true && name === 'verify') {
          throw new AppError('unavailable', 'no payment went through');
        }
        followed.push(`${name} ${epoch}`);
        return name;
      },
    });
    const peer = REGIONS.find((region) => region !== own) ?? '';
    const observer = createObserver(
      { own, peer, apiUrl: `https://${own}.example`, policy, probeIntervalMs: INTERVAL_MS },
      {
        presence: createMemoryPresenceStore(routing, around),
        probe: async (url) =>
          view.probes[url.slice('https://'.length, -'.example'.length)] ?? UNREACHABLE,
        alarmOf: async (region) => view.alarms[region] ?? 'unknown',
        clock,
        stopwatch,
      },
    );
    const orchestrator = createOrchestrator(
      {
        own,
        peer,
        regions: REGIONS,
        rules: {
          policy,
          failback: 'manual',
          primary: EAST_1,
          cooldownMs: 300_000,
          soakMs: 1_800_000,
        },
      },
      {
        observer,
        log: createMemoryRoutingLog(routing, around),
        clock,
        stopwatch,
        hash: sha256Hex,
        newId: () => `entry-${(ids += 1)}`,
        steps: [step('verify'), step('sweep')],
      },
    );
    const round = (hint: AlarmHint | null = null) => orchestrator.round(never, 'test', hint);
    return { view, round, followed };
  };
  const rounds = async (
    count: number,
    ...who: readonly { round: () => Promise<RoundReport> }[]
  ): Promise<RoundReport[]> => {
    let last: RoundReport[] = [];
    for (let done = 0; done < count; done += 1) {
      last = await Promise.all(who.map((one) => one.round()));
      time.nowMs += INTERVAL_MS;
    }
    return last;
  };
  return { time, orchestratorOf, rounds };
}

describe('a pair of orchestrators', () => {
  let routing: MemoryRouting;
  let world: ReturnType<typeof createWorld>;
  let primary: ReturnType<typeof world.orchestratorOf>;
  let secondary: ReturnType<typeof world.orchestratorOf>;

  beforeEach(async () => {
    routing = createMemoryRouting();
    world = createWorld(routing);
    primary = world.orchestratorOf(EAST_1);
    secondary = world.orchestratorOf(EAST_2);
    await world.rounds(4, primary, secondary);
  });

  /** The primary is gone: it beats no more, and nobody reaches it. */
  const losePrimary = () => {
    secondary.view.probes[EAST_1] = UNREACHABLE;
    secondary.view.alarms[EAST_1] = 'unknown';
  };

  it('changes nothing while all is well, and says how its Region is configured', () => {
    expect(routing.entries).toEqual([]);
    expect(routing.presences.get(EAST_1)).toMatchObject({ policy, serving: true });
  });

  it('moves traffic off a lost Region once, and does what must follow', async () => {
    losePrimary();
    await world.rounds(10, secondary);
    expect(routing.entries).toMatchObject([
      { epoch: 1, change: 'failover', active: [EAST_2], actor: 'orchestrator:us-east-2' },
    ]);
    expect(secondary.followed).toEqual(['verify 1', 'sweep 1']);
  });

  it('leaves traffic where it is while the lost one still beats: the link is broken', async () => {
    losePrimary();
    await world.rounds(10, secondary, primary);
    expect(routing.entries).toEqual([]);
  });

  it('moves traffic off an impaired Region whose health is green', async () => {
    primary.view.alarms[EAST_1] = 'impaired';
    secondary.view.alarms[EAST_1] = 'impaired';
    await world.rounds(1, primary, secondary);
    expect(routing.entries).toMatchObject([{ epoch: 1, active: [EAST_2] }]);
  });

  it('moves nothing while both are impaired', async () => {
    for (const { view } of [primary, secondary]) {
      view.alarms = { [EAST_1]: 'impaired', [EAST_2]: 'impaired' };
    }
    await world.rounds(10, primary, secondary);
    expect(routing.entries).toEqual([]);
  });

  it('makes one transition for a Region that flaps', async () => {
    for (let turn = 0; turn < 20; turn += 1) {
      const isUp = turn % 4 === 3;
      secondary.view.probes[EAST_1] = isUp ? SERVED : UNREACHABLE;
      await world.rounds(1, secondary, ...(isUp ? [primary] : []));
    }
    await world.rounds(40, primary, secondary);
    expect(routing.entries).toHaveLength(1);
  });

  it('moves nothing back by itself when the lost Region returns', async () => {
    losePrimary();
    await world.rounds(5, secondary);
    secondary.view.probes[EAST_1] = SERVED;
    await world.rounds(500, primary, secondary);
    expect(routing.entries).toHaveLength(1);
  });

  it('keeps everything as it is while the log is out of reach', async () => {
    losePrimary();
    secondary.view.controlTable = false;
    const [last] = await world.rounds(10, secondary);
    expect(last?.kind).toBe('blind');
    expect(routing.entries).toEqual([]);
    expect(secondary.followed).toEqual([]);
  });

  it('goes on with the other steps when one of them fails, and says so', async () => {
    const other = world.orchestratorOf(EAST_2, { failing: true });
    await world.rounds(3, other);
    other.view.alarms[EAST_1] = 'impaired';
    const report = await other.round();
    expect(report).toMatchObject({
      kind: 'moved',
      steps: [
        { name: 'verify', outcome: 'failed', detail: 'no payment went through' },
        { name: 'sweep', outcome: 'done' },
      ],
    });
  });

  it('takes a fresh message for evidence only where the alarm itself can not be asked', async () => {
    const hint = { region: EAST_1, impaired: true, changedAtEpochMs: world.time.nowMs };
    await secondary.round(hint);
    expect(routing.entries).toEqual([]);
    secondary.view.alarms[EAST_1] = 'unknown';
    await secondary.round({ ...hint, changedAtEpochMs: world.time.nowMs - 120_001 });
    expect(routing.entries).toEqual([]);
    await secondary.round(hint);
    expect(routing.entries).toHaveLength(1);
  });

  it('needs evidence of its own before it judges: a new process waits', async () => {
    const fresh = world.orchestratorOf(EAST_2);
    fresh.view.probes[EAST_1] = UNREACHABLE;
    fresh.view.alarms[EAST_1] = 'unknown';
    const reports = [await fresh.round(), await fresh.round()];
    expect(reports).toMatchObject([
      { kind: 'waited', because: 'peer-unsure' },
      { kind: 'waited', because: 'peer-unsure' },
    ]);
  });

  it('ends the cooldown by its own stopwatch when a clock is an hour ahead', async () => {
    const skewed = world.orchestratorOf(EAST_2, { clockSkewMs: 3_600_000 });
    await world.rounds(3, skewed, primary);
    skewed.view.alarms[EAST_1] = 'impaired';
    await world.rounds(1, skewed);
    skewed.view.alarms[EAST_1] = 'clear';
    primary.view.probes[EAST_2] = UNREACHABLE;
    primary.view.alarms[EAST_2] = 'unknown';
    // An hour ahead: by the wall clock the transition is still to come.
    await world.rounds(29, primary);
    expect(routing.entries).toHaveLength(1);
    await world.rounds(3, primary);
    expect(routing.entries).toMatchObject([{}, { epoch: 2, active: [EAST_1] }]);
  });
});

describe('many orchestrators at once', () => {
  it('append each epoch once, without gaps, in one chain', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ who: fc.nat(5), impaired: fc.nat(2), waitMs: fc.nat(400_000) }), {
          minLength: 5,
          maxLength: 40,
        }),
        async (script) => {
          const routing = createMemoryRouting();
          const world = createWorld(routing);
          const all = [0, 1, 2, 3, 4, 5].map((place) =>
            world.orchestratorOf(REGIONS[place % 2] as string),
          );
          await world.rounds(3, ...all);
          for (const { who, impaired, waitMs } of script) {
            for (const { view } of all) {
              view.alarms = {
                [EAST_1]: impaired === 1 ? 'impaired' : 'clear',
                [EAST_2]: impaired === 2 ? 'impaired' : 'clear',
              };
            }
            world.time.nowMs += waitMs;
            await Promise.all([all[who]?.round(), all[(who + 2) % 6]?.round(), all[0]?.round()]);
          }
          expect(chainFault(routing.entries, sha256Hex)).toBeNull();
          for (const [index, entry] of routing.entries.entries()) {
            const before = routing.entries[index - 1]?.active ?? [EAST_1];
            expect(entry.active).not.toEqual(before);
            expect(entry.active).toHaveLength(1);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
