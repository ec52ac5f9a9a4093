/** The errors that the endpoint itself gives, under the codes that each AWS service uses. */

import type { AwsService, AwsWireError, ServiceAnswer } from './aws-service.ts';

type ServiceName = AwsService['name'];

/** Source: each service's API reference, "Common Errors". */
const DENIED: Record<ServiceName, Omit<AwsWireError, 'message'>> = {
  dynamodb: { status: 400, code: 'AccessDeniedException' },
  sqs: { status: 403, code: 'AccessDenied' },
  sns: { status: 403, code: 'AuthorizationError' },
  lambda: { status: 403, code: 'AccessDeniedException' },
  secretsmanager: { status: 400, code: 'AccessDeniedException' },
  monitoring: { status: 403, code: 'AccessDenied' },
};

export function accessDenied(service: ServiceName, message: string): AwsWireError {
  return { ...DENIED[service], message };
}

export function throttled(service: ServiceName): AwsWireError {
  if (service === 'secretsmanager') {
    return { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' };
  }
  if (service === 'lambda') {
    return { status: 429, code: 'TooManyRequestsException', message: 'Rate Exceeded.' };
  }
  return service === 'dynamodb'
    ? { status: 400, code: 'ThrottlingException', message: 'Rate of requests exceeds the allowed' }
    : { status: 400, code: 'Throttling', message: 'Rate exceeded' };
}

export function internalFailure(service: ServiceName): AwsWireError {
  if (service === 'secretsmanager') {
    return { status: 500, code: 'InternalServiceError', message: 'Internal failure' };
  }
  if (service === 'lambda') {
    return { status: 500, code: 'ServiceException', message: 'Internal service error' };
  }
  if (service === 'monitoring') {
    return { status: 500, code: 'InternalServiceFault', message: 'Internal service fault' };
  }
  return service === 'dynamodb'
    ? { status: 500, code: 'InternalServerError', message: 'Internal server error' }
    : { status: 500, code: 'InternalFailure', message: 'Internal failure' };
}

/** An error before the service is known, as AWS's JSON protocols write it. */
export function plainErrorAnswer(error: AwsWireError): ServiceAnswer {
  return {
    status: error.status,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': error.code },
    body: JSON.stringify({ __type: error.code, message: error.message }),
  };
}
