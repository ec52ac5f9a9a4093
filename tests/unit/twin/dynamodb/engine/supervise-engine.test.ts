import { describe, expect, it } from 'vitest';
import type { RunningEngine } from '#twin/dynamodb/engine/launch-engine.ts';
import { EngineFailure } from '#twin/dynamodb/engine/storage-engine.ts';
import { superviseEngine } from '#twin/dynamodb/engine/supervise-engine.ts';

const OK = { status: 200, body: Buffer.from('{}') };
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Engines that a test ends and hangs. The n-th launch fails when `refuses` says so. */
function program(refuses: (launch: number) => boolean = () => false) {
  const log: string[] = [];
  const engines: { readonly end: () => void; hangs: boolean }[] = [];
  let launches = 0;
  const launch = async (): Promise<RunningEngine> => {
    launches++;
    if (refuses(launches)) throw new Error(`launch ${launches} refused`);
    const pid = launches;
    let end: () => void = () => {};
    const exited = new Promise<string>((resolve) => {
      end = () => resolve('SIGKILL');
    });
    const self = { end, hangs: false };
    engines.push(self);
    return {
      pid,
      exited,
      async call(operation) {
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
      onSpawn: (pid) => log.push(`spawned ${pid}`),
      onExit: (pid) => log.push(`gone ${pid}`),
      report: (message) => reports.push(message),
    });
  return { supervise, log, reports, engines };
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
    expect(log).toEqual(['spawned 1', 'kill 1', 'gone 1', 'spawned 2', 'GetItem on 2']);
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
    expect(log.slice(1)).toEqual(['PutItem on 1', 'kill 1', 'gone 1', 'spawned 2', 'GetItem on 2']);
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

  it('gives an engine up that ends again and again without an answer in between', async () => {
    const { supervise, engines } = program();
    const engine = await supervise();
    for (let n = 0; n < 4; n++) {
      engines[n]?.end();
      await settled();
    }
    expect(engine.condition).toBe('lost');
    expect(engines).toHaveLength(4);
  });

  it('starts nothing again once it is stopped', async () => {
    const { supervise, engines, log } = program();
    const engine = await supervise();
    await engine.stop();
    await settled();
    expect(engines).toHaveLength(1);
    expect(log).toEqual(['spawned 1', 'kill 1', 'gone 1']);
    await expect(engine.call('GetItem', '{}')).rejects.toThrow('stopped');
  });
});
