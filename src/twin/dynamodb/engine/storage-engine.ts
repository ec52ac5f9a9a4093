/**
 * The port to the storage of one replica Region: a DynamoDB that knows one Region only.
 *
 * Everything that makes several of them one global table is above this port.
 */

export interface EngineAnswer {
  readonly status: number;
  /** The engine's JSON, as it came. */
  readonly body: Buffer;
}

/** `restarting`: calls wait. `lost`: it could not be started again, calls fail until `revive`. */
export type EngineCondition = 'ready' | 'restarting' | 'lost' | 'stopped';

export interface StorageEngine {
  /**
   * Runs one DynamoDB operation. `body` is the request's JSON.
   * Resolves with whatever the engine answers, errors included; rejects with `EngineFailure` only.
   */
  call(operation: string, body: string): Promise<EngineAnswer>;
  readonly condition: EngineCondition;
  /** Process id; null while there is none. */
  readonly pid: number | null;
  /** Calls back after every change of `condition`. Returns the way to stop. */
  onCondition(listener: () => void): () => void;
  /**
   * Tries once more to start an engine that is `lost`; does nothing to any other. Resolves when that
   * is decided, either way: `condition` says which, and what went wrong is reported. Never rejects.
   */
  revive(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The engine gave no answer. `outcome` says whether the operation may have taken effect:
 * `unknown` must be settled by reading before anybody builds on either outcome.
 */
export class EngineFailure extends Error {
  override readonly name = 'EngineFailure';
  readonly outcome: 'not-executed' | 'unknown';

  constructor(message: string, outcome: 'not-executed' | 'unknown', cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.outcome = outcome;
  }
}
