/** Two Regions with a domain, as the templates give them. */

import type { HealthCheckModel, RecordModel } from '#twin/region-model.ts';
import type { RoutedRegion } from '#twin/routing/plan-routing.ts';

export const DOMAIN = 'api.example.test';
export const PORTS: Readonly<Record<string, number>> = { 'us-east-1': 8081, 'us-east-2': 8082 };
export const portOf = (region: string): number => PORTS[region] ?? 0;

export function healthCheck(changes: Partial<HealthCheckModel> = {}): HealthCheckModel {
  return {
    id: 'check',
    type: 'HTTPS',
    fullyQualifiedDomainName: `us-east-1.${DOMAIN}`,
    resourcePath: '/health',
    requestIntervalSeconds: 10,
    failureThreshold: 3,
    inverted: false,
    disabled: false,
    ...changes,
  };
}

export function record(changes: Partial<RecordModel> = {}): RecordModel {
  return {
    name: DOMAIN,
    type: 'CNAME',
    ttlSeconds: 30,
    values: [`us-east-1.${DOMAIN}`],
    alias: false,
    hostedZoneId: 'Z0EXAMPLE',
    setIdentifier: null,
    routing: { kind: 'simple' },
    healthCheckId: null,
    ...changes,
  };
}

/** API Gateway's own name for the domain name of a Region. */
export function regionalNameOf(region: string): string {
  return `d-${region}.execute-api.${region}.amazonaws.com`;
}

/** `weights`: by Region, the primary first; without them, failover records. */
export function routedRegions(weights?: readonly number[]): RoutedRegion[] {
  return Object.keys(PORTS).map((region, index) => {
    const weight = weights?.[index];
    return {
      region,
      restApis: [],
      apiDomains: [
        {
          domainName: `${region}.${DOMAIN}`,
          regionalDomainName: regionalNameOf(region),
          regionalHostedZoneId: 'Z0REGIONAL',
          restApiId: 'api',
          stageName: 'prod',
        },
      ],
      healthChecks: [
        healthCheck({ id: `check-${region}`, fullyQualifiedDomainName: `${region}.${DOMAIN}` }),
      ],
      records: [
        record({ name: `${region}.${DOMAIN}`, values: [regionalNameOf(region)] }),
        record({
          values: [`${region}.${DOMAIN}`],
          setIdentifier: region,
          healthCheckId: `check-${region}`,
          routing:
            weight === undefined
              ? { kind: 'failover', role: index === 0 ? 'PRIMARY' : 'SECONDARY' }
              : { kind: 'weighted', weight },
        }),
      ],
    };
  });
}
