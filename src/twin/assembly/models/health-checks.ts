/** Route 53 health checks of an endpoint, over HTTP or HTTPS. */

import type { HealthCheckModel } from '#twin/region-model.ts';
import { AssemblyError } from '../assembly-error.ts';
import type { Fields } from '../fields.ts';
import type { NotRun } from '../not-run.ts';
import { resourcesOf, type Stack } from '../stack.ts';

const TYPE = 'AWS::Route53::HealthCheck';

/** Source: Route 53 API reference, HealthCheckConfig. */
const REQUEST_INTERVALS_SECONDS = [10, 30];
const REQUEST_INTERVAL_SECONDS_DEFAULT = 30;
const FAILURE_THRESHOLD = { fallback: 3, min: 1, max: 10 };
const RESOURCE_PATH_LENGTH_MAX = 255;
const DEFAULT_PORTS = { HTTP: 80, HTTPS: 443 } as const;
/** Kinds that Route 53 knows and the twin has not got. */
const OTHER_TYPES: readonly string[] = [
  'CALCULATED',
  'CLOUDWATCH_METRIC',
  'HTTPS_STR_MATCH',
  'HTTP_STR_MATCH',
  'RECOVERY_CONTROL',
  'TCP',
];
const READ = [
  'FailureThreshold',
  'FullyQualifiedDomainName',
  'Inverted',
  'RequestInterval',
  'ResourcePath',
  'Type',
];
/** Every check has checkers enough here, and latency is not measured. */
const INERT = ['EnableSNI', 'MeasureLatency', 'Port', 'Regions'];

/**
 * Checks of an endpoint by its name. Calculated ones, those of alarms, of strings, of TCP and by IP
 * address are named as not run; a record that has one of them is taken for healthy.
 * Throws `AssemblyError` for what CreateHealthCheck refuses.
 */
export function buildHealthChecks(stack: Stack, notRun: NotRun): HealthCheckModel[] {
  return resourcesOf(stack, TYPE).flatMap(({ id, logicalId, properties }): HealthCheckModel[] => {
    const config = properties.object('HealthCheckConfig');
    const type = config.string('Type');
    if (OTHER_TYPES.includes(type)) {
      notRun.add(`${TYPE} (${type})`, logicalId);
      return [];
    }
    if (type !== 'HTTP' && type !== 'HTTPS') {
      throw new AssemblyError(`${config.where}: there is no Type ${type}. Use HTTPS.`);
    }
    const model = modelOf(id, type, config);
    const otherwhere = unreachedBy(config, type);
    if (otherwhere !== null) {
      notRun.add(`${TYPE} (${otherwhere})`, logicalId);
      return [];
    }
    notRun.addUnknown(`${TYPE}.HealthCheckConfig`, logicalId, config, [...READ, ...INERT]);
    return [model];
  });
}

function modelOf(id: string, type: 'HTTP' | 'HTTPS', config: Fields): HealthCheckModel {
  const requestIntervalSeconds = config.number('RequestInterval', REQUEST_INTERVAL_SECONDS_DEFAULT);
  if (!REQUEST_INTERVALS_SECONDS.includes(requestIntervalSeconds)) {
    throw new AssemblyError(
      `${config.where}: RequestInterval must be 10 or 30, not ${requestIntervalSeconds}.`,
    );
  }
  const { fallback, min, max } = FAILURE_THRESHOLD;
  const failureThreshold = config.number('FailureThreshold', fallback);
  if (!Number.isInteger(failureThreshold) || failureThreshold < min || failureThreshold > max) {
    throw new AssemblyError(
      `${config.where}: FailureThreshold must be a whole number from ${min} to ${max}, not ${failureThreshold}.`,
    );
  }
  const name = config.optionalString('FullyQualifiedDomainName');
  if (name === null && !config.has('IPAddress')) {
    throw new AssemblyError(
      `${config.where}: it has neither a FullyQualifiedDomainName nor an IPAddress to ask. Give the name.`,
    );
  }
  const path = config.optionalString('ResourcePath') ?? '/';
  if (path.length > RESOURCE_PATH_LENGTH_MAX) {
    throw new AssemblyError(
      `${config.where}: ResourcePath has more than ${RESOURCE_PATH_LENGTH_MAX} characters.`,
    );
  }
  return {
    id,
    type,
    fullyQualifiedDomainName: (name ?? '').toLowerCase().replace(/\.$/, ''),
    resourcePath: path.startsWith('/') ? path : `/${path}`,
    requestIntervalSeconds,
    failureThreshold,
    inverted: config.boolean('Inverted', false),
    // CloudFormation has no property for it: a check is disabled by hand only.
    disabled: false,
  };
}

/** Why a check asks something other than what a name leads to at the protocol's own port; or null. */
function unreachedBy(config: Fields, type: 'HTTP' | 'HTTPS'): string | null {
  if (config.has('IPAddress')) return 'IP address';
  const port = config.number('Port', DEFAULT_PORTS[type]);
  return port === DEFAULT_PORTS[type] ? null : `port ${port}`;
}
