/** Custom domain names of API Gateway and what they lead to. */

import { opaqueId } from '../physical-name.ts';
import { noAttributes, type ResourceSubject, type ResourceTypes } from '../resource-type.ts';
import { regionalArn } from '../template/stack-environment.ts';

/** Zones of the Regional names. Source: AWS General Reference, "Amazon API Gateway endpoints". */
const REGIONAL_ZONE_IDS: Readonly<Record<string, string>> = {
  'us-east-1': 'Z1UJRXOUMOOFQ8',
  'us-east-2': 'ZOJJZC49E0EPZ',
  'us-west-2': 'Z2OJLYMUO9EFXC',
};

function domainAttribute(subject: ResourceSubject, name: string): string | undefined {
  const { environment, logicalId } = subject;
  const { region, urlSuffix } = environment;
  switch (name) {
    case 'RegionalDomainName':
      return `d-${opaqueId(environment, logicalId, 10)}.execute-api.${region}.${urlSuffix}`;
    case 'RegionalHostedZoneId':
      return REGIONAL_ZONE_IDS[region] ?? `Z${opaqueId(environment, 'zone', 13).toUpperCase()}`;
    case 'DomainNameArn':
      return regionalArn(
        environment,
        'apigateway',
        `/domainnames/${subject.nameFrom('DomainName')}`,
      );
    default:
      return undefined;
  }
}

export const API_DOMAIN_TYPES: ResourceTypes = {
  'AWS::ApiGateway::DomainName': {
    ref: (subject) => subject.nameFrom('DomainName'),
    attribute: domainAttribute,
    read: ['DomainName', 'EndpointConfiguration', 'RegionalCertificateArn'],
    inert: ['OwnershipVerificationCertificateArn', 'SecurityPolicy', 'Tags'],
    uniqueIn: 'Region',
  },
  'AWS::ApiGateway::BasePathMapping': {
    ref: (subject) => `${subject.text('DomainName')}/${subject.text('BasePath') ?? '(none)'}`,
    attribute: noAttributes,
    read: ['BasePath', 'DomainName', 'RestApiId', 'Stage'],
    inert: [],
    uniqueIn: 'Region',
  },
};
