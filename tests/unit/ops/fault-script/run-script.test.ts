import { describe, expect, it } from 'vitest';
import type { DrillFault } from '#ops/drill/drill-target.ts';
import { type DrillPayment, failed, type SendPayment } from '#ops/drill/load/send-payment.ts';
import { runScript, type ScriptRequest, type ScriptWorld } from '#ops/fault-script/run-script.ts';
import {
  type Behaviour,
  createFakeWorld,
  EAST_1,
  EAST_2,
  type FakeWorld,
  PACE,
} from '../drill/drill-world-fixture.ts';

const KILL: DrillFault = { region: EAST_1, kind: 'kill' };
const SCRIPT: ScriptRequest = {
  payments: 40,
  spreadMs: 10_000,
  faults: [{ title: 'F1 Region isolated', requests: [KILL], atMs: 2_000, forMs: 5_000 }],
};

interface Running {
  readonly world: FakeWorld;
  /** What began and ended, with its time. */
  readonly deeds: string[];
}

/** The fake world's one fault, begun and ended as a twin does it. */
function scriptWorld(world: FakeWorld, deeds: string[], fails = false): ScriptWorld {
  return {
    ...world,
    async begin(fault) {
      if (fails) throw new Error('no such fault');
      deeds.push(`${world.time.nowMs()} begins`);
      await world.target.inject(fault);
      return async () => {
        deeds.push(`${world.time.nowMs()} ends`);
        await world.target.heal();
      };
    },
  };
}

async function run(
  behaviour: Behaviour = {},
  changes: Partial<ScriptRequest & ScriptWorld> & { readonly fails?: boolean } = {},
) {
  const { fails = false, faults = SCRIPT.faults, ...parts } = changes;
  const running: Running = { world: createFakeWorld(behaviour), deeds: [] };
  const world = { ...scriptWorld(running.world, running.deeds, fails), ...parts };
  const { signal } = new AbortController();
  const promise = runScript({ ...SCRIPT, faults }, PACE, world, () => undefined, signal).then(
    (done) => ({ done, error: null }),
    (error: unknown) => ({ done: null, error: error as Error }),
  );
  await running.world.time.run();
  return { ...running, ...(await promise) };
}

describe('runScript', () => {
  it('begins and ends faults at their times after the first payment', async () => {
    const { deeds, done } = await run();
    expect(done?.outcome).toMatchObject({ lost: 0, duplicated: 0, conflicting: 0, open: 0 });
    const [begins = 0, ends = 0] = deeds.map((deed) => Number.parseInt(deed, 10));
    expect(ends - begins).toBe(5_000);
  });

  it('says that traffic moved when the routing log says so', async () => {
    const { done } = await run({ decideAfterMs: 2_000 });
    expect(done?.outcome).toEqual({
      ...{ moved: true, lost: 0, duplicated: 0, conflicting: 0, back: true, open: 0 },
    });
    expect(done?.entries).toMatchObject([{ change: 'failover', active: [EAST_2] }]);
    expect(done?.unmet).toEqual([]);
  });

  it('says that it stayed when nothing was decided', async () => {
    const { done } = await run({ decideAfterMs: null });
    expect(done?.outcome).toMatchObject({ moved: false, back: true });
  });

  it('sends as many payments as the script has, by SDK and by DNS', async () => {
    const { done, world } = await run({ decideAfterMs: null });
    const [east] = await world.contents('script-');
    expect(east?.transactions.size).toBe(40);
    // Every other one came by DNS, and had no answer while the Region was gone.
    expect(done?.acknowledged).toBeGreaterThan(20);
    expect(done?.acknowledged).toBeLessThan(40);
  });

  it('counts a payment that is lost in both Regions once', async () => {
    const { done } = await run({ loses: (id) => id === 'script-test-4' });
    expect(done?.outcome.lost).toBe(1);
  });

  it('takes what a replica has late for late, not for lost', async () => {
    let looks = 0;
    const loses = (id: string) => id === 'script-test-4' && (looks += 1) <= 6;
    const { done } = await run({ loses });
    expect(looks).toBeGreaterThan(6);
    expect(done?.outcome.lost).toBe(0);
  });

  it('says what is left open', async () => {
    const backlog = async () => ({ open: 2, overdue: 0, parked: 0, oldestEpochSeconds: null });
    const { done } = await run({}, { backlog });
    expect(done?.outcome.open).toBe(2);
    expect(done?.unmet).toEqual(['open payments: 2 open and 0 parked are left']);
  });

  it('says that new payments fail in the end', async () => {
    const { clients } = createFakeWorld();
    const served: SendPayment = async () => ({
      ...{ outcome: 'ok', status: 200, fault: null, region: EAST_1 },
      ...{ timestampEpochSeconds: 1, text: '{}' },
    });
    const isNew = ({ transactionId }: DrillPayment) => transactionId.startsWith('new-');
    const dns: SendPayment = async (one) => (isNew(one) ? failed('timeout') : served(one));
    const { done } = await run({}, { clients: { ...clients, retrying: [served], dns: [dns] } });
    expect(done?.outcome.back).toBe(false);
  });

  it('says that a Region does not come back to rest', async () => {
    let asked = 0;
    // Well at first, as the preflight wants it.
    const serves = async () => (asked += 1) <= 2;
    const { done } = await run({}, { serves });
    expect(done?.unmet[0]).toBe(`not at rest: ${EAST_1} is up and does not serve`);
  });

  it('does not mind alarms on which no traffic moves', async () => {
    const { done } = await run({}, { ringingAlarms: async () => ['sweeper-silent'] });
    expect(done?.unmet).toEqual([]);
  });

  it('brings traffic back on a target that others use', async () => {
    const { world } = await run({ isOwn: false });
    expect(world.operated).toEqual([{ verb: 'failback' }]);
    expect((await run({ isOwn: true })).world.operated).toEqual([]);
  });

  it('heals when a fault can not be put in force, and begins none after that', async () => {
    const [first] = SCRIPT.faults;
    if (first === undefined) throw new Error('no fault');
    const faults = [first, { ...first, atMs: 6_000 }];
    const { error, world, deeds } = await run({}, { faults, fails: true });
    expect(error?.message).toBe('no such fault');
    expect(deeds).toEqual([]);
    expect(world.isBroken()).toBe(false);
  });
});
