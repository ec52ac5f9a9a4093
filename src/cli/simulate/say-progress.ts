/** Progress on stderr: one line that is written over on a terminal, a line now and then elsewhere. */

import { shortened } from './words.ts';

export interface ProgressLine {
  /** Shows `text()` if it is time to; asks for it only then. */
  say(text: () => string): void;
  /** Takes the line away, so that what follows begins on an empty one. */
  end(): void;
}

export interface ProgressLineOptions {
  readonly isTerminal: boolean;
  /** Width of the terminal: a line that wraps can't be written over. @default 80 */
  readonly width?: number;
  readonly write: (text: string) => void;
  /** Milliseconds that only go on. @default the machine's */
  readonly elapsedMs?: () => number;
}

const TERMINAL_MS = 500;
const ELSEWHERE_MS = 5_000;
const WIDTH = 80;
/** Carriage return, and "erase to the end of the line" of ECMA-48. */
const OVER = '\r\u001b[K';

export function createProgressLine(options: ProgressLineOptions): ProgressLine {
  const { isTerminal, width = WIDTH, write, elapsedMs = () => performance.now() } = options;
  const everyMs = isTerminal ? TERMINAL_MS : ELSEWHERE_MS;
  let saidAtMs = elapsedMs();
  let isShown = false;
  return {
    say(text) {
      const nowMs = elapsedMs();
      if (nowMs - saidAtMs < everyMs) return;
      saidAtMs = nowMs;
      write(isTerminal ? `${OVER}${shortened(text(), width - 1)}` : `${text()}\n`);
      isShown = isTerminal;
    },
    end() {
      if (isShown) write(OVER);
      isShown = false;
    },
  };
}
