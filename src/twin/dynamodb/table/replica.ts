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
}

export interface TableStatus {
  readonly table: string;
  readonly leader: string;
  readonly replicas: readonly ReplicaStatus[];
}
