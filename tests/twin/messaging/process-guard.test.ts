import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { createProcessGuard } from '#twin/process-guard.ts';

const SUPERVISOR = fileURLToPath(new URL('./guarded-supervisor.ts', import.meta.url));

interface Children {
  readonly running: number;
  readonly frozen: number;
  readonly forgotten: number;
}

const started: number[] = [];

afterEach(() => {
  for (const pid of started.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch {
    return false;
  }
}

/** Ended, and still listed until its parent takes note; in a container, PID 1 may never do so. */
function isZombie(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) && /\) Z /.test(readFileSync(file, 'utf8'));
}

/** Waits until the process has ended; the test's own timeout bounds it. */
async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
}

async function startSupervisor(...words: string[]): Promise<[ChildProcess, Children]> {
  const supervisor = spawn(process.execPath, [SUPERVISOR, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (supervisor.pid !== undefined) started.push(supervisor.pid);
  const [line] = (await once(supervisor.stdout, 'data')) as [Buffer];
  const children = JSON.parse(line.toString('utf8')) as Children;
  started.push(children.running, children.frozen, children.forgotten);
  return [supervisor, children];
}

describe.skipIf(process.platform === 'win32')('createProcessGuard', () => {
  it('ends running and frozen children of a supervisor that was killed, and only those', async () => {
    const [supervisor, { running, frozen, forgotten }] = await startSupervisor();
    expect([running, frozen, forgotten].map(isAlive)).toEqual([true, true, true]);
    supervisor.kill('SIGKILL');
    await untilGone(running);
    await untilGone(frozen);
    expect(isAlive(forgotten)).toBe(true);
  });

  it('ends what is left on its list when it is released', async () => {
    const [supervisor, { running, frozen, forgotten }] = await startSupervisor('release');
    await untilGone(running);
    await untilGone(frozen);
    expect(isAlive(forgotten)).toBe(true);
    expect(supervisor.exitCode).toBeNull();
  });

  it('says why nothing is guarded when the shell is missing, and takes calls still', async () => {
    const guard = createProcessGuard('no-such-shell');
    while (guard.note() === null) await new Promise((resolve) => setImmediate(resolve));
    expect(guard.note()).toMatch(/could not start .*ENOENT.*may outlive/);
    guard.add(process.pid);
    guard.remove(process.pid);
    await guard.release();
  });

  it('has nothing to note while it works and after it was released', async () => {
    const guard = createProcessGuard();
    expect(guard.note()).toBeNull();
    await guard.release();
    await guard.release();
    expect(guard.note()).toBeNull();
  });

  it.each([0, 1, -5, 1.5, Number.NaN])('rejects the process id %d', async (pid) => {
    const guard = createProcessGuard();
    expect(() => guard.add(pid)).toThrow(/not the id of a child process/);
    expect(() => guard.remove(pid)).toThrow(RangeError);
    await guard.release();
  });
});
