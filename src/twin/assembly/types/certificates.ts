/** Certificates of AWS Certificate Manager: nothing here speaks TLS, so they are only referred to. */

import { uuid } from '../physical-name.ts';
import { noAttributes, type ResourceTypes } from '../resource-type.ts';
import { regionalArn } from '../template/stack-environment.ts';

export const CERTIFICATE_TYPES: ResourceTypes = {
  'AWS::CertificateManager::Certificate': {
    ref: ({ environment, logicalId }) =>
      regionalArn(environment, 'acm', `certificate/${uuid(environment, logicalId)}`),
    attribute: noAttributes,
    read: ['DomainName', 'SubjectAlternativeNames'],
    inert: [
      'CertificateExport',
      'CertificateTransparencyLoggingPreference',
      'DomainValidationOptions',
      'KeyAlgorithm',
      'Tags',
      'ValidationMethod',
    ],
  },
};
