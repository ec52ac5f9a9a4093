/**
 * An append-only log file of bounded size: at the limit it becomes `<path>.1`, replacing the one
 * before, and a new file begins.
 */

import { appendFileSync, closeSync, fstatSync, openSync, renameSync } from 'node:fs';

/** 16 MB in the file that is written to, and as much again in the one before it. */
export const LOG_LIMIT_BYTES = 16 * 1024 * 1024;

export interface RotatingLog {
  /**
   * Appends `text` as it stands. Never throws: a full disk must not fail a payment, so what can't
   * be written is dropped.
   */
  write(text: string): void;
  close(): void;
}

/**
 * Opens the log, creating the file. Throws when the file can't be opened.
 *
 * Writes are synchronous: about 5 µs a line into the page cache, and nothing is lost when the
 * writer is terminated a moment later. The file is opened for appending, so a second writer may
 * add whole lines with `appendLine`.
 */
export function openRotatingLog(path: string, limitBytes = LOG_LIMIT_BYTES): RotatingLog {
  let descriptor = openSync(path, 'a');
  let sizeBytes = fstatSync(descriptor).size;

  function rotate(): void {
    closeSync(descriptor);
    descriptor = -1;
    renameSync(path, `${path}.1`);
    descriptor = openSync(path, 'a');
    sizeBytes = 0;
  }

  return {
    write(text) {
      try {
        if (descriptor === -1) {
          descriptor = openSync(path, 'a');
          sizeBytes = fstatSync(descriptor).size;
        }
        if (sizeBytes >= limitBytes) rotate();
        appendFileSync(descriptor, text);
        sizeBytes += Buffer.byteLength(text);
      } catch {
        // Dropped; the next write tries again.
      }
    },
    close() {
      if (descriptor !== -1) closeSync(descriptor);
      descriptor = -1;
    },
  };
}

/** Appends one JSON line to a log that another thread holds open. Never throws. */
export function appendLine(path: string, line: Readonly<Record<string, unknown>>): void {
  try {
    appendFileSync(path, `${JSON.stringify(line)}\n`);
  } catch {
    // As in `write`: logging fails nothing.
  }
}
