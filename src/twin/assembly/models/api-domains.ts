/** Custom domain names of a Region's APIs. */

import type { ApiDomainModel, RestApiModel } from '#twin/region-model.ts';
import { AssemblyError } from '../assembly-error.ts';
import type { NotRun } from '../not-run.ts';
import { type Resource, resourcesOf, type Stack } from '../stack.ts';

const TYPE = 'AWS::ApiGateway::DomainName';
const MAPPING_TYPE = 'AWS::ApiGateway::BasePathMapping';

/**
 * Regional domain names whose whole path leads to a stage. Others (edge-optimized ones, names whose
 * mappings have a base path or no stage) are named as not run.
 * Throws `AssemblyError` for what CreateDomainName and CreateBasePathMapping refuse.
 */
export function buildApiDomains(
  stacks: readonly Stack[],
  restApis: readonly RestApiModel[],
  notRun: NotRun,
): ApiDomainModel[] {
  const domains = stacks.flatMap((stack) =>
    resourcesOf(stack, TYPE).map((resource) => ({ stack, resource })),
  );
  const names = new Set(domains.map(({ resource }) => resource.id));
  const mappings = stacks.flatMap((stack) => resourcesOf(stack, MAPPING_TYPE));
  for (const { properties } of mappings) {
    const name = properties.string('DomainName');
    if (!names.has(name)) {
      throw new AssemblyError(
        `${properties.where}: there is no domain name ${name} in this Region.`,
      );
    }
  }
  return domains.flatMap(({ stack, resource }): ApiDomainModel[] => {
    const { logicalId, properties, id } = resource;
    if (!isRegional(resource)) {
      notRun.add(`${TYPE} (edge-optimized)`, logicalId);
      return [];
    }
    requireCertificate(resource, stack, stacks);
    const target = targetOf(
      mappings.filter((mapping) => mapping.properties.string('DomainName') === id),
      restApis,
      notRun,
    );
    if (target === null) {
      notRun.add(`${TYPE} (no stage at its root)`, logicalId);
      return [];
    }
    return [
      {
        domainName: properties.string('DomainName').toLowerCase(),
        regionalDomainName: stack.attribute(logicalId, 'RegionalDomainName'),
        regionalHostedZoneId: stack.attribute(logicalId, 'RegionalHostedZoneId'),
        ...target,
      },
    ];
  });
}

/** API Gateway takes a domain name without endpoint types for an edge-optimized one. */
function isRegional({ properties }: Resource): boolean {
  const types = properties.object('EndpointConfiguration').strings('Types');
  return types.includes('REGIONAL');
}

function requireCertificate(
  { properties }: Resource,
  stack: Stack,
  stacks: readonly Stack[],
): void {
  const { where } = properties;
  const name = properties.string('DomainName');
  const arn = properties.string('RegionalCertificateArn');
  const { region } = stack.environment;
  const certificateRegion = arn.split(':')[3] ?? '';
  if (certificateRegion !== region) {
    throw new AssemblyError(
      `${where}: a Regional domain name needs a certificate of its own Region, ${region}, not ${arn}.`,
    );
  }
  const certificate = stacks
    .flatMap((each) => resourcesOf(each, 'AWS::CertificateManager::Certificate'))
    .find(({ id }) => id === arn);
  // One that another deployment made is not in the assembly; then there is nothing to compare with.
  if (certificate === undefined) return;
  const covered = [
    certificate.properties.string('DomainName'),
    ...certificate.properties.strings('SubjectAlternativeNames'),
  ];
  if (covered.some((pattern) => covers(pattern.toLowerCase(), name.toLowerCase()))) return;
  throw new AssemblyError(
    `${where}: certificate ${certificate.logicalId} is for ${covered.join(', ')} and does not ` +
      `cover ${name}. Add it to the SubjectAlternativeNames.`,
  );
}

/** A star stands for exactly one label. Source: RFC 6125 section 6.4.3. */
function covers(pattern: string, name: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === name;
  return name.slice(name.indexOf('.') + 1) === pattern.slice(2);
}

/** The stage that an empty base path leads to; null where there is none. */
function targetOf(
  mappings: readonly Resource[],
  restApis: readonly RestApiModel[],
  notRun: NotRun,
): Pick<ApiDomainModel, 'restApiId' | 'stageName'> | null {
  let target: Pick<ApiDomainModel, 'restApiId' | 'stageName'> | null = null;
  for (const { properties, logicalId } of mappings) {
    const basePath = properties.optionalString('BasePath') ?? '';
    const stageName = properties.optionalString('Stage');
    const restApiId = properties.string('RestApiId');
    const api = restApis.find(({ id }) => id === restApiId);
    if (api === undefined) {
      throw new AssemblyError(
        `${properties.where}: there is no REST API ${restApiId} in this Region.`,
      );
    }
    if (stageName !== null && stageName !== api.stageName) {
      throw new AssemblyError(
        `${properties.where}: API ${api.name} has no stage ${stageName}, only ${api.stageName}.`,
      );
    }
    if (basePath !== '' && basePath !== '(none)') notRun.add(`${MAPPING_TYPE}.BasePath`, logicalId);
    else if (stageName === null) notRun.add(`${MAPPING_TYPE} (without Stage)`, logicalId);
    else if (target === null) target = { restApiId, stageName };
    else
      throw new AssemblyError(`${properties.where}: the domain name has such a mapping already.`);
  }
  return target;
}
