/**
 * Makes sure that no process outlives the supervisor, however the supervisor ends. `kill -9` leaves
 * it no time to clean up, so a shell that waits on a pipe does it: the kernel closes the pipe.
 */

import { type ChildProcess, spawn } from 'node:child_process';

export interface ProcessGuard {
  /** From now on the process is killed when the supervisor ends. Call it right after the spawn. */
  add(pid: number): void;
  /** Forgets a process that has ended. Call it at once: its id may be given to another process. */
  remove(pid: number): void;
  /** Ends the guard, which kills what is still on its list. Resolves when it is gone. */
  release(): Promise<void>;
  /** Why nothing is guarded, for the person who started the twin; null while the guard works. */
  note(): string | null;
}

// Interrupts reach the whole terminal: the guard must survive them to do its work afterwards.
// SIGKILL also ends a stopped process, so no SIGCONT is needed.
const GUARD_SCRIPT = `
trap '' INT TERM HUP
pids=' '
while read -r verb pid; do
  case "$verb" in
    add) pids="$pids$pid " ;;
    del) case "$pids" in *" $pid "*) pids="\${pids%%" $pid "*} \${pids#*" $pid "}" ;; esac ;;
  esac
done
for pid in $pids; do kill -9 "$pid"; done
`;

/**
 * Starts the guard, one POSIX `sh` in a session of its own; it does not keep the event loop alive.
 * Where there is no `sh`, or if it is killed itself, the calls do nothing, `note` says so, and `onLost`
 * is told.
 */
export function createProcessGuard(
  shell = 'sh',
  onLost: (note: string) => void = () => undefined,
): ProcessGuard {
  let note: string | null = null;
  if (process.platform === 'win32') {
    note = 'Without a POSIX shell, child processes may outlive a twin that is killed by force.';
    return { add: checkPid, remove: checkPid, release: async () => {}, note: () => note };
  }
  const guard = spawn(shell, ['-c', GUARD_SCRIPT], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  let released = false;
  const ended = new Promise<void>((resolve) => {
    const lose = (why: string): void => {
      if (!released) {
        note = `The process guard ${why}: child processes may outlive a twin killed by force.`;
        onLost(note);
      }
      resolve();
    };
    guard.once('error', (error) => lose(`could not start (${error.message})`));
    guard.once('exit', () => lose('has ended'));
  });
  detach(guard);

  function write(line: string): void {
    if (!released && note === null) guard.stdin?.write(`${line}\n`);
  }

  return {
    add(pid) {
      checkPid(pid);
      write(`add ${pid}`);
    },
    remove(pid) {
      checkPid(pid);
      write(`del ${pid}`);
    },
    async release() {
      released = true;
      // Unreferenced until now; a caller that awaits its end must not be left by an empty event loop.
      guard.ref();
      guard.stdin?.end();
      await ended;
    },
    note: () => note,
  };
}

function detach(guard: ChildProcess): void {
  guard.unref();
  const pipe = guard.stdin;
  // A guard that was killed breaks the pipe; `note` tells, and the twin carries on.
  pipe?.on('error', () => {});
  if (pipe !== null && 'unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
}

/** 0, 1 and negative numbers would make `kill` hit a whole group, or everything. */
function checkPid(pid: number): void {
  if (!Number.isSafeInteger(pid) || pid <= 1) {
    throw new RangeError(`${pid} is not the id of a child process.`);
  }
}
