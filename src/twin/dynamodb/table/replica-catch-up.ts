/**
 * Keeps one replica of a table catching up for as long as it misses something and can receive.
 *
 * A run that fails is begun again after a pause: nothing else might come that would begin it.
 */

import { catchUp, type PendingItems } from './catch-up.ts';

/** Calls `run` once, after `delayMs`. Returns the way to call it off. */
export type Later = (delayMs: number, run: () => void) => () => void;

export interface ReplicaCatchUpOptions {
  readonly tableName: string;
  readonly replica: { readonly region: string; readonly pending: PendingItems };
  /** Whether the replica can receive now. */
  readonly receives: () => boolean;
  /** Takes the item's lock and applies its latest image, if it is still pending. */
  readonly apply: (id: string) => Promise<void>;
  readonly report: (message: string) => void;
  /** @default a timer that does not keep the process alive. */
  readonly later?: Later;
}

/** The pause after a first failure; it doubles with each further one in a row, up to the second. */
const RETRY_AFTER_MS_MIN = 100;
const RETRY_AFTER_MS_MAX = 5_000;

export class ReplicaCatchUp {
  readonly #options: ReplicaCatchUpOptions;
  readonly #later: Later;
  #run: Promise<void> | null = null;
  #callOff: (() => void) | null = null;
  #failuresInARow = 0;
  #stopped = false;

  constructor(options: ReplicaCatchUpOptions) {
    this.#options = options;
    this.#later = options.later ?? afterTimer;
  }

  /** Begins where there is something to do that is not under way or due after a failure. */
  start(): void {
    const { replica, apply } = this.#options;
    const { pending } = replica;
    if (pending.size === 0 || this.#run !== null || this.#callOff !== null) return;
    if (!this.#mayGoOn()) return;
    this.#run = catchUp({ pending, mayGoOn: () => this.#mayGoOn(), apply }).then(
      () => {
        this.#run = null;
        this.#failuresInARow = 0;
        // The Region may have been lost, written for and reached again since the last item.
        this.start();
      },
      (error: unknown) => {
        this.#run = null;
        this.#failed(error);
      },
    );
  }

  /** As `start`, without the rest of a pause: the network or the engine has just changed. */
  startNow(): void {
    this.#callOff?.();
    this.#callOff = null;
    this.start();
  }

  /** Begins nothing more, and resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#callOff?.();
    this.#callOff = null;
    await this.#run;
  }

  #failed(error: unknown): void {
    const delayMs = Math.min(RETRY_AFTER_MS_MIN * 2 ** this.#failuresInARow, RETRY_AFTER_MS_MAX);
    this.#failuresInARow++;
    const retries = this.#mayGoOn();
    if (retries) {
      this.#callOff = this.#later(delayMs, () => {
        this.#callOff = null;
        this.start();
      });
    }
    // Once for each row of failures: the next ones would say the same every few seconds.
    if (this.#failuresInARow > 1 || this.#stopped) return;
    const { tableName, replica, report } = this.#options;
    report(
      `The replica of ${tableName} in ${replica.region} stopped catching up with ` +
        `${replica.pending.size} items to go: ` +
        `${error instanceof Error ? error.message : String(error)}. ` +
        (retries
          ? 'It is tried again, at first after 0.1 s, until it succeeds.'
          : 'It goes on when the Region and its storage engine are reached again.'),
    );
  }

  #mayGoOn(): boolean {
    return !this.#stopped && this.#options.receives();
  }
}

/** Later by the clock of the machine; the timer does not keep the process alive. */
export function afterTimer(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs).unref();
  return () => clearTimeout(timer);
}
