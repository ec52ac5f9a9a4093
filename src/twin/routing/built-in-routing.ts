/** The names that a twin has when its templates route nothing: one failover record over all Regions. */

import type { HealthCheckModel, RecordModel } from '#twin/region-model.ts';
import { DEFAULT_TTL_SECONDS, type DnsHost, type ZoneContent } from './zone-content.ts';

export const BUILT_IN_ZONE = 'holdfast.test';
export const BUILT_IN_NAME = `api.${BUILT_IN_ZONE}`;

/** Path of the health check, as Route 53 would ask it of a Region. */
const HEALTH_PATH = '/health';

export interface BuiltInRouting {
  readonly content: ZoneContent;
  readonly checks: readonly HealthCheckModel[];
}

/**
 * `places`: where each Region's API is, the primary first. Route 53's fast interval and its default
 * threshold. With more than two Regions, those after the second take no traffic. Pure.
 */
export function builtInRouting(places: readonly Omit<DnsHost, 'name'>[]): BuiltInRouting {
  const nameOf = (region: string): string => `${region}.${BUILT_IN_NAME}`;
  const checkIdOf = (region: string): string => `built-in-${region}`;
  return {
    content: {
      zones: [BUILT_IN_ZONE],
      hosts: places.map((place) => ({ ...place, name: nameOf(place.region) })),
      records: places.slice(0, 2).map(
        ({ region }, index): RecordModel => ({
          name: BUILT_IN_NAME,
          type: 'CNAME',
          ttlSeconds: DEFAULT_TTL_SECONDS,
          values: [nameOf(region)],
          alias: false,
          hostedZoneId: BUILT_IN_ZONE,
          setIdentifier: region,
          routing: { kind: 'failover', role: index === 0 ? 'PRIMARY' : 'SECONDARY' },
          healthCheckId: checkIdOf(region),
        }),
      ),
    },
    checks: places.map(
      ({ region }): HealthCheckModel => ({
        id: checkIdOf(region),
        type: 'HTTPS',
        fullyQualifiedDomainName: nameOf(region),
        resourcePath: HEALTH_PATH,
        requestIntervalSeconds: 10,
        failureThreshold: 3,
        inverted: false,
        disabled: false,
      }),
    ),
  };
}
