/** What the service asks of a table, whichever way its replicas are kept alike. */

import type { GlobalTableModel } from '../../region-model.ts';
import type { EngineAnswer } from '../engine/storage-engine.ts';
import type { ItemWrite } from './leader-write.ts';
import type { TableStatus } from './replica.ts';

export interface GlobalTable {
  readonly model: GlobalTableModel;
  /**
   * Runs one conditional write. Resolves with the engine's answer, refusals included. Throws
   * `WireFault`: 500 when it can't be served or its outcome is unknown, 400 on a conflict.
   */
  write(write: ItemWrite): Promise<EngineAnswer>;
  /**
   * Runs a strong read. `concerns` says which items it may return, by their ids.
   * Throws `WireFault` 500 when it can't be served.
   */
  readStrong(
    region: string,
    operation: string,
    body: string,
    concerns: (id: string) => boolean,
  ): Promise<EngineAnswer>;
  /** Runs an eventually consistent read on the Region's own replica, however far behind it is. */
  readEventual(region: string, operation: string, body: string): Promise<EngineAnswer>;
  hasReplicaIn(region: string): boolean;
  /** True once nobody could say what became of a write: the replicas may differ since. */
  readonly hasUnsettledWrites: boolean;
  status(): TableStatus;
  /** Refuses what comes from now on, and waits for what is in flight. The engines go on. */
  stop(): Promise<void>;
}
