/** The domain of one Region: its names, its certificate, its health check and its records. */

import { Fn, Stack } from 'aws-cdk-lib';
import { CfnBasePathMapping, CfnDomainName } from 'aws-cdk-lib/aws-apigateway';
import { CfnCertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { CfnHealthCheck, CfnRecordSet, type CfnRecordSetProps } from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import { API_STAGE, exportName, ROUTING_STACK_NAME } from '#contract/names.ts';
import { ROUTES, type RouteId } from '#contract/routes.ts';
import {
  type RegionStackProps,
  regionOf,
  regionStackProps,
  stackId,
} from './region-stack-props.ts';
import { type Domain, domainNameOf } from './routing-settings.ts';

/** What the two records of a Region differ in. */
type RecordSettings = Pick<
  CfnRecordSetProps,
  'ttl' | 'setIdentifier' | 'healthCheckId' | 'weight' | 'failover'
>;

export interface RoutingStackProps extends RegionStackProps {
  readonly domain: Domain;
}

/**
 * Each of Route 53's checkers asks this often, and this many failures in a row turn it: about 30 s. Ten
 * seconds is the shorter of the two intervals there are.
 * Source: Amazon Route 53 developer guide, "Values that you specify when you create health checks".
 */
const CHECK_INTERVAL_SECONDS = 10;
const CHECK_FAILURES = 3;
/** The TTL of the Region's own name, which always leads to the same place. */
const REGION_NAME_TTL_SECONDS = 300;
/** Half of the traffic each; a Region whose check fails gets none. */
const WEIGHT_OF_EACH_REGION = 50;

/**
 * Two names lead to the Region's API: the domain, which both Regions have, and `<region>.<domain>`, by which
 * health checkers, the other Region's orchestrator and clients with a preference reach this one alone.
 *
 * The records are written once, here. To move traffic, the routing log is appended to and `/health/traffic`
 * answers by it: no step of a failover changes Route 53, whose control plane is in one Region.
 */
export class RoutingStack extends Stack {
  constructor(scope: Construct, props: RoutingStackProps) {
    const { configuration, domain } = props;
    const region = regionOf(props);
    super(
      scope,
      stackId(ROUTING_STACK_NAME, region),
      regionStackProps(props, ROUTING_STACK_NAME, 'routing'),
    );
    const regionName = domainNameOf(domain, region);
    const names = [domain.name, regionName];
    const certificate = new CfnCertificate(this, 'Certificate', {
      domainName: domain.name,
      // The first name of a certificate is one of these by itself.
      subjectAlternativeNames: [regionName],
      validationMethod: 'DNS',
      domainValidationOptions: names.map((domainName) => ({
        domainName,
        hostedZoneId: domain.zoneId,
      })),
    });
    const restApiId = Fn.importValue(exportName('APIId', configuration.environmentSuffix));
    const addName = (id: string, name: string, record: RecordSettings): CfnRecordSet => {
      const domainName = new CfnDomainName(this, id, {
        domainName: name,
        regionalCertificateArn: certificate.ref,
        endpointConfiguration: { types: ['REGIONAL'] },
        securityPolicy: 'TLS_1_2',
      });
      const mapping = new CfnBasePathMapping(this, `${id}Mapping`, {
        domainName: domainName.ref,
        restApiId,
        stage: API_STAGE,
      });
      // Not an alias: that one's TTL is Route 53's own, 60 s, which is all the time that clients have.
      const recordSet = new CfnRecordSet(this, `${id}Record`, {
        hostedZoneId: domain.zoneId,
        name,
        type: 'CNAME',
        resourceRecords: [domainName.attrRegionalDomainName],
        ...record,
      });
      // Whoever finds the record must find the API behind it.
      recordSet.addResourceDependency(mapping);
      return recordSet;
    };

    const asked = addName('RegionName', regionName, { ttl: String(REGION_NAME_TTL_SECONDS) });
    const healthCheck = new CfnHealthCheck(this, 'HealthCheck', {
      healthCheckConfig: {
        type: 'HTTPS',
        fullyQualifiedDomainName: regionName,
        port: 443,
        enableSni: true,
        resourcePath: checkedPathOf(props),
        requestInterval: CHECK_INTERVAL_SECONDS,
        failureThreshold: CHECK_FAILURES,
      },
    });
    // Asked before there is such a name, the checkers would fail, and resolvers keep for a while that there is none.
    healthCheck.addResourceDependency(asked);
    addName('Name', domain.name, {
      ttl: String(configuration.dnsTtlSeconds),
      setIdentifier: region,
      healthCheckId: healthCheck.attrHealthCheckId,
      ...(configuration.routing === 'active-active'
        ? { weight: WEIGHT_OF_EACH_REGION }
        : { failover: props.role === 'primary' ? 'PRIMARY' : 'SECONDARY' }),
    });
  }
}

/**
 * What the Region's check asks. Active-passive: the primary whether traffic is sent to it, so that the
 * routing log turns the check; the secondary only whether it can serve, so that Route 53 alone moves
 * clients when the primary dies before anybody has written to the log. Active-active: both the first.
 */
function checkedPathOf({ configuration, role }: RoutingStackProps): string {
  const follows = configuration.routing === 'active-active' || role === 'primary';
  return pathOf(follows ? 'getTrafficHealth' : 'getHealth');
}

function pathOf(id: RouteId): string {
  const route = ROUTES.find((it) => it.id === id);
  if (route === undefined) throw new Error(`No route ${id} in the contract`);
  return route.path;
}
