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
  /** Told each process id, so that a guard can end the engine when the supervisor dies. */
  readonly onSpawn: (pid: number) => void;
  readonly onExit: (pid: number) => void;
  /** Told in one sentence what a person should know. */
  readonly report: (message: string) => void;
}

/** An engine that ends this often with no answered call in between has a store it can't run on. */
const RESTARTS_MAX = 3;

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
  #restartsWithoutAnswer = 0;

  constructor(options: SuperviseEngineOptions) {
    this.#options = options;
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
    this.#running = running;
    this.#options.onSpawn(running.pid);
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
      const answer = await running.call(operation, body);
      this.#restartsWithoutAnswer = 0;
      return answer;
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
    this.#options.onExit(running.pid);
  }

  #replace(failed: RunningEngine, reason: string): void {
    if (this.#running !== failed || this.#condition === 'stopped') return;
    this.#running = null;
    this.#options.report(
      `The storage engine of ${this.#options.region} ${reason}; starting it again.`,
    );
    this.#become('restarting');
    this.#recovery = this.#restart(failed).finally(() => {
      this.#recovery = null;
    });
  }

  async #restart(failed: RunningEngine): Promise<void> {
    await failed.kill();
    this.#options.onExit(failed.pid);
    let cause = 'it keeps ending';
    while (this.#restartsWithoutAnswer < RESTARTS_MAX && !this.#stopping()) {
      this.#restartsWithoutAnswer++;
      try {
        await this.start();
        return;
      } catch (error) {
        cause = error instanceof Error ? error.message : String(error);
      }
    }
    if (this.#stopping()) return;
    this.#options.report(
      `The storage engine of ${this.#options.region} could not be started again (${cause}). ` +
        'Its replica is out of service until the twin is restarted.',
    );
    this.#become('lost');
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
