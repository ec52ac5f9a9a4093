/** Exit codes of every verb. */

export const EXIT = {
  done: 0,
  /** Something failed that should not have. */
  fault: 1,
  /** The command line, or what it asks for, is wrong. */
  usage: 2,
  /** A safety rule said no. */
  refused: 3,
  /** It ran, and missed its objective. */
  objectiveMissed: 4,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
