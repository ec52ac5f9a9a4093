/** What routing tells of itself in the twin's status. */

import type { RecordModel } from '#twin/region-model.ts';
import { eligibleRecords } from './choose-records.ts';
import type { CheckerVerdict, CheckHealth, HealthChecker } from './health-checker.ts';
import type { HealthStatus } from './health-state.ts';
import type { HealthView } from './health-view.ts';
import type { RoutingPlan } from './plan-routing.ts';
import { ttlOf } from './zone-content.ts';

/** A Region's health check in short: of the checkers, the one that is nearest to another verdict. */
export interface RegionHealth {
  readonly status: HealthStatus;
  /** Requests in a row whose result disagrees with `status`. */
  readonly contraryChecks: number;
  /** The latest of any checker; null before the first has ended, and where there is no check. */
  readonly lastCheck: CheckerVerdict['lastCheck'];
}

export interface HealthCheckStatus {
  readonly id: string;
  /** Name and path that are asked, `us-east-1.api.holdfast.test/health`. */
  readonly endpoint: string;
  /** Of the checkers together, also while DNS is stale. */
  readonly status: HealthStatus;
  readonly checkers: readonly CheckerVerdict[];
}

/** The records of one name and type. */
export interface RecordStatus {
  readonly name: string;
  /** `CNAME` */
  readonly type: string;
  readonly routing: RecordModel['routing']['kind'];
  readonly ttlSeconds: number;
  /** What is answered now; several where each answer is drawn, with their shares of the answers. */
  readonly answers: readonly { readonly values: readonly string[]; readonly share: number }[];
}

export interface RoutingStatus {
  /** The name that clients of all Regions use; the global entry resolves it. */
  readonly name: string;
  /** Whether a fault keeps DNS at the answers of when it began. */
  readonly stale: boolean;
  readonly records: readonly RecordStatus[];
  readonly healthChecks: readonly HealthCheckStatus[];
}

/** Looks at the parts now; changes nothing. */
export function describeRouting(
  { name, records, checks }: RoutingPlan,
  parts: {
    readonly checker: HealthChecker;
    readonly view: HealthView;
    readonly ttlMaxSeconds: number | null;
  },
): RoutingStatus {
  const { checker, view, ttlMaxSeconds } = parts;
  const sets = Map.groupBy(records, (record) => `${record.name} ${record.type}`);
  return {
    name,
    stale: view.isStale(),
    records: [...sets.values()].flatMap((set): RecordStatus[] => {
      const [first] = set;
      if (first === undefined) return [];
      const eligible = eligibleRecords(set, view.isHealthy);
      const ttls = eligible.map(({ record }) => ttlOf(record, ttlMaxSeconds));
      return [
        {
          name: first.name,
          type: first.type,
          routing: first.routing.kind,
          ttlSeconds: Math.max(...ttls),
          answers: eligible.map(({ record, share }) => ({ values: record.values, share })),
        },
      ];
    }),
    healthChecks: checks.map(({ id, fullyQualifiedDomainName, resourcePath }) => ({
      id,
      endpoint: `${fullyQualifiedDomainName}${resourcePath}`,
      ...(checker.healthOf(id) ?? { status: 'healthy', checkers: [] }),
    })),
  };
}

/** `health`: of the check on which the Region's record depends; null where it has none. Pure. */
export function regionHealth(health: CheckHealth | null): RegionHealth {
  if (health === null) return { status: 'healthy', contraryChecks: 0, lastCheck: null };
  const { status, checkers } = health;
  const results = checkers.flatMap(({ lastCheck }) => lastCheck ?? []);
  return {
    status,
    contraryChecks: Math.max(0, ...checkers.map(({ contraryChecks }) => contraryChecks)),
    lastCheck: results.toSorted((a, b) => b.atEpochMs - a.atEpochMs)[0] ?? null,
  };
}
