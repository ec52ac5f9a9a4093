/** The environment variables that a function's code sees. */

import { devNull } from 'node:os';
import type { FunctionCredentials } from '#twin/region/protocol.ts';
import type { FunctionModel } from '#twin/region-model.ts';

/**
 * The function's own variables and those that the Lambda runtime sets. Pure.
 *
 * Nothing of this machine's environment is in it: no HOME, no AWS_PROFILE. The SDK's configuration
 * files point at the null device, because without HOME the SDK asks the system for a home folder
 * and would read the developer's own `~/.aws`.
 * Source: Lambda developer guide, "Defined runtime environment variables".
 */
export function environmentVariables(
  fn: FunctionModel,
  region: string,
  awsEndpoint: string,
  credentials: FunctionCredentials,
): Record<string, string> {
  return {
    ...fn.environment,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: logGroupName(fn.name),
    AWS_LAMBDA_LOG_STREAM_NAME: LOG_STREAM_NAME,
    _HANDLER: fn.handler,
    LAMBDA_TASK_ROOT: fn.codeDirectory,
    AWS_EXECUTION_ENV: `AWS_Lambda_${fn.runtime}`,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    AWS_ENDPOINT_URL: awsEndpoint,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
  };
}

/** The twin keeps one log file for each function, hence one stream. */
export const LOG_STREAM_NAME = 'twin';

export function logGroupName(functionName: string): string {
  return `/aws/lambda/${functionName}`;
}
