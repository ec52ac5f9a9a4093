/**
 * Keeps the storage engine of one Region running.
 *
 * An engine that ends, or leaves a call without an answer, is killed before anything else happens:
 * a hung engine that wakes up later must not carry out what everybody believes did not happen.
 * Then it is started again on the same store, and the calls that came meanwhile go on.
 */

import type { RunningEngine } from './launch-engine.ts';
import {
  type EngineAnswer,
  type EngineCondition,
  EngineFailure,
  type StorageEngine,
} from './storage-engine.ts';

export interface SuperviseEngineOptions {
  readonly region: string;
  readonly launch: () => Promise<RunningEngine>;
  /** Told in one sentence what a person should know. */
  readonly report: (message: string) => void;
  /** @default a clock that only goes forward; any starting point. */
  readonly nowMs?: () => number;
}

/** An engine that is started this often in a row without a single answer can't run on its store. */
const ATTEMPTS_MAX = 3;
/** Nor can one that answers when it starts, and then ends more often than this within the window. */
const DEATHS_IN_WINDOW_MAX = 10;
const DEATH_WINDOW_MS = 10_000;

/** Starts the engine. Rejects when it does not start the first time. */
export async function superviseEngine(options: SuperviseEngineOptions): Promise<StorageEngine> {
  const engine = new SupervisedEngine(options);
  await engine.start();
  return engine;
}

class SupervisedEngine implements StorageEngine {
  readonly #options: SuperviseEngineOptions;
  readonly #listeners = new Set<() => void>();
  #condition: EngineCondition = 'restarting';
  #running: RunningEngine | null = null;
  #recovery: Promise<void> | null = null;
  readonly #nowMs: () => number;
  /** When it was started again lately. */
  #restartsAtMs: number[] = [];

  constructor(options: SuperviseEngineOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  get condition(): EngineCondition {
    return this.#condition;
  }

  get pid(): number | null {
    return this.#running?.pid ?? null;
  }

  onCondition(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async start(): Promise<void> {
    const running = await this.#options.launch();
    try {
      await requireAnswer(running);
    } catch (error) {
      await running.kill();
      throw error;
    }
    this.#running = running;
    this.#become('ready');
    void running.exited.then((how) => {
      this.#replace(running, `ended by itself (${how})`);
    });
  }

  async call(operation: string, body: string): Promise<EngineAnswer> {
    while (this.#recovery !== null) await this.#recovery;
    const running = this.#running;
    if (running === null) {
      throw new EngineFailure(`The storage engine is ${this.#condition}.`, 'not-executed');
    }
    try {
      return await running.call(operation, body);
    } catch (error) {
      const failure =
        error instanceof EngineFailure ? error : new EngineFailure(String(error), 'unknown', error);
      this.#replace(running, `did not answer (${failure.message})`);
      throw failure;
    }
  }

  async stop(): Promise<void> {
    this.#become('stopped');
    await this.#recovery;
    const running = this.#running;
    this.#running = null;
    if (running === null) return;
    await running.kill();
  }

  async revive(): Promise<void> {
    while (this.#recovery !== null) await this.#recovery;
    if (this.#condition !== 'lost') return;
    this.#restartsAtMs = [];
    await this.#recover(null);
  }

  #replace(failed: RunningEngine, reason: string): void {
    if (this.#running !== failed || this.#condition === 'stopped') return;
    this.#running = null;
    this.#options.report(
      `The storage engine of ${this.#options.region} ${reason}; starting it again.`,
    );
    void this.#recover(failed);
  }

  /** Calls wait from now on until the engine serves or is lost. Never rejects. */
  #recover(failed: RunningEngine | null): Promise<void> {
    const recovery = this.#restart(failed).finally(() => {
      if (this.#recovery === recovery) this.#recovery = null;
    });
    // Before the listeners hear of it: one that calls the engine has to find something to wait for.
    this.#recovery = recovery;
    this.#become('restarting');
    return recovery;
  }

  async #restart(failed: RunningEngine | null): Promise<void> {
    await failed?.kill();
    let cause = `it ended ${DEATHS_IN_WINDOW_MAX} times within ${DEATH_WINDOW_MS / 1_000} s`;
    for (let attempt = 0; attempt < ATTEMPTS_MAX && this.#mayRestart(); attempt++) {
      try {
        await this.start();
        return;
      } catch (error) {
        cause = error instanceof Error ? error.message : String(error);
      }
    }
    if (this.#stopping()) return;
    this.#options.report(
      `The storage engine of ${this.#options.region} could not be started again (${cause}). Its ` +
        'replica is out of service until the Region is healed or the twin is restarted.',
    );
    this.#become('lost');
  }

  /** Counts the restart that it allows. False once stopped, and for an engine that keeps ending. */
  #mayRestart(): boolean {
    if (this.#stopping()) return false;
    const now = this.#nowMs();
    this.#restartsAtMs = this.#restartsAtMs.filter((at) => now - at < DEATH_WINDOW_MS);
    if (this.#restartsAtMs.length >= DEATHS_IN_WINDOW_MAX) return false;
    this.#restartsAtMs.push(now);
    return true;
  }

  /** A method, because the condition changes while `#restart` waits. */
  #stopping(): boolean {
    return this.#condition === 'stopped';
  }

  #become(condition: EngineCondition): void {
    if (this.#condition === condition || this.#condition === 'stopped') return;
    this.#condition = condition;
    for (const listener of this.#listeners) listener();
  }
}

/** An engine that listens may still be unable to read its store. */
async function requireAnswer(running: RunningEngine): Promise<void> {
  const { status, body } = await running.call('ListTables', '{"Limit":1}');
  if (status !== 200) throw new Error(`it answered ${status} to ListTables: ${body.toString()}`);
}
