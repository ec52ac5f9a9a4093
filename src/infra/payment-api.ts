/** The REST API of one Region: routes, access, throttling, logs. */

import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  AuthorizationType,
  CfnModel,
  EndpointType,
  type IModel,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { API_STAGE, resourceNames } from '#contract/names.ts';
import { ROUTES, type Route } from '#contract/routes.ts';
import type { Configuration } from './configuration.ts';
import { addGatewayResponses } from './gateway-responses.ts';
import { createLogGroup } from './logs.ts';
import type { PaymentFunctions } from './payment-functions.ts';

/** Gives the JSON Schema (draft 4) of a body by its name in the contract. */
export type SchemaSource = (name: NonNullable<Route['body']>) => object;

export interface PaymentApiProps {
  readonly configuration: Configuration;
  readonly functions: PaymentFunctions;
  readonly schemaOf: SchemaSource;
}

const RATE_LIMIT_PER_SECOND = 1_000;
const BURST_LIMIT = 2_000;

/**
 * One line for each request. No personal data: the resource's template instead of the path, which
 * holds customer_id, and neither address nor identity of the caller.
 */
const ACCESS_LOG_FIELDS = {
  requestId: '$context.requestId',
  extendedRequestId: '$context.extendedRequestId',
  requestTimeEpochMs: '$context.requestTimeEpoch',
  httpMethod: '$context.httpMethod',
  resourcePath: '$context.resourcePath',
  status: '$context.status',
  responseLengthBytes: '$context.responseLength',
  responseLatencyMs: '$context.responseLatency',
  integrationLatencyMs: '$context.integrationLatency',
  integrationStatus: '$context.integrationStatus',
  errorResponseType: '$context.error.responseType',
} as const;

/**
 * A Regional REST API with the contract's routes, each proxied to the function of its job.
 *
 * Both kinds of log need API Gateway's CloudWatch role, which belongs to the account and not to us
 * (see docs/deploy.md): the stack sets it only where the configuration says so.
 */
export class PaymentApi extends Construct {
  readonly api: RestApi;

  constructor(scope: Construct, id: string, props: PaymentApiProps) {
    super(scope, id);
    const { configuration } = props;
    const names = resourceNames(configuration.environmentSuffix);
    const accessLogs = createLogGroup(this, 'AccessLogs', {
      logGroupName: names.apiLogGroup,
      retention: RetentionDays.ONE_WEEK,
      throwAway: configuration.throwAway,
    });

    const reporting = { metricsEnabled: true, dataTraceEnabled: configuration.apiDataTrace };
    this.api = new RestApi(this, 'Api', {
      restApiName: names.api,
      description: `Payment Processing API - ${configuration.environmentSuffix}`,
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: configuration.apiGatewayAccountRole,
      // The account still points at the role when this stack is gone.
      ...(configuration.apiGatewayAccountRole
        ? { cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN }
        : {}),
      deployOptions: {
        stageName: API_STAGE,
        throttlingRateLimit: RATE_LIMIT_PER_SECOND,
        throttlingBurstLimit: BURST_LIMIT,
        ...{ ...reporting, loggingLevel: MethodLoggingLevel.INFO },
        methodOptions: Object.fromEntries(
          // Health checkers ask them more than once a second: logs of that cost more than the answers.
          ROUTES.filter(({ open }) => open).map(({ path, method }) => [
            `${path}/${method}`,
            { ...reporting, loggingLevel: MethodLoggingLevel.ERROR },
          ]),
        ),
        accessLogDestination: new LogGroupLogDestination(accessLogs),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
      },
    });
    // RestApi adds an output of its own, which is not among the contract's.
    this.api.node.tryRemoveChild('Endpoint');

    // API Gateway would create the group of its execution log itself, and keep it for ever.
    const executionLogs = createLogGroup(this, 'ExecutionLogs', {
      logGroupName: `API-Gateway-Execution-Logs_${this.api.restApiId}/${API_STAGE}`,
      retention: RetentionDays.ONE_WEEK,
      throwAway: configuration.throwAway,
    });
    this.api.deploymentStage.node.addDependency(executionLogs);

    this.#addRoutes(props);
    addGatewayResponses(this.api, configuration.apiAccess);
    this.#acknowledge(configuration);
  }

