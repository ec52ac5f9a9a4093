import { describe, expect, it } from 'vitest';
import type { RunningEngine } from '#twin/dynamodb/engine/launch-engine.ts';
import { EngineFailure } from '#twin/dynamodb/engine/storage-engine.ts';
import { superviseEngine } from '#twin/dynamodb/engine/supervise-engine.ts';

const OK = { status: 200, body: Buffer.from('{}') };
const CORRUPT = { status: 500, body: Buffer.from('"disk image is malformed"') };
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Engines that a test ends and hangs. The n-th launch fails when `refuses` says so. */
function program(refuses: (launch: number) => boolean = () => false) {
  const log: string[] = [];
  const engines: { readonly end: () => void; hangs: boolean }[] = [];
  const clock = { nowMs: 0 };
  // Set by a test: the store of an engine that is launched from now on can't be read.
  const store = { answers: true, opens: true };
  let launches = 0;
  const launch = async (): Promise<RunningEngine> => {
    launches++;
    if (refuses(launches) || !store.opens) throw new Error(`launch ${launches} refused`);
    const pid = launches;
    let end: () => void = () => {};
    const exited = new Promise<string>((resolve) => {
      end = () => resolve('SIGKILL');
    });
    const self = { end, hangs: false };
    engines.push(self);
    log.push(`spawned ${pid}`);
    return {
      pid,
      exited,
      async call(operation) {
        if (operation === 'ListTables') return store.answers ? OK : CORRUPT;
        log.push(`${operation} on ${pid}`);
        if (self.hangs) throw new EngineFailure('no answer within 10 s', 'unknown');
        return OK;
      },
      async kill() {
        log.push(`kill ${pid}`);
        end();
        await exited;
      },
    };
  };
  const reports: string[] = [];
  const supervise = () =>
    superviseEngine({
      region: 'us-east-1',
      launch,
      report: (message) => reports.push(message),
      nowMs: () => clock.nowMs,
    });
  return { supervise, log, reports, engines, clock, store };
}

describe('superviseEngine', () => {
  it('rejects when the engine does not start the first time', async () => {
    await expect(program(() => true).supervise()).rejects.toThrow('launch 1 refused');
  });

  it('starts an engine again that ended, and lets calls wait for it', async () => {
    const { supervise, engines, log, reports } = program();
    const engine = await supervise();
    engines[0]?.end();
    await settled();
    expect(await engine.call('GetItem', '{}')).toBe(OK);
    expect(log).toEqual(['spawned 1', 'kill 1', 'spawned 2', 'GetItem on 2']);
    expect(reports.join()).toContain('storage engine of us-east-1 ended by itself');
  });

  it('kills an engine that does not answer before anything else reaches its store', async () => {
    const { supervise, engines, log } = program();
    const engine = await supervise();
    const conditions: string[] = [];
    engine.onCondition(() => conditions.push(engine.condition));
    if (engines[0] !== undefined) engines[0].hangs = true;
    await expect(engine.call('PutItem', '{}')).rejects.toMatchObject({ outcome: 'unknown' });
    await engine.call('GetItem', '{}');
    expect(log.slice(1)).toEqual(['PutItem on 1', 'kill 1', 'spawned 2', 'GetItem on 2']);
    expect(conditions).toEqual(['restarting', 'ready']);
  });

  it('gives an engine up that does not start again', async () => {
    const { supervise, engines, reports } = program((launch) => launch > 1);
    const engine = await supervise();
    engines[0]?.end();
    await settled();
    expect(engine.condition).toBe('lost');
    expect(engine.pid).toBeNull();
    await expect(engine.call('GetItem', '{}')).rejects.toMatchObject({ outcome: 'not-executed' });
    expect(reports.join()).toContain('could not be started again (launch 4 refused)');
  });

  it('rejects an engine that starts and can not read its store', async () => {
    const { supervise, store, log } = program();
    store.answers = false;
    await expect(supervise()).rejects.toThrow('it answered 500 to ListTables');
    expect(log).toEqual(['spawned 1', 'kill 1']);
  });

  it('gives an engine up that starts again but can not read its store', async () => {
    const { supervise, engines, store, reports } = program();
    const engine = await supervise();
    store.answers = false;
    engines[0]?.end();
    await settled();
    expect(engine.condition).toBe('lost');
    expect(engines).toHaveLength(4);
    expect(reports.join()).toContain('disk image is malformed');
  });

  it('starts an idle engine again however often it ends, when that is not all at once', async () => {
    const { supervise, engines, clock } = program();
    const engine = await supervise();
    for (let n = 0; n < 40; n++) {
      engines[n]?.end();
      await settled();
      clock.nowMs += 1_001;
    }
    expect(engine.condition).toBe('ready');
    expect(await engine.call('GetItem', '{}')).toBe(OK);
  });

  it('gives an engine up that ends again as soon as it has started', async () => {
    const { supervise, engines, reports } = program();
    const engine = await supervise();
    for (let n = 0; n < 11; n++) {
      engines[n]?.end();
      await settled();
    }
    expect(engine.condition).toBe('lost');
    expect(engines).toHaveLength(11);
    expect(reports.join()).toContain('it ended 10 times within 10 s');
  });

  it('revives an engine that was given up, once its store can be opened', async () => {
    const { supervise, engines, store, log } = program();
    const engine = await supervise();
    store.opens = false;
    engines[0]?.end();
    await settled();
    await engine.revive();
    expect(engine.condition).toBe('lost');

    store.opens = true;
    const conditions: string[] = [];
    engine.onCondition(() => conditions.push(engine.condition));
    // Two at once are one.
    await Promise.all([engine.revive(), engine.revive()]);
    expect(conditions).toEqual(['restarting', 'ready']);
    expect(await engine.call('GetItem', '{}')).toBe(OK);
    expect(log.filter((line) => line.startsWith('spawned'))).toHaveLength(2);
  });

  it('leaves an engine alone that is well, or stopped', async () => {
    const { supervise, engines } = program();
    const engine = await supervise();
    await engine.revive();
    await engine.stop();
    await engine.revive();
    expect(engines).toHaveLength(1);
    expect(engine.condition).toBe('stopped');
  });

  it('starts nothing again once it is stopped', async () => {
    const { supervise, engines, log } = program();
    const engine = await supervise();
    await engine.stop();
    await settled();
    expect(engines).toHaveLength(1);
    expect(log).toEqual(['spawned 1', 'kill 1']);
    await expect(engine.call('GetItem', '{}')).rejects.toThrow('stopped');
  });
});
