/**
 * A supervisor for the guard's test: starts three children, freezes one, forgets one, prints their
 * ids, the guarded ones first, and waits to be killed. With `release`, releases the guard first.
 */

import { spawn } from 'node:child_process';
import { createProcessGuard } from '#twin/process-guard.ts';

const guard = createProcessGuard();

function startChild(): number {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    stdio: 'ignore',
    detached: true,
  });
  if (child.pid === undefined) throw new Error('the child did not start');
  guard.add(child.pid);
  return child.pid;
}

const running = startChild();
const frozen = startChild();
const forgotten = startChild();
process.kill(frozen, 'SIGSTOP');
guard.remove(forgotten);
if (process.argv[2] === 'release') await guard.release();
console.log(JSON.stringify({ running, frozen, forgotten }));
setInterval(() => {}, 1000);
