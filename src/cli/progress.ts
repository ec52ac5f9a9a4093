/** Says on stderr what takes long: nothing for two seconds, then a line every two. */

const QUIET_MS = 2_000;

/** Returns what takes the newest state; it writes only when it is time to. */
export function createProgress(
  writeError: (text: string) => void,
  nowEpochMs: () => number = () => Date.now(),
): (text: string) => void {
  let saidAtEpochMs = nowEpochMs();
  return (text) => {
    const now = nowEpochMs();
    if (now - saidAtEpochMs < QUIET_MS) return;
    saidAtEpochMs = now;
    writeError(`${text}\n`);
  };
}
