/** How traffic finds a Region: health checks, the templates' records, DNS and the global entry. */

import { LOOPBACK, type TwinPorts } from '../control/addresses.ts';
import type { FaultBoard } from '../faults/fault.ts';
import type { HealthCheckModel } from '../region-model.ts';
import {
  describeRouting,
  type RegionHealth,
  type RoutingStatus,
  regionHealth,
} from '../routing/describe-routing.ts';
import { startDnsServer } from '../routing/dns-server.ts';
import { type GlobalEntry, startGlobalEntry } from '../routing/global-entry.ts';
import { createHealthChecker, type HealthTarget } from '../routing/health-checker.ts';
import { createHealthView } from '../routing/health-view.ts';
import { planRouting, type RoutedRegion, type RoutingPlan } from '../routing/plan-routing.ts';
import { ROUTING_PROFILES, type RoutingProfileName } from '../routing/routing-profile.ts';
import type { RecordChoice } from '../routing/zone-content.ts';

export interface RoutingOptions {
  /** The primary first. */
  readonly regions: readonly RoutedRegion[];
  readonly ports: TwinPorts;
  readonly profile: RoutingProfileName;
  /** For `stale-dns`. Nothing else of them touches routing: it stands outside the Regions. */
  readonly faults: Pick<FaultBoard, 'active'>;
  /** For weighted records; uniform in [0, 1), as Math.random. */
  readonly random: () => number;
  readonly report: (message: string) => void;
  /** Takes the way to end each part, in the order in which they started. */
  readonly onStarted: (close: () => Promise<void>) => void;
}

export interface Routing {
  readonly entry: GlobalEntry;
  healthOf(region: string): RegionHealth;
  /** Whether DNS sends clients to the Region now, all of them or a share. */
  isActive(region: string): boolean;
  status(): RoutingStatus;
}

/** Starts every part; checks begin when all listen. Rejects with the reason of one that can't. */
export async function startRouting(options: RoutingOptions): Promise<Routing> {
  const { ports, faults, random, report, onStarted } = options;
  const profile = ROUTING_PROFILES[options.profile];
  const { ttlMaxSeconds } = profile;
  const portOf = (region: string): number => ports.regions[region] ?? 0;
  const plan = planRouting(options.regions, portOf, ttlMaxSeconds);
  for (const note of plan.notes) report(note);

  const choice: RecordChoice = { isHealthy: (id) => view.isHealthy(id), random };
  const checker = createHealthChecker({
    targets: plan.checks.map((check) => targetOf(check, plan, choice)),
    profile,
    beforeChange: () => view.beforeChange(),
    onChange: (id, status) => report(`health check: ${labelOf(id, plan)} is ${status}`),
  });
  const view = createHealthView({
    checkIds: plan.checks.map(({ id }) => id),
    statusOf: (id) => checker.healthOf(id)?.status ?? null,
    staleFaults: () =>
      faults
        .active()
        .filter(({ kind }) => kind === 'stale-dns')
        .map(({ id }) => id),
  });
  onStarted(async () => checker.stop());
  const zone = { index: plan.index, choice, ttlMaxSeconds };
  const dns = await startDnsServer({ port: ports.dns, zone });
  onStarted(() => dns.close());
  const entry = await startGlobalEntry({
    port: ports.entry,
    dnsPort: dns.port,
    name: plan.name,
    regionOf: (host) => plan.index.hostOf(host)?.region ?? host,
  });
  onStarted(() => entry.close());
  checker.start();
  return {
    entry,
    healthOf(region) {
      const id = plan.checkOf.get(region);
      return regionHealth(id === undefined ? null : checker.healthOf(id));
    },
    isActive: (region) => (plan.index.sharesOf(plan.name, view.isHealthy).get(region) ?? 0) > 0,
    status: () => describeRouting(plan, { checker, view, ttlMaxSeconds }),
  };
}

/**
 * Route 53 resolves the name anew for each request. The check goes to the API's own port and without
 * TLS: certificates are not validated on AWS either, and here there are none.
 */
function targetOf(check: HealthCheckModel, plan: RoutingPlan, choice: RecordChoice): HealthTarget {
  const { type, fullyQualifiedDomainName, resourcePath } = check;
  return {
    check,
    locate() {
      if (type === 'HTTP') return { failure: 'API Gateway answers HTTPS only' };
      const end = plan.index.follow(fullyQualifiedDomainName, choice);
      if (end === null) return { failure: 'the name leads nowhere' };
      return { url: `http://${LOOPBACK}:${end.host.port}${resourcePath}` };
    },
  };
}

/** The Region whose record depends on the check, or what it asks. */
function labelOf(id: string, { checkOf, checks }: RoutingPlan): string {
  const region = [...checkOf].find(([, checkId]) => checkId === id)?.[0];
  if (region !== undefined) return region;
  const check = checks.find((each) => each.id === id);
  return check === undefined ? id : `${check.fullyQualifiedDomainName}${check.resourcePath}`;
}
