/** A Region's process from the supervisor's side: start, failed starts, kill, freeze, stop. */

import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';

import type { FromRegion } from '#twin/region/protocol.ts';
import {
  createFixture,
  type Fixture,
  type FixtureOptions,
  type Sources,
} from './region-fixture.ts';

const OK = "export const handler = async () => ({ statusCode: 200, body: 'ok' });";
const SLOW = `
export const handler = async () => {
  console.log('started');
  await new Promise((resolve) => setTimeout(resolve, 300));
  return { statusCode: 200, body: 'finished' };
};`;
const MAIN = new URL('../../../src/twin/region/main.ts', import.meta.url);

const fixtures: Fixture[] = [];
function fixtureOf(sources: Sources, options?: FixtureOptions): Fixture {
  const fixture = createFixture(sources, options);
  fixtures.push(fixture);
  return fixture;
}
afterEach(async () => {
  await Promise.all(fixtures.splice(0).map((fixture) => fixture.dispose()));
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('spawnRegion', () => {
  it('resolves when the functions are loaded and the API listens', async () => {
    const fixture = fixtureOf({ ok: OK });
    const region = await fixture.spawn();
    expect(fixture.pids).toEqual([region.pid]);
    expect(await (await fetch(`http://127.0.0.1:${region.apiPort}/ok`)).text()).toBe('ok');
  });

  it('loads a CommonJS bundle', async () => {
    const source = "exports.handler = async () => ({ statusCode: 200, body: 'cjs' });";
    const region = await fixtureOf({ ok: source }, { file: 'index.cjs' }).spawn();
    expect(await (await fetch(`http://127.0.0.1:${region.apiPort}/ok`)).text()).toBe('cjs');
  });

  it.each([
    ['a bundle that throws', "throw new Error('no table');", "can't be loaded from", 'no table'],
    ['a bundle that does not parse', 'export const handler = (', 'index.mjs', 'Unexpected'],
    ['a missing import', "import 'no-such-package';", 'no-such-package', 'bundle'],
    [
      'a bundle without the handler',
      'export const other = 1;',
      'exports no function "handler"',
      'other',
    ],
    [
      'a callback handler',
      'export const handler = (event, context, callback) => {};',
      'callback',
      'async',
    ],
    ['a bundle that exits', 'process.exit(7);', 'exit code 7', 'Mend the handler'],
    ['a bundle that waits for nothing', 'await new Promise(() => {});', 'exit code 13', 'Mend'],
  ])('rejects %s, naming the function and its file', async (_, source, ...words) => {
    const fixture = fixtureOf({ 'payment-x': source });
    const error = await fixture.spawn().catch((reason: unknown) => reason as Error);
    if (!(error instanceof Error)) throw new Error('it started');
    for (const word of ['payment-x', fixture.directory, ...words]) {
      expect(error.message).toContain(word);
    }
    expect(isRunning(fixture.pids[0] ?? 0)).toBe(false);
    expect(fixture.exits).toHaveLength(1);
  });

  it('rejects a missing bundle, naming the folder', async () => {
    const fixture = fixtureOf({ ok: OK }, { file: 'other.mjs' });
    await expect(fixture.spawn()).rejects.toThrow(
      `Function ok: no index.js, index.mjs, index.cjs in ${join(fixture.directory, 'code', 'ok')}`,
    );
  });

  it('rejects a port that is taken, naming it', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(fixtureOf({ ok: OK }, { apiPort: port }).spawn()).rejects.toThrow(
      `port ${port} on 127.0.0.1 is taken`,
    );
    server.close();
  });

  it('rejects an API that the twin can not run', async () => {
    const options = { method: { authorizationType: 'COGNITO_USER_POOLS' } };
    await expect(fixtureOf({ ok: OK }, options).spawn()).rejects.toThrow(
      'authorization type COGNITO_USER_POOLS',
    );
  });
});

describe('a Region process', () => {
  it('is gone after kill, with what was in flight, and its port is free', async () => {
    const fixture = fixtureOf({ slow: SLOW });
    const region = await fixture.spawn();
    const inFlight = fetch(`http://127.0.0.1:${region.apiPort}/slow`);
    const outcome = inFlight.then(
      () => 'answered',
      () => 'failed',
    );
    await region.kill();
    expect(await outcome).toBe('failed');
    expect(isRunning(region.pid)).toBe(false);
    expect(fixture.exits).toEqual([
      { code: null, signal: 'SIGKILL', expected: true, stderrTail: '' },
    ]);
    const again = await fixture.spawn({ ...fixture.config, apiPort: region.apiPort ?? 0 });
    expect(again.apiPort).toBe(region.apiPort);
  });

  it('answers nothing while frozen, and goes on where it was when thawed', async () => {
    const region = await fixtureOf({ ok: OK }).spawn();
    region.freeze();
    let answered = false;
    const pending = fetch(`http://127.0.0.1:${region.apiPort}/ok`).then((response) => {
      answered = true;
      return response.text();
    });
    await vi.waitFor(async () => {
      const { stdout } = await promisify(execFile)('ps', ['-o', 'state=', '-p', `${region.pid}`]);
      expect(stdout.trim()).toBe('T');
    });
    expect(answered).toBe(false);
    region.thaw();
    expect(await pending).toBe('ok');
  });

  it('finishes what is in flight before it stops', async () => {
    const fixture = fixtureOf({ slow: SLOW });
    const region = await fixture.spawn();
    const inFlight = fetch(`http://127.0.0.1:${region.apiPort}/slow`);
    const log = join(fixture.config.logDirectory, 'slow.log');
    await vi.waitFor(() => expect(readFileSync(log, 'utf8')).toContain('started'));
    await region.stop();
    expect(await (await inFlight).text()).toBe('finished');
    expect(fixture.exits).toMatchObject([{ code: 0, signal: null, expected: true }]);
  });

  it('stops when it is frozen, and when it has ended', async () => {
    const fixture = fixtureOf({ ok: OK });
    const region = await fixture.spawn();
    region.freeze();
    await region.stop();
    await region.stop();
    await region.kill();
    expect(isRunning(region.pid)).toBe(false);
    expect(fixture.exits).toHaveLength(1);
    expect(() => region.freeze()).toThrow('no running process');
    expect(() =>
      region.setApiFaults({ latencyMs: 0, errorRate: 0, throttleRate: 0 }),
    ).not.toThrow();
  });

  it('reports an end that nobody asked for', async () => {
    const fixture = fixtureOf({ ok: OK });
    const region = await fixture.spawn();
    process.kill(region.pid, 'SIGKILL');
    await vi.waitFor(() =>
      expect(fixture.exits).toMatchObject([{ signal: 'SIGKILL', expected: false }]),
    );
  });

  it('ends when its supervisor is gone', async () => {
    const { config } = fixtureOf({ ok: OK });
    const child = fork(MAIN, { execArgv: [] });
    child.send({ type: 'start', config });
    const [message] = (await once(child, 'message')) as [FromRegion];
    expect(message.type).toBe('ready');
    const exited = once(child, 'exit');
    child.disconnect();
    expect(await exited).toEqual([0, null]);
  });

  it('rejects being started by hand', async () => {
    const run = promisify(execFile)(process.execPath, [MAIN.pathname]);
    await expect(run).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining("forked by the twin's supervisor"),
    });
  });
});
