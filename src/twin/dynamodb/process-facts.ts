/** What the operating system says of a process, of this one or another. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The command line of a process; empty when it can't be told, as for one that is ending. */
export function commandOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return askPs(pid, 'command=');
  } catch {
    return '';
  }
}

/** Place of `starttime` after the command name, which may hold blanks itself: proc_pid_stat(5). */
const START_TIME_FIELD = 22 - 3;

/**
 * When a process began, as text without blanks that only that process has among those of its id:
 * ids are given again, and in a container each start has the same one. Null when it can't be told.
 */
export function startOf(pid: number): string | null {
  try {
    if (process.platform !== 'linux') {
      return askPs(pid, 'lstart=').trim().replaceAll(/\s+/g, '-') || null;
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TIME_FIELD];
    // The ticks count from the boot of the machine, so they say nothing without it.
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return ticks === undefined ? null : `${boot}/${ticks}`;
  } catch {
    return null;
  }
}

function askPs(pid: number, format: string): string {
  return execFileSync('ps', ['-o', format, '-p', String(pid)], {
    encoding: 'utf8',
    // The date is written in the language of the caller otherwise.
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}