  #addRoutes(props: PaymentApiProps): void {
    const models = new Map<string, IModel>();
    const modelOf = (name: NonNullable<Route['body']>): IModel => {
      const model = models.get(name) ?? this.#createModel(name, props.schemaOf(name));
      models.set(name, model);
      return model;
    };
    const parametersOnly = this.api.addRequestValidator('ParametersOnly', {
      validateRequestParameters: true,
      validateRequestBody: false,
    });
    for (const route of ROUTES as readonly Route[]) {
      const resource = this.api.root.resourceForPath(route.path);
      const integration = new LambdaIntegration(props.functions.byJob[route.job], {
        proxy: true,
        // The console's test button would need the right to invoke from outside the stage.
        allowTestInvoke: false,
      });
      const method = resource.addMethod(route.method, integration, {
        operationName: route.id,
        authorizationType:
          route.open || props.configuration.apiAccess === 'open'
            ? AuthorizationType.NONE
            : AuthorizationType.IAM,
        requestValidator: parametersOnly,
        requestParameters: requestParametersOf(route),
        ...(route.body === undefined
          ? {}
          : { requestModels: { 'application/json': modelOf(route.body) } }),
      });
      if (route.open) {
        Validations.of(method).acknowledge({
          id: 'AwsSolutions-APIG4',
          reason:
            'Health checkers call this route and cannot sign; it tells only whether the Region serves, and its function may read nothing but a key that no payment has.',
        });
      }
    }
  }

  /** A model documents the body; see the acknowledgement of APIG2 for what checks it. */
  #createModel(name: string, schema: object): IModel {
    const model = new CfnModel(this.api, `Model${name}`, {
      restApiId: this.api.restApiId,
      name,
      contentType: 'application/json',
      schema,
    });
    // A change of the schema alone must reach the stage too.
    this.api.latestDeployment?.addToLogicalId({ [name]: schema });
    return { modelId: model.ref };
  }

  #acknowledge(configuration: Configuration): void {
    const validations = Validations.of(this.api);
    validations.acknowledge(
      {
        id: 'AwsSolutions-APIG2',
        reason:
          "Parameters are validated here, bodies by the function: the gateway's JSON Schema validator reads amounts as floating-point numbers and cannot name the field and the rule that the contract's error answers name.",
      },
      {
        id: 'AwsSolutions-APIG3',
        reason:
          'No web ACL yet: WAF comes in a later change. Until then stage throttling and, by default, IAM authorization bound what a caller can do.',
      },
      {
        id: 'AwsSolutions-COG4',
        reason:
          'Callers are services that sign with AWS Signature Version 4 (IAM); there are no end users for whom to keep a Cognito user pool.',
      },
    );
    if (configuration.apiAccess === 'open') {
      validations.acknowledge({
        id: 'AwsSolutions-APIG4',
        reason:
          'apiAccess=open was asked for: only for the twin on one machine and for throw-away environments; refused for production suffixes, and the operator is warned at each synthesis.',
      });
    }
    if (configuration.apiGatewayAccountRole) {
      validations.acknowledge({
        id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
        reason:
          "The policy that AWS made for API Gateway's CloudWatch role, which serves every API of the account, not only this one.",
      });
    }
  }
}

/** Path parameters are required by their nature; the contract's query parameters are optional. */
function requestParametersOf(route: Route): Record<string, boolean> {
  const path = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [
    `method.request.path.${name}`,
    true,
  ]);
  const query = (route.query ?? []).map((name) => [`method.request.querystring.${name}`, false]);
  return Object.fromEntries([...path, ...query]);
}
