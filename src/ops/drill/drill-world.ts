/** Everything that a drill works with; `connectDrill` makes it for a target. */

import type { Backlog, Clock } from '#core/ports.ts';
import type { RoutingEntry } from '#core/routing/routing-log.ts';
import type { ReconcileReport } from '../reconcile.ts';
import type { ReplicaContent } from './analysis/judge-payments.ts';
import type { DrillTarget } from './drill-target.ts';
import type { ResolveApi } from './load/resolve-api.ts';
import type { PostPayment } from './load/send-payment.ts';
import type { LoadOptions } from './load/start-load.ts';

export interface DrillWorld {
  readonly target: DrillTarget;
  readonly resolve: ResolveApi;
  /** Whether the Region's own `/health` answers 200. Never rejects. */
  serves(region: string): Promise<boolean>;
  /** The newest entry, as the surviving Region reads it; null: the log is empty. */
  newestEntry(): Promise<RoutingEntry | null>;
  /** Oldest first. */
  allEntries(): Promise<readonly RoutingEntry[]>;
  /** The Region's alarms that are in ALARM. */
  ringingAlarms(region: string): Promise<readonly string[]>;
  backlog(): Promise<Backlog>;
  /** What each replica holds of the payments whose ids begin with `prefix`. */
  contents(prefix: string): Promise<readonly ReplicaContent[]>;
  reconcile(): Promise<ReconcileReport>;
  readonly clients: LoadOptions['clients'];
  /** Straight to a Region, past routing. */
  readonly post: PostPayment;
  readonly impairedAlarm: string;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
  /** Unique among all drills, of letters, digits and hyphens. */
  readonly newId: () => string;
}
