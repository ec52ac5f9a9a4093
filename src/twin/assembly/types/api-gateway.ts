/** API Gateway REST APIs. Ids look as API Gateway's do: 10 characters, 6 for the parts of an API. */

import { opaqueId } from '../physical-name.ts';
import { noAttributes, type ResourceSubject, type ResourceTypes } from '../resource-type.ts';

function apiId(subject: ResourceSubject): string {
  return opaqueId(subject.environment, subject.logicalId, 10);
}

function partId(subject: ResourceSubject): string {
  return opaqueId(subject.environment, subject.logicalId, 6);
}

export const API_GATEWAY_TYPES: ResourceTypes = {
  'AWS::ApiGateway::RestApi': {
    ref: apiId,
    attribute(subject, name) {
      if (name === 'RestApiId') return apiId(subject);
      if (name !== 'RootResourceId') return undefined;
      return opaqueId(subject.environment, `${subject.logicalId}/`, 10);
    },
    read: ['BinaryMediaTypes', 'DisableExecuteApiEndpoint', 'Name'],
    inert: ['ApiKeySourceType', 'Description', 'EndpointConfiguration', 'FailOnWarnings', 'Tags'],
  },
  'AWS::ApiGateway::Resource': {
    ref: partId,
    attribute: (subject, name) => (name === 'ResourceId' ? partId(subject) : undefined),
    read: ['ParentId', 'PathPart', 'RestApiId'],
    inert: [],
  },
  'AWS::ApiGateway::Method': {
    ref: (subject) => subject.nameFrom('OperationName'),
    attribute: noAttributes,
    read: [
      'ApiKeyRequired',
      'AuthorizationType',
      'HttpMethod',
      'Integration',
      'RequestModels',
      'RequestParameters',
      'RequestValidatorId',
      'ResourceId',
      'RestApiId',
    ],
    inert: ['MethodResponses', 'OperationName'],
  },
  'AWS::ApiGateway::Deployment': {
    ref: partId,
    attribute: (subject, name) => (name === 'DeploymentId' ? partId(subject) : undefined),
    read: ['RestApiId', 'StageName'],
    inert: ['Description'],
  },
  'AWS::ApiGateway::Stage': {
    ref: (subject) => subject.nameFrom('StageName'),
    attribute: noAttributes,
    read: ['DeploymentId', 'MethodSettings', 'RestApiId', 'StageName'],
    inert: ['AccessLogSetting', 'Description', 'DocumentationVersion', 'Tags', 'TracingEnabled'],
  },
  'AWS::ApiGateway::Model': {
    ref: (subject) => subject.text('Name') ?? partId(subject),
    attribute: noAttributes,
    read: ['ContentType', 'Name', 'RestApiId', 'Schema'],
    inert: ['Description'],
  },
  'AWS::ApiGateway::RequestValidator': {
    ref: partId,
    attribute: (subject, name) => (name === 'RequestValidatorId' ? partId(subject) : undefined),
    read: ['Name', 'RestApiId', 'ValidateRequestBody', 'ValidateRequestParameters'],
    inert: [],
  },
  'AWS::ApiGateway::GatewayResponse': {
    ref: partId,
    attribute: (subject, name) => (name === 'Id' ? partId(subject) : undefined),
    read: ['ResponseParameters', 'ResponseTemplates', 'ResponseType', 'RestApiId', 'StatusCode'],
    inert: [],
  },
  'AWS::ApiGateway::Account': {
    ref: partId,
    attribute: (subject, name) => (name === 'Id' ? partId(subject) : undefined),
    read: [],
    inert: ['CloudWatchRoleArn'],
  },
};
