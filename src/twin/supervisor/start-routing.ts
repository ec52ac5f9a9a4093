/** How traffic finds a Region: health checks, the failover record, DNS and the global entry. */

import { LOOPBACK, type TwinPorts } from '../control/addresses.ts';
import { startDnsServer } from '../routing/dns-server.ts';
import { chooseRegion } from '../routing/failover-record.ts';
import { type GlobalEntry, startGlobalEntry } from '../routing/global-entry.ts';
import { createHealthChecker, type HealthChecker } from '../routing/health-checker.ts';
import { ROUTING_PROFILES, type RoutingProfileName } from '../routing/routing-profile.ts';

export interface RoutingOptions {
  /** The primary first. */
  readonly regions: readonly string[];
  readonly ports: TwinPorts;
  readonly profile: RoutingProfileName;
  readonly report: (message: string) => void;
  /** Takes the way to end each part, in the order in which they started. */
  readonly onStarted: (close: () => Promise<void>) => void;
}

export interface Routing {
  readonly checker: HealthChecker;
  readonly entry: GlobalEntry;
  /** The Region that the failover record points at. */
  activeRegion(): string;
}

/** Path of the health check, as Route 53 asks it of the primary. */
const HEALTH_PATH = '/health';

/** Starts every part; checks begin when all listen. Rejects with the reason of one that can't. */
export async function startRouting(options: RoutingOptions): Promise<Routing> {
  const { regions, ports, report, onStarted } = options;
  const profile = ROUTING_PROFILES[options.profile];
  const portOf = (region: string): number => ports.regions[region] ?? 0;
  const checker = createHealthChecker({
    targets: regions.map((region) => ({
      region,
      url: `http://${LOOPBACK}:${portOf(region)}${HEALTH_PATH}`,
    })),
    profile,
    onChange: (region, { status }) => report(`health check: ${region} is ${status}`),
  });
  onStarted(async () => checker.stop());
  const activeRegion = (): string =>
    chooseRegion(regions, (region) => checker.healthOf(region).status === 'healthy');
  const dns = await startDnsServer({
    port: ports.dns,
    zone: () => ({
      endpoints: regions.map((region) => ({ region, address: LOOPBACK, port: portOf(region) })),
      activeRegion: activeRegion(),
      ttlSeconds: profile.ttlSeconds,
    }),
  });
  onStarted(() => dns.close());
  const entry = await startGlobalEntry({ port: ports.entry, dnsPort: dns.port });
  onStarted(() => entry.close());
  checker.start();
  return { checker, entry, activeRegion };
}
