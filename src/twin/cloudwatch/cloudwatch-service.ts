/** CloudWatch at the twin's endpoint: JSON 1.0, as SDKs and the AWS CLI speak it by now. */

import type {
  AwsService,
  AwsWireError,
  NeededPermission,
  ServiceAnswer,
  ServiceCall,
} from '../endpoint/aws-service.ts';
import { describeAlarmHistory, describeAlarms, setAlarmState } from './alarm-operations.ts';
import { isWireError, type Outcome, type Parameters, textList } from './cloudwatch-parameters.ts';
import { getMetricData } from './get-metric-data.ts';
import { getMetricStatistics, listMetrics, putMetricData } from './metric-operations.ts';
import type { RegionCloudWatch } from './region-cloudwatch.ts';

/** Each changes or reads one Region alone. */
const OPERATIONS: Readonly<
  Record<string, (cloudwatch: RegionCloudWatch, parameters: Parameters) => Outcome>
> = {
  DescribeAlarms: describeAlarms,
  DescribeAlarmHistory: describeAlarmHistory,
  SetAlarmState: setAlarmState,
  PutMetricData: putMetricData,
  GetMetricStatistics: getMetricStatistics,
  GetMetricData: getMetricData,
  ListMetrics: listMetrics,
};

const TARGET_PREFIX = 'GraniteServiceVersion20100801.';
const CONTENT_TYPE = { 'content-type': 'application/x-amz-json-1.0' };

/** Codes of the older query protocol, which clients still show. Source: CloudWatch's service model. */
const QUERY_CODES: Readonly<Record<string, string>> = {
  InternalServiceFault: 'InternalServiceError',
  InvalidParameterCombinationException: 'InvalidParameterCombination',
  InvalidParameterValueException: 'InvalidParameterValue',
  MissingRequiredParameterException: 'MissingParameter',
};

/** Each Region has its own alarms and metrics; there is no operation over several. */
export function createCloudWatchService(
  byRegion: ReadonlyMap<string, RegionCloudWatch>,
): AwsService {
  // A call is looked at twice, for its permissions and to be done: its body is parsed once.
  const parsed = new WeakMap<ServiceCall, Parameters | null>();

  function parametersOf(call: ServiceCall): Parameters | null {
    const known = parsed.get(call);
    if (known !== undefined) return known;
    const parameters = parseParameters(call.body);
    parsed.set(call, parameters);
    return parameters;
  }

  function cloudwatchOf({ region }: ServiceCall): RegionCloudWatch {
    const cloudwatch = byRegion.get(region);
    if (cloudwatch === undefined) throw new Error(`No CloudWatch runs in ${region}.`);
    return cloudwatch;
  }

  async function handle(call: ServiceCall): Promise<ServiceAnswer> {
    if (call.headers['x-amz-target'] === undefined) return errorAnswer(call, OTHER_PROTOCOL);
    const operate = OPERATIONS[call.operation];
    if (operate === undefined) return errorAnswer(call, notServed(call));
    const parameters = parametersOf(call);
    if (parameters === null) return errorAnswer(call, MALFORMED);
    const outcome = operate(cloudwatchOf(call), parameters);
    if (isWireError(outcome)) return errorAnswer(call, outcome);
    return { status: 200, headers: CONTENT_TYPE, body: JSON.stringify(outcome) };
  }

  function permissionsOf(call: ServiceCall): readonly NeededPermission[] {
    const { accountId } = cloudwatchOf(call).model;
    return permissionsFor(call, accountId, parametersOf(call) ?? {});
  }

  return { name: 'monitoring', operationOf, permissionsOf, handle, errorAnswer };
}

/** Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon CloudWatch". */
function permissionsFor(
  { operation, region }: ServiceCall,
  accountId: string,
  parameters: Parameters,
): readonly NeededPermission[] {
  const action = `cloudwatch:${operation}`;
  const alarmArn = (name: string): string =>
    `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}`;
  switch (operation) {
    case 'DescribeAlarms': {
      // Composite alarms are told to nobody with a narrower permission. Source: its API reference.
      const types = textList(parameters['AlarmTypes']) ?? [];
      if (types.includes('CompositeAlarm')) {
        // No ARN says which Region is asked.
        return [{ action, resourceArn: '*', context: { 'aws:requestedregion': region } }];
      }
      const names = textList(parameters['AlarmNames']) ?? [];
      // Without names it lists them all, which is granted for all alarms or for none.
      if (names.length === 0) return [{ action, resourceArn: alarmArn('*') }];
      return names.map((name) => ({ action, resourceArn: alarmArn(name) }));
    }
    case 'DescribeAlarmHistory':
    case 'SetAlarmState': {
      const name = parameters['AlarmName'];
      return [{ action, resourceArn: alarmArn(typeof name === 'string' ? name : '*') }];
    }
    case 'PutMetricData': {
      const namespace = parameters['Namespace'];
      const context = typeof namespace === 'string' ? { 'cloudwatch:namespace': namespace } : {};
      return [{ action, resourceArn: '*', context }];
    }
    default:
      return [{ action, resourceArn: '*' }];
  }
}

/** Null for what is no operation. Other protocols name theirs too, so that they are told which one to use. */
function operationOf(headers: ServiceCall['headers'], url: string, body: Buffer): string | null {
  const target = headers['x-amz-target'];
  if (target?.startsWith(TARGET_PREFIX) === true) return target.slice(TARGET_PREFIX.length);
  if (target !== undefined) return null;
  const inPath = /\/service\/GraniteServiceVersion20100801\/operation\/([A-Za-z]+)$/.exec(url)?.[1];
  const inForm = /(?:^|&)Action=([A-Za-z]+)(?:&|$)/.exec(body.toString('latin1'))?.[1];
  return inPath ?? inForm ?? null;
}

const OTHER_PROTOCOL: AwsWireError = {
  status: 400,
  code: 'UnsupportedProtocol',
  message:
    "The twin's CloudWatch speaks the AWS JSON 1.0 protocol only: use an AWS SDK for JavaScript or an AWS CLI of 2026.",
};

const MALFORMED: AwsWireError = {
  status: 400,
  code: 'SerializationException',
  message: 'The body is not a JSON object.',
};

function notServed({ operation }: ServiceCall): AwsWireError {
  const known = Object.keys(OPERATIONS).join(', ');
  const message = `The twin does not run cloudwatch:${operation}. It runs ${known}.`;
  return { status: 400, code: 'UnknownOperationException', message };
}

function parseParameters(body: Buffer): Parameters | null {
  try {
    const value: unknown = JSON.parse(body.length === 0 ? '{}' : body.toString('utf8'));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Parameters) : null;
  } catch {
    return null;
  }
}

function errorAnswer(_call: ServiceCall, error: AwsWireError): ServiceAnswer {
  const fault = error.status < 500 ? 'Sender' : 'Receiver';
  return {
    status: error.status,
    headers: {
      ...CONTENT_TYPE,
      'x-amzn-query-error': `${QUERY_CODES[error.code] ?? error.code};${fault}`,
    },
    body: JSON.stringify({ __type: error.code, message: error.message }),
  };
}
