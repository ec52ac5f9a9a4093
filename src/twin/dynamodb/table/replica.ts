/** One Region's copy of a global table, and what is said of it. */

import type { StorageEngine } from '../engine/storage-engine.ts';
import type { PendingLog } from './pending-log.ts';

export interface Replica {
  readonly region: string;
  readonly engine: StorageEngine;
  readonly pending: PendingLog;
}

export interface ReplicaStatus {
  readonly region: string;
  /** Items whose latest state it has not received. */
  readonly pendingItems: number;
  readonly caughtUp: boolean;
  /** Serves writes and strong reads. */
  readonly quorum: boolean;
  readonly engine: StorageEngine['condition'];
  /**
   * Age of the oldest write that it has not received, milliseconds, 0 when it has all. Of eventually
   * consistent tables only.
   */
  readonly lagMs?: number;
}

export interface TableStatus {
  readonly table: string;
  /** Region whose engine serves writes and strong reads; null where every Region's own does. */
  readonly leader: string | null;
  readonly replicas: readonly ReplicaStatus[];
}
