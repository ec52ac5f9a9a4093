/** A process guard that is replaced when it dies, so that the children never stay unguarded. */

import { createProcessGuard, type ProcessGuard } from '../process-guard.ts';

/** A guard that keeps dying is killed on purpose, or can't live here. */
const REPLACEMENTS_MAX = 5;

/** `report` is told once for each loss. Where there is no shell at all, it says so and guards nothing. */
export function createLastingGuard(report: (message: string) => void): Omit<ProcessGuard, 'note'> {
  const pids = new Set<number>();
  let replacements = 0;
  const start = (): ProcessGuard =>
    createProcessGuard('sh', (note) => {
      report(note);
      if (replacements === REPLACEMENTS_MAX) return;
      replacements += 1;
      guard = start();
      for (const pid of pids) guard.add(pid);
    });
  let guard = start();
  return {
    add(pid) {
      guard.add(pid);
      pids.add(pid);
    },
    remove(pid) {
      pids.delete(pid);
      guard.remove(pid);
    },
    release: () => guard.release(),
  };
}
