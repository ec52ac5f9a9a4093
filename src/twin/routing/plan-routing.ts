/** Works out from the templates what DNS answers, what health checks ask, and what clients resolve. */

import type { HealthCheckModel, RecordModel, RegionModel } from '#twin/region-model.ts';
import { BUILT_IN_NAME, builtInRouting } from './built-in-routing.ts';
import { type DnsHost, indexZone, type ZoneContent, type ZoneIndex } from './zone-content.ts';

/** As much of a Region as routing needs. */
export type RoutedRegion = Pick<
  RegionModel,
  'region' | 'restApis' | 'apiDomains' | 'healthChecks' | 'records'
>;

export interface RoutingPlan {
  /** The name that clients of all Regions use. */
  readonly name: string;
  readonly index: ZoneIndex;
  readonly records: readonly RecordModel[];
  readonly checks: readonly HealthCheckModel[];
  /** By Region: the check on which its record of `name` depends; absent where it has none. */
  readonly checkOf: ReadonlyMap<string, string>;
  /** What somebody who expects AWS's behaviour should know, one sentence each. */
  readonly notes: readonly string[];
}

const LOOPBACK = '127.0.0.1';

/**
 * `regions`: the primary first. `portOf`: where a Region's API listens. Without a routed record that
 * leads to an API, the plan has the twin's own zone as well. Pure.
 */
export function planRouting(
  regions: readonly RoutedRegion[],
  portOf: (region: string) => number,
  ttlMaxSeconds: number | null,
): RoutingPlan {
  const places = regions.map(({ region }) => ({
    ...{ region, address: LOOPBACK, port: portOf(region) },
  }));
  const templates: ZoneContent = {
    zones: zonesOf(regions.flatMap(({ records }) => records)),
    hosts: regions.flatMap(hostsOf(portOf)),
    records: regions.flatMap(({ records }) => records),
  };
  const templateChecks = regions.flatMap(({ healthChecks }) => healthChecks);
  const routed = routedName(templates, indexZone(templates, ttlMaxSeconds));
  const builtIn = routed === null ? builtInRouting(places) : null;
  const content = builtIn === null ? templates : joined(templates, builtIn.content);
  const index = indexZone(content, ttlMaxSeconds);
  const name = routed ?? BUILT_IN_NAME;
  const known = [...templateChecks, ...(builtIn?.checks ?? [])];
  const checks = known.filter(({ fullyQualifiedDomainName: host }) => leadsToApi(index, host));
  return {
    ...{ name, index, checks },
    records: content.records,
    checkOf: checksByRegion(name, content.records, index),
    notes: notesOn(known, checks, content.records),
  };
}

function hostsOf(portOf: (region: string) => number): (region: RoutedRegion) => DnsHost[] {
  return ({ region, apiDomains, restApis }) => {
    const names = [
      ...apiDomains.map(({ regionalDomainName }) => regionalDomainName),
      ...restApis.map(({ id }) => `${id}.execute-api.${region}.amazonaws.com`),
    ];
    return names.map((name) => ({ name, region, address: LOOPBACK, port: portOf(region) }));
  };
}

function joined(a: ZoneContent, b: ZoneContent): ZoneContent {
  return {
    zones: [...new Set([...a.zones, ...b.zones])],
    hosts: [...a.hosts, ...b.hosts],
    records: [...a.records, ...b.records],
  };
}

/** The first name with failover or weighted records that lead to an API here. */
function routedName({ records }: ZoneContent, index: ZoneIndex): string | null {
  const found = records.find(
    ({ name, routing }) => routing.kind !== 'simple' && leadsToApi(index, name),
  );
  return found?.name ?? null;
}

/** Whether the name leads to one whatever the checks say. */
function leadsToApi(index: ZoneIndex, name: string): boolean {
  return index.sharesOf(name, () => true).size > 0;
}

function checksByRegion(
  name: string,
  records: readonly RecordModel[],
  index: ZoneIndex,
): ReadonlyMap<string, string> {
  const checks = new Map<string, string>();
  for (const { values, healthCheckId } of records.filter((record) => record.name === name)) {
    const regions = [...index.sharesOf(values[0] ?? '', () => true).keys()];
    const [region] = regions;
    if (healthCheckId !== null && region !== undefined && regions.length === 1) {
      checks.set(region, healthCheckId);
    }
  }
  return checks;
}

/**
 * A record knows its zone by id alone. The zone's name is then what the names have in common, less
 * its first label where a CNAME stands there, which the name of a zone can't have.
 */
function zonesOf(records: readonly RecordModel[]): string[] {
  const zones = [...Map.groupBy(records, ({ hostedZoneId }) => hostedZoneId)].map(([id, own]) => {
    // Where the template named the zone, its name stands in the place of the id.
    if (id.includes('.')) return id;
    const common = own.map(({ name }) => name.split('.')).reduce(commonEnd);
    const name = common.join('.');
    const isCname = own.some((record) => record.name === name && record.type === 'CNAME');
    return isCname && common.length > 1 ? common.slice(1).join('.') : name;
  });
  return [...new Set(zones)].filter((zone) => zone !== '');
}

function commonEnd(a: readonly string[], b: readonly string[]): string[] {
  let length = 0;
  while (length < Math.min(a.length, b.length) && a.at(-1 - length) === b.at(-1 - length)) {
    length += 1;
  }
  return a.slice(a.length - length);
}

function notesOn(
  known: readonly HealthCheckModel[],
  checks: readonly HealthCheckModel[],
  records: readonly RecordModel[],
): string[] {
  const idle = known
    .filter((check) => !checks.includes(check))
    .map(
      ({ fullyQualifiedDomainName: host }) =>
        `the health check of ${host} asks nothing: the name leads to no API here; it is taken for healthy`,
    );
  const missing = records
    .filter(({ healthCheckId: id }) => id !== null && !known.some((check) => check.id === id))
    .map(
      ({ name, setIdentifier }) =>
        `the record ${name}${setIdentifier === null ? '' : ` (${setIdentifier})`} has a health check that does not run here; it is taken for healthy`,
    );
  return [...idle, ...missing];
}
